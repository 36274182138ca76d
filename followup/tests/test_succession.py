"""Which agency continues another one's measures: told at both ends, and as a beginning in the form."""

import pytest

from followup import actions, succession
from followup.models import Agency, Assignment, Round, StatusReport
from followup.tests.assignments import assignment_of, seen
from followup.tests.client import read
from followup.tests.desk import path_of, said
from followup.tests.factories import find_report

pytestmark = pytest.mark.usefixtures("on_20_november")


@pytest.fixture
def next_round(three_reports, people):
    """2570, open: พม. hands 1.2 and 1.3 to the successor from it on; it reported 1.2 in 2569."""
    admin = people["administrator"]
    msdhs, thf = (Agency.objects.get(code=code) for code in ("MSDHS", "THF"))
    for code, first_year in (("1.2", 2570), ("1.1", 2565)):
        row = assignment_of(code, "MSDHS")
        moved = {
            "source": msdhs,
            "target": thf,
            "first_year": first_year,
            "assignments": [(row.pk, seen(row))],
            "withdraws": True,
        }
        effects = actions.plan_replacement(**moved).digest
        actions.replace_agency(by=admin, reason="โอนภารกิจ", effects=effects, **moved)
    round_ = actions.create_round(by=admin, year=2570)
    return actions.open_round(round_=round_, by=admin)


def test_both_ends_are_told_without_what_was_never_right(next_round, visitor):
    thf, msdhs = (Agency.objects.get(code=code) for code in ("THF", "MSDHS"))
    (taken,), given = succession.handed_over(thf)
    assert (taken.other, taken.first_year, given) == (msdhs, 2570, [])
    assert [each.full_code for each in taken.measures] == ["2565-1.2"]
    facts = visitor.page("/agencies/THF/").one("dl.facts").text
    assert f"ภารกิจต่อจาก {msdhs} ตั้งแต่ปีงบประมาณ 2570 มาตรการย่อย 1.2" in facts
    facts = visitor.page("/agencies/MSDHS/").one("dl.facts").text
    assert f"ส่งต่อภารกิจให้ {thf} ตั้งแต่ปีงบประมาณ 2570 มาตรการย่อย 1.2" in facts


def test_the_predecessors_last_words_are_a_beginning_and_no_claim(next_round, staff):
    report = find_report(next_round, "1.2", "THF")
    assert report.last is None
    assert report.inherited.results == "จัดเวที 3 ภาค"
    page = staff.page(path_of(report))
    assert page.one("#h-l").text == "รายงานล่าสุดของ พม. (ปีงบประมาณ 2569)"
    response = staff.send(page, "form#f", do="copy")
    page = read(response)
    assert page.one("#id_results").text == "จัดเวที 3 ภาค"
    assert "คัดลอกข้อความของ พม. ปีงบประมาณ 2569 มาในช่องที่ว่างแล้ว" in said(page)[0]
    states = page.select("input[name=reported_status]")
    assert states
    assert not [each for each in states if "checked" in each.attributes], "that is its own to say"
    assert find_report(next_round, "1.2", "THF").claim().last is None


def test_what_the_public_has_not_read_is_not_shown_to_another_agency(next_round, people):
    report = find_report(next_round, "1.2", "THF")
    reported = find_report(report.inherited.round, "1.2", "MSDHS")
    StatusReport.objects.filter(pk=reported.pk).update(state="submitted")
    assert find_report(next_round, "1.2", "THF").inherited is None
    StatusReport.objects.filter(pk=reported.pk).update(state="approved")
    closed = Round.objects.filter(pk=reported.round_id)
    closed.update(state="closed", published_at=None)
    assert find_report(next_round, "1.2", "THF").inherited is None, "approved, and not published"
    closed.update(state="published", published_at=reported.approved_at)
    assert find_report(next_round, "1.2", "THF").inherited == reported
    row = assignment_of("1.2", "THF")
    Assignment.objects.filter(pk=row.predecessor_id).update(predecessor=row.pk)  # a circle ends
    StatusReport.objects.filter(pk=reported.pk).update(state="draft")
    assert find_report(next_round, "1.2", "THF").inherited is None


def test_an_ended_agency_leaves_the_lists_and_keeps_its_page(next_round, people, sign_in, visitor):
    admin = people["administrator"]
    codi = Agency.objects.get(code="CODI")
    rows = list(Assignment.objects.filter(agency=codi))
    moved = {
        "source": codi,
        "target": Agency.objects.get(code="CABINET"),
        "first_year": 2568,
        "assignments": [(row.pk, seen(row)) for row in rows],
        "withdraws": True,
    }
    effects = actions.plan_replacement(**moved).digest
    actions.replace_agency(by=admin, reason="โอนภารกิจ", effects=effects, **moved)
    desk = sign_in(admin)
    name = f"{codi.abbr_th} {codi.name_th}"
    for address in ("/staff/assignments/replace/", f"/staff/assignments/add/{rows[0].measure_id}/"):
        names = [each["value"] for each in desk.page(address).select("datalist option")]
        assert names
        assert name not in names
    assert codi.name_th not in desk.page("/staff/agencies/").text
    assert "ส่งต่อภารกิจให้" in visitor.page("/agencies/CODI/").text
