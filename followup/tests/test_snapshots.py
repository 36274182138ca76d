"""Publication: frozen rounds, their further editions, and the page on the committee's duty."""

import json
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from followup import actions, snapshots
from followup.actions import Refused
from followup.models import Agency, Assignment, Evidence, Round, StatusReport, User
from followup.progress import agency_rows, progress_by_year, year_progress
from followup.tests.client import read
from followup.tests.editions import REASON, correct
from followup.tests.factories import find_report, link, make_report, measure_of
from proposals.models import Measure


@pytest.fixture
def published(three_reports):
    return three_reports


def figures(round_):
    """Everything of a year that pages show, as plain values."""
    progress = year_progress(round_)
    return (
        progress.tally,
        [
            (
                measure.measure.code,
                measure.measure.title_th,
                measure.status,
                [
                    (
                        line.agency.code,
                        line.agency.name_th,
                        line.assignment.role,
                        line.assignment.basis,
                        line.status,
                        line.report and line.report.results,
                        line.report and [piece.title for piece in line.report.public_evidence],
                        line.report and [each.name_th for each in line.report.provinces.all()],
                    )
                    for line in measure.lines
                ],
            )
            for measure in progress.measures
        ],
        [(row.agency.code, row.leads, row.reported) for row in agency_rows(progress)],
    )


def test_a_snapshot_counts_as_the_tables_do(demo):
    for round_ in Round.objects.published():
        frozen, live = progress_by_year([round_]), progress_by_year([round_], live=True)
        assert [each.tally for each in frozen] == [each.tally for each in live]
        assert [measure.status for measure in frozen[0].measures] == [
            measure.status for measure in live[0].measures
        ]
        edition = round_.snapshots.get()
    assert snapshots.freeze(round_, timezone.localdate(edition.made_at)) == edition.content


def test_what_was_published_stays_whatever_becomes_of_the_tables(published):
    before = figures(published)
    StatusReport.objects.update(results="เปลี่ยนแล้ว", assessed_status="on_hold")
    Evidence.objects.all().delete()
    Assignment.objects.update(role="support", basis="confirmed")
    Agency.objects.update(name_th="ชื่อใหม่", abbr_th="")
    Measure.objects.update(title_th="ชื่อใหม่")
    assert figures(published) == before
    assert year_progress(published).measures[1].leads[0].report.results == "จัดเวที 3 ภาค"


def test_nothing_but_what_the_public_may_read_is_kept(published, people):
    kept = published.snapshots.get()
    assert "ยังไม่มีใครตรวจ" not in kept.content
    assert "evidence/2" not in kept.content, "internal evidence is only known to be there"
    for person in User.objects.all():
        assert person.username not in kept.content
        assert str(person) not in kept.content
    content = json.loads(kept.content)
    assert len(content["reports"]) == 103
    assert sum(row["state"] == "approved" for row in content["reports"]) == 3
    unread = find_report(published, "8.2")
    assert [row for row in content["reports"] if row["id"] == unread.pk] == [
        {
            "id": unread.pk,
            "round_id": published.pk,
            "assignment_id": unread.assignment_id,
            "state": "draft",
        }
    ]


def test_of_an_internal_ground_an_edition_keeps_that_there_is_one(open_round, people):
    """So the public reads that the status is documented by what it may not read."""
    report = make_report(
        open_round,
        "1.2",
        by=people["staff"],
        state="submitted",
        evidence=[link(1), link(2, is_public=False), link(3, is_public=False)],
    )
    chosen = report.evidence.exclude(title="หลักฐานที่ 3").values_list("pk", flat=True)
    actions.approve(
        report=report,
        by=people["reviewer"],
        version=report.version,
        assessed_grade="documented",
        grounds=list(chosen),
    )
    content = snapshots.freeze(open_round)
    public, internal, other = json.loads(content)["evidence"]
    assert public["is_ground"] is True
    assert internal == {
        "id": internal["id"],
        "report_id": report.pk,
        "is_public": False,
        "is_ground": True,
    }
    assert set(other) == {"id", "report_id", "is_public"}
    (thawed,) = [each for each in snapshots.thaw(content).reports if each.pk == report.pk]
    assert [(each.title, each.is_public) for each in thawed.grounds] == [
        ("หลักฐานที่ 1", True),
        ("", False),
    ]


def test_reopening_after_publication_needs_a_reason_and_the_right(published, people):
    with pytest.raises(Refused) as error:
        actions.reopen_round(round_=published, by=people["reviewer"])
    assert error.value.messages == {"reason": "ระบุเหตุผลที่เปิดแก้ไขหลังเผยแพร่ สาธารณะจะเห็นข้อความนี้"}
    with pytest.raises(PermissionDenied):
        actions.reopen_round(round_=published, by=people["staff"], reason=REASON)
    assert Round.objects.get(pk=published.pk).state == "published"


def test_until_it_is_published_again_the_public_reads_the_last_edition(published, people, visitor):
    first = published.published_at
    correct(published, people, publish=False)
    now = Round.objects.get(pk=published.pk)
    assert (now.is_public, now.is_reopened, now.published_at) == (True, True, first)
    page = visitor.page("/resolutions/2565/1/")
    assert "จัดเวที 3 ภาค" in page.text
    assert "จัดเวที 4 ภาค" not in page.text
    notice = visitor.page("/corrections/").one("p.notice").text
    assert notice == (
        f"ปีงบประมาณ 2569 เปิดแก้ไขอยู่ หน้าเว็บแสดงฉบับที่เผยแพร่ล่าสุดจนกว่าจะเผยแพร่ใหม่ เหตุผล: {REASON}"
    )
    actions.publish_round(round_=published, by=people["reviewer"])
    assert "จัดเวที 4 ภาค" in visitor.page("/resolutions/2565/1/").text
    assert Round.objects.get(pk=published.pk).published_at == first
    assert Round.objects.get(pk=published.pk).meeting_ref == "5/2569", "kept from the first time"


