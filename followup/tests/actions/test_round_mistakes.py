"""Mistakes with a round are undone: deleted, un-opened, its date extended, its edition taken back."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from followup import actions, history, progress, snapshots
from followup.actions import round_mistakes as mistakes
from followup.models import (
    Agency,
    ChainEntry,
    Letter,
    Narrative,
    Round,
    Ruling,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    TakenBack,
)
from followup.tests.actions.verbs import refused
from followup.tests.editions import correct, publish_three_reports, take_back
from followup.tests.factories import dump, find_report, make_report, measure_of
from followup.tests.sentences import STALE_ROUND
from forum_portal.stored_version import version_of

NOTE = "เผยแพร่ก่อนที่ประชุมรับทราบ"
NOBODYS = "ผู้ที่เผยแพร่ฉบับนี้เท่านั้นที่ถอนได้ คนอื่นแก้ได้โดยเปิดแก้ไขหลังเผยแพร่"
TOO_LATE = "ถอนการเผยแพร่ได้ภายใน 1 ชั่วโมง เกินเวลาแล้ว แก้ได้โดยเปิดแก้ไขหลังเผยแพร่พร้อมเหตุผล"


def extend(round_, by, due_on, reason="ที่ประชุมเลื่อน", seen=None):
    stored = Round.objects.get(pk=round_.pk)
    seen = version_of(stored, actions.DUE_FIELDS) if seen is None else seen
    return actions.extend_due(round_=round_, by=by, seen=seen, due_on=due_on, reason=reason)


def told(round_):
    return [(each.sentence, each.reason) for each in history.entries(round_=round_)[0]]


def readable():
    """What the public reads of 2569: the edition's results, or None."""
    found = snapshots.latest(Round.objects.published())
    texts = [each.results for kept in found.values() for each in kept.reports if each.results]
    return sorted(texts) or None


# Nothing was written -----------------------------------------------------------------------------


def test_an_opened_round_in_which_nothing_was_written_is_planned_again(open_round, people):
    assert open_round.reports.count() == 103
    actions.unopen_round(round_=open_round, by=people["staff"])
    stored = Round.objects.get()
    assert (stored.state, stored.opened_at, stored.reports.count()) == ("planned", None, 0)
    assert ("นำรอบที่เปิดโดยยังไม่มีผู้บันทึกกลับไปเตรียมการ", "") in told(stored)
    actions.open_round(round_=stored, by=people["staff"])
    assert stored.reports.count() == 103, "and it is opened as if for the first time"


@pytest.mark.parametrize("is_open", [True, False])
def test_a_round_in_which_nothing_was_written_is_deleted(forum, people, is_open):
    before = dump()
    round_ = actions.create_round(by=people["staff"], year=2569)
    if is_open:
        actions.open_round(round_=round_, by=people["staff"])
    actions.delete_round(round_=round_, by=people["staff"])
    assert (Round.objects.count(), StatusReport.objects.count()) == (0, 0)
    found = history.entries()[0][0]
    assert (found.who, found.sentence) == (str(people["staff"]), "ลบรอบติดตาม")
    kept = {"followup_historicalround", "followup_historicalstatusreport", "followup_chainentry"}
    after = dump()
    assert {each for each in after if after[each] != before[each]} <= kept | {"sqlite_sequence"}


WRITTEN = {
    "รายงานที่มีผู้บันทึก 1 รายการ": lambda it, who: make_report(it, by=who["staff"], state="draft"),
    "ลิงก์ของหน่วยงาน 1 ลิงก์": lambda it, who: actions.issue_link(
        round_=it, agency=Agency.objects.get(code="MSDHS"), by=who["staff"]
    ),
    "หนังสือติดตาม 1 ฉบับ": lambda it, who: Letter.objects.create(
        round=it,
        agency=Agency.objects.get(code="MSDHS"),
        attempt=1,
        number="1",
        sent_on=it.due_on,
        answer_by=it.due_on,
    ),
    "ข้อความในรายงานประจำปี 1 ข้อความ": lambda it, who: Narrative.objects.create(
        round=it, slot="preface", text="คำนำ", accepted_at=timezone.now()
    ),
    "มติ คสป. ที่กำหนดสถานะ 1 รายการ": lambda it, who: Ruling.objects.create(
        round=it, measure=measure_of("2565-1.2"), status="on_hold", meeting_ref="1/2569"
    ),
    "การนำเข้าสเปรดชีต 1 ครั้ง": lambda it, who: SpreadsheetImport.objects.create(
        round=it, created_by=who["staff"], file_name="ก.csv"
    ),
    "หลักฐาน 1 รายการ": lambda it, who: find_report(it, "1.2").evidence.create(
        title="ก", url="https://example.org/"
    ),
}


