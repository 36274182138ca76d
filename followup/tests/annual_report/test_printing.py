"""Printing: at once or in a separate process, never twice, with true progress."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from followup import actions, background, jobs
from followup.annual_report import printing, store
from followup.models import PrintJob, RenderedReport, Round, Snapshot
from followup.tests.queued import empty_queue, queued, states, work_off

pytestmark = pytest.mark.usefixtures("demo")

REPORT = "/reports/2567.pdf"
DRAFT = "/staff/rounds/2569/report.docx"


@pytest.fixture
def long(monkeypatch):
    """Every report is too long to be printed while the browser waits."""
    monkeypatch.setattr(printing, "INLINE", 0)


@pytest.fixture
def no_engine(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("no such font")

    monkeypatch.setattr("typst.compile", broken)


def edition(year=2567):
    return Snapshot.objects.filter(round__year_be=year).latest("number")


def in_no_queue():
    """The print is a request's, or its job has ended."""
    empty_queue()


def refresh(page):
    """The automatic refresh of a page: (seconds, address)."""
    (content,) = re.findall(r'<meta http-equiv="refresh" content="([^"]+)">', page)
    seconds, _semicolon, address = content.replace("&amp;", "&").partition("; url=")
    return int(seconds), address


def test_a_short_report_comes_at_once(visitor):
    response = visitor.get(REPORT)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response.getvalue().startswith(b"%PDF")
    assert queued() == []
    assert not PrintJob.objects.exists(), "what it left is kept with the edition"


def test_a_long_one_is_printed_elsewhere_and_waited_for(visitor, long):
    jobs.sign_on("w")
    first = visitor.get(REPORT)
    page = first.content.decode()
    assert first.status_code == 202
    assert "no-store" in first["Cache-Control"]
    assert "กำลังจัดทำไฟล์ PDF" in page
    assert "ผ่านไป 0 วินาที รายงานยาวขนาดนี้ใช้เวลาราว 4 วินาที" in page
    assert 'value="0" max="4"' in page
    assert refresh(page) == (2, "?wait=1")
    job = PrintJob.objects.get()
    assert queued() == [("print_report", job.pk)]
    # Whoever comes meanwhile waits for the same one.
    assert visitor.get(REPORT).status_code == 202
    assert visitor.get(f"{REPORT}?wait=1").status_code == 202
    assert len(queued()) == 1

    work_off()
    ready = visitor.get(f"{REPORT}?wait=1")
    page = ready.content.decode()
    assert ready.status_code == 200
    assert "ไฟล์พร้อมแล้ว" in page
    assert refresh(page) == (0, REPORT)
    assert f'href="{REPORT}"' in page
    file = visitor.get(REPORT).getvalue()
    assert file == bytes(RenderedReport.objects.get(kind="pdf").content)
    assert not PrintJob.objects.exists()


