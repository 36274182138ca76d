"""One import from its upload to its end: states, versions, and what becomes of stale decisions."""

import io
import json
import os
import time
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from followup import background, jobs
from followup.actions import Refused
from followup.models import ImportState, SpreadsheetImport, StatusReport
from followup.spreadsheets import session
from followup.spreadsheets.types import Unreadable
from followup.tests.factories import dump
from followup.tests.queued import queued, work_off
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import HEAD, report_of, row, saved, workbook

ROWS = [HEAD, row("3.1", "กสจ."), row("1.2", "พม.")]
BROKEN = b"PK\x03\x04 and nothing more"


def xlsx(*rows, sheet="ผล"):
    return saved(workbook((sheet, rows)))


def archive(**entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return out.getvalue()


def start(open_round, people, *files, **more):
    """Start an import of (name, bytes), each arriving in pieces."""
    uploads = [
        session.Upload(name, (content[at : at + 1000] for at in range(0, len(content), 1000)))
        for name, content in files
    ]
    return session.start(by=people["administrator"], round_=open_round, uploads=uploads, **more)


@pytest.fixture
def begun(open_round, people):
    return start(open_round, people, ("ผล.xlsx", xlsx(*ROWS)))


@pytest.fixture
def stored(open_round, people):
    """An import as `start` stores it, for tests of its state: its file was never read."""
    record = SpreadsheetImport.objects.create(
        round=open_round,
        created_by=people["administrator"],
        file_name="ผล.xlsx",
        sources=[{"name": "ผล.xlsx", "sha256": "0" * 64}],
        counts={"refused": []},
    )
    record.folder.mkdir(parents=True, exist_ok=True)
    record.upload().write_bytes(b"never read")
    return record


@pytest.fixture
def checked(begun, people):
    assert session.begin(begun, "check", by=people["administrator"], rows=2)
    begun.refresh_from_db()
    return begun


def state_of(record):
    return SpreadsheetImport.objects.get(pk=record.pk).state


def kept_folders(import_folder):
    return sorted(path.name for path in import_folder.iterdir()) if import_folder.exists() else []


# Starting -------------------------------------------------------------------------------------


def test_an_upload_is_kept_for_nobody_else_to_read(begun, people, import_folder):
    assert (begun.state, begun.version) == (ImportState.UPLOADED, 0)
    assert (begun.file_name, begun.created_by) == ("ผล.xlsx", people["administrator"])
    assert [source["name"] for source in begun.sources] == ["ผล.xlsx"]
    assert begun.folder.stat().st_mode & 0o777 == 0o700
    assert begun.upload().stat().st_mode & 0o777 == 0o600
    assert "ผล" not in str(begun.upload()), "its owner's name is no name of a file here"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("ผล.pdf", b"%PDF-1.4", "F02"), ("ผล.xlsx", BROKEN, "F01"), ("ผล.csv", b"", "F11")],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    open_round, people, import_folder, name, content, code
):
    with pytest.raises(Unreadable) as refused:
        start(open_round, people, (name, content))
    assert refused.value.problem.code == code
    assert not SpreadsheetImport.objects.exists()
    assert kept_folders(import_folder) == []


def test_a_file_beyond_the_limit_is_refused_while_it_arrives(open_round, people, import_folder):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield b"0" * 1024 * 1024

    with pytest.raises(Unreadable) as refused:
        session.start(
            by=people["administrator"],
            round_=open_round,
            uploads=[session.Upload("ผล.xlsx", endless())],
            limit=3 * 1024 * 1024,
        )
    assert (refused.value.problem.code, refused.value.problem.params) == ("F03", {"mb": 3})
    assert len(taken) == 4
    assert kept_folders(import_folder) == []


def test_of_several_files_those_that_cannot_be_read_are_named_and_the_others_go_on(
    open_round, people
):
    record = start(
        open_round,
        people,
        ("เสีย.xlsx", BROKEN),
        ("ดี.xlsx", xlsx(*ROWS)),
        ("รูป.png", b"\x89PNG"),
        ("อีก.xlsx", xlsx(*ROWS)),
    )
    assert [source["name"] for source in record.sources] == ["ดี.xlsx", "อีก.xlsx"]
    assert record.file_name == "ดี.xlsx และอีก 1 ไฟล์"
    assert [each["name"] for each in record.counts["refused"]] == ["เสีย.xlsx", "รูป.png"]
    assert [record.upload(number).exists() for number in (0, 1, 2)] == [True, True, False]


