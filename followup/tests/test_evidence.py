"""Evidence files: what is taken, what is stored, who may read it, and how it goes."""

import hashlib
import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
import time_machine
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.signing import BadSignature
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from followup import actions, evidence
from followup.evidence import Rejected, StoredFile, clean_name, inspect
from followup.forms import EvidenceFormSet, evidence_of, wanted_evidence
from followup.models import Evidence, StatusReport
from followup.tests import files
from followup.tests.client import PortalClient
from followup.tests.factories import find_report, link, make_report
from followup.tests.files import (
    OLE,
    PDF,
    archive,
    excel,
    photo,
    picture,
    upload,
    with_entries,
    word,
)
from forum_portal.uploads import TooLarge


@pytest.fixture(autouse=True)
def empty_storage():
    """Nothing kept before, nothing left behind."""
    storage = storages["evidence"]
    for name in storage.listdir("")[1] if storage.exists("") else []:
        storage.delete(name)
    return storage


def kept_names():
    storage = storages["evidence"]
    return set(storage.listdir("")[1]) if storage.exists("") else set()


# What is taken --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "ก.pdf", "pdf"),
        (PDF + b"\r\n\0", "ก.pdf", "pdf"),
        (word(), "ก.docx", "docx"),
        (excel(), "ก.xlsx", "xlsx"),
        (picture(), "ก.jpg", "jpg"),
        (picture("PNG"), "ก.png", "png"),
    ],
)
def test_each_kind_is_known_by_its_content(content, name, kind):
    checked = inspect(upload(content, name))
    assert (checked.file_type, checked.file_name) == (kind, name)
    assert inspect(upload(content, "ภาพ.exe")).file_type == kind, "the name says nothing"


PASSWORD = "มีรหัสผ่านหรือจำกัดสิทธิ์ บันทึกใหม่โดยไม่ใส่รหัสผ่านแล้วแนบอีกครั้ง"
MACRO = "มีมาโคร บันทึกเป็น .docx หรือ .xlsx ที่ไม่มีมาโคร หรือเป็น PDF แล้วแนบอีกครั้ง"
TWO_THINGS = "มีเนื้อหาชนิดอื่นซ้อนอยู่ เปิดแล้วบันทึกเป็นไฟล์ใหม่หรือพิมพ์เป็น PDF แล้วแนบอีกครั้ง"
DAMAGED = "เปิดไม่ได้ ไฟล์อาจเสียหายหรือส่งมาไม่ครบ เปิดดูแล้วบันทึกใหม่ก่อนแนบอีกครั้ง"
OLD = "เป็นไฟล์ Office รุ่นเก่า เปิดแล้วบันทึกเป็น .docx .xlsx หรือ PDF แล้วแนบอีกครั้ง"
PROGRAM = "เป็นโปรแกรม ไม่รับเป็นหลักฐาน แนบเอกสารเป็น PDF DOCX XLSX JPG หรือ PNG"
ARCHIVE = "เป็นไฟล์บีบอัด แตกไฟล์แล้วแนบเอกสารข้างในทีละไฟล์"
MARKUP = "เป็นไฟล์ HTML SVG หรือ XML พิมพ์เป็น PDF แล้วแนบ หรือวางเป็นลิงก์"
UNKNOWN = "ไม่ใช่ PDF DOCX XLSX JPG หรือ PNG (ดูจากเนื้อหา ไม่ใช่ชื่อไฟล์) บันทึกเป็นชนิดเหล่านี้แล้วแนบอีกครั้ง"
OTHER_OFFICE = "ไม่ใช่เอกสาร Word หรือ Excel บันทึกเป็น .docx .xlsx หรือ PDF แล้วแนบอีกครั้ง"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def locked(content):
    """A zip whose entries say that they are encrypted."""
    return re.sub(
        rb"(PK\x01\x02.{4})(.)", lambda m: m[1] + bytes([m[2][0] | 1]), content, flags=re.S
    )


