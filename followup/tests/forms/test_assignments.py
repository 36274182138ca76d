"""The forms of the assignments: ticks, and agencies by any of their names."""

import pytest
from django.http import QueryDict

from followup.forms.assignments import AddForm, ConfirmForm, LastYearForm
from followup.models import Agency, AgencyAlias

VERSION = "0123456789abcdef" * 2


def test_ticks_are_keys_with_the_version_that_was_seen():
    data = QueryDict(f"tick=7.{VERSION}&tick=8.{VERSION}&meeting_ref=3/2569&meeting_on=1/10/2569")
    form = ConfirmForm(data, elsewhere=[(9, VERSION)])
    assert form.is_valid(), form.errors
    assert form.cleaned_data["tick"] == [(7, VERSION), (8, VERSION), (9, VERSION)]


@pytest.mark.parametrize(
    "tick", ["7", "7.", f"-7.{VERSION}", f"7.{VERSION}0", f"{'9' * 19}.{VERSION}"]
)
def test_what_is_no_tick_is_refused(tick):
    form = ConfirmForm(QueryDict(f"tick={tick}&meeting_ref=3/2569&meeting_on=1/10/2569"))
    assert form.errors == {"tick": ["อ่านรายการที่เลือกไม่ได้ เปิดหน้าใหม่แล้วเลือกอีกครั้ง"]}


@pytest.fixture
def named(forum):
    def read(typed):
        agencies = list(Agency.objects.prefetch_related("aliases"))
        data = {"agency": typed, "as_role": "lead", "first_year": "2569"}
        form = AddForm(data, agencies=agencies, years={2569: "2569"})
        return form.cleaned_data["agency"].code if form.is_valid() else form.errors["agency"][0]

    return read


def test_an_agency_is_known_by_any_of_its_names(named):
    for typed in ("พอช.", "พอช", "CODI", "สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)", "พ.อ.ช."):
        assert named(typed) == "CODI", typed
    codi = Agency.objects.get(code="CODI")
    assert named(f"{codi.abbr_th} {codi.name_th}") == "CODI", "as the page suggests it"
    AgencyAlias.objects.create(agency=codi, name="สถาบันชุมชน")
    assert named("สถาบัน ชุมชน") == "CODI"


def test_a_name_of_several_agencies_lists_them(named):
    for code in ("CODI", "MOF"):
        AgencyAlias.objects.create(agency=Agency.objects.get(code=code), name="สป.ก")
    names = [Agency.objects.get(code=code).name_th for code in ("CODI", "MOF")]
    said = named("สป.ก")
    assert said.startswith("“สป.ก” เป็นชื่อของหลายหน่วยงาน: ")
    assert all(name in said for name in names)


def test_a_part_of_a_name_is_answered_with_the_whole(named):
    assert named("องค์กรชุมชน").startswith("ไม่พบหน่วยงาน “องค์กรชุมชน” ใกล้เคียง: ")
    assert Agency.objects.get(code="CODI").name_th in named("พัฒนาองค์กรชุมชน")


def test_no_end_is_offered_only_where_there_is_one():
    assert LastYearForm(years=[2569], has_end=False).fields["last_year"].choices == [
        ("2569", "2569")
    ]
    form = LastYearForm({"last_year": ""}, years=[2569], has_end=True)
    assert form.is_valid()
    assert form.cleaned_data["last_year"] is None