def test_where_no_file_of_several_can_be_read_all_are_named(open_round, people, import_folder):
    with pytest.raises(Unreadable) as refused:
        start(open_round, people, ("ก.xlsx", BROKEN), ("ข.xlsx", BROKEN))
    assert refused.value.problem.code == "F30"
    assert refused.value.problem.params["list"].count("; ") == 1
    assert kept_folders(import_folder) == []


def test_an_archive_is_taken_apart_and_gone(open_round, people):
    packed = archive(**{"ก.xlsx": xlsx(*ROWS), "ข.xlsx": xlsx(*ROWS), "อ่านก่อน.pdf": b"%PDF"})
    record = start(open_round, people, ("ทั้งหมด.zip", packed))
    assert [source["name"] for source in record.sources] == ["ก.xlsx", "ข.xlsx"]
    assert [each["name"] for each in record.counts["refused"]] == ["อ่านก่อน.pdf"]
    assert not any(path.name.startswith("arrived") for path in record.folder.iterdir())


def test_more_files_than_an_import_may_have_are_refused(
    open_round, people, import_folder, monkeypatch
):
    monkeypatch.setattr(session, "MAX_FILES", 1)
    with pytest.raises(Unreadable) as refused:
        start(open_round, people, ("ก.xlsx", xlsx(*ROWS)), ("ข.xlsx", xlsx(*ROWS)))
    assert (refused.value.problem.code, refused.value.problem.params) == ("F31", {"max": 1})
    assert kept_folders(import_folder) == []


def test_a_very_long_name_is_cut_at_its_front_and_the_number_of_files_stays(open_round, people):
    long = "ก" * 300 + ".xlsx"
    assert start(open_round, people, (long, xlsx(*ROWS))).file_name == long[-255:]
    record = start(open_round, people, (long, xlsx(*ROWS)), ("ข.xlsx", xlsx(*ROWS)))
    assert len(record.file_name) == 255
    assert record.file_name.endswith(" และอีก 1 ไฟล์")


# Purging --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "record_stays", "files_stay"),
    [
        (ImportState.UPLOADED, False, False),
        (ImportState.CHECKED, False, False),
        (ImportState.FAILED, False, False),
        (ImportState.APPLIED, True, False),
        (ImportState.UNDONE, True, False),
        (ImportState.UNDOING, True, True),
    ],
)
def test_after_a_day_uploads_go_and_what_was_written_keeps_its_record(
    stored, state, record_stays, files_stay, import_folder
):
    SpreadsheetImport.objects.update(state=state, applied_at=timezone.now())
    assert session.purge() == 0, "not within the day"
    assert kept_folders(import_folder) == [stored.token]
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        session.purge()
    assert SpreadsheetImport.objects.filter(pk=stored.pk).exists() == record_stays
    assert (kept_folders(import_folder) == [stored.token]) == files_stay


# Deciding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED])
def test_a_decision_raises_the_version_and_asks_for_another_check(stored, state):
    SpreadsheetImport.objects.update(state=state, failure="เหตุ")
    assert session.decide(stored, 0, answers={"S01:x": "on_hold"})
    assert (stored.state, stored.version, stored.failure) == (ImportState.UPLOADED, 1, "")
    assert stored.answers == {"S01:x": "on_hold"}


def test_a_stale_decision_changes_nothing_and_shows_what_stands(stored):
    mine = SpreadsheetImport.objects.get(pk=stored.pk)
    assert session.decide(stored, 0, answers={"a": "theirs"})
    assert not session.decide(mine, 0, answers={"a": "mine"}, submit=True)
    assert (mine.version, mine.answers, mine.submit) == (1, {"a": "theirs"}, False)
    assert state_of(mine) == ImportState.UPLOADED


@pytest.mark.parametrize(
    "state",
    [
        ImportState.CHECKING,
        ImportState.APPLYING,
        ImportState.APPLIED,
        ImportState.UNDOING,
        ImportState.UNDONE,
    ],
)
def test_nothing_is_decided_while_a_task_runs_or_after_it_was_written(stored, state):
    SpreadsheetImport.objects.update(state=state, applied_at=timezone.now())
    assert not session.decide(stored, 0, answers={"a": "b"})
    assert (stored.state, stored.version, stored.answers) == (state, 0, {})