@pytest.mark.parametrize("words", WRITTEN)
def test_what_was_written_stands_in_the_way_and_is_named(open_round, people, words):
    WRITTEN[words](open_round, people)
    for verb in (actions.unopen_round, actions.delete_round):
        assert refused(verb, round_=open_round, by=people["staff"]) == {
            "": f"ทำไม่ได้ เพราะในรอบนี้มี{words} ผู้ที่บันทึกต้องลบหรือถอนก่อน หรือใช้รอบนี้ต่อไป"
        }


def test_a_closed_or_published_round_is_neither_deleted_nor_unopened(open_round, people):
    actions.close_round(round_=open_round, by=people["staff"])
    for verb in (actions.unopen_round, actions.delete_round):
        assert refused(verb, round_=open_round, by=people["staff"]) == {"": STALE_ROUND}
    actions.publish_round(round_=open_round, by=people["reviewer"])
    actions.reopen_round(round_=open_round, by=people["reviewer"], reason="แก้")
    for verb in (actions.unopen_round, actions.delete_round):
        assert refused(verb, round_=open_round, by=people["staff"]) == {"": STALE_ROUND}


def test_what_is_saved_on_an_old_page_of_a_deleted_round_is_refused_in_words(
    open_round, people, codi
):
    report = find_report(open_round, "1.2")
    actions.delete_round(round_=Round.objects.get(), by=people["staff"])
    gone = "รอบนี้มีผู้ลบไปแล้ว คัดลอกข้อความที่ต้องการเก็บไว้ แล้วเปิดหน้ารอบติดตามใหม่"
    staff = people["staff"]
    assert refused(actions.issue_link, round_=open_round, agency=codi, by=staff) == {"": gone}
    assert refused(actions.write_narratives, round_=open_round, by=staff, texts={}) == {"": gone}
    assert refused(actions.close_round, round_=open_round, by=staff) == {"": STALE_ROUND}
    assert "" in refused(actions.submit, report=report, by=staff, version=0)


def test_only_who_runs_rounds_undoes_them(open_round, people):
    for verb in (actions.unopen_round, actions.delete_round):
        with pytest.raises(PermissionDenied):
            verb(round_=open_round, by=people["outsider"])
    with pytest.raises(PermissionDenied):
        extend(open_round, people["outsider"], date(2027, 1, 15))
    with pytest.raises(PermissionDenied):
        actions.take_back(round_=open_round, by=people["staff"], edition=1, note=NOTE)


# The due date ------------------------------------------------------------------------------------


def test_the_due_date_is_extended_with_a_reason_and_remembers_the_first_one(open_round, people):
    extend(open_round, people["staff"], date(2026, 12, 15))
    extend(open_round, people["staff"], date(2027, 1, 15), "หลายหน่วยงานขอ")
    stored = Round.objects.get()
    assert (stored.due_on, stored.due_first_on) == (date(2027, 1, 15), date(2026, 11, 30))
    assert stored.extension == (
        "เลื่อนกำหนดส่งจาก 30 พฤศจิกายน 2569 เป็น 15 มกราคม 2570 เพราะ หลายหน่วยงานขอ"
    )
    assert told(stored)[:2] == [
        ("เลื่อนกำหนดส่งรายงาน", "หลายหน่วยงานขอ"),
        ("เลื่อนกำหนดส่งรายงาน", "ที่ประชุมเลื่อน"),
    ]


def test_an_earlier_or_equal_date_and_no_reason_are_refused(open_round, people):
    for day in (date(2026, 11, 30), date(2026, 10, 1)):
        seen = version_of(open_round, actions.DUE_FIELDS)
        assert refused(
            actions.extend_due,
            round_=open_round,
            by=people["staff"],
            seen=seen,
            due_on=day,
            reason="",
        ) == {
            "due_on": "กำหนดส่งใหม่ต้องหลังกำหนดเดิม 30 พฤศจิกายน 2569",
            "due_reason": "ระบุเหตุผลที่เลื่อนกำหนดส่ง หน่วยงานจะเห็นข้อความนี้",
        }


def test_of_two_people_who_extend_the_second_sees_the_first(open_round, people):
    seen = version_of(open_round, actions.DUE_FIELDS)
    extend(open_round, people["staff"], date(2026, 12, 15))
    with pytest.raises(actions.Conflict) as conflict:
        extend(open_round, people["staff"], date(2026, 12, 20), seen=seen)
    assert conflict.value.current.due_on == date(2026, 12, 15)


def test_a_reopened_round_gets_a_new_date_and_a_closed_one_does_not(open_round, people):
    actions.close_round(round_=open_round, by=people["staff"])
    with pytest.raises(actions.Refused, match="รอบนี้อยู่ในขั้น “ปิดรับรายงาน”"):
        extend(open_round, people["staff"], date(2027, 1, 15))
    actions.publish_round(round_=open_round, by=people["reviewer"])
    actions.reopen_round(round_=open_round, by=people["reviewer"], reason="แก้")
    assert extend(open_round, people["staff"], date(2027, 1, 15)).due_on == date(2027, 1, 15)


# A publication -----------------------------------------------------------------------------------


