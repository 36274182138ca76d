"""A long import is written, and taken back, in short transactions: whole, or not at all."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup import actions
from followup.models import ImportState, Round, SpreadsheetImport, StatusReport
from followup.spreadsheets import apply as writing
from followup.spreadsheets import session
from followup.spreadsheets import undo as taking_back
from followup.tests.actions.verbs import refused
from followup.tests.queued import queued, work_off
from followup.tests.spreadsheets.imports import (
    RESULTS,
    applied,
    expected,
    joint,
    new_write,
    picture,
    write_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def writes(open_round, parts_of):
    """24 rows in parts of 5: one of the last part is about a new agency, and so is one of the first."""
    parts_of(5)
    reports = list(open_round.reports.with_context()[:22])
    known = [write_for(report, row=row, **RESULTS) for row, report in enumerate(reports, start=2)]
    first = new_write(open_round, "3.1", row=40)
    return [first, *known, new_write(open_round, "3.2", row=41)]


@pytest.fixture
def by(people):
    return people["administrator"]


@pytest.fixture
def running(record):
    """The import as it is while a process applies it."""
    SpreadsheetImport.objects.filter(pk=record.pk).update(state=ImportState.APPLYING, attempt=1)
    record.refresh_from_db()
    return record


@pytest.fixture
def broken_off(running, writes, by, monkeypatch):
    """An import whose process was killed after the second part; its pictures before and after."""
    before, real, done = picture(), writing._apply_part, []

    def killed(*args, **kwargs):
        if len(done) == 2:
            raise KeyboardInterrupt
        real(*args, **kwargs)
        done.append(1)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_apply_part", killed)
        with pytest.raises(KeyboardInterrupt):
            applied(running, by, writes)
    running.refresh_from_db()
    assert running.rows.count() == 10
    assert picture() != before
    return before


def test_in_parts_it_writes_the_same_as_in_one(record, writes, by, parts_of):
    applied(record, by, writes)
    in_parts = {each: rows for each, rows in picture().items() if each is not StatusReport}
    counts = record.counts["written"], record.set_aside, record.state
    made = {name: len(record.made[name]) for name in ("agencies", "assignments", "reports")}
    assert counts == (24, [], ImportState.APPLIED)
    assert made == {"agencies": 1, "assignments": 2, "reports": 2}
    assert len(in_parts) > 1
    batches = StatusReport.history.filter(history_change_reason=f"import {record.pk}")
    assert len(set(batches.values_list("batch", flat=True))) == 5
    assert not StatusReport.objects.filter(pk__in=record.rows.values("report"), version=0).exists()


def test_nobody_waits_for_more_than_a_part(record, writes, by, parts_of):
    with CaptureQueriesContext(connection) as queries:
        applied(record, by, writes)
    ends = [
        number
        for number, each in enumerate(queries.captured_queries)
        if each["sql"].startswith("RELEASE SAVEPOINT")
    ]
    longest = max(later - earlier for earlier, later in pairwise(ends))
    assert longest <= 80, "statements of one transaction"
    assert len(ends) >= 5


def test_what_broke_off_is_taken_back_whole(broken_off, running, by):
    session.give_up(running, by)
    assert picture() == broken_off
    running.refresh_from_db()
    assert (running.state, running.made, running.rows.count()) == (ImportState.FAILED, {}, 0)
    assert running.failure == "งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง"


def test_its_page_says_what_a_click_will_do(broken_off, running):
    assert session.stopped(running) == (
        "งานหยุดกลางคัน เขียนแล้ว 10 รายการ กดปุ่มเพื่อย้อนรายการเหล่านั้นกลับ แล้วลองอีกครั้ง"
    )


def test_much_of_it_is_taken_back_by_a_worker(broken_off, running, by, monkeypatch):
    monkeypatch.setattr(session, "INLINE_ROWS", 5)
    session.give_up(running, by)
    assert queued() == [("run_import", running.pk, "roll_back", 2, by.pk)]
    running.refresh_from_db()
    assert running.state == ImportState.APPLYING
    assert work_off() == 1
    assert picture() == broken_off
    running.refresh_from_db()
    assert running.state == ImportState.FAILED


def test_an_error_takes_back_the_parts_before(running, writes, by, monkeypatch):
    before = picture()
    kept = {
        "version": running.version,
        "writes": [],
        "learnt": {},
    }
    monkeypatch.setattr(session, "load_preview", lambda record: kept)
    real = writing.apply

    def with_writes(*, writes: list, **rest):
        return real(writes=all_of_them, **rest)

    all_of_them = [*writes]
    all_of_them[-1].values["results"] = None  # the database refuses it
    monkeypatch.setattr(session.writing, "apply", with_writes)
    with pytest.raises(Exception, match="results"):
        session.run(running.pk, "apply", by, attempt=1)
    assert picture() == before
    running.refresh_from_db()
    assert (running.state, running.rows.count()) == (ImportState.FAILED, 0)


def test_what_a_colleague_saved_on_top_stays_and_is_named(broken_off, running, by, people):
    row = running.rows.order_by("pk")[3]
    report = StatusReport.objects.with_context().get(pk=row.report_id)
    actions.save_draft(
        report=report,
        by=people["staff"],
        version=report.version,
        fields={"results": "ของฉัน"},
        evidence=[],
    )
    session.give_up(running, by)
    running.refresh_from_db()
    assert running.state == ImportState.FAILED
    assert "ยกเว้นที่มีผู้แก้ไขต่อ" in running.failure
    assert "คุณstaff" in running.failure
    assert StatusReport.objects.get(pk=report.pk).results == "ของฉัน"
    assert StatusReport.objects.filter(version__gt=0, results="จัดเวที 3 ครั้ง").count() == 0


def test_a_round_does_not_close_on_half_an_import(broken_off, running, by, people, open_round):
    messages = refused(actions.close_round, round_=open_round, by=people["staff"])
    assert "ผล.xlsx" in messages[""]
    session.give_up(running, by)
    closed = actions.close_round(round_=Round.objects.get(pk=open_round.pk), by=people["staff"])
    assert closed.state == "closed"


def test_half_an_import_is_not_purged(broken_off, running):
    SpreadsheetImport.objects.filter(pk=running.pk).update(created_at="2020-01-01T00:00:00Z")
    session.purge()
    assert SpreadsheetImport.objects.filter(pk=running.pk).exists()


def test_a_process_that_was_given_up_takes_nothing_back(broken_off, running, by):
    SpreadsheetImport.objects.filter(pk=running.pk).update(attempt=2)
    half = picture()
    assert taking_back.roll_back(running, by) == []
    assert picture() == half


def test_what_one_part_does_to_a_report_of_a_later_part_is_no_colleagues_save(
    record, open_round, people, by, parts_of
):
    main, other = joint(open_round, people["staff"])
    parts_of(1)
    fresh = [StatusReport.objects.with_context().get(pk=each.pk) for each in (main, other)]
    writes = [write_for(report, row=row, **RESULTS) for row, report in enumerate(fresh, start=2)]
    applied(record, by, writes)
    assert (record.counts["written"], record.set_aside) == (2, [])


def test_a_colleagues_save_between_two_parts_is_set_aside(
    record, writes, open_round, people, by, monkeypatch
):
    last = writes[-2]
    report = StatusReport.objects.with_context().get(pk=last.report)
    real, done = writing._apply_part, []

    def with_a_colleague(*args, **kwargs):
        if not done:
            actions.save_draft(
                report=report,
                by=people["staff"],
                version=report.version,
                fields={"results": "ของฉัน"},
                evidence=[],
            )
        done.append(1)
        real(*args, **kwargs)

    monkeypatch.setattr(writing, "_apply_part", with_a_colleague)
    applied(record, by, writes)
    assert [each["report"] for each in record.set_aside] == [report.pk]
    assert StatusReport.objects.get(pk=report.pk).results == "ของฉัน"
    assert record.counts["written"] == 23


def test_an_undo_that_broke_off_goes_on(record, writes, by, monkeypatch):
    before = picture()
    applied(record, by, writes)
    SpreadsheetImport.objects.filter(pk=record.pk).update(state=ImportState.UNDOING)
    record.refresh_from_db()
    real, done = taking_back._put_back, []

    def killed(*args):
        if len(done) == 2:
            raise KeyboardInterrupt
        real(*args)
        done.append(1)

    with monkeypatch.context() as patch:
        patch.setattr(taking_back, "_put_back", killed)
        with pytest.raises(KeyboardInterrupt):
            taking_back.undo(record=record, by=by)
    record.refresh_from_db()
    assert record.state == ImportState.UNDOING
    session.give_up(record, by)
    record.refresh_from_db()
    assert record.state == ImportState.APPLIED
    assert record.failure.startswith("การย้อนหยุดกลางคัน บางรายการอาจย้อนแล้ว")
    assert taking_back.undo(record=record, by=by) == 24
    assert picture() == before
    assert expected(record.round, "3.1", "SWF").results == ""