# Beginning ------------------------------------------------------------------------------------


def test_a_check_leaves_its_findings_and_writes_no_report(begun, people):
    before = dump(without=["followup_spreadsheetimport"])
    assert session.begin(begun, "check", by=people["administrator"], rows=2)
    begun.refresh_from_db()
    assert (begun.state, begun.version, begun.failure) == (ImportState.CHECKED, 0, "")
    assert (begun.counts["total"], begun.counts["ready"], begun.counts["new"]) == (2, 2, 2)
    assert begun.counts["refused"] == []
    assert len(begun.rows_sha256) == 64
    kept = session.load_preview(begun)
    assert kept["version"] == 0
    assert [write["row"] for write in kept["writes"]] == [2, 3]
    assert session.was_checked(begun)
    assert dump(without=["followup_spreadsheetimport"]) == before


def test_what_was_checked_is_written_once(checked, people):
    by = people["administrator"]
    assert session.begin(checked, "apply", by=by, rows=2, version=0)
    assert state_of(checked) == ImportState.APPLIED
    assert report_of("3.1", "SWF").results == "อนุมัติแล้ว"
    assert StatusReport.objects.filter(version=1).count() == 2
    assert not session.begin(checked, "apply", by=by, rows=2, version=0)
    assert StatusReport.objects.filter(version=1).count() == 2
    assert session.begin(checked, "undo", by=by, rows=2)
    assert state_of(checked) == ImportState.UNDONE
    assert report_of("3.1", "SWF").results == ""


@pytest.mark.parametrize("task", ["check", "apply", "undo"])
@pytest.mark.parametrize("state", ImportState.values)
def test_a_task_begins_from_its_own_states_only(stored, people, monkeypatch, task, state):
    ran = []
    monkeypatch.setitem(session.TASKS, task, lambda record, by: ran.append(record.state))
    SpreadsheetImport.objects.update(state=state, applied_at=timezone.now())
    may = {
        "check": {"uploaded", "checked", "failed"},
        "apply": {"checked"},
        "undo": {"applied"},
    }[task]
    assert session.begin(stored, task, by=people["administrator"], rows=1) == (state in may)
    assert ran == ([session.DOING[task]] if state in may else [])


def test_a_task_on_the_ground_of_older_decisions_does_not_begin(checked, people):
    session.decide(checked, 0, submit=True)
    assert not session.begin(checked, "check", by=people["administrator"], rows=2, version=0)
    assert state_of(checked) == ImportState.UPLOADED
    assert session.begin(checked, "check", by=people["administrator"], rows=2, version=1)
    assert state_of(checked) == ImportState.CHECKED


def test_findings_of_older_decisions_are_not_written(checked, people):
    """The state alone would let them pass: the version that was checked is kept with them."""
    SpreadsheetImport.objects.update(version=1)
    assert not session.was_checked(SpreadsheetImport.objects.get())
    session.begin(checked, "apply", by=people["administrator"], rows=2)
    checked.refresh_from_db()
    assert checked.state == ImportState.FAILED
    assert checked.failure == "คำตอบเปลี่ยนไปหลังตรวจครั้งล่าสุด ตรวจอีกครั้งแล้วจึงยืนยัน"
    assert not StatusReport.objects.exclude(version=0).exists()


def test_a_long_task_is_run_by_a_worker(begun, people):
    rows = session.INLINE_ROWS + 1
    assert session.begin(begun, "check", by=people["administrator"], rows=rows)
    assert state_of(begun) == ImportState.CHECKING
    user = people["administrator"].pk
    assert queued() == [("run_import", begun.pk, "check", 1, user)]
    assert not session.begin(begun, "check", by=people["administrator"], rows=rows), "it runs"
    assert len(queued()) == 1
    assert work_off() == 1
    assert state_of(begun) == ImportState.CHECKED