REFUSED = {
    "empty": (b"", "เป็นไฟล์ว่าง เลือกไฟล์อีกครั้ง"),
    "html": (HTML, MARKUP),
    "html after a mark": (b"\xef\xbb\xbf\n" + HTML, MARKUP),
    "svg": (SVG, MARKUP),
    "xml": (b"<?xml version='1.0'?><a/>", MARKUP),
    "exe": (b"MZ\x90\0" + b"\0" * 60, PROGRAM),
    "elf": (b"\x7fELF" + b"\0" * 60, PROGRAM),
    "script": (b"#!/bin/sh\nrm -r x", PROGRAM),
    "zip": (archive(), ARCHIVE),
    "empty zip": (b"PK\x05\x06" + b"\0" * 18, ARCHIVE),
    "rar": (b"Rar!\x1a\x07\0", ARCHIVE),
    "7z": (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    "gzip": (b"\x1f\x8b\x08\0", ARCHIVE),
    "old doc": (OLE, OLD),
    "rtf": (b"{\\rtf1 a}", OLD),
    "office with a password": (OLE + "EncryptedPackage".encode("utf-16-le"), PASSWORD),
    "zip with a password": (locked(word()), PASSWORD),
    "pdf with a password": (PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt 5 0 R"), PASSWORD),
    "word with a macro": (with_entries(word(), **{"word__vbaProject.bin": b"x"}), MACRO),
    "excel with a macro": (with_entries(excel(), **{"xl__vbaProject.bin": b"x"}), MACRO),
    "excel with an old macro": (
        with_entries(excel(), **{"xl__macrosheets__sheet1.xml": b"x"}),
        MACRO,
    ),
    "docm named docx": (
        with_entries(word(), types=b"application/vnd.ms-word.document.macroEnabled.main+xml"),
        MACRO,
    ),
    "powerpoint": (
        with_entries(word(), types=b"presentationml.presentation.main+xml"),
        OTHER_OFFICE,
    ),
    "gif": (b"GIF89a" + b"\0" * 20, UNKNOWN),
    "text": ("รายงานผล".encode(), UNKNOWN),
    "pdf further down": (b"x" * 10 + PDF, UNKNOWN),
    "pdf cut short": (PDF[:40], DAMAGED),
    "docx cut short": (word()[:2000], DAMAGED),
    "jpg cut short": (picture(size=(400, 400))[:700], DAMAGED),
    "png cut short": (picture("PNG")[:60], DAMAGED),
    "pdf and zip": (PDF + archive(), TWO_THINGS),
    "zip within the pdf": (PDF.replace(b"trailer", archive() + b"\ntrailer"), TWO_THINGS),
    "pdf and html": (PDF.replace(b"\n1 0", b"\n<html><script>1</script>\n1 0", 1), TWO_THINGS),
    "html after the pdf": (PDF + HTML, TWO_THINGS),
    "anything after the pdf": (PDF + b"alert(1)", TWO_THINGS),
    "jpg and zip": (picture() + archive(), TWO_THINGS),
    "jpg and html": (picture(comment=HTML), TWO_THINGS),
    "jpg and pdf": (picture(comment=PDF), TWO_THINGS),
    "png and zip": (picture("PNG") + archive(), TWO_THINGS),
    "docx behind something": (archive() + word(), TWO_THINGS),
    "docx before something": (word() + b"<script>", TWO_THINGS),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_none_of_the_kinds_is_refused_with_what_to_do(what):
    content, reason = REFUSED[what]
    for name in ("หลักฐาน.pdf", "หลักฐาน.docx", "หลักฐาน.jpg"):
        with pytest.raises(Rejected) as refused:
            inspect(upload(content, name))
        assert str(refused.value) == f"“{name}” {reason}"
    assert kept_names() == set()


def test_a_bomb_of_pixels_is_refused_before_it_is_drawn(monkeypatch):
    monkeypatch.setattr(evidence, "PIXELS", 1_000_000)
    with pytest.raises(Rejected) as refused:
        inspect(upload(picture("PNG", (1001, 1000)), "ภาพ.png"))
    assert str(refused.value) == "“ภาพ.png” มีจุดภาพเกิน 1 ล้านจุด ย่อภาพแล้วแนบอีกครั้ง"
    inspect(upload(picture("PNG", (1000, 1000)), "ภาพ.png"))


def test_a_bomb_of_a_document_is_refused_unopened(monkeypatch):
    monkeypatch.setattr(evidence, "_UNPACKED", 1_000_000)
    bomb = with_entries(word(), **{"word__media__a.bin": b"\0" * 1_000_000})
    with pytest.raises(Rejected, match="เปิดไม่ได้"):
        inspect(upload(bomb, "ก.docx"))


def test_a_file_over_the_limit_names_both_sizes(settings):
    settings.EVIDENCE_MAX_BYTES = len(PDF)
    inspect(upload(PDF))
    with pytest.raises(Rejected) as refused:
        inspect(upload(PDF + b"\n"))
    assert str(refused.value) == (
        f"“สรุปเวที.pdf” ใหญ่ {len(PDF) + 1} ไบต์ เกินกำหนด {len(PDF)} ไบต์ "
        "ลดขนาดหรือแบ่งเป็นหลายไฟล์ หรือวางเป็นลิงก์"
    )
    dropped = TooLarge(BytesIO(), "ใหญ่.pdf", "application/pdf", 104_857_600, None)
    with pytest.raises(Rejected, match=r"“ใหญ่.pdf” ใหญ่ 100 เมกะไบต์ เกินกำหนด"):
        inspect(dropped)
    small = TooLarge(BytesIO(), "ที่สี่.pdf", "application/pdf", 1, None)
    with pytest.raises(Rejected, match=r"ส่งพร้อมไฟล์อื่นแล้วรวมกันเกิน .* แนบไฟล์นี้อีกครั้งหลังบันทึก"):
        inspect(small)


# What is stored -------------------------------------------------------------------------------


def test_a_photograph_forgets_where_and_with_what_it_was_taken():
    before = photo()
    taken = Image.open(BytesIO(before))
    assert taken.getexif().get_ifd(0x8825), "the control: the place is in it"
    assert taken.size == (40, 20)
    after = inspect(upload(before, "ภาพ.jpg")).content
    drawn = Image.open(BytesIO(after))
    assert dict(drawn.getexif()) == {}
    assert drawn.getexif().get_ifd(0x8825) == {}
    assert drawn.info.keys() & {"exif", "comment", "xmp"} == set()
    assert b"Telephone" not in after
    assert b"taken at home" not in after
    assert drawn.size == (20, 40), "upright, as it was meant to be seen"


def test_a_png_forgets_its_words_and_keeps_its_transparency():
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "somebody")
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    buffer = BytesIO()
    image = Image.new("P", (10, 10), 1)
    image.putpalette(bytes(range(30)))
    image.save(buffer, "PNG", pnginfo=words, exif=exif.tobytes(), transparency=1)
    assert b"somebody" in buffer.getvalue()
    after = inspect(upload(buffer.getvalue(), "ก.png")).content
    assert b"somebody" not in after
    assert b"eXIf" not in after
    before = Image.open(BytesIO(buffer.getvalue())).convert("RGBA")
    assert before.getpixel((0, 0))[3] == 0
    assert Image.open(BytesIO(after)).convert("RGBA").getpixel((0, 0)) == before.getpixel((0, 0))


def test_it_is_stored_under_a_name_that_tells_nothing():
    file = files.stored(photo(), "บ้านของสมชาย.jpg")
    assert re.fullmatch(r"[0-9a-f]{32}", file.name)
    with storages["evidence"].open(file.name) as kept:
        content = kept.read()
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert files.stored(photo(), "บ้านของสมชาย.jpg").name != file.name


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("รายงาน ปี 2569 (ฉบับสมบูรณ์).pdf", "pdf", "รายงาน ปี 2569 (ฉบับสมบูรณ์).pdf"),
        ("../../etc/passwd", "pdf", "passwd.pdf"),
        ("C:\\Users\\สมชาย\\สรุป.docx", "docx", "สรุป.docx"),
        ("..", "png", "หลักฐาน.png"),
        ("", "pdf", "หลักฐาน.pdf"),
        (".pdf", "pdf", "pdf.pdf"),
        ("ภาพ.JPEG", "jpg", "ภาพ.JPEG"),
        ("หน้า.html", "pdf", "หน้า.html.pdf"),
        ("รายงาน\u202efdp.exe", "pdf", "รายงานfdp.exe.pdf"),
        ("ก\r\nSet-Cookie: a.pdf", "pdf", "กSet-Cookie_ a.pdf"),
        ('ก"ข<ค>.pdf', "pdf", "ก_ข_ค_.pdf"),
        ("ก" * 400 + ".pdf", "pdf", "ก" * 251 + ".pdf"),
    ],
)
def test_names_are_kept_in_thai_without_what_could_harm(name, kind, clean):
    assert clean_name(name, kind) == clean
    assert len(clean) <= 255


