"""Printing: at once or in a separate process, never twice, with true progress."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from followup import actions, background
from followup.annual_report import printing, store
from followup.models import PrintJob, RenderedReport, Round, Snapshot

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


def print_everything(started):
    """Do the work of the processes that were started."""
    while started:
        command, *arguments = started.pop()
        assert command == "print_report"
        call_command(command, *arguments)


def refresh(page):
    """The automatic refresh of a page: (seconds, address)."""
    (content,) = re.findall(r'<meta http-equiv="refresh" content="([^"]+)">', page)
    seconds, _semicolon, address = content.replace("&amp;", "&").partition("; url=")
    return int(seconds), address


def test_a_short_report_comes_at_once(visitor, background_work):
    response = visitor.get(REPORT)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response.getvalue().startswith(b"%PDF")
    assert background_work == []
    assert not PrintJob.objects.exists(), "what it left is kept with the edition"


def test_a_long_one_is_printed_elsewhere_and_waited_for(visitor, background_work, long):
    first = visitor.get(REPORT)
    page = first.content.decode()
    assert first.status_code == 202
    assert "no-store" in first["Cache-Control"]
    assert "กำลังจัดทำไฟล์ PDF" in page
    assert "ผ่านไป 0 วินาที รายงานยาวขนาดนี้ใช้เวลาราว 4 วินาที" in page
    assert 'value="0" max="4"' in page
    assert refresh(page) == (2, "?wait=1")
    job = PrintJob.objects.get()
    assert background_work == [("print_report", str(job.pk))]
    # Whoever comes meanwhile waits for the same one.
    assert visitor.get(REPORT).status_code == 202
    assert visitor.get(f"{REPORT}?wait=1").status_code == 202
    assert len(background_work) == 1

    print_everything(background_work)
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


def test_an_edition_asked_for_stays_asked_for(visitor, background_work, long):
    page = visitor.get(f"{REPORT}?edition=1").content.decode()
    assert refresh(page) == (2, "?edition=1&wait=1")
    print_everything(background_work)
    page = visitor.get(f"{REPORT}?edition=1&wait=1").content.decode()
    assert refresh(page) == (0, "?edition=1")


def test_a_failure_is_told_logged_and_tried_again_later(visitor, background_work, no_engine, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        print_everything(background_work)
        failed = visitor.get(f"{REPORT}?wait=1")
        assert failed.status_code == 503
        assert "สร้างไฟล์ไม่สำเร็จ บันทึกเหตุการณ์แล้ว" in failed.content.decode()
        assert "http-equiv" not in failed.content.decode(), "it does not ask again by itself"
        assert background_work == [], "nor does everybody who comes now start it anew"
        clock.shift(printing.FAILED_FOR + timedelta(seconds=1))
        assert visitor.get(REPORT).status_code == 202
        assert len(background_work) == 1


def test_a_failure_is_in_the_log(no_engine, caplog):
    made = printing.edition(edition(), "pdf")
    assert made.state == "failed"
    assert "no such font" in caplog.text
    assert "ปีงบประมาณ 2567 ฉบับที่ 1" in caplog.text


def test_a_job_whose_process_died_is_begun_anew(visitor, background_work, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        clock.shift(background.LOST_AFTER - timedelta(seconds=1))
        visitor.get(REPORT)
        assert len(background_work) == 1
        clock.shift(timedelta(seconds=2))
        assert "ผ่านไป 0 วินาที" in visitor.get(REPORT).content.decode()
        visitor.get(REPORT)
    assert len(background_work) == 2


def test_a_job_whose_process_gives_signs_of_life_goes_on(visitor, background_work, long):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.get(REPORT)
        clock.shift(timedelta(minutes=10))
        PrintJob.objects.update(alive_at=timezone.now() - timedelta(seconds=5))
        visitor.get(REPORT)
        assert len(background_work) == 1
        assert not printing.lost()
        clock.shift(background.LOST_AFTER)
        assert printing.lost()
        visitor.get(REPORT)
    assert len(background_work) == 2
    assert PrintJob.objects.get().alive_at is None


def test_a_process_that_prints_gives_them(background_work, long, monkeypatch):
    printing.edition(edition(), "pdf")
    seen = []

    def writer(report, fitted):
        seen.append(PrintJob.objects.get().alive_at)
        return b"%PDF"

    monkeypatch.setitem(printing.WRITERS, "pdf", writer)  # type: ignore[arg-type]
    print_everything(background_work)
    assert seen[0] is not None


def test_of_two_who_find_a_lost_job_one_begins_it(background_work, long, monkeypatch):
    """Both have read the job as lost before either claims it."""
    printing.edition(edition(), "pdf")
    PrintJob.objects.update(begun_at=timezone.now() - background.LOST_AFTER - timedelta(seconds=1))
    background_work.clear()
    stale = printing._may_be_tried_again

    def another_comes_first(job, now):
        lost = stale(job, now)
        if lost and not background_work:
            monkeypatch.setattr(printing, "_may_be_tried_again", stale)
            printing.edition(edition(), "pdf")
        return lost

    monkeypatch.setattr(printing, "_may_be_tried_again", another_comes_first)
    printing.edition(edition(), "pdf")
    assert len(background_work) == 1


def test_two_prints_at_once_leave_the_first_ones_bytes():
    first = store.keep_printed(edition(), "pdf", b"first")
    assert (first, store.keep_printed(edition(), "pdf", b"second")) == (b"first", b"first")


# Drafts ---------------------------------------------------------------------------------------


def test_a_file_stored_meanwhile_is_not_printed_again(background_work, long, monkeypatch):
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
    assert background_work == []
    assert not PrintJob.objects.exists()


def test_a_long_draft_waits_for_what_was_asked_for(people, sign_in, background_work, long):
    """Whatever a colleague writes meanwhile makes another file, not an endless wait."""
    client = sign_in(people["staff"])
    waiting = client.get(DRAFT)
    assert waiting.status_code == 202
    key = PrintJob.objects.get().key
    assert refresh(waiting.content.decode()) == (2, f"?made={key}&wait=1")
    texts = {"preface": actions.Written("เขียนระหว่างรอ", "")}
    round_ = Round.objects.get(year_be=2569)
    actions.write_narratives(round_=round_, by=people["colleague"], texts=texts)
    print_everything(background_work)
    ready = client.get(f"{DRAFT}?made={key}&wait=1").content.decode()
    assert refresh(ready) == (0, f"?made={key}")
    file = client.get(f"{DRAFT}?made={key}")
    assert file["Content-Disposition"] == 'attachment; filename="draft-2569.docx"'
    assert file.content == bytes(PrintJob.objects.get(key=key).content)
    assert client.get(DRAFT).status_code == 202, "with the new text it is another file"
    assert len(background_work) == 1


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


def test_publication_prints_ahead(people, background_work, django_capture_on_commit_callbacks):
    """So that the bytes are those of that day, whoever asks first and whenever."""
    round_ = Round.objects.get(year_be=2569)
    actions.close_round(round_=round_, by=people["staff"])
    with django_capture_on_commit_callbacks(execute=True):
        actions.publish_round(round_=round_, by=people["reviewer"])
        assert background_work == [], "not before it is committed: another process sees nothing yet"
    assert [command for command, _job in background_work] == ["print_report"] * 2
    print_everything(background_work)
    kept = RenderedReport.objects.filter(snapshot=edition(2569)).exclude(kind="page")
    assert sorted(kept.values_list("kind", flat=True)) == ["document", "docx", "pdf"]


def test_a_printer_out_of_order_undoes_no_publication(
    people, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    def broken(*_command):
        raise OSError("no more processes")

    monkeypatch.setattr("followup.background.start", broken)
    round_ = Round.objects.get(year_be=2569)
    actions.close_round(round_=round_, by=people["staff"])
    with django_capture_on_commit_callbacks(execute=True):
        actions.publish_round(round_=round_, by=people["reviewer"])
    assert Round.objects.get(year_be=2569).is_public
    assert "no more processes" in caplog.text


def test_the_pages_that_wait_are_sound_html(
    visitor, people, sign_in, background_work, long, nu_html_checker
):
    staff = sign_in(people["staff"])
    pages = {"waiting": visitor.get(REPORT), "waiting, staff": staff.get(DRAFT)}
    print_everything(background_work)
    key = PrintJob.objects.get().key
    pages["ready"] = visitor.get(f"{REPORT}?wait=1")
    pages["ready, staff"] = staff.get(f"{DRAFT}?made={key}&wait=1")
    PrintJob.objects.update(state="failed")
    pages["failed, staff"] = staff.get(f"{DRAFT}?made={key}&wait=1")
    assert [page.status_code for page in pages.values()] == [202, 202, 200, 200, 503]
    nu_html_checker({name: page.content.decode() for name, page in pages.items()})