def test_a_task_that_cannot_be_queued_does_not_begin(begun, people, monkeypatch):
    """One transaction: an import is never taken for running without its job."""
    rows = session.INLINE_ROWS + 1
    monkeypatch.setattr(jobs, "enqueue", lambda *words: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        session.begin(begun, "check", by=people["administrator"], rows=rows)
    assert state_of(begun) == ImportState.UPLOADED


def test_a_task_in_the_queue_is_not_lost_however_long_it_waits(begun, people):
    session.begin(begun, "check", by=people["administrator"], rows=session.INLINE_ROWS + 1)
    with time_machine.travel(time.time() + 3600, tick=False):
        told = session.progress_of(begun)
        assert (told["lost"], told["queued"], told["alone"]) == (False, True, True)
        jobs.sign_on("w")
        assert not session.progress_of(begun)["alone"]
        jobs.claim("imports", "w")
        told = session.progress_of(begun)
        assert (told["lost"], told["queued"]) == (False, False), "it begins just now"
        jobs.fail(jobs.in_state("RUNNING").get(), ValueError())
        assert session.progress_of(begun)["lost"], "nobody will run it"


# Begun again by a worker, after another one was lost -----------------------------------------------


def queue_long(record, task, by):
    """Begin a task that a worker runs; returns its job."""
    assert session.begin(record, task, by=by, rows=session.INLINE_ROWS + 1)
    return record.task


def test_a_check_that_is_begun_again_is_done(begun, people):
    by = people["administrator"]
    job = queue_long(begun, "check", by)
    session.run(begun.pk, "check", by, attempt=1, again=job)
    assert state_of(begun) == ImportState.CHECKED
    begun.refresh_from_db()
    assert begun.attempt == 2, "whoever is only late is another attempt"


def test_what_was_being_applied_is_taken_back_and_not_applied_twice(checked, people, caplog):
    by = people["administrator"]
    job = queue_long(checked, "apply", by)
    late = checked.attempt
    for _twice in range(2):  # the second worker may be lost as well
        SpreadsheetImport.objects.update(state=ImportState.APPLYING, failure="")
        session.run(checked.pk, "apply", by, attempt=late, again=job)
        checked.refresh_from_db()
        assert checked.state == ImportState.FAILED
        assert checked.failure == "งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง"
    session.run(checked.pk, "apply", by, attempt=late)
    assert "was given up" in caplog.text
    assert not StatusReport.objects.exclude(version=0).exists()


def test_an_undo_that_is_begun_again_goes_on(checked, people):
    by = people["administrator"]
    session.begin(checked, "apply", by=by, rows=2)
    job = queue_long(checked, "undo", by)
    session.run(checked.pk, "undo", by, attempt=checked.attempt, again=job)
    assert state_of(checked) == ImportState.UNDONE


def test_a_job_of_an_earlier_task_is_not_begun_again(checked, people, caplog):
    by = people["administrator"]
    queue_long(checked, "apply", by)
    session.run(checked.pk, "apply", by, attempt=1, again=UUID(int=1))
    assert "was given up" in caplog.text
    assert state_of(checked) == ImportState.APPLYING


# Going wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "at", "after"),
    [
        ("check", ImportState.UPLOADED, ImportState.FAILED),
        ("apply", ImportState.CHECKED, ImportState.FAILED),
        ("undo", ImportState.APPLIED, ImportState.APPLIED),
    ],
)
def test_a_refusal_ends_a_task_in_its_words(stored, people, monkeypatch, task, at, after):
    def refuse(record, by):
        raise Refused("เหตุผลของการปฏิเสธ")

    monkeypatch.setitem(session.TASKS, task, refuse)
    SpreadsheetImport.objects.update(state=at, applied_at=timezone.now())
    assert session.begin(stored, task, by=people["administrator"], rows=1)
    stored.refresh_from_db()
    assert (stored.state, stored.failure) == (after, "เหตุผลของการปฏิเสธ")


@pytest.mark.parametrize(
    ("task", "at", "after", "sentence"),
    [
        (
            "check",
            ImportState.UPLOADED,
            ImportState.FAILED,
            "งานหยุดกลางคัน ยังไม่มีรายการใดถูกเขียน ลองอีกครั้ง",
        ),
        (
            "undo",
            ImportState.APPLIED,
            ImportState.APPLIED,
            "การย้อนหยุดกลางคัน ยังไม่มีรายการใดเปลี่ยน ลองอีกครั้ง",
        ),
    ],
)
def test_a_crash_leaves_a_state_that_can_be_tried_again_and_a_line_in_the_log(
    stored, people, monkeypatch, caplog, task, at, after, sentence
):
    def crash(record, by):
        raise RuntimeError("secret of the machine")

    monkeypatch.setitem(session.TASKS, task, crash)
    SpreadsheetImport.objects.update(state=at, applied_at=timezone.now())
    with pytest.raises(RuntimeError):
        session.begin(stored, task, by=people["administrator"], rows=1)
    stored.refresh_from_db()
    assert (stored.state, stored.failure) == (after, sentence)
    assert f"import {stored.pk} failed at {task}" in caplog.text


