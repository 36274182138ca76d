"""Publication: what is frozen, what a correction tells, and the page on the committee's own duty."""

import json
from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from followup import actions, corrections, snapshots
from followup.actions import Refused
from followup.annual_report import drafts
from followup.models import Agency, Assignment, Evidence, Round, Snapshot, StatusReport, User
from followup.progress import agency_rows, progress_by_year, year_progress
from followup.status import Status
from followup.tests.client import read
from followup.tests.factories import find_report, link, make_report
from proposals.models import Measure

REASON = "หน่วยงานแจ้งว่าจำนวนเวทีที่รายงานไว้ผิด"


@pytest.fixture
def published(open_round, people):
    """2569 with three approved reports and one that nobody reviewed, published."""
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.2", status="in_progress", results="จัดเวที 3 ภาค", **write)
    make_report(
        open_round,
        "1.3",
        status="continuous",
        evidence=[link(1), link(2, is_public=False)],
        **write,
    )
    make_report(open_round, "8.1", status="on_hold", **write)
    make_report(open_round, "8.2", state="submitted", results="ยังไม่มีใครตรวจ", by=people["staff"])
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"], meeting_ref="5/2569")
    return Round.objects.get(pk=open_round.pk)


def told_of(snapshot, *, several_forums=False):
    return snapshots.told(snapshot, several_forums=several_forums)


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
        assert snapshots.freeze(round_) == round_.snapshots.get().content


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


def correct(published, people, text="จัดเวที 4 ภาค", *, publish=True):
    """Reopen, mend 1.2, and publish again."""
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, "1.2")
    actions.send_back(
        report=report, by=people["reviewer"], version=report.version, reason="แก้จำนวน"
    )
    make_report(
        published,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="in_progress",
        results=text,
    )
    actions.close_round(round_=published, by=people["staff"])
    if publish:
        actions.publish_round(round_=published, by=people["reviewer"])


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


def test_a_correction_says_publicly_what_changed_and_why(published, people, visitor):
    correct(published, people)
    edition = Snapshot.objects.get(number=2)
    report = find_report(published, "1.2")
    assert edition.reason == REASON
    assert edition.changes == [
        {
            "measure": "2565-1.2",
            "agency": report.assignment.agency.code,
            "field": "results",
            "before": "จัดเวที 3 ภาค",
            "after": "จัดเวที 4 ภาค",
        }
    ]
    page = visitor.page("/corrections/")
    assert page.texts("h2")[:1] == ["ปีงบประมาณ 2569 ฉบับที่ 2"]
    (row,) = page.select("main table tbody tr")
    assert row.texts("td") == ["จัดเวที 3 ภาค", "จัดเวที 4 ภาค"]
    assert report.assignment.agency.name_th in row.text
    assert "ผลการดำเนินงาน" in row.text
    assert REASON in page.text
    for person in people.values():
        assert str(person) not in page.text
    assert Snapshot.objects.get(number=1).content != edition.content, "the first stays as it was"


def test_published_again_unchanged_there_is_no_further_edition(published, people, visitor):
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"])
    assert published.snapshots.count() == 1
    assert "ยังไม่มีการแก้ไขหลังเผยแพร่" in visitor.page("/corrections/").text