def test_a_token_is_no_way_to_name_another_file():
    file = files.stored()
    assert StoredFile.from_token(file.token) == file
    with pytest.raises(BadSignature):
        StoredFile.from_token(file.token[:-1] + ("A" if file.token[-1] != "A" else "B"))


# With a report --------------------------------------------------------------------------------


def make(open_round, people, pieces, state="draft", **more):
    return make_report(
        open_round,
        by=people["staff"],
        reviewer=people["reviewer"],
        state=state,
        evidence=pieces,
        **more,
    )


def resave(report, people, pieces):
    report = StatusReport.objects.with_context().get(pk=report.pk)
    return actions.save_draft(
        report=report, by=people["staff"], version=report.version, fields={}, evidence=pieces
    )


def test_a_report_keeps_a_file_with_all_that_describes_it(open_round, people):
    report = make(open_round, people, [files.piece(), link(1)])
    first, second = report.evidence.all()
    assert (first.title, first.url, first.file_name) == ("สรุปเวที", "", "สรุปเวที.pdf")
    assert (first.file_type, first.size) == ("pdf", len(PDF))
    assert first.sha256 == hashlib.sha256(PDF).hexdigest()
    assert second.url == link(1)["url"]
    assert evidence_of(report)[0]["file"] == StoredFile.of(first)