def test_published_again_unchanged_there_is_no_further_edition(published, people, visitor):
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"])
    assert published.snapshots.count() == 1
    assert "ยังไม่มีการแก้ไขหลังเผยแพร่" in visitor.page("/corrections/").text


def test_published_again_a_round_keeps_its_meeting(published, people, sign_in):
    """The form is filled in with it; what is left blank never erases it."""
    before = date(2026, 12, 18)
    Round.objects.filter(pk=published.pk).update(meeting_on=before)
    reviewer = sign_in(people["reviewer"])

    def again(**typed):
        round_ = Round.objects.get(pk=published.pk)
        actions.reopen_round(round_=round_, by=people["reviewer"], reason=REASON)
        actions.close_round(round_=round_, by=people["staff"])
        page = reviewer.page("/staff/rounds/2569/publish/")
        kept = page.one("main form").controls()
        assert (kept["meeting_ref"], kept["meeting_on"]) == ("5/2569", "18/12/2569")
        return reviewer.send(page, **typed)

    for typed in ({}, {"meeting_ref": "", "meeting_on": ""}, {"meeting_on": ""}):
        assert again(**typed).status_code == 302
        now = Round.objects.get(pk=published.pk)
        assert (now.meeting_ref, now.meeting_on) == ("5/2569", date(2026, 12, 18))
    response = again(meeting_ref="6/2569")
    assert response.status_code == 422
    assert read(response).one(".errs").texts("li") == [
        "วันที่นี้เป็นวันของการประชุมครั้งที่ 5/2569 พิมพ์วันที่ของครั้งที่ 6/2569 หรือยืนยันอีกครั้งถ้าเป็นวันเดียวกัน"
    ]
    assert Round.objects.get(pk=published.pk).state == "closed", "the old day is not taken silently"
    page = read(response)
    assert page.one("main form").controls()["meeting_ref"] == "6/2569"
    assert reviewer.send(page).status_code == 302, "it was the same day"
    now = Round.objects.get(pk=published.pk)
    assert (now.meeting_ref, now.meeting_on) == ("6/2569", date(2026, 12, 18))
    Round.objects.filter(pk=published.pk).update(meeting_ref="5/2569")
    assert again(meeting_ref="7/2569", meeting_on="8/1/2570").status_code == 302
    Round.objects.filter(pk=published.pk).update(meeting_ref="5/2569", meeting_on=before)
    response = again(meeting_ref="6/2569", meeting_on="")
    assert response.status_code == 422
    assert "ระบุวันที่ของการประชุมครั้งที่ 6/2569" in response.content.decode()
    assert Round.objects.get(pk=published.pk).state == "closed"


# The committee's own duty --------------------------------------------------------------------


def test_the_duty_page_tells_each_year_with_what_was_received(published, visitor, time_machine):
    time_machine.move_to("2026-11-22")
    page = visitor.page("/follow-up/")
    rows = {row.one("th").text: row.texts("td") for row in page.select("main tbody tr")}
    assert list(rows) == ["2569", "2568", "2567", "2566"]
    assert rows["2568"] == ["ไม่ได้เปิดรอบติดตามในระบบ"]
    assert rows["2569"][-1] == "3 จาก 103 รายการ"
    assert "คสป. ครั้งที่ 5/2569" in rows["2569"][2]
    assert "ปีงบประมาณที่สิ้นสุดแล้ว 4 ปี เผยแพร่รายงานแล้ว 1 ปี" in page.text


@pytest.mark.parametrize(
    ("now", "ended"),
    [("2026-09-30T16:59:00Z", 3), ("2026-09-30T17:00:00Z", 4)],
)
def test_a_fiscal_year_has_ended_at_midnight_in_bangkok(forum, visitor, time_machine, now, ended):
    time_machine.move_to(now)
    page = visitor.page("/follow-up/")
    assert f"ปีงบประมาณที่สิ้นสุดแล้ว {ended} ปี เผยแพร่รายงานแล้ว 0 ปี" in page.text


def test_an_open_round_shows_its_dates_and_no_figure(open_round, people, visitor):
    make_report(open_round, "1.2", by=people["staff"], reviewer=people["reviewer"])
    row = next(
        row for row in visitor.page("/follow-up/").select("main tbody tr") if "2569" in row.text
    )
    assert row.texts("td")[1:] == ["ยังไม่ปิด", "ยังไม่เผยแพร่", "แสดงเมื่อเผยแพร่"]


def test_what_was_written_for_a_forum_that_left_the_round_is_not_published(two_forums):
    _earlier, later = two_forums
    round_ = Round.objects.get(year_be=2566)
    of_later = round_.reports.filter(assignment__measure__resolution__forum=later)
    assert of_later.exists(), "2566 is followed up from 2567 only"
    kept = snapshots.thaw(snapshots.freeze(round_))
    assert {each.assignment.measure.resolution.forum.year_be for each in kept.reports} == {2565}
    assert {each.forum.year_be for each in kept.resolutions} == {2565}


def test_an_edition_keeps_which_measures_were_replaced_by_then(two_forums):
    replaced = {
        year: snapshots.thaw(snapshots.freeze(Round.objects.get(year_be=year))).replaced
        for year in (2566, 2567)
    }
    assert replaced == {2566: frozenset(), 2567: {measure_of("2565-2.2").pk}}
    without = json.loads(snapshots.freeze(Round.objects.get(year_be=2567)))
    del without["replaced"]
    assert snapshots.thaw(json.dumps(without)).replaced == frozenset(), "an edition of before"
