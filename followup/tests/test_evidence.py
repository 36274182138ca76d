"""Evidence files: what is taken, what is stored, and how it goes."""

import hashlib
import re
from datetime import date, timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
import time_machine
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.signing import BadSignature
from django.utils import timezone
from PIL import Image

from followup import actions, evidence
from followup.evidence import UNCLAIMED, Rejected, StoredFile, clean_name, inspect, sweep
from followup.forms.report import (
    EvidenceFormSet,
    evidence_of,
    files_given_twice,
    wanted_evidence,
)
from followup.inspection import office
from followup.models import Evidence, StatusReport
from followup.tests import files
from followup.tests.evidence_files import HTML, MARKUP, kept_names, make
from followup.tests.factories import link, make_report
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
from followup.tests.sentences import FILE_GONE
from followup.tests.visitors import write
from forum_portal.uploads import TooLarge

pytestmark = pytest.mark.usefixtures("empty_storage")


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


UNKNOWN = "ไม่ใช่ PDF DOCX XLSX JPG หรือ PNG (ดูจากเนื้อหา ไม่ใช่ชื่อไฟล์) บันทึกเป็นชนิดเหล่านี้แล้วแนบอีกครั้ง"


OTHER_OFFICE = "ไม่ใช่เอกสาร Word หรือ Excel บันทึกเป็น .docx .xlsx หรือ PDF แล้วแนบอีกครั้ง"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


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
    monkeypatch.setattr(office, "_UNPACKED", 1_000_000)
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


def test_the_file_of_a_message_stays_for_as_long_as_the_message_has_it(db, empty_storage):
    row = write(file=files.stored())
    files.stored(files.pdf(11))
    with time_machine.travel(timezone.now() + 2 * UNCLAIMED, tick=False):
        assert sweep() == 1
    assert empty_storage.exists(row.file.name)


def test_demo_files_go_with_the_demo_published_or_not(
    demo, people, django_capture_on_commit_callbacks
):
    from followup import demo as demo_data

    for at, report in enumerate(StatusReport.objects.filter(round__is_demo=True)[:3]):
        about = files.stored(files.pdf(11 + at))
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
    assert str(refused.value) == FILE_GONE


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
    assert wanted[0] == {name: value for name, value in before[0].items() if name != "address"}
    assert wanted[1] == before[1]


# A copy of a link, and what a piece says of itself -----------------------------------------------

LINK = link(1)
ABOUT = {"kind": "minutes", "dated_on": date(2025, 9, 30), "issuer": "กรมประชาสัมพันธ์"}


def copied(**more):
    return LINK | {"file": files.piece()["file"]} | more


def test_a_copy_changes_the_row_of_its_link(open_round, people):
    report = make(open_round, people, [LINK])
    before = report.evidence.get()
    report = resave(report, people, [copied()])
    now = report.evidence.get()
    assert (now.pk, now.url, now.file_name) == (before.pk, LINK["url"], "สรุปเวที.pdf")
    assert now.address == LINK["url"], "the link stays the address"
    assert now.file_at == f"/evidence/{now.pk}/{quote('สรุปเวที.pdf')}"
    assert now.is_copied_link


def test_who_knows_nothing_of_copies_and_kinds_leaves_them(open_round, people):
    report = make(open_round, people, [copied(**ABOUT)])
    before = report.evidence.get()
    report = resave(report, people, [LINK | {"is_public": False}])
    now = report.evidence.get()
    assert (now.pk, now.is_public, now.sha256) == (before.pk, False, before.sha256)
    assert {name: getattr(now, name) for name in ABOUT} == ABOUT


def test_what_a_piece_says_of_itself_is_stored_and_taken_back(open_round, people):
    report = make(open_round, people, [LINK | ABOUT])
    assert report.evidence.get().described == ["รายงานการประชุม", "กรมประชาสัมพันธ์", "30 ก.ย. 2568"]
    report = resave(report, people, [LINK | {"kind": "", "dated_on": None, "issuer": ""}])
    assert report.evidence.get().described == []
    assert report.evidence.get().history.count() == 2


def test_another_copy_takes_the_place_of_the_first_on_the_disk(
    open_round, people, django_capture_on_commit_callbacks
):
    report = make(open_round, people, [copied()])
    before = report.evidence.get()
    with django_capture_on_commit_callbacks(execute=True):
        report = resave(report, people, [LINK | {"file": files.piece(files.pdf(20))["file"]}])
    now = report.evidence.get()
    assert now.pk == before.pk
    assert kept_names() == {now.file.name} != {before.file.name}


def test_a_file_that_gets_a_link_stays_the_same_piece(
    open_round, people, django_capture_on_commit_callbacks
):
    piece = files.piece()
    report = make(open_round, people, [piece])
    before = report.evidence.get()
    with django_capture_on_commit_callbacks(execute=True):
        report = resave(report, people, [LINK | {"file": piece["file"]}])
    now = report.evidence.get()
    assert (now.pk, now.url) == (before.pk, LINK["url"])
    assert kept_names() == {now.file.name}


def test_a_file_and_a_link_with_the_same_copy_are_two_pieces(open_round, people):
    report = make(open_round, people, [files.piece(), copied()])
    assert [(each.url, each.file_name) for each in report.evidence.all()] == [
        ("", "สรุปเวที.pdf"),
        (LINK["url"], "สรุปเวที.pdf"),
    ]
    assert files_given_twice(wanted := evidence_of(report)) == [], wanted


def test_the_same_evidence_for_another_report_has_all_of_it(open_round, people):
    report = make(open_round, people, [copied(**ABOUT)])
    agency = report.assignment.agency
    others = open_round.reports.filter(assignment__agency=agency).exclude(pk=report.pk)
    other = others.with_context().first()
    piece = report.evidence.get()
    actions.attach_evidence(
        report=report, pieces=[piece.pk], to=[(other, other.version)], by=people["staff"]
    )
    given = Evidence.objects.get(report=other)
    names = (*ABOUT, "title", "url", "file_name", "file_type", "size", "sha256")
    assert {each: getattr(given, each) for each in names} == {
        each: getattr(piece, each) for each in names
    }
    assert given.file.name == piece.file.name


def test_a_copied_link_comes_back_from_the_form_as_it_went_in(open_round, people):
    report = make(open_round, people, [copied(**ABOUT)])
    before = evidence_of(report)
    data = {"evidence-TOTAL_FORMS": "1", "evidence-INITIAL_FORMS": "1"}
    form = EvidenceFormSet(prefix="evidence", initial=before).forms[0]
    assert form["dated_on"].value() == "30/9/2568"
    for field in form.fields:
        value = form[field].value()
        data[form.add_prefix(field)] = "on" if value is True else value or ""
    bound = EvidenceFormSet(data, prefix="evidence", initial=before)
    assert bound.is_valid(), bound.errors
    (row,) = before
    assert wanted_evidence(bound) == [{name: row[name] for name in row if name != "address"}]
    assert bound.forms[0].held_at == report.evidence.get().file_at
