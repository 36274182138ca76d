"""The page of jobs: what waits, runs, failed and was done, and who may have one run again."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from followup import jobs
from followup.models import JobWorker
from followup.tests.queued import queued

pytestmark = pytest.mark.django_db

ADDRESS = "/staff/jobs/"


def begun(kind, worker="w"):
    jobs.renew(worker)
    jobs.enqueue(kind)
    return jobs.claim(jobs.KINDS[kind].lane, worker)


@pytest.fixture
def busy(people):
    """One job in each state, twelve seconds after they began."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        done, failed = begun("prune_jobs"), begun("send_digests")
        begun("sweep_evidence")
        put_off = begun("send_news")
        clock.shift(timedelta(seconds=12))
        jobs.succeed(done, None)
        jobs.fail(failed, ValueError("ความลับ"))
        jobs.fail(put_off, jobs.TryAgain())
        yield clock


def lists(page):
    """The heading of each list -> what it says, line by line."""
    return {
        section.one("h2").text: [each.text for each in section.select("li.task")]
        for section in page.select("section")
    }


def test_it_tells_each_state_in_words(busy, people, sign_in):
    page = sign_in(people["staff"]).page(ADDRESS)
    assert "รอ 1 · กำลังทำ 1 · ไม่สำเร็จ 1 · โปรแกรมทำงานเบื้องหลัง 1 ตัว" in page.text
    told = lists(page)
    assert list(told) == ["กำลังทำ", "รอทำ", "ไม่สำเร็จ", "ทำเสร็จล่าสุด"]
    (running,), (waiting,), (failed,), (done,) = told.values()
    assert running.startswith("ลบไฟล์หลักฐานที่ไม่มีรายงานใดใช้ เริ่ม ")
    assert running.endswith("ใช้เวลา 0:00:12")
    assert waiting.startswith("ส่งข่าวถึงผู้ติดตาม เข้าคิว ")
    assert "ลองครั้งต่อไป" in waiting
    assert "ลองแล้ว 1 ครั้ง" in waiting
    assert failed.startswith("ส่งอีเมลสรุปงานที่รออยู่ ")
    assert "เกิดข้อผิดพลาดในโปรแกรม (ValueError)" in failed
    assert done.startswith("ลบบันทึกงานเบื้องหลังที่พ้นกำหนด ")
    assert "ใช้เวลา 0:00:12" in done
    assert "Traceback" not in page.raw()
    assert "ความลับ" not in page.raw()


def test_it_says_when_nobody_works(people, sign_in):
    jobs.enqueue("prune_jobs")
    client = sign_in(people["staff"])
    sentence = "ไม่มีโปรแกรมทำงานเบื้องหลังทำงานอยู่ งานที่รอจะไม่เริ่ม"
    assert sentence in client.page(ADDRESS).text
    jobs.sign_on("w")
    assert sentence not in client.page(ADDRESS).text


def test_it_says_that_a_job_has_lost_its_worker(busy, people, sign_in):
    jobs.sign_on("another")
    JobWorker.objects.filter(pk="w").update(alive_at=timezone.now() - jobs.LEASE)
    (running,) = lists(sign_in(people["staff"]).page(ADDRESS))["กำลังทำ"]
    assert "โปรแกรมที่ทำงานนี้หายไป" in running
    assert "ใช้เวลา" not in running


def test_it_shows_one_kind_if_asked_to(busy, people, sign_in):
    client = sign_in(people["staff"])
    told = lists(client.page(ADDRESS, kind="send_news"))
    assert [len(each) for each in told.values()] == [0, 1, 0, 0]
    told = lists(client.page(ADDRESS, kind="unknown"))
    assert [len(each) for each in told.values()] == [1, 1, 1, 1]


def test_an_administrator_has_a_failed_job_run_again(busy, people, sign_in):
    client = sign_in(people["administrator"])
    (button,) = client.page(ADDRESS).select("section form")
    failed = jobs.in_state("FAILED").get()
    assert button.one("input[name=job]")["value"] == str(failed.pk)
    response = client.post(ADDRESS, {"job": str(failed.pk)}, follow=True)
    assert "เข้าคิวแล้ว: ส่งอีเมลสรุปงานที่รออยู่" in response.content.decode()
    assert ("send_digests",) in queued()
    again = client.post(ADDRESS, {"job": str(failed.pk)}, follow=True)
    assert "งานนี้สั่งทำอีกครั้งไม่ได้" in again.content.decode()
    assert queued().count(("send_digests",)) == 1


@pytest.mark.security
def test_others_see_no_button_and_are_refused(busy, people, sign_in):
    failed = jobs.in_state("FAILED").get()
    for who in ("staff", "reviewer"):
        client = sign_in(people[who])
        assert client.page(ADDRESS).select("section form") == []
        assert client.post(ADDRESS, {"job": str(failed.pk)}).status_code == 403
    assert DBTaskResult.objects.get(pk=failed.pk).status == "FAILED"


@pytest.mark.parametrize("job", ["", "x", "%00", "1"])
def test_a_job_that_is_none_is_a_bad_request(people, sign_in, job):
    assert sign_in(people["administrator"]).post(ADDRESS, {"job": job}).status_code == 400
    assert sign_in(people["staff"]).post(ADDRESS, {"job": job}).status_code == 403


def test_the_page_with_jobs_in_each_state_is_sound_html(busy, people, sign_in, nu_html_checker):
    jobs.sign_on("another")
    JobWorker.objects.filter(pk="w").update(alive_at=timezone.now() - jobs.LEASE)
    page = sign_in(people["administrator"]).get(ADDRESS).content.decode()
    nu_html_checker({"jobs": page})