@pytest.mark.parametrize(
    ("running", "after"),
    [
        (ImportState.CHECKING, ImportState.FAILED),
        (ImportState.APPLYING, ImportState.FAILED),
        (ImportState.UNDOING, ImportState.APPLIED),
    ],
)
def test_a_task_that_was_lost_is_given_up(stored, running, after):
    SpreadsheetImport.objects.update(state=running, applied_at=timezone.now())
    stored.refresh_from_db()
    session.give_up(stored)
    stored.refresh_from_db()
    assert stored.state == after
    assert stored.failure.endswith("ลองอีกครั้ง")


def test_a_task_that_ended_meanwhile_is_not_given_up(stored):
    SpreadsheetImport.objects.update(state=ImportState.APPLYING)
    stored.refresh_from_db()
    SpreadsheetImport.objects.update(state=ImportState.APPLIED, applied_at=timezone.now())
    session.give_up(stored)
    stored.refresh_from_db()
    assert (stored.state, stored.failure) == (ImportState.APPLIED, "")


def given_up(checked, by):
    """Begin to write elsewhere, count the process as lost, and check the file again."""
    assert session.begin(checked, "apply", by=by, rows=session.INLINE_ROWS + 1)
    lost = checked.attempt
    session.give_up(checked)
    checked.refresh_from_db()
    assert session.begin(checked, "check", by=by, rows=2)
    checked.refresh_from_db()
    assert (checked.state, checked.attempt) == (ImportState.CHECKED, lost + 1)
    return lost


@pytest.mark.parametrize("confirmed_again", [False, True])
def test_a_process_that_was_given_up_writes_nothing_when_it_wakes(
    checked, people, caplog, confirmed_again
):
    by = people["administrator"]
    lost = given_up(checked, by)
    if confirmed_again:
        session.begin(checked, "apply", by=by, rows=session.INLINE_ROWS + 1)
    before = state_of(checked)
    session.run(checked.pk, "apply", by, attempt=lost)
    assert f"import {checked.pk}: attempt {lost} at apply was given up" in caplog.text
    assert state_of(checked) == before
    assert not StatusReport.objects.exclude(version=0).exists()
    if confirmed_again:
        session.run(checked.pk, "apply", by, attempt=checked.attempt)
        assert state_of(checked) == ImportState.APPLIED


def test_a_process_that_is_given_up_at_its_work_is_refused_when_it_writes(
    checked, people, monkeypatch
):
    """It wakes between its start and its transaction; the second confirmation is done by then."""
    by, apply = people["administrator"], session.writing.apply
    assert session.begin(checked, "apply", by=by, rows=session.INLINE_ROWS + 1)
    first = checked.attempt

    def slow(**arguments):
        monkeypatch.setattr(session.writing, "apply", apply)
        again = SpreadsheetImport.objects.get(pk=checked.pk)
        session.give_up(again)
        again.refresh_from_db()
        assert session.begin(again, "check", by=by, rows=2)
        assert session.begin(again, "apply", by=by, rows=2)
        return apply(**arguments)

    monkeypatch.setattr(session.writing, "apply", slow)
    session.run(checked.pk, "apply", by, attempt=first)
    checked.refresh_from_db()
    assert (checked.state, checked.failure) == (ImportState.APPLIED, ""), "it can be undone"
    assert list(StatusReport.objects.exclude(version=0).values_list("version", flat=True)) == [1, 1]


def test_a_check_of_a_file_without_a_table_fails_in_a_sentence(open_round, people):
    record = start(open_round, people, ("ผล.xlsx", xlsx(["บันทึกข้อความ"], ["เรียน ท่าน"])))
    session.begin(record, "check", by=people["administrator"], rows=2)
    record.refresh_from_db()
    assert record.state == ImportState.FAILED
    assert record.failure == told("F06")
    assert not session.was_checked(record)
    with pytest.raises(FileNotFoundError):
        session.load_preview(record)


# Beside the upload ----------------------------------------------------------------------------