@pytest.fixture
def published(open_round, people):
    return publish_three_reports(open_round, people)


def test_the_first_edition_taken_back_leaves_nothing_public(published, people):
    assert readable()
    take_back(published, people["reviewer"])
    stored = Round.objects.get()
    assert (stored.state, stored.published_at, stored.is_public) == ("closed", None, False)
    assert readable() is None
    assert list(progress.progress_by_year(Round.objects.published())) == []
    taken = TakenBack.objects.get()
    assert (taken.note, taken.by, taken.snapshot.number) == (NOTE, people["reviewer"], 1)
    assert told(stored)[0][0] == "ถอนการเผยแพร่ฉบับล่าสุด"


def test_the_next_publication_has_the_next_number_and_the_note(published, people):
    take_back(published, people["reviewer"])
    again = Round.objects.get()
    actions.publish_round(round_=again, by=people["reviewer"])
    assert [(each.number, each.reason) for each in Snapshot.objects.standing()] == [(2, NOTE)]
    assert not Snapshot.objects.corrections().exists(), "it corrects nothing that is public"
    assert readable()


def test_a_correction_taken_back_shows_the_edition_before(published, people):
    before = readable()
    correct(published, people, "จัดเวที 9 ภาค")
    assert "จัดเวที 9 ภาค" in readable()
    take_back(Round.objects.get(), people["reviewer"])
    stored = Round.objects.get()
    assert readable() == before
    assert (stored.state, stored.is_public, stored.meeting_ref) == ("closed", True, "5/2569")
    assert not Snapshot.objects.corrections().exists()
    # It can be opened again, and corrected once more.
    actions.reopen_round(round_=stored, by=people["staff"])
    actions.close_round(round_=stored, by=people["staff"])
    actions.publish_round(round_=stored, by=people["reviewer"])
    assert [each.number for each in Snapshot.objects.corrections()] == [3]


def test_the_meeting_of_a_correction_taken_back_is_not_told(published, people):
    correct(published, people, publish=False)
    actions.publish_round(
        round_=published,
        by=people["reviewer"],
        meeting_ref="6/2569",
        meeting_on=date(2026, 11, 1),
    )
    take_back(published, people["reviewer"])
    assert (Round.objects.get().meeting_ref, Round.objects.get().meeting_on) == ("5/2569", None)


def test_only_the_publisher_and_only_within_an_hour(published, people):
    edition = actions.last_edition(published)
    call = {"round_": published, "edition": edition.pk, "note": NOTE}
    nobodys = refused(actions.take_back, by=people["administrator"], **call)
    assert nobodys == {"": NOBODYS}
    with time_machine.travel(edition.made_at + timedelta(hours=1, seconds=1), tick=False):
        assert refused(actions.take_back, by=people["reviewer"], **call) == {"": TOO_LATE}
    with time_machine.travel(edition.made_at + timedelta(minutes=59), tick=False):
        actions.take_back(by=people["reviewer"], **call)


def test_a_note_is_needed_and_an_old_page_takes_nothing_back(published, people):
    by, edition = people["reviewer"], actions.last_edition(published)
    assert refused(actions.take_back, round_=published, by=by, edition=edition.pk, note="") == {
        "note": "ระบุเหตุผลที่ถอนการเผยแพร่ สาธารณะจะเห็นข้อความนี้"
    }
    stale = {"": STALE_ROUND}
    old = {"round_": published, "by": by, "note": NOTE}
    assert refused(actions.take_back, edition=edition.pk + 1, **old) == stale
    take_back(published, by)
    assert refused(actions.take_back, edition=edition.pk, **old) == stale


def test_the_chain_covers_that_an_edition_was_taken_back(published, people):
    take_back(published, people["reviewer"])
    table = TakenBack._meta.db_table
    last = ChainEntry.objects.order_by("-number")[0]
    assert last.kind == "batch"
    assert f'["{table}","{TakenBack.objects.get().pk}",' in last.content


@pytest.mark.parametrize("verb", ["unopen_round", "delete_round"])
def test_a_round_that_expects_many_loses_its_reports_in_parts(
    open_round, people, monkeypatch, verb
):
    monkeypatch.setattr(mistakes, "REMOVED_AT_ONCE", 40)
    real, turns = mistakes._remove, []

    def breaks_off(reports):
        turns.append(len(reports))
        if len(turns) == 2:
            raise KeyboardInterrupt
        return real(reports)

    with monkeypatch.context() as patch:
        patch.setattr(mistakes, "_remove", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            getattr(actions, verb)(round_=open_round, by=people["staff"])
    half = Round.objects.get(pk=open_round.pk)
    assert turns == [40, 40]
    assert (half.state, half.reports.count()) == ("planned", 63), "nobody can write to it"

    actions.delete_round(round_=half, by=people["staff"])
    assert not Round.objects.filter(pk=open_round.pk).exists()
    assert StatusReport.history.filter(history_type="-").count() == 103