def test_statuses_lists_and_rulings_are_told_too(published, people):
    before = snapshots.thaw(published.snapshots.get().content)
    report = find_report(published, "1.3")
    StatusReport.objects.filter(pk=report.pk).update(assessed_status="on_hold", budget_spent=5)
    report.provinces.set(["10"])
    Evidence.objects.filter(report=report, is_public=True).delete()
    unheard = find_report(published, "8.1")
    StatusReport.objects.filter(pk=unheard.pk).update(state="returned", return_reason="ก")
    published.rulings.create(
        measure=report.measure, status="cancelled", meeting_ref="6/2569", note="ยุติ"
    )
    told = {
        (each["measure"], each["field"]): (each["before"], each["after"])
        for each in snapshots.differences(before, snapshots.thaw(snapshots.freeze(published)))
    }
    assert told["2565-1.3", "assessed_status"] == ("", "on_hold")
    assert told["2565-1.3", "budget_spent"] == ("", "5.00")
    assert told["2565-1.3", "provinces"] == ("", "กรุงเทพมหานคร")
    assert told["2565-1.3", "evidence"] == ("หลักฐานที่ 1 https://example.org/evidence/1", "")
    assert told["2565-8.1", "state"] == ("approved", "draft")
    assert told["2565-8.1", "obstacles"] == ("รอระเบียบใหม่ประกาศใช้", "")
    assert told["2565-1.3", "ruling_status"] == ("", "cancelled")
    assert told["2565-1.3", "ruling_meeting_ref"] == ("", "6/2569")
    snapshot = Snapshot(
        changes=[
            {"measure": "2565-1.3", "agency": "A", "field": field, "before": before, "after": after}
            for (_measure, field), (before, after) in told.items()
        ]
    )
    words = {each.label: (each.before, each.after) for each in told_of(snapshot)}
    assert words["สถานะที่ คสป. ประเมิน"] == ("", str(Status.ON_HOLD.label))
    assert words["การรับรายงาน"] == ("รับรองแล้ว", "ยังไม่ได้รับรายงาน")
    assert words["คำวินิจฉัยของ คสป."] == ("", str(Status.CANCELLED.label))


def test_a_correction_of_the_reports_texts_alone_is_an_edition_too(published, people, visitor):
    """And one of the meeting: the annual report says both, so the public is told."""
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    texts = {
        "preface": actions.Written("คำนำฉบับแก้ไข", ""),
        "resolution-2565-3": actions.Written("ข้อคิดเห็นใหม่", ""),
    }
    actions.write_narratives(round_=published, by=people["staff"], texts=texts)
    assert len(corrections.pending(published).changes) == 2
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"], meeting_ref="6/2569")
    edition = Snapshot.objects.get(number=2)
    assert [(each.label, each.before, each.after) for each in told_of(edition)] == [
        ("การประชุม คสป. ครั้งที่", "5/2569", "6/2569"),
        ("รายงานประจำปี: คำนำ", "", "คำนำฉบับแก้ไข"),
        ("รายงานประจำปี: ข้อคิดเห็นต่อข้อเสนอที่ 3", "", "ข้อคิดเห็นใหม่"),
    ]
    page = visitor.page("/corrections/").text
    assert "คำนำฉบับแก้ไข" in page
    assert "รายงานประจำปี: คำนำ" in page
    assert "คำนำฉบับแก้ไข" in visitor.page("/reports/2569/").text
    first = visitor.page("/reports/2569/?edition=1").text
    assert "คำนำฉบับแก้ไข" not in first
    assert "ครั้งที่ ๕/๒๕๖๙" in first


def test_of_an_edition_from_before_texts_were_frozen_none_is_said_to_have_changed(published):
    content = json.loads(published.snapshots.get().content)
    assert content["narratives"] == {}
    del content["narratives"], content["round"]["meeting_ref"], content["round"]["meeting_on"]
    before = snapshots.thaw(json.dumps(content))
    assert snapshots.differences(before, snapshots.thaw(snapshots.freeze(published))) == []


# Two forums -----------------------------------------------------------------------------------


@pytest.fixture
def both(second_forum, open_round, people):
    """2569 with a report on 3.1 of each of two forums, by one agency, published."""
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    for code in ("2565-3.1", "2566-3.1"):
        make_report(open_round, code, "BOB", results=f"ผลของ {code}", **write)
    for code in ("2565-3.5", "2566-3.2"):
        make_report(open_round, code, status="on_hold", **write)
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return Round.objects.get(pk=open_round.pk)


def rewrite(published, people, code, agency, **fields):
    """Reopen a published round, let one report be written anew, and publish it again."""
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, code, agency)
    if report.state == "approved":
        actions.send_back(report=report, by=people["reviewer"], version=report.version, reason="แก้")
    make_report(published, code, agency, by=people["staff"], reviewer=people["reviewer"], **fields)
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"])