def test_a_file_satisfies_the_evidence_that_an_achievement_needs(open_round, people):
    report = make(open_round, people, [files.piece()], status="completed", state="submitted")
    assert report.state == "submitted"
    assert not report.lacks_evidence


def test_the_same_file_twice_is_kept_once(open_round, people):
    report = make(open_round, people, [files.piece(), files.piece(name="ซ้ำ.pdf", title="อีกชื่อ")])
    assert [each.file_name for each in report.evidence.all()] == ["สรุปเวที.pdf"]
    report = resave(report, people, [*evidence_of(report), files.piece(name="ซ้ำ.pdf")])
    assert [each.file_name for each in report.evidence.all()] == ["สรุปเวที.pdf"]


def test_a_new_title_keeps_the_file_and_its_address(
    open_round, people, django_capture_on_commit_callbacks
):
    report = make(open_round, people, [files.piece()])
    before = report.evidence.get()
    with django_capture_on_commit_callbacks(execute=True):
        report = resave(
            report, people, [evidence_of(report)[0] | {"title": "ชื่อใหม่", "is_public": False}]
        )
    now = report.evidence.get()
    assert (now.pk, now.title, now.is_public) == (before.pk, "ชื่อใหม่", False)
    assert kept_names() == {before.file.name}


def test_a_file_that_is_taken_out_goes_from_the_disk_once_that_is_final(
    open_round, people, django_capture_on_commit_callbacks
):
    report = make(open_round, people, [files.piece()])
    with django_capture_on_commit_callbacks() as waiting:
        resave(report, people, [])
    assert len(kept_names()) == 1, "the transaction may still be undone"
    assert len(waiting) == 1
    waiting[0]()
    assert kept_names() == set()


def test_a_file_that_another_row_refers_to_stays(
    open_round, people, django_capture_on_commit_callbacks
):
    pieces = [files.piece()]
    report = make(open_round, people, pieces)
    make_report(open_round, "2.4", by=people["staff"], state="draft", evidence=pieces)
    with django_capture_on_commit_callbacks(execute=True):
        resave(report, people, [])
    assert len(kept_names()) == 1


def test_what_was_published_stays_on_the_disk(
    open_round, people, django_capture_on_commit_callbacks
):
    report = make(open_round, people, [files.piece()], status="completed", state="approved")
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    with django_capture_on_commit_callbacks(execute=True):
        Evidence.objects.get(report=report).delete()
    assert len(kept_names()) == 1
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        call_command("sweep_evidence")
    assert len(kept_names()) == 1


def test_demo_files_go_with_the_demo_published_or_not(
    demo, people, django_capture_on_commit_callbacks
):
    from followup import demo as demo_data

    for report in StatusReport.objects.filter(round__is_demo=True)[:3]:
        about = files.stored(PDF + b"\n" * report.pk)
        Evidence.objects.create(
            report=report,
            title="ก",
            file=about.name,
            file_name=about.file_name,
            file_type=about.file_type,
            size=about.size,
            sha256=about.sha256,
        )
    mine = files.stored(picture(), "ของจริง.jpg")
    with django_capture_on_commit_callbacks(execute=True):
        demo_data.remove()
    assert kept_names() == {mine.name}


