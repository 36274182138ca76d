"""Which things the codes of a query or a form name."""

import pytest
from django.http import QueryDict

from followup.actions import Choice
from followup.forms.follow import FollowForm, Options, Wanted
from followup.models import Agency
from followup.tests.subscribers import subscribed


def test_codes_name_things_once_and_unknown_ones_are_told(forum):
    wanted = Wanted.of(
        QueryDict("all=1&resolution=2565-3&resolution=2565-3&agency=CODI&area=TH-50&area=TH-5")
    )
    assert wanted.everything
    assert [each.full_code for each in wanted.resolutions] == ["2565-3"]
    assert [each.code for each in wanted.agencies] == ["CODI"]
    assert [each.name_th for each in wanted.provinces] == ["เชียงใหม่"]
    assert wanted.unknown == ["ไม่พบจังหวัด “TH-5” เลือกจากรายการ"]
    assert wanted.choice.count == 3


def test_a_code_of_one_forum_is_not_that_of_another(forum, second_forum):
    wanted = Wanted.of(QueryDict("resolution=2566-1&resolution=2565-8&resolution=2566-8"))
    assert [each.full_code for each in wanted.resolutions] == ["2566-1", "2565-8"]
    assert wanted.unknown == ["ไม่พบข้อเสนอ “2566-8” เลือกจากรายการ"]


def test_a_merged_agency_is_the_one_that_it_is_in(forum):
    both = [Agency.objects.get(code=code) for code in ("MSDHS", "CODI")]
    row = subscribed(Choice(agencies=both))
    Agency.objects.filter(code="MSDHS").update(merged_into=Agency.objects.get(code="CODI"))
    assert [each.code for each in Wanted.by(row).agencies] == ["CODI"]
    assert [each.code for each in Wanted.of(QueryDict("agency=MSDHS")).agencies] == ["CODI"]


def test_agencies_that_answer_for_nothing_are_offered_if_they_are_chosen(forum):
    idle = Agency.objects.filter(assignments=None).order_by("pk")[0]
    codes = [each.value for each in Options.of(Wanted()).agencies]
    assert "CODI" in codes
    assert idle.code not in codes
    offered = Options.of(Wanted.of(QueryDict(f"agency={idle.code}")))
    assert [(each.kind, each.value) for each in offered.chosen] == [("agency", idle.code)]
    assert [each.value for each in offered.agencies] == codes


@pytest.mark.parametrize(
    ("typed", "email"), [("A@B.org", "a@b.org"), (" ก@b.org", None), ("a b@c.org", None)]
)
def test_an_address_is_kept_in_lower_case(typed, email):
    form = FollowForm({"email": typed})
    assert form.is_valid() == (email is not None)
    assert form.cleaned_data.get("email") == email


def test_what_is_chosen_stands_first_and_once(forum, second_forum):
    offered = Options.of(Wanted.of(QueryDict("resolution=2565-3&agency=CODI&area=TH-50")))
    assert [each.value for each in offered.chosen] == ["2565-3", "CODI", "TH-50"]
    (newest, first), (_oldest, second) = offered.forums
    assert newest.year_be == 2566
    assert (len(first), len(second)) == (5, 7)
    assert "CODI" not in [each.value for each in offered.agencies]
    assert len(offered.provinces) == 76
