"""Who else of a round gives the codes of a report: for staff alone, in the form and beside the report."""

import pytest

from followup import actions, shared_codes
from followup.models import StatusReport
from followup.tests.factories import find_report, make_report

CODE = "eMENSCR: 0413-66-0001"


@pytest.fixture
def same(open_round, people):
    """1.2 gives a code, 1.3 the same in Thai digits, 8.1 one that has it inside, 8.2 is withdrawn."""
    write = {"by": people["staff"], "state": "draft"}
    make_report(open_round, "1.2", project_codes=CODE, **write)
    make_report(open_round, "1.3", project_codes="๐๔๑๓ ๖๖–๐๐๐๑", **write)
    make_report(open_round, "8.1", project_codes="x0413660001\nAB-1", **write)
    withdrawn = make_report(open_round, "8.2", project_codes=CODE, **write)
    actions.withdraw_report(
        report=withdrawn, by=people["administrator"], version=withdrawn.version, reason="ซ้ำ"
    )
    return find_report(open_round, "1.2")


def test_a_code_is_found_however_it_is_written_and_only_as_a_whole(
    same, people, django_assert_num_queries
):
    with django_assert_num_queries(1):
        found = shared_codes.sharing(same)
    assert {key: [each.measure.code for each in every] for key, every in found.items()} == {
        "0413660001": ["1.3"]
    }
    report = find_report(same.round, "2.1")
    with django_assert_num_queries(0):
        assert shared_codes.sharing(report) == {}
    report.project_codes = "ab 1"
    assert [each.measure.code for each in shared_codes.sharing(report)["ab1"]] == ["8.1"]


def test_a_withdrawn_report_shares_nothing(same, people):
    StatusReport.objects.filter(pk=find_report(same.round, "1.3").pk).update(project_codes="")
    assert shared_codes.in_words(same) == []


def test_the_sentence_names_the_first_reports(same, people, monkeypatch):
    agency = find_report(same.round, "1.3").assignment.agency.short
    assert shared_codes.in_words(same) == [f"รหัส 0413-66-0001 ใช้ใน 1.3 ของ {agency} ด้วย"]
    make_report(same.round, "2.1", by=people["staff"], state="draft", project_codes=CODE)
    monkeypatch.setattr(shared_codes, "NAMED", 1)
    assert shared_codes.in_words(same) == [
        f"รหัส 0413-66-0001 ใช้ใน 1.3 ของ {agency} และอีก 1 รายการ ด้วย"
    ]


def posted(report, **fields):
    return {
        "version": report.version,
        "reported_status": "in_progress",
        "results": "จัดเวที",
        "do": "draft",
        "evidence-TOTAL_FORMS": 0,
        "evidence-INITIAL_FORMS": 0,
        **fields,
    }


def test_staff_who_save_a_code_hear_of_the_other_reports(same, people, sign_in):
    report = find_report(same.round, "2.1")
    client = sign_in(people["staff"])
    address = f"/staff/reports/{report.pk}/"
    page = client.page(address)  # where a form is
    response = client.post(address, posted(report, project_codes="0413660001"), follow=True)
    text = response.content.decode()
    assert "รหัส 0413660001 ใช้ใน 1.2 ของ" in text
    assert page.has("form")


def test_an_agency_is_not_told_what_others_have_not_published(same, people, visitor):
    report = find_report(same.round, "2.1")
    link = actions.issue_link(
        agency=report.assignment.agency, round_=same.round, by=people["staff"]
    )
    address = f"/r/{actions.token_of(link)}/{report.pk}/"
    response = visitor.post(address, posted(report, project_codes="0413660001"), follow=True)
    assert "บันทึกร่างแล้ว" in response.content.decode()
    assert "ใช้ใน 1.2" not in response.content.decode()


def test_a_reader_of_the_secretariat_is_led_to_the_other_reports(same, people, sign_in):
    report = find_report(same.round, "1.2")
    actions.submit(report=report, by=people["staff"], version=report.version)
    other = find_report(same.round, "1.3")
    page = sign_in(people["staff"]).page(f"/staff/reports/{report.pk}/")
    (to,) = [a for a in page.select("main a") if a["href"] == f"/staff/reports/{other.pk}/"]
    assert to.text == f"1.3 {other.assignment.agency.short}"