def test_a_file_whose_content_is_gone_is_refused_by_name(open_round, people):
    pieces = [files.piece()]
    storages["evidence"].delete(pieces[0]["file"].name)
    with pytest.raises(actions.Refused) as refused:
        make(open_round, people, pieces)
    assert str(refused.value) == "ไฟล์ “สรุปเวที.pdf” ไม่อยู่ในระบบแล้ว เลือกไฟล์อีกครั้ง"


def test_the_sweep_takes_what_nobody_saved_within_a_day(open_round, people, capsys):
    make(open_round, people, [files.piece()])
    files.stored(picture(), "ก.jpg")
    call_command("sweep_evidence")
    assert len(kept_names()) == 2, "it may still be saved"
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        call_command("sweep_evidence")
    assert kept_names() == {Evidence.objects.get().file.name}
    assert capsys.readouterr().out.splitlines() == ["0 files removed", "1 files removed"]


# The form -------------------------------------------------------------------------------------


@pytest.fixture
def staff(people, sign_in):
    return sign_in(people["staff"])


def path_of(report):
    return reverse("staff-report", args=[report.pk])


def sent(staff, report, **changes):
    page = staff.page(path_of(report))
    assert page.one("main form")["enctype"] == "multipart/form-data"
    return staff.send(page, **changes)


def read(response):
    from followup.tests.client import read as read_page

    return read_page(response)


def test_a_file_is_attached_and_shown_with_its_kind_and_size(staff, open_round):
    report = find_report(open_round, "1.1")
    response = sent(staff, report, evidence__0__upload=upload(), evidence__0__is_public=None)
    assert response.status_code == 302
    now = report.evidence.get()
    assert (now.title, now.is_public) == ("สรุปเวที", False), "its name where no title was typed"
    page = staff.page(path_of(report))
    row = page.select("ol.evidence li")[0]
    assert row.one(".held a")["href"] == now.address
    assert f"PDF · {len(PDF)} ไบต์" in row.text
    assert not row.has("input[type=file]")
    assert [each["accept"] for each in page.select("ol.evidence input[type=file]")] == [
        ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"
    ] * 2
    staff.send(page, results="เพิ่ม")
    assert report.evidence.get().pk == now.pk


def test_an_error_elsewhere_does_not_lose_the_file(staff, open_round):
    report = find_report(open_round, "1.1")
    page = read(sent(staff, report, evidence__0__upload=upload(), budget_spent="มาก", results="ผล"))
    assert page.texts(".errs li") == ["งบประมาณ “มาก” ไม่ใช่ตัวเลข"]
    row = page.select("ol.evidence li")[0]
    assert "สรุปเวที.pdf PDF" in row.text
    assert "รับไฟล์ไว้แล้ว จะแนบเมื่อบันทึกสำเร็จ ไม่ต้องเลือกใหม่" in row.text
    assert not Evidence.objects.exists()
    page.address = path_of(report)
    assert staff.send(page, budget_spent="").status_code == 302
    assert report.evidence.get().file_name == "สรุปเวที.pdf"
    assert len(kept_names()) == 1


def test_a_refused_submission_and_a_conflict_do_not_lose_it_either(staff, open_round, people):
    report = find_report(open_round, "1.1")
    page = staff.page(path_of(report))
    make_report(open_round, "1.1", by=people["colleague"], state="draft")
    clash = staff.send(page, evidence__0__upload=upload())
    assert clash.status_code == 409
    page = read(clash)
    assert page.one("input[name=evidence-0-file]")["value"]
    page.address = path_of(report)
    assert staff.send(page, do="draft").status_code == 302
    assert report.evidence.get().file_name == "สรุปเวที.pdf"


def test_copying_from_last_year_does_not_lose_it(staff, open_round):
    page = read(
        sent(staff, find_report(open_round, "1.1"), evidence__0__upload=upload(), do="copy")
    )
    assert page.one("input[name=evidence-0-file]")["value"]


