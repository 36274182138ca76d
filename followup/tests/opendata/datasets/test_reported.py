"""Reports in the open data: both voices, and nothing internal."""

import re
from datetime import UTC, date, datetime

import pytest

from followup import actions
from followup.models import (
    Agency,
    FocalPoint,
    LinkCheck,
    StatusReport,
    User,
)
from followup.tests.client import PortalClient
from followup.tests.factories import find_report, link, make_report
from followup.tests.files import piece
from followup.tests.opendata.published import everything
from followup.tests.opendata.reading import api_of, json_of


def test_the_status_of_a_report_is_that_of_its_agencys_page(demo):
    page = PortalClient().page("/agencies/CODI/", year=2567)
    shown = {
        each.one("p.measure__c").text: each.select("div.yr span.tag")[0].text
        for each in page.select("section.measure")
    }
    rows = api_of("status_reports", year=2567, agency="CODI")
    assert {row["measure_code"]: row["status_th"] for row in rows} == shown
    assert len(shown) > 3


SECRETS = ("ลับเฉพาะภายใน", "internal.example.org", "0812345678", "somebody@example.org")


def publish_with_secrets(open_round, people, *, are_open=False):
    """A published round with secrets in every internal field, and an open one with drafts.

    `are_open`: what may be shown is shown.
    """
    staff, reviewer = people["staff"], people["reviewer"]
    User.objects.filter(pk=staff.pk).update(
        display_name="คุณมะลิ ลับเฉพาะภายใน", email="somebody@example.org"
    )
    Agency.objects.update(note="ลับเฉพาะภายใน 0812345678", caretaker=staff)
    FocalPoint.objects.create(
        agency=Agency.objects.get(code="CODI"),
        name="คุณสมชาย ลับเฉพาะภายใน",
        email="somebody@example.org",
        phone="0812345678",
    )
    hidden = {**link(1, is_public=are_open), "url": "https://internal.example.org/1"}
    make_report(
        open_round, "1.2", by=staff, reviewer=reviewer, status="completed", evidence=[hidden]
    )
    agreed = make_report(open_round, "2.1", by=staff, reviewer=reviewer, results="จัดเวทีครบ 4 ภาค")
    # A note beside a status on which both agree is shown on no page.
    StatusReport.objects.filter(pk=agreed.pk).update(
        assessed_note="ลับเฉพาะภายใน", assessed_status="on_hold" if are_open else ""
    )
    make_report(open_round, "2.4", by=staff, state="submitted", results="ลับเฉพาะภายใน ร่าง")
    actions.close_round(round_=open_round, by=staff)
    actions.publish_round(round_=open_round, by=reviewer)
    later = actions.create_round(by=staff, year=2570)
    actions.open_round(round_=later, by=staff)
    make_report(later, "1.2", by=staff, state="draft", results="ลับเฉพาะภายใน ปีหน้า")
    return open_round


@pytest.fixture
def busy(open_round, people):
    return publish_with_secrets(open_round, people)


def test_nothing_internal_leaves(busy):
    for address, text in everything().items():
        found = [secret for secret in SECRETS if secret in text]
        assert found == [], address
    assert "จัดเวทีครบ 4 ภาค" in everything()["/data/status_reports.csv"]
    assert {row["year_be"] for row in json_of("status_reports")} == {2569}


def test_what_is_looked_for_is_there_to_be_found(open_round, people):
    """The control: where it is public, it is in the files."""
    publish_with_secrets(open_round, people, are_open=True)
    every = "".join(everything().values())
    assert "internal.example.org" in every
    assert "ลับเฉพาะภายใน" in every


def test_an_achievement_whose_evidence_is_internal_is_one_without_a_link(busy):
    report = find_report(busy, "1.2")
    (row,) = api_of("status_reports", measure="2565-1.2", agency=report.assignment.agency.code)
    assert (row["status_code"], row["evidence_count"]) == ("completed", 0)
    assert json_of("evidence") == []


def test_a_report_that_nobody_approved_is_a_report_not_received(busy):
    report = find_report(busy, "2.4")
    (row,) = api_of("status_reports", measure="2565-2.4", agency=report.assignment.agency.code)
    assert row["status_code"] == "no_report"
    assert (row["reported_status_code"], row["results_th"]) == (None, None)


def test_no_address_or_number_of_a_person(demo):
    names = [*User.objects.values_list("display_name", flat=True), "demo-staff"]
    for address, text in everything().items():
        assert not re.search(r"[\w.]+@[\w.]+\.\w+", text), address
        assert not re.search(r"(?<![\da-f./-])0[689]\d[- ]?\d{3}[- ]?\d{4}(?![\da-f])", text), (
            address
        )
        assert [name for name in names if name in text] == [], address


def test_both_voices_go_out_where_they_differ(open_round, people):
    make_report(
        open_round,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="completed",
        results="จัดเวทีแล้ว",
        assessed={"assessed_status": "in_progress", "assessed_note": "ยังไม่ครบ 4 ภาค"},
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    row = next(
        row for row in api_of("status_reports", measure="2565-1.2") if row["reported_status_code"]
    )
    assert row["reported_status_code"] == "completed"
    assert (row["status_code"], row["status_th"]) == ("in_progress", "อยู่ระหว่างดำเนินการ")
    assert (row["assessed_status_code"], row["assessed_note_th"]) == (
        "in_progress",
        "ยังไม่ครบ 4 ภาค",
    )


def test_evidence_says_what_it_is_and_whether_its_link_opens(open_round, people):
    about = {"kind": "minutes", "dated_on": date(2026, 9, 30), "issuer": "กรมประชาสัมพันธ์"}
    copied = link(1) | about | {"file": piece()["file"]}
    make_report(
        open_round,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="completed",
        evidence=[copied, link(2), piece()],
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    at = datetime(2026, 11, 30, 20, tzinfo=UTC)
    LinkCheck.objects.create(
        url=copied["url"], state="gone", checked_at=at, since=at, failures=3, failed_at=at
    )
    names = ("kind_code", "evidence_kind_code", "evidence_kind_th", "dated_on", "issuer_th")
    more = ("has_copy", "link_state_code", "link_state_th", "link_checked_on")
    rows = json_of("evidence")
    assert [[row[name] for name in (*names, *more)] for row in rows] == [
        [
            "link", "minutes", "รายงานการประชุม", "2026-09-30", "กรมประชาสัมพันธ์",
            True, "gone", "เปิดไม่ได้", "2026-12-01",
        ],
        ["link", None, None, None, None, False, None, None, None],
        ["file", None, None, None, None, False, None, None, None],
    ]  # fmt: skip
    assert [bool(row["url"]) for row in rows] == [True, True, False]
    assert [bool(row["file_path"]) for row in rows] == [True, False, True]