def test_the_same_rows_are_known_once_they_were_written_into_the_same_round(
    checked, open_round, people
):
    by = people["administrator"]
    again = start(open_round, people, ("ชื่ออื่น.xlsx", xlsx(*ROWS, sheet="อื่น")))
    assert session.earlier_with_the_same_rows(again) is None, "not checked yet"
    session.begin(again, "check", by=by, rows=2)
    again.refresh_from_db()
    assert session.earlier_with_the_same_rows(again) is None, "nothing was written"
    session.begin(checked, "apply", by=by, rows=2)
    assert session.earlier_with_the_same_rows(again) == checked
    checked.refresh_from_db()
    assert session.earlier_with_the_same_rows(checked) is None, "it is not its own earlier one"
    session.begin(checked, "undo", by=by, rows=2)
    assert session.earlier_with_the_same_rows(again) is None


def test_progress_is_told_and_a_silent_task_counts_as_lost(stored):
    assert session.progress_of(stored)["lost"], "nothing was ever told"
    session.report_progress(stored, "apply", 500, 2000)
    told = session.progress_of(stored)
    assert (told["task"], told["done"], told["total"]) == ("apply", 500, 2000)
    assert not told["lost"]
    late = time.time() + background.LOST_AFTER.total_seconds() + 1
    with time_machine.travel(late, tick=False):
        assert session.progress_of(stored)["lost"]


def test_a_task_that_gives_signs_of_life_is_not_lost(stored):
    session.report_progress(stored, "apply", 500, 2000)
    late = time.time() + 600
    with time_machine.travel(late, tick=False):
        assert session.progress_of(stored)["lost"]
        (stored.folder / session.ALIVE).touch()
        os.utime(stored.folder / session.ALIVE, (late, late))
        assert not session.progress_of(stored)["lost"]


def test_a_running_task_gives_them(checked, people, monkeypatch):
    seen = []

    def task(record, by):
        seen.append((record.folder / session.ALIVE).exists())

    monkeypatch.setitem(session.TASKS, "check", task)
    (checked.folder / session.ALIVE).unlink(missing_ok=True)
    assert session.begin(checked, "check", by=people["administrator"], rows=2)
    assert seen == [True]


def test_what_killed_processes_left_behind_is_removed(stored, settings, monkeypatch, tmp_path):
    monkeypatch.setattr(session, "gettempdir", lambda: str(tmp_path))
    ours = ["tmpab12.upload.xlsx", "portal-import-x", "portal-list-y"]
    orphan = settings.IMPORT_FOLDER / "of-no-record"
    for path in (orphan, tmp_path / ours[1], tmp_path / ours[2]):
        path.mkdir()
        (path / "upload").write_bytes(b"x")
    (tmp_path / ours[0]).write_bytes(b"x")
    (tmp_path / "somebody-elses").write_bytes(b"x")
    assert session.purge() == 0, "not within the day"
    long_ago = time.time() - session.KEEP_FOR.total_seconds() - 60
    for path in (orphan, *(tmp_path / name for name in ours), tmp_path / "somebody-elses"):
        os.utime(path, (long_ago, long_ago))
    os.utime(stored.folder, (long_ago, long_ago))
    assert session.purge() == 4
    assert not orphan.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name != "imports"] == [
        "somebody-elses"
    ]
    assert stored.upload().exists(), "a folder with a record goes with its record"


def test_what_is_kept_is_plain_json_written_whole(checked):
    path = checked.folder / "preview.json"
    assert json.loads(path.read_text("utf-8")) == session.load_preview(checked)
    assert not list(checked.folder.glob("*.part"))
    assert (checked.folder / session.LEFT_OUT).exists()


def test_equal_mistakes_are_one_group_and_every_place_is_named(open_round, people):
    rows = [HEAD, row("3.1", "กต."), row("3.1", "กต."), row("3.2", "กต.")]
    record = start(open_round, people, ("ผล.xlsx", xlsx(*rows)))
    session.begin(record, "check", by=people["administrator"], rows=3)
    errors = session.load_preview(record)["rest"]["error"]
    assert [(each["code"], each["is_row_bound"]) for each in errors] == [("R07", True)] * 2
    assert [[cell[1] for cell in each["cells"]] for each in errors] == [[2, 3], [4]]


def test_a_file_is_read_once_and_its_reading_kept(begun, monkeypatch):
    session.tables_of(begun)

    def fail(*args, **kwargs):
        raise AssertionError("read again")

    monkeypatch.setattr("followup.spreadsheets.sandbox.subprocess.Popen", fail)
    assert len(session.tables_of(begun).tables) == 1
