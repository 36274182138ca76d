"""Agencies, assignments and provinces: found, sorted, and in force."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from followup.models import Agency, AgencyAlias, Assignment, Province
from followup.tests.models.rows import new_row


def test_agencies_are_found_by_any_of_their_names_dots_and_spaces_aside(world):
    codi = Agency.objects.create(
        code="CODI",
        name_th="สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)",
        abbr_th="พอช.",
        name_en="Community Organizations Development Institute",
        kind="public_organization",
    )
    AgencyAlias.objects.create(agency=codi, name="สถาบัน พอช")
    AgencyAlias.objects.create(agency=codi, name="สถาบันชุมชน")
    for words in ("พอช", "พ.อ.ช.", "องค์กรชุมชน", "community org", "สถาบันพอช", "สถาบัน ชุมชน"):
        assert list(Agency.objects.matching(words)) == [codi], words
    assert not Agency.objects.matching("ไม่มีหน่วยงานนี้").exists()
    assert Agency.objects.matching(" .").count() == 3, "nothing to search for: all of them"


def test_agencies_sort_as_a_dictionary_does(db):
    for code, name in (("X", "เกษตร"), ("Y", "ขนส่ง"), ("Z", "กรมการปกครอง")):
        Agency.objects.create(code=code, name_th=name, kind="department")
    assert [each.name_th for each in Agency.objects.all()] == ["กรมการปกครอง", "เกษตร", "ขนส่ง"]


@pytest.mark.parametrize(("year", "valid"), [(2565, False), (2566, True), (2568, True)])
def test_an_assignment_holds_in_its_years_only(world, year, valid):
    ending = new_row(Assignment, world, valid_from=2566, valid_to=2568)
    ending.save()
    assert (ending in Assignment.objects.valid_in(year)) is valid
    assert ending not in Assignment.objects.valid_in(2569)
    assert world.assignment in Assignment.objects.valid_in(2599)


@pytest.mark.parametrize(
    ("first", "last", "allowed"),
    [
        (2569, None, True),
        (2569, 2570, True),
        (2560, 2565, True),
        (2568, None, False),
        (2560, 2566, False),
        (2560, None, False),
        (2567, 2567, False),
    ],
)
def test_an_agency_is_not_assigned_a_measure_twice_in_one_year(world, first, last, allowed):
    stored = new_row(Assignment, world, valid_from=2566, valid_to=2568)
    stored.save()
    stored.clean()  # not in its own way
    again = new_row(Assignment, world, role="support", valid_from=first, valid_to=last)
    if allowed:
        again.clean()
    else:
        with pytest.raises(ValidationError) as error:
            again.clean()
        assert error.value.messages == ["หน่วยงานนี้ได้รับมอบหมายมาตรการย่อยนี้ในช่วงปีที่ทับซ้อนกันอยู่แล้ว"]


def test_provinces_sort_by_consonant_first(db):
    for code, name in (
        ("10", "กรุงเทพมหานคร"),
        ("50", "เชียงใหม่"),
        ("57", "เชียงราย"),
        ("22", "จันทบุรี"),
    ):
        Province.objects.create(code=code, iso=f"TH-{code}", name_th=name, region_th="ภาค")
    assert [each.name_th for each in Province.objects.all()] == [
        "กรุงเทพมหานคร",
        "จันทบุรี",
        "เชียงราย",
        "เชียงใหม่",
    ]


def test_a_label_translates_itself_only(world, monkeypatch):
    """The page of the agencies asks for hundreds."""
    agency, assignment = Agency.objects.first(), Assignment.objects.first()
    asked = []
    monkeypatch.setattr(
        translation._trans, "gettext", lambda text: asked.append(text) or str(text), raising=False
    )
    assert translation.gettext("x") == "x"
    for row, name in ((agency, "kind"), (assignment, "role")):
        choices = dict(row._meta.get_field(name).choices)
        asked.clear()
        label = getattr(row, f"get_{name}_display")()
        assert len(asked) == 1
        assert label == str(choices[getattr(row, name)])
        setattr(row, name, "unknown")
        assert getattr(row, f"get_{name}_display")() == "unknown"