def test_the_page_that_waits_says_so_when_it_takes_longer_than_expected(visitor, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        clock.shift(timedelta(seconds=90))
        PrintJob.objects.update(alive_at=timezone.now())
        page = visitor.get(f"{REPORT}?wait=1").content.decode()
    assert "ผ่านไป 90 วินาที" in page
    assert '<progress class="progress" aria-label' in " ".join(page.split()), (
        "no bar that claims to be full"
    )


def test_an_edition_asked_for_stays_asked_for(visitor, long):
    page = visitor.get(f"{REPORT}?edition=1").content.decode()
    assert refresh(page) == (2, "?edition=1&wait=1")
    work_off()
    page = visitor.get(f"{REPORT}?edition=1&wait=1").content.decode()
    assert refresh(page) == (0, "?edition=1")


def test_a_failure_is_told_logged_and_tried_again_later(visitor, no_engine, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        work_off()
        failed = visitor.get(f"{REPORT}?wait=1")
        assert failed.status_code == 503
        assert "สร้างไฟล์ไม่สำเร็จ บันทึกเหตุการณ์แล้ว" in failed.content.decode()
        assert "http-equiv" not in failed.content.decode(), "it does not ask again by itself"
        assert queued() == [], "nor does everybody who comes now start it anew"
        clock.shift(printing.FAILED_FOR + timedelta(seconds=1))
        assert visitor.get(REPORT).status_code == 202
        assert len(queued()) == 1


def test_a_failure_is_in_the_log(no_engine, caplog):
    made = printing.edition(edition(), "pdf")
    assert made.state == "failed"
    assert "no such font" in caplog.text
    assert "ปีงบประมาณ 2567 ฉบับที่ 1" in caplog.text


def test_a_print_whose_request_died_is_begun_anew(visitor, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        in_no_queue()
        clock.shift(background.LOST_AFTER - timedelta(seconds=1))
        visitor.get(REPORT)
        assert queued() == []
        clock.shift(timedelta(seconds=2))
        assert "ผ่านไป 0 วินาที" in visitor.get(REPORT).content.decode()
        visitor.get(REPORT)
    assert len(queued()) == 1


def test_a_job_whose_process_gives_signs_of_life_goes_on(visitor, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        in_no_queue()
        clock.shift(timedelta(minutes=10))
        PrintJob.objects.update(alive_at=timezone.now() - timedelta(seconds=5))
        visitor.get(REPORT)
        assert queued() == []
        assert not printing.lost()
        clock.shift(background.LOST_AFTER)
        assert printing.lost()
        visitor.get(REPORT)
    assert len(queued()) == 1
    assert PrintJob.objects.get().alive_at is None


def test_a_process_that_prints_gives_them(long, monkeypatch):
    printing.edition(edition(), "pdf")
    seen = []

    def writer(report, fitted):
        seen.append(PrintJob.objects.get().alive_at)
        return b"%PDF"

    monkeypatch.setitem(printing.WRITERS, "pdf", writer)  # type: ignore[arg-type]
    work_off()
    assert seen[0] is not None


def test_of_two_who_find_a_lost_job_one_begins_it(long, monkeypatch):
    """Both have read the job as lost before either claims it."""
    printing.edition(edition(), "pdf")
    PrintJob.objects.update(begun_at=timezone.now() - background.LOST_AFTER - timedelta(seconds=1))
    empty_queue()
    stale = printing._may_be_tried_again

    def another_comes_first(job, now):
        lost = stale(job, now)
        if lost and not queued():
            monkeypatch.setattr(printing, "_may_be_tried_again", stale)
            printing.edition(edition(), "pdf")
        return lost

    monkeypatch.setattr(printing, "_may_be_tried_again", another_comes_first)
    printing.edition(edition(), "pdf")
    assert len(queued()) == 1


def test_two_prints_at_once_leave_the_first_ones_bytes():
    first = store.keep_printed(edition(), "pdf", b"first")
    assert (first, store.keep_printed(edition(), "pdf", b"second")) == (b"first", b"first")


# By a worker ----------------------------------------------------------------------------------


def test_a_print_that_waits_for_a_worker_is_not_begun_anew(visitor, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        clock.shift(timedelta(hours=2))
        page = visitor.get(REPORT).content.decode()
        assert printing.lost() == []
    assert len(queued()) == 1
    assert "ส่วนที่จัดทำไฟล์หยุดอยู่ คำขอนี้อยู่ในคิว" in page
    assert 'value="' not in page, "no bar that claims to move on"


def test_with_a_worker_at_other_work_it_says_that_it_waits(visitor, long):
    jobs.sign_on("w")
    page = visitor.get(REPORT).content.decode()
    assert "คำขอนี้รอในคิว" in page
    assert "หยุดอยู่" not in page


def test_a_print_whose_worker_was_lost_is_made_by_another(visitor, long):
    """Who waits does not begin it anew: the queue does."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        jobs.sign_on("killed")
        assert jobs.claim("files", "killed")
        PrintJob.objects.update(alive_at=timezone.now())
        clock.shift(jobs.LEASE + timedelta(seconds=1))
        assert "หยุดอยู่" in visitor.get(REPORT).content.decode(), "nobody is there to take it up"
        assert queued() == []
        jobs.take_up_lost()
        assert queued() == [("print_report", PrintJob.objects.get().pk)]
        assert work_off() == 1
        assert visitor.get(REPORT).status_code == 200


def test_a_failed_print_is_tried_again_by_hand(no_engine, long, monkeypatch):
    printing.edition(edition(), "pdf")
    work_off()
    assert states() == [("print_report", "FAILED")]
    monkeypatch.undo()
    assert jobs.run_again(jobs.in_state("FAILED").get())
    work_off()
    assert states() == [("print_report", "SUCCESSFUL")]
    assert store.printed(edition(), "pdf").startswith(b"%PDF")


def test_a_print_that_is_not_begun_is_not_queued(long, monkeypatch):
    """One transaction: no job without its row, and no row without its job."""
    monkeypatch.setattr(jobs, "enqueue", lambda *words: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        printing.edition(edition(), "pdf")
    assert not PrintJob.objects.exists()


# Drafts ---------------------------------------------------------------------------------------


def test_a_file_stored_meanwhile_is_not_printed_again(long, monkeypatch):
    """The print ends between a request's look for the file and its look for the job."""
    snapshot, real = edition(), store.document

    def while_another_process_ends(asked):
        document = real(asked)
        if not store.printed(asked, "docx"):
            store.keep_printed(asked, "docx", b"made elsewhere")
        return document

    monkeypatch.setattr(store, "document", while_another_process_ends)
    told = printing.edition(snapshot, "docx")
    assert (told.state, told.content) == (printing.PrintState.DONE, b"made elsewhere")
    assert queued() == []
    assert not PrintJob.objects.exists()


def test_a_long_draft_waits_for_what_was_asked_for(people, sign_in, long):
    """Whatever a colleague writes meanwhile makes another file, not an endless wait."""
    client = sign_in(people["staff"])
    waiting = client.get(DRAFT)
    assert waiting.status_code == 202
    key = PrintJob.objects.get().key
    assert refresh(waiting.content.decode()) == (2, f"?made={key}&wait=1")
    texts = {"preface": actions.Written("เขียนระหว่างรอ", "")}
    round_ = Round.objects.get(year_be=2569)
    actions.write_narratives(round_=round_, by=people["colleague"], texts=texts)
    work_off()
    ready = client.get(f"{DRAFT}?made={key}&wait=1").content.decode()
    assert refresh(ready) == (0, f"?made={key}")
    file = client.get(f"{DRAFT}?made={key}")
    assert file["Content-Disposition"] == 'attachment; filename="draft-2569.docx"'
    assert file.content == bytes(PrintJob.objects.get(key=key).content)
    assert client.get(DRAFT).status_code == 202, "with the new text it is another file"
    assert len(queued()) == 1


def test_the_same_draft_twice_a_day_is_one_file_and_gone_the_day_after(people, sign_in):
    client = sign_in(people["staff"])
    with time_machine.travel("2026-11-25T03:00:00+00:00", tick=False) as clock:
        first = client.get(DRAFT).content
        clock.shift(timedelta(hours=1))
        assert client.get(DRAFT).content == first
        kept = PrintJob.objects.get()
        clock.shift(timedelta(days=1))
        client.force_login(people["staff"])
        assert client.get(DRAFT).content != first, "it says another day"
        assert not PrintJob.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize("address", [DRAFT, "/staff/rounds/2569/pack.pdf?by=agency"])
def test_a_draft_that_fails_leads_back_with_a_word(people, sign_in, monkeypatch, address):
    def broken(*_args, **_kwargs):
        raise RuntimeError("full disk")

    monkeypatch.setattr(printing, "WRITERS", {"pdf": broken, "docx": broken})
    response = sign_in(people["staff"]).get(address, follow=True)
    assert response.redirect_chain == [(reverse("staff-round-report", args=[2569]), 302)]
    kind = "PDF" if ".pdf" in address else "DOCX"
    assert f"สร้างไฟล์ {kind} ไม่สำเร็จ บันทึกเหตุการณ์แล้ว ลองใหม่ภายหลัง" in response.content.decode()


def test_nobody_gets_a_draft_by_its_key_without_the_right_to_it(visitor, people, sign_in):
    sign_in(people["staff"]).get(DRAFT)
    address = f"{DRAFT}?made={PrintJob.objects.get().key}"
    assert visitor.get(address).status_code == 302
    assert sign_in(people["outsider"]).get(address).status_code == 403


# At publication -------------------------------------------------------------------------------


def test_publication_prints_ahead(people):
    """So that the bytes are those of that day, whoever asks first and whenever."""
    round_ = Round.objects.get(year_be=2569)
    actions.close_round(round_=round_, by=people["staff"])
    actions.publish_round(round_=round_, by=people["reviewer"])
    assert queued() == [("print_ahead", edition(2569).pk)]
    assert work_off() == 3, "the job that queues one for each kind of file"
    kept = RenderedReport.objects.filter(snapshot=edition(2569)).exclude(kind="page")
    assert sorted(kept.values_list("kind", flat=True)) == ["document", "docx", "pdf"]


def test_a_printer_out_of_order_undoes_no_publication(people, no_engine, caplog):
    round_ = Round.objects.get(year_be=2569)
    actions.close_round(round_=round_, by=people["staff"])
    actions.publish_round(round_=round_, by=people["reviewer"])
    work_off()
    assert Round.objects.get(year_be=2569).is_public
    assert sorted(states()) == [
        ("print_ahead", "SUCCESSFUL"),
        ("print_report", "FAILED"),
        ("print_report", "SUCCESSFUL"),  # Word needs no such engine
    ]
    assert "printing pdf of ปีงบประมาณ 2569" in caplog.text


def test_the_pages_that_wait_are_sound_html(visitor, people, sign_in, long, nu_html_checker):
    staff = sign_in(people["staff"])
    pages = {"waiting": visitor.get(REPORT), "waiting, staff": staff.get(DRAFT)}
    work_off()
    key = PrintJob.objects.get().key
    pages["ready"] = visitor.get(f"{REPORT}?wait=1")
    pages["ready, staff"] = staff.get(f"{DRAFT}?made={key}&wait=1")
    PrintJob.objects.update(state="failed")
    pages["failed, staff"] = staff.get(f"{DRAFT}?made={key}&wait=1")
    assert [page.status_code for page in pages.values()] == [202, 202, 200, 200, 503]
    nu_html_checker({name: page.content.decode() for name, page in pages.items()})
