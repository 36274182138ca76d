"""The queue: a job is committed with what it is about, held by one worker, and not run by surprise."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from followup import jobs
from followup.jobs import Stand
from followup.models import DailyDuty, JobWorker
from followup.tests.queued import queued, states

pytestmark = [pytest.mark.django_db, pytest.mark.faults]

MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # half past seven in Bangkok
SATURDAY = MONDAY + timedelta(days=5)


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def stored(key) -> DBTaskResult:
    return DBTaskResult.objects.get(pk=key)


def running(kind="print_report", worker="w"):
    """A job that this worker runs; returns it."""
    jobs.enqueue(
        kind, *([1] if kind == "print_report" else [1, 2][: 2 * (kind == "tell_returned")])
    )
    JobWorker.objects.get_or_create(
        pk=worker, defaults={"started_at": timezone.now(), "alive_at": timezone.now()}
    )
    job = jobs.claim(jobs.KINDS[kind].lane, worker)
    assert job is not None
    return job


def begun_so_often(job, tries):
    job.worker_ids = [f"w{number}" for number in range(tries)]
    job.save()


# Queueing ---------------------------------------------------------------------------------------


def test_a_job_is_committed_with_what_it_is_about_or_not_at_all():
    def write_and_fail():
        with transaction.atomic():
            jobs.enqueue("print_report", 7)
            assert queued() == [("print_report", 7)]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert queued() == []


def test_one_worker_holds_a_job(monkeypatch):
    """Both have read it as ready before either claims it."""
    key = jobs.enqueue("print_report", 7)
    seen_by_both = jobs._ready("files").first()
    assert jobs.claim("files", "first").pk == key
    found = iter([seen_by_both, None])
    monkeypatch.setattr(
        jobs, "_ready", lambda lane: type("Q", (), {"first": lambda s: next(found)})()
    )
    assert jobs.claim("files", "second") is None
    assert (stored(key).status, stored(key).worker_ids) == ("RUNNING", ["first"])


def test_a_job_is_taken_from_its_own_queue_when_its_time_has_come(clock):
    key = jobs.enqueue("print_report", 7)
    DBTaskResult.objects.update(run_after=MONDAY + timedelta(minutes=1))
    assert jobs.claim("files", "w") is None
    clock.shift(timedelta(minutes=1))
    assert jobs.claim("mail", "w") is None
    assert jobs.claim("files", "w").pk == key
    assert stored(key).started_at == timezone.now()


def test_imports_prints_and_mails_do_not_wait_for_each_other():
    lanes = {name: kind.lane for name, kind in jobs.KINDS.items()}
    assert lanes["run_import"] not in {lane for name, lane in lanes.items() if name != "run_import"}
    assert lanes["print_report"] != lanes["send_mails"]
    assert set(lanes.values()) == set(jobs.LANES), "a worker runs them all"


# Ends -------------------------------------------------------------------------------------------


def test_a_job_that_ends_well_is_kept_with_its_moment(clock):
    job = running()
    clock.shift(timedelta(seconds=5))
    assert jobs.succeed(job, 3)
    job = stored(job.pk)
    assert (job.status, job.return_value) == ("SUCCESSFUL", 3)
    assert job.finished_at - job.started_at == timedelta(seconds=5)


@pytest.mark.security
def test_an_error_is_kept_without_its_message(clock):
    job, typed = running(), "มะลิ mali@example.org"
    with pytest.raises(ValueError, match="mali") as raised:
        raise ValueError(typed)
    assert jobs.fail(job, raised.value)
    job = stored(job.pk)
    assert (job.status, job.exception_class_path) == ("FAILED", "builtins.ValueError")
    assert "test_an_error_is_kept" in job.traceback, "the place is told"
    assert "mali" not in job.traceback
    assert jobs.why_failed(job) == (
        "เกิดข้อผิดพลาดในโปรแกรม (ValueError) ผู้ดูแลเซิร์ฟเวอร์ดูรายละเอียดได้ในบันทึกของระบบ"
    )


def test_pauses_grow_and_have_an_end():
    minutes = [jobs.pause(tries) // timedelta(minutes=1) for tries in range(1, 7)]
    assert minutes == [1, 4, 16, 64, 240, 240]


def test_what_a_mail_server_did_not_take_is_tried_again_and_then_has_failed(clock):
    key = jobs.enqueue("send_news")
    JobWorker.objects.create(pk="w", started_at=MONDAY, alive_at=MONDAY)
    for tries in range(1, jobs.KINDS["send_news"].tries + 1):
        job = jobs.claim("mail", "w")
        assert jobs.fail(job, jobs.TryAgain())
        if tries < jobs.KINDS["send_news"].tries:
            assert stored(key).status == "READY"
            assert jobs.moment_due(stored(key)) == timezone.now() + jobs.pause(tries)
            clock.shift(jobs.pause(tries))
    assert stored(key).status == "FAILED"
    assert jobs.why_failed(stored(key)).startswith("ลองครบทุกครั้งแล้วยังไม่สำเร็จ")


@pytest.mark.parametrize(
    ("kind", "after"), [("print_report", "READY"), ("tell_returned", "FAILED")]
)
def test_a_busy_database_is_a_reason_to_try_again_what_may_be_repeated(kind, after, monkeypatch):
    monkeypatch.setattr(jobs, "is_busy", lambda error: True)
    job = running(kind)
    jobs.fail(job, OperationalError())
    assert stored(job.pk).status == after


# Lost workers -----------------------------------------------------------------------------------


def test_a_job_whose_worker_is_silent_is_put_back(clock):
    job = running()
    clock.shift(jobs.LEASE - timedelta(seconds=1))
    assert jobs.take_up_lost() == []
    assert jobs.stand_of(job.pk) == Stand.RUNNING
    clock.shift(timedelta(seconds=1))
    assert jobs.stand_of(job.pk) == Stand.LOST
    assert [each.pk for each in jobs.take_up_lost()] == [job.pk]
    assert (stored(job.pk).status, stored(job.pk).worker_ids) == ("READY", ["w"])
    assert jobs.stand_of(job.pk) == Stand.WAITING
    assert not JobWorker.objects.exists()
    again = jobs.claim("files", "another")
    assert again.worker_ids == ["w", "another"]


def test_a_job_whose_worker_renews_its_lease_goes_on(clock):
    job = running()
    for _turn in range(3):
        clock.shift(jobs.LEASE - timedelta(seconds=1))
        jobs.renew("w")
        assert jobs.take_up_lost() == []
    assert stored(job.pk).status == "RUNNING"


def test_one_mail_is_not_sent_twice_by_itself(clock):
    """Nobody knows whether the worker was lost before or after the server took it."""
    job = running("tell_returned")
    clock.shift(jobs.LEASE)
    jobs.take_up_lost()
    assert stored(job.pk).status == "FAILED"
    assert jobs.why_failed(stored(job.pk)).startswith("โปรแกรมที่ทำงานนี้หยุดกลางคัน ไม่ทราบว่าทำไปแค่ไหน")
    assert jobs.may_be_run_again(stored(job.pk)), "a person may decide"


def test_a_job_that_kills_its_workers_is_given_up(clock):
    job = running()
    begun_so_often(job, jobs.KINDS["print_report"].tries - 1)
    clock.shift(jobs.LEASE)
    jobs.take_up_lost()
    assert stored(job.pk).status == "READY"
    job = jobs.claim("files", "gone as well")
    jobs.take_up_lost()
    assert stored(job.pk).status == "FAILED"


def test_a_worker_that_wakes_late_does_not_change_how_its_job_ends(clock):
    late = running()
    clock.shift(jobs.LEASE)
    jobs.take_up_lost()
    jobs.sign_on("another")
    now = jobs.claim("files", "another")
    assert not jobs.succeed(late, "late")
    assert not jobs.fail(late, RuntimeError())
    assert stored(late.pk).status == "RUNNING"
    assert jobs.succeed(now, "in time")
    assert stored(late.pk).return_value == "in time"


def test_a_job_of_a_kind_that_this_version_does_not_know_fails(clock):
    job = running()
    DBTaskResult.objects.update(task_path="followup.tasks.of_tomorrow")
    clock.shift(jobs.LEASE)
    jobs.take_up_lost()
    assert stored(job.pk).status == "FAILED"
    assert jobs.label_of(stored(job.pk)) == "of_tomorrow"
    assert not jobs.may_be_run_again(stored(job.pk))


def test_a_worker_that_ends_gives_back_what_it_holds_and_nothing_else():
    mine, other = running(worker="w"), running("send_news", worker="other")
    jobs.sign_off("w")
    assert (stored(mine.pk).status, stored(other.pk).status) == ("READY", "RUNNING")
    assert list(JobWorker.objects.values_list("pk", flat=True)) == ["other"]


def test_a_worker_that_was_taken_for_lost_signs_on_again(clock):
    jobs.sign_on("w")
    clock.shift(jobs.LEASE)
    jobs.take_up_lost()
    assert not jobs.somebody_works()
    jobs.renew("w")
    assert jobs.somebody_works()


# Figures ----------------------------------------------------------------------------------------


def test_the_figures_of_an_empty_queue():
    assert jobs.figures() == jobs.Figures(0, 0, 0, 0, 0, 0)


def test_the_figures_count_each_state_and_the_longest_wait(clock, django_assert_num_queries):
    job = running()
    jobs.fail(running("send_news"), ValueError())
    jobs.succeed(running("prune_jobs"), None)
    for kind in ("send_news", "send_digests"):
        jobs.enqueue(kind)
    DBTaskResult.objects.filter(task_path__endswith="digests").update(
        enqueued_at=MONDAY - timedelta(days=1), run_after=MONDAY + timedelta(minutes=1)
    )
    clock.shift(timedelta(seconds=50))
    jobs.sign_on("young")
    with django_assert_num_queries(2):
        told = jobs.figures()
    assert told == jobs.Figures(
        waiting=2, running=1, failed=1, workers=2, lost_workers=0, oldest_waiting_seconds=50
    )
    clock.shift(timedelta(seconds=20))
    assert (jobs.figures().workers, jobs.figures().lost_workers) == (1, 1)
    assert jobs.figures().oldest_waiting_seconds == 70
    assert stored(job.pk).status == "RUNNING"


def test_a_job_that_was_put_off_waits_from_its_moment_on(clock):
    jobs.enqueue("send_news")
    DBTaskResult.objects.update(
        enqueued_at=MONDAY - timedelta(days=1), run_after=MONDAY - timedelta(seconds=9)
    )
    assert jobs.figures().oldest_waiting_seconds == 9


# Every day --------------------------------------------------------------------------------------


def test_the_daily_work_is_queued_once_a_day_however_often_it_is_asked_for(clock):
    every = [
        "send_digests",
        "send_news",
        "sweep_evidence",
        "check_links",
        "purge_personal_data",
        "prune_jobs",
    ]
    assert jobs.queue_daily_work() == every
    assert jobs.queue_daily_work() == []
    assert [kind for (kind,) in queued()] == every
    clock.shift(timedelta(hours=16, minutes=29))  # a minute before midnight in Bangkok
    assert jobs.queue_daily_work() == []
    clock.shift(timedelta(minutes=1))
    assert jobs.queue_daily_work() == every


def test_nobody_gets_a_digest_at_the_weekend(clock):
    clock.move_to(SATURDAY)
    assert "send_digests" not in jobs.queue_daily_work()
    clock.shift(timedelta(days=2))
    assert "send_digests" in jobs.queue_daily_work()


def test_a_duty_that_could_not_be_queued_is_due_as_before(clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "enqueue", lambda kind: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.queue_daily_work()
    assert not DailyDuty.objects.exists()
    assert "send_digests" in jobs.queue_daily_work()


def test_ended_jobs_go_after_their_time_and_others_stay(clock):
    jobs.queue_daily_work()
    done, failed = running("send_news"), running("sweep_evidence")
    jobs.succeed(done, None)
    jobs.fail(failed, ValueError())
    waiting = len(queued())
    clock.shift(timedelta(days=jobs.KEEP_DAYS) - timedelta(seconds=1))
    jobs.prune()
    assert DBTaskResult.objects.filter(pk=done.pk).exists()
    clock.shift(timedelta(days=1))
    jobs.prune()
    assert not DBTaskResult.objects.filter(pk=done.pk).exists()
    assert not DailyDuty.objects.exists()
    clock.shift(timedelta(days=jobs.KEEP_FAILED_DAYS - jobs.KEEP_DAYS - 2))
    jobs.prune()
    assert stored(failed.pk).status == "FAILED"
    clock.shift(timedelta(days=2))
    jobs.prune()
    assert len(queued()) == DBTaskResult.objects.count() == waiting


# By hand, and after a restore -------------------------------------------------------------------


def test_a_failed_job_is_run_again_as_if_it_had_never_run():
    job = running("send_news")
    jobs.fail(job, ValueError())
    assert jobs.run_again(stored(job.pk))
    again = stored(job.pk)
    assert (again.status, again.worker_ids, again.run_after) == ("READY", [], get_date_max())
    assert not jobs.run_again(again), "it is not failed any more"


@pytest.mark.parametrize("status", ["READY", "RUNNING", "SUCCESSFUL"])
def test_only_a_failed_job_is_run_again(status):
    job = running("send_news")
    DBTaskResult.objects.update(status=status)
    assert not jobs.may_be_run_again(stored(job.pk))


def test_an_import_is_not_run_again_by_hand():
    """Its own page says what can be done about it."""
    key = jobs.enqueue("run_import", 1, "check", 1, 1)
    DBTaskResult.objects.update(status="FAILED")
    assert not jobs.may_be_run_again(stored(key))


def test_no_job_of_a_backup_is_run_by_surprise():
    waits, runs = jobs.enqueue("send_mails", "00000000-0000-0000-0000-000000000000"), running()
    done = running("prune_jobs")
    jobs.succeed(done, None)
    assert jobs.put_aside() == 2
    assert queued() == []
    assert not JobWorker.objects.exists()
    assert sorted(status for _kind, status in states()) == ["FAILED", "FAILED", "SUCCESSFUL"]
    for key in (waits, runs.pk):
        assert jobs.why_failed(stored(key)).startswith("งานนี้มาจากไฟล์สำรองข้อมูล")
        assert jobs.may_be_run_again(stored(key))
    assert jobs.claim("mail", "w") is jobs.claim("files", "w") is None


def test_a_backup_from_before_there_were_jobs_has_none(monkeypatch):
    monkeypatch.setattr(jobs.connection.introspection, "table_names", lambda: ["followup_round"])
    jobs.enqueue("prune_jobs")
    assert jobs.put_aside() == 0
    assert queued() == [("prune_jobs",)]


def test_every_status_of_the_engine_is_known():
    assert set(TaskResultStatus.values) == {"READY", "RUNNING", "FAILED", "SUCCESSFUL"}