def test_a_refused_file_says_why_at_its_field_and_keeps_the_rest(staff, open_round):
    report = find_report(open_round, "1.1")
    response = sent(
        staff,
        report,
        results="จัดเวที 4 ภาค",
        evidence__0__upload=upload(HTML, "หน้า.pdf"),
        evidence__0__title="หน้าเว็บ",
    )
    assert response.status_code == 422
    page = read(response)
    assert [(a["href"], a.text) for a in page.select(".errs a")] == [
        ("#id_evidence-0-upload", f"“หน้า.pdf” {MARKUP}")
    ]
    assert "จัดเวที 4 ภาค" in page.one("#id_results").raw()
    assert page.one("#id_evidence-0-title")["value"] == "หน้าเว็บ"


def test_a_file_over_the_limit_shows_the_form_again(staff, open_round, settings):
    settings.EVIDENCE_MAX_BYTES = 100_000
    big = upload(PDF + b"\n" * 300_000, "ใหญ่.pdf")
    response = sent(staff, find_report(open_round, "1.1"), results="ผล", evidence__0__upload=big)
    assert response.status_code == 422
    assert read(response).texts(".errs li") == [
        "“ใหญ่.pdf” ใหญ่ 293 กิโลไบต์ เกินกำหนด 97.7 กิโลไบต์ ลดขนาดหรือแบ่งเป็นหลายไฟล์ หรือวางเป็นลิงก์"
    ]
    assert kept_names() == set()


def test_a_link_and_a_file_in_one_row_are_one_too_many(staff, open_round):
    response = sent(
        staff,
        find_report(open_round, "1.1"),
        evidence__0__title="สองอย่าง",
        evidence__0__url="https://example.org/",
        evidence__0__upload=upload(),
    )
    assert read(response).texts(".errs li") == [
        "รายการหนึ่งเป็นลิงก์หรือไฟล์อย่างใดอย่างหนึ่ง ย้ายลิงก์ไปอีกรายการ"
    ]


def test_the_same_file_again_is_said_and_kept_once(staff, open_round):
    report = find_report(open_round, "1.1")
    sent(staff, report, evidence__0__upload=upload())
    sent(staff, report, evidence__1__upload=upload(name="ซ้ำ.pdf"))
    page = staff.page(path_of(report))
    assert report.evidence.get().file_name == "สรุปเวที.pdf"
    response = sent(staff, report, evidence__1__upload=upload(name="ซ้ำ.pdf"))
    page = staff.page(response["Location"])
    assert "ไฟล์ “ซ้ำ.pdf” ซ้ำกับที่แนบไว้แล้ว จึงเก็บไว้ครั้งเดียว" in page.texts(".flash--warning")


def test_a_file_is_taken_out_with_its_tick(staff, open_round):
    report = find_report(open_round, "1.1")
    sent(staff, report, evidence__0__upload=upload())
    sent(staff, report, evidence__0__DELETE="on")
    assert not report.evidence.exists()


def test_a_forged_or_outdated_token_asks_for_the_file_again(staff, open_round):
    report = find_report(open_round, "1.1")
    file = files.stored()
    storages["evidence"].delete(file.name)
    for token, reason in (
        ("forged", "อ่านไฟล์ที่แนบไว้ไม่ได้ เลือกไฟล์อีกครั้ง"),
        (file.token, "ไฟล์ “สรุปเวที.pdf” ไม่อยู่ในระบบแล้ว เลือกไฟล์อีกครั้ง"),
    ):
        response = sent(staff, report, evidence__0__title="ก", **{"evidence-0-file": token})
        assert response.status_code == 422
        page = read(response)
        assert page.texts(".errs li") == [reason]
        assert page.has("input[name=evidence-0-upload]"), "a way to choose it again"
        assert not page.has("input[name=evidence-0-file]")


def test_stored_files_come_back_from_the_form_as_they_went_in(open_round, people):
    report = make(open_round, people, [files.piece(), link(1)])
    before = evidence_of(report)
    formset = EvidenceFormSet(prefix="evidence", initial=before)
    data = {"evidence-TOTAL_FORMS": "4", "evidence-INITIAL_FORMS": "2"}
    for form in formset:
        for field in form.fields:
            value = form[field].value()
            data[form.add_prefix(field)] = "on" if value is True else value or ""
    bound = EvidenceFormSet(data, prefix="evidence", initial=before)
    assert bound.is_valid(), bound.errors
    wanted = wanted_evidence(bound)
    assert wanted[0] == {name: before[0][name] for name in ("title", "url", "is_public", "file")}
    assert wanted[1] == before[1]


# Who reads it ---------------------------------------------------------------------------------