def test_where_a_report_comments_on_the_same_number_of_two_forums_labels_tell_them_apart(
    both, people, visitor
):
    actions.reopen_round(round_=both, by=people["reviewer"], reason=REASON)
    texts = {
        f"resolution-{year}-3": actions.Written(f"ความเห็นของ {year}", "") for year in (2565, 2566)
    }
    actions.write_narratives(round_=both, by=people["staff"], texts=texts)
    actions.close_round(round_=both, by=people["staff"])
    actions.publish_round(round_=both, by=people["reviewer"])
    rows = visitor.page("/corrections/").select("main table tbody tr")
    assert [row.one("th").text for row in rows] == [
        "รายงานประจำปี: ข้อคิดเห็นต่อเวที 2565 ข้อเสนอที่ 3",
        "รายงานประจำปี: ข้อคิดเห็นต่อเวที 2566 ข้อเสนอที่ 3",
    ]
    labels = [slot.label for slot in drafts.slots(year_progress(both))]
    assert len(set(labels)) == len(labels) == 18
    assert sum(label.startswith("ข้อคิดเห็นต่อเวที 2566 ข้อเสนอที่ ") for label in labels) == 5


@pytest.mark.parametrize("code", ["2565-3.1", "2566-3.1"])
def test_a_correction_belongs_to_the_forum_that_was_corrected(both, people, visitor, code):
    """Both forums have a 3.1, and one agency answers for both."""
    other = {"2565-3.1": "2566-3.1", "2566-3.1": "2565-3.1"}[code]
    rewrite(both, people, code, "BOB", results="ผลที่แก้แล้ว")
    assert Snapshot.objects.get(number=2).changes == [
        {
            "measure": code,
            "agency": "BOB",
            "field": "results",
            "before": f"ผลของ {code}",
            "after": "ผลที่แก้แล้ว",
        }
    ]
    (row,) = visitor.page("/corrections/").select("main table tbody tr")
    assert row.one("th").text == f"{code} สำนักงบประมาณ ผลการดำเนินงาน"
    year, anchor = code[:4], f"m{code.replace('.', '-')}"
    assert row.one("a")["href"] == f"/resolutions/{year}/3/#{anchor}"
    for each, word in ((code, "ผลที่แก้แล้ว"), (other, f"ผลของ {other}")):
        year, _dash, clause = each.partition("-")
        section = visitor.page(f"/resolutions/{year}/3/").one(f"section#m{year}-3-1")
        assert word in section.text, clause
    assert "จำนวนนับและสถานะของทุกมาตรการย่อยคงเดิม" in visitor.page("/corrections/").text


def test_rulings_on_the_same_numbers_of_two_forums_are_told_apart(both, second_forum, forum):
    before = snapshots.thaw(both.snapshots.get().content)
    for where, reference in ((forum, "1/2570"), (second_forum, "2/2570")):
        resolution = where.resolutions.get(number=3)
        both.rulings.create(resolution=resolution, status="on_hold", meeting_ref=reference)
        measure = resolution.measures.get(number=1)
        both.rulings.create(measure=measure, status="cancelled", meeting_ref=reference)
    told = {
        (each["measure"], each["field"]): each["after"]
        for each in snapshots.differences(before, snapshots.thaw(snapshots.freeze(both)))
        if each["field"] == "ruling_meeting_ref"
    }
    assert told == {
        ("2565-3", "ruling_meeting_ref"): "1/2570",
        ("2565-3.1", "ruling_meeting_ref"): "1/2570",
        ("2566-3", "ruling_meeting_ref"): "2/2570",
        ("2566-3.1", "ruling_meeting_ref"): "2/2570",
    }


# What a correction did to the figures -----------------------------------------------------------


