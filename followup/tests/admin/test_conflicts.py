"""Two people on one page of the admin: nothing is overwritten in silence."""

import re

import pytest

from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    FocalPoint,
    Province,
    Round,
    Ruling,
    User,
)
from followup.tests.admin.pages import field_values, url
from proposals.models import EditorNote, Forum, Measure, Resolution, SdgTarget

EDITED = [  # model, a field, what the colleague writes, what the person writes
    (Agency, "note", "ของเพื่อน", "ของฉัน"),
    (AgencyAlias, "name", "ของเพื่อน", "ของฉัน"),
    (Assignment, "valid_to", "2575", "2576"),
    (EditorNote, "text_th", "ของเพื่อน", "ของฉัน"),
    (FocalPoint, "position", "ของเพื่อน", "ของฉัน"),
    (Forum, "theme_th", "ของเพื่อน", "ของฉัน"),
    (Measure, "title_th", "ของเพื่อน", "ของฉัน"),
    (Province, "name_en", "Theirs", "Mine"),
    (Resolution, "title_th", "ของเพื่อน", "ของฉัน"),
    (Round, "meeting_ref", "7/2569", "8/2569"),
    (Ruling, "note", "ของเพื่อน", "ของฉัน"),
    (SdgTarget, "justification_th", "ของเพื่อน", "ของฉัน"),
    (User, "display_name", "ของเพื่อน", "ของฉัน"),
]


@pytest.fixture
def rows(everything, people):
    return {User: people["colleague"], Round: Round.objects.get(year_be=2569)}


@pytest.mark.parametrize(
    ("model", "field", "theirs", "mine"), EDITED, ids=[each[0].__name__ for each in EDITED]
)
def test_what_a_colleague_saved_is_shown_before_it_is_overwritten(
    desk, rows, model, field, theirs, mine
):
    row = rows.get(model) or model.objects.order_by("pk").first()
    page = url(model, "change", row.pk)
    opened = field_values(desk.get(page))
    first = desk.post(page, opened | {field: theirs})
    assert first.status_code == 302, first.context["errors"]
    stored = str(getattr(model.objects.get(pk=row.pk), field))

    refused = desk.post(page, opened | {field: mine})
    assert refused.status_code == 200
    [sentence] = refused.context["adminform"].form.non_field_errors()
    assert sentence.startswith("มีผู้อื่นบันทึกรายการนี้หลังจากเปิดหน้า ค่าที่บันทึกอยู่คือ ")
    assert f"“{theirs}”" in sentence
    assert str(getattr(model.objects.get(pk=row.pk), field)) == stored
    again = field_values(refused)
    assert str(again[field]) == mine, "what was typed is still there"

    assert desk.post(page, again).status_code == 302
    assert str(getattr(model.objects.get(pk=row.pk), field)) == mine


def test_the_same_words_typed_twice_are_no_conflict(desk, rows):
    agency = Agency.objects.get(code="CODI")
    page = url(Agency, "change", agency.pk)
    opened = field_values(desk.get(page))
    for _turn in range(2):
        assert desk.post(page, opened | {"note": "เหมือนกัน"}).status_code == 302


def test_a_row_inside_a_page_has_a_version_too(desk, rows):
    person = FocalPoint.objects.get()
    page = url(Agency, "change", person.agency_id)
    opened = field_values(desk.get(page))
    [at] = [name.removesuffix("-id") for name in opened if re.fullmatch(r"focal.*-0-id", name)]
    FocalPoint.objects.update(phone="02 999 9999")
    refused = desk.post(page, opened | {f"{at}-position": "ผู้อำนวยการ"})
    assert "โทรศัพท์ “02 999 9999”" in refused.content.decode()
    person.refresh_from_db()
    assert (person.phone, person.position) == ("02 999 9999", "")
    assert desk.post(page, field_values(refused)).status_code == 302
    person.refresh_from_db()
    assert (person.phone, person.position) == ("02 000 0000", "ผู้อำนวยการ")


def test_an_edit_of_the_page_leaves_rows_inside_alone(desk, rows):
    """A colleague's change of a row inside is no conflict for somebody who did not touch that row."""
    person = FocalPoint.objects.get()
    page = url(Agency, "change", person.agency_id)
    opened = field_values(desk.get(page))
    assert "seen" in opened
    assert not opened["seen"].startswith("pbkdf2")
    assert desk.post(page, opened | {"note": "แก้แล้ว"}).status_code == 302
    person.refresh_from_db()
    assert person.phone == "02 000 0000"


def test_a_page_for_reading_has_no_version(client, everything, people, forum):
    client.force_login(people["administrator"])
    published = Round.objects.get(year_be=2569)
    Round.objects.filter(pk=published.pk).update(
        state="published", published_at=published.opened_at, closed_at=published.opened_at
    )
    assert 'name="seen"' not in client.get(url(Round, "change", published.pk)).content.decode()