@pytest.fixture
def published(open_round, people):
    """A published report with a public and an internal file; returns both."""
    report = make(
        open_round,
        people,
        [
            files.piece(name="รายงาน ปี 2569.pdf"),
            files.piece(picture(), "ภายใน.jpg", title="ภายใน", is_public=False),
        ],
        status="completed",
        state="approved",
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return list(report.evidence.order_by("position"))


def test_a_published_file_is_an_attachment_that_no_browser_runs(published, visitor):
    response = visitor.get(published[0].address)
    assert response.status_code == 200
    assert b"".join(response) == PDF
    assert response["Content-Disposition"] == (
        f"attachment; filename*=utf-8''{quote('รายงาน ปี 2569.pdf')}"
    )
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(PDF))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    assert response.streaming
    assert visitor.post(published[0].address).status_code == 405


def test_what_may_not_be_read_does_not_exist(published, visitor, people):
    public, internal = published
    addresses = [
        internal.address,
        reverse("evidence", args=[internal.pk, public.file_name]),
        reverse("evidence", args=[public.pk, "อื่น.pdf"]),
        reverse("evidence", args=[public.pk, public.file.name]),
        reverse("evidence", args=[99999, public.file_name]),
        f"/evidence/{public.pk}/",
        f"/evidence/{public.pk}/..%2F..%2Fportal.sqlite3",
        f"/evidence/{public.pk}/%2e%2e/{quote(public.file_name)}",
    ]
    for address in addresses:
        assert visitor.get(address).status_code == 404, address
    outsider = PortalClient()
    outsider.force_login(people["outsider"])
    assert outsider.get(internal.address).status_code == 404
    staff = PortalClient()
    staff.force_login(people["staff"])
    assert staff.get(internal.address).status_code == 200


def test_nobody_outside_reads_it_before_its_round_is_public(open_round, people, visitor, sign_in):
    report = make(open_round, people, [files.piece()], status="completed", state="submitted")
    address = report.evidence.get().address
    staff = sign_in(people["staff"])

    def answers():
        return visitor.get(address).status_code, staff.get(address).status_code

    assert answers() == (404, 200)
    report = StatusReport.objects.with_context().get(pk=report.pk)
    actions.approve(report=report, by=people["reviewer"], version=report.version)
    assert answers() == (404, 200)
    actions.close_round(round_=open_round, by=people["staff"])
    assert answers() == (404, 200)
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert answers() == (200, 200)
    # What was published stays readable while it is being corrected, even where the row is gone.
    actions.reopen_round(round_=open_round, by=people["reviewer"], reason="จำนวนผิด")
    report.evidence.get().delete()
    assert answers() == (200, 200)


def test_a_lost_file_is_a_404_and_a_line_in_the_log(published, visitor, caplog):
    storages["evidence"].delete(published[0].file.name)
    assert visitor.get(published[0].address).status_code == 404
    assert f"evidence {published[0].pk} has lost its file" in caplog.text


def test_the_public_page_names_kind_and_size_and_no_internal_file(published, visitor):
    html = visitor.get("/resolutions/2565/1/")
    page = read(html)
    public, internal = published
    row = next(li for li in page.select("ul.files li") if li.has("a") and "สรุปเวที" in li.text)
    assert row.one("a")["href"] == public.address
    assert f"PDF · {len(PDF)} ไบต์" in row.text
    for secret in (internal.file_name, internal.address, public.file.name, internal.file.name):
        assert secret not in html.content.decode()


def test_staff_read_internal_files_on_the_report(published, sign_in, people):
    page = sign_in(people["staff"]).page(path_of(published[0].report))
    assert published[1].address in [a["href"] for a in page.select("main ul.files a")]


def test_the_admin_neither_adds_nor_changes_nor_removes_and_shows_the_portals_address(
    published, sign_in, people
):
    client = sign_in(people["administrator"])
    piece = published[1]
    assert client.get("/admin/followup/evidence/add/").status_code == 403
    change = f"/admin/followup/evidence/{piece.pk}/change/"
    html = client.get(change).content.decode()
    assert piece.address in html
    assert piece.file.name not in html
    assert client.post(change, {"title": "อื่น"}).status_code == 403
    assert (
        client.post(f"/admin/followup/evidence/{piece.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )
    html = client.get(f"/admin/followup/statusreport/{piece.report_id}/change/").content.decode()
    assert piece.address in html
    assert client.get("/admin/followup/evidence/").status_code == 200