def test_a_correction_opens_with_what_became_of_the_figures(published, people, visitor):
    """1.3 was continuous and falls; 8.1 was on hold and rises: the worse one comes first."""
    rewrite(published, people, "1.3", "", status="on_hold")
    (effect,) = corrections.effects_of(Snapshot.objects.filter(number=2))[
        Snapshot.objects.get(number=2).pk
    ]
    assert effect.achieved == "บรรลุแล้ว 1 → 0 จาก 34"
    assert [(str(each.label), each.before, each.after) for each in effect.counts] == [
        ("ดำเนินการต่อเนื่องทุกปี", 1, 0),
        ("ชะลอ / ติดปัญหา", 1, 2),
    ]
    rewrite(published, people, "8.1", "", status="in_progress", results="กลับมาทำ")
    rewrite(published, people, "1.3", "", status="not_started")
    page = visitor.page("/corrections/")
    assert page.texts(".effect__a") == [
        "บรรลุแล้วคงเดิม 0 จาก 34",
        "บรรลุแล้วคงเดิม 0 จาก 34",
        "บรรลุแล้ว 1 → 0 จาก 34",
    ]
    first = page.select(".effect")[2]
    assert first.texts("li") == [
        "1.3 ทุกภาคส่วนปรับทัศนคติและสร้างบรรยากาศที่ดี ดำเนินการต่อเนื่องทุกปี → เปลี่ยนเป็น ชะลอ / ติดปัญหา"
    ]
    second = page.select(".effect")[1]
    assert [text.partition(" ")[0] for text in second.texts("li .rows__t")] == ["ข้อเสนอที่", "8.1"]


def test_before_a_correction_is_published_staff_read_what_it_will_do(published, people, sign_in):
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, "1.3")
    actions.send_back(report=report, by=people["reviewer"], version=report.version, reason="แก้")
    actions.close_round(round_=published, by=people["staff"])
    page = sign_in(people["reviewer"]).page("/staff/rounds/2569/publish/")
    assert page.texts(".effect__a") == ["บรรลุแล้ว 1 → 0 จาก 34"]
    assert "ยังไม่ได้รับรายงาน" in page.one(".effect").text


def test_figures_that_change_without_any_report_are_a_correction_too(
    published, people, visitor, sign_in
):
    """A measure's kind decides whether it is counted where nothing was begun."""
    rewrite(published, people, "1.2", "", status="not_started")
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    Measure.objects.filter(resolution__number=1, number=2).update(kind="discretionary")
    actions.close_round(round_=published, by=people["staff"])
    page = sign_in(people["reviewer"]).page("/staff/rounds/2569/publish/")
    assert "ไม่มีรายงานใดต่างจากฉบับที่เผยแพร่ แต่จำนวนนับหรือสถานะต่าง" in page.text
    assert page.texts(".effect__a") == ["บรรลุแล้ว 1 จาก 34 → 1 จาก 33"]
    actions.publish_round(round_=published, by=people["reviewer"])
    edition = published.snapshots.get(number=3)
    assert edition.changes == []
    section = visitor.page("/corrections/").one(f"section[aria-labelledby=c{edition.pk}]")
    assert section.texts(".effect__a") == ["บรรลุแล้ว 1 จาก 34 → 1 จาก 33"]
    assert not section.has("table")
    assert "แก้ไข 0 รายการ" not in visitor.get("/feed.atom").content.decode()
    assert "บรรลุแล้ว ๑ จาก ๓๔ → ๑ จาก ๓๓" in visitor.page("/reports/2569/").text


def test_each_forums_figures_have_their_own_denominator(both, people, visitor):
    rewrite(both, people, "2566-3.1", "BOB", status="continuous")
    page = visitor.page("/corrections/")
    assert page.texts(".effect__a") == ["เวที 2566: บรรลุแล้ว 0 → 1 จาก 9"]
    assert [text.partition(" ")[0] for text in page.texts(".effect li .rows__t")] == ["2566-3.1"]


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


def test_stored_corrections_get_full_codes(both, people):
    """The migration: what only one forum can mean is named in full, the rest stays as it was."""
    migration = import_module("followup.migrations.0007_full_codes_in_corrections")
    codes = migration.full_codes(both.snapshots.get().content)
    assert codes["8.1"] == "2565-8.1"
    assert codes["8"] == "2565-8"
    assert "3.1" not in codes
    assert "3" not in codes
    edition = snapshots.take(
        round_=both,
        by=None,
        reason=REASON,
        changes=[
            {"measure": code, "agency": "A", "field": "results", "before": "", "after": "ก"}
            for code in ("8.1", "3.1", "")
        ],
    )
    migration.forwards(apps, None)
    edition.refresh_from_db()
    assert [each["measure"] for each in edition.changes] == ["2565-8.1", "3.1", ""]
    migration.backwards(apps, None)
    edition.refresh_from_db()
    assert [each["measure"] for each in edition.changes] == ["8.1", "3.1", ""]


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
