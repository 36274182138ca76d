"""The annual report: the same figures everywhere, the same bytes for ever, and nothing of a draft."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn

from followup import actions
from followup.annual_report import content, drafts, pack, pdf, store, word
from followup.annual_report.blocks import thai
from followup.appearance import colours
from followup.models import Narrative, Printed, RenderedReport, Round, Snapshot
from followup.progress import agency_rows, progress_by_year
from followup.status import Status
from followup.tests.client import read
from followup.tests.factories import fields_for, find_report, grow
from followup.tests.opendata.reading import api_of, csv_of
from followup.tests.spreadsheets.office import SOFFICE, run_office
from forum_portal.thai import to_arabic_digits
from proposals.models import Resolution

pytestmark = pytest.mark.usefixtures("demo")


def newest() -> Snapshot:
    return Snapshot.objects.filter(round__year_be=2567).latest("number")


def letters(text: str) -> str:
    """Without line breaks and spaces, which a page sets anew."""
    return re.sub(r"\s", "", text)


MARK = "[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]"  # above or below a letter, and of no width


def as_set(text: str) -> re.Pattern[str]:
    """Finds a text letter by letter and space by space.

    A line may end anywhere, and where one ends a space may be gone. Behind a mark without a width
    readers guess: pdfium passes over a space, Poppler sees one.
    """
    line_end = r"[ \r\n]*[\r\n]+"
    between = f"(?:{line_end}|(?<={MARK}) )?"
    space = f"(?: |{line_end}|(?<={MARK}))"
    return re.compile(
        between.join(
            space if letter == " " else re.escape(letter) for letter in text.replace("\n", " ")
        )
    )


def pages(file: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def bookmarks(file: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    try:
        return [each.get_title() for each in document.get_toc()]
    finally:
        document.close()


def headings_of(report) -> list[str]:
    return [
        text
        for part in report["parts"]
        for text in [
            part["title"],
            *(block["text"] for block in part["blocks"] if block["kind"] == "heading"),
        ]
    ]


def table_of(report, caption: str):
    return next(
        block
        for part in report["parts"]
        for block in part["blocks"]
        if block["kind"] == "table" and block["caption"].startswith(caption)
    )


# Figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 3])
def test_the_figures_are_those_of_the_counting_and_of_the_page(visitor, times):
    if times > 1:
        grow(times)
    year = Round.objects.published().first()
    progress = progress_by_year(Round.objects.published())[-1]
    report = store.document(year.snapshots.latest("number"))
    *rows, whole = table_of(report, "ตารางที่ ๑")["rows"]

    def numbers(tally):
        return [tally.of(status) for status, _count in tally.rows] + [tally.achieved, tally.n]

    def read(row):
        return [int(to_arabic_digits(cell)) for cell in row[1:-1]]

    assert [read(row) for row in rows] == [numbers(each.tally) for each in progress.resolutions]
    assert read(whole) == numbers(progress.tally)
    assert [row[-1] for row in rows] == [str(each.status.label) for each in progress.resolutions]
    page = to_arabic_digits(visitor.get(reverse("report", args=[year.year_be])).content.decode())
    assert f"มาตรการย่อยที่นับ {progress.tally.n} ข้อ บรรลุแล้ว {progress.tally.achieved} ข้อ" in (
        re.sub(r'<span class="nb">(.*?)</span>', r"\1", page)
    )
    # And the same again as others take them away.
    columns = [status.value for status, _count in progress.tally.rows]
    columns += ["achieved", "measures_counted"]
    for level, told in (("resolution", rows), ("year", [whole])):
        figures = [read(row) for row in told]
        by_api = api_of("progress", year=year.year_be, level=level)
        assert [[row[name] for name in columns] for row in by_api] == figures
        by_csv = csv_of("progress", f"?year={year.year_be}&level={level}")
        assert [[int(row[name]) for name in columns] for row in by_csv] == figures
        if level == "resolution":
            for taken in (by_api, by_csv):
                assert [row["status_th"] for row in taken] == [row[-1] for row in told]


def test_every_measure_stands_in_its_proposals_table():
    report = store.document(newest())
    codes = [
        row[0]
        for part in report["parts"]
        for block in part["blocks"]
        if block["kind"] == "table" and len(block["head"]) == 9
        for row in block["rows"]
    ]
    assert len(codes) == 34
    assert codes[0] == "๑.๑"
    assert codes[-1] == "๘.๒"


def test_digits_of_an_address_on_the_web_stay():
    assert thai("ปี 2567 https://example.org/2567") == "ปี ๒๕๖๗ https://example.org/2567"


# Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "report-pdf", "report-docx"])
def test_a_year_without_a_published_round_names_those_that_have_one(visitor, name):
    response = visitor.get(reverse(name, args=[2569]))
    assert response.status_code == 404
    assert "ปีงบประมาณ 2569 ไม่มีรอบที่เผยแพร่ ปีที่เผยแพร่แล้ว: 2566, 2567, 2568" in response.content.decode()


def test_an_unknown_edition_names_those_there_are(visitor):
    response = visitor.get(reverse("report", args=[2567]), {"edition": "9"})
    assert response.status_code == 404
    assert "รายงานปีงบประมาณ 2567 มีฉบับที่ 1" in response.content.decode()


def test_where_the_engine_fails_the_page_stays_and_the_log_says_why(visitor, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise RuntimeError("no such font")

    monkeypatch.setattr(pdf.typst, "compile", broken)
    response = visitor.get(reverse("report-pdf", args=[2567]))
    page = response.content.decode()
    assert response.status_code == 503
    assert "สร้างไฟล์ไม่สำเร็จ บันทึกเหตุการณ์แล้ว ลองใหม่ภายหลัง เนื้อหาทั้งหมดอ่านได้ในหน้านี้" in page
    assert "ตารางที่ ๙" in page
    assert "no such font" in caplog.text
    assert not RenderedReport.objects.filter(kind=Printed.PDF).exists()


# Frozen ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("write", "kind"), [(pdf.write, "pdf"), (word.write, "docx")])
def test_the_same_report_is_the_same_bytes_and_is_kept(visitor, write, kind):
    report = store.document(newest())
    assert write(report) == write(report)
    address = reverse(f"report-{kind}", args=[2567])
    first = visitor.get(address).content
    assert first == write(report)
    # What an edition says does not follow the rows, nor a later engine.
    Resolution.objects.filter(number=1).update(title_th="ชื่อใหม่")
    RenderedReport.objects.filter(kind=kind).update(content=b"kept")
    assert visitor.get(address).content == b"kept"


def test_a_correction_makes_a_second_edition_and_the_first_stays(visitor, people):
    round_ = Round.objects.get(year_be=2567)
    first = visitor.get(reverse("report-pdf", args=[2567])).content
    by, reviewer = people["staff"], people["reviewer"]
    actions.reopen_round(round_=round_, by=reviewer, reason="หน่วยงานแจ้งว่าตัวเลขผิด")
    report = find_report(round_, "1.1")
    actions.send_back(report=report, by=reviewer, version=report.version, reason="แก้ตัวเลข")
    report = find_report(round_, "1.1")
    fields = fields_for(Status.IN_PROGRESS) | {"results": "จัดเวที 77 ครั้ง"}
    actions.save_draft(report=report, by=by, version=report.version, fields=fields, evidence=[])
    actions.submit(report=report, by=by, version=report.version)
    actions.approve(report=report, by=reviewer, version=report.version)
    actions.close_round(round_=round_, by=reviewer)
    # Until it is published again, the public reads the first edition.
    assert visitor.get(reverse("report-pdf", args=[2567])).content == first
    actions.publish_round(round_=round_, by=reviewer)
    # Frozen with the publication itself, not when somebody first looks.
    kept = RenderedReport.objects.filter(snapshot__round=round_, snapshot__number=2)
    assert [each.kind for each in kept] == [Printed.DOCUMENT]

    second = visitor.get(reverse("report-pdf", args=[2567])).content
    assert second != first
    assert visitor.get(reverse("report-pdf", args=[2567]), {"edition": "1"}).content == first
    text = letters("".join(pages(second)))
    assert letters("ฉบับที่ ๒ เผยแพร่") in text
    assert letters("หน่วยงานแจ้งว่าตัวเลขผิด") in text
    assert letters("จัดเวที ๗๗ ครั้ง") in text
    assert letters("จัดเวที ๗๗ ครั้ง") not in letters("".join(pages(first)))
    page = visitor.get(reverse("report", args=[2567]), {"edition": "1"}).content.decode()
    assert "นี่คือฉบับที่ 1 มีฉบับที่ใหม่กว่า" in page


def test_an_edition_first_printed_after_a_correction_is_still_counted_from_its_own_rows(people):
    snapshot = newest()
    before = store.document(snapshot)
    RenderedReport.objects.all().delete()
    content_ = snapshot.content.replace('"state":"approved"', '"state":"draft"')
    Snapshot.objects.create(
        round=snapshot.round,
        number=2,
        made_at=snapshot.made_at,
        reason="ทดสอบ",
        content=content_,
        digest="0" * 64,
    )
    assert store.document(snapshot) == before
    assert store.document(newest()) != before


# Drafts and texts -----------------------------------------------------------------------------


def test_a_draft_says_so_on_every_page_and_the_public_does_not_get_it(visitor, people, sign_in):
    address = reverse("staff-round-report-pdf", args=[2569])
    assert visitor.get(address).status_code == 302
    file = sign_in(people["staff"]).get(address).content
    assert all("ฉบับร่าง" in letters(page) for page in pages(file))
    assert not RenderedReport.objects.filter(snapshot__round__year_be=2569).exists()


def test_a_text_that_nobody_wrote_is_drafted_and_marked(people):
    round_ = Round.objects.get(year_be=2569)

    def preface():
        return store.draft(round_).parts[0].blocks[0]

    assert preface().is_drafted
    assert "ปีงบประมาณ พ.ศ. ๒๕๖๙" in preface().text
    texts = {"preface": actions.Written("ถ้อยคำของเลขานุการ", "")}
    assert actions.write_narratives(round_=round_, by=people["staff"], texts=texts) == 1
    assert (preface().text, preface().is_drafted) == ("ถ้อยคำของเลขานุการ", False)
    texts = {"preface": actions.Written("", "ถ้อยคำของเลขานุการ")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    assert preface().is_drafted


def test_staff_accept_a_drafted_text_on_the_page(people, sign_in):
    address = reverse("staff-round-report", args=[2569])
    client = sign_in(people["staff"])
    response = client.post(address, {"use-summary": "1"}, follow=True)
    assert "บันทึกข้อความ 1 ส่วนแล้ว" in response.content.decode()
    kept = Narrative.objects.get(round__year_be=2569)
    assert (kept.slot, kept.accepted_by) == ("summary", people["staff"])
    progress = store.standing(kept.round)
    assert kept.text == drafts.summary(progress)
    assert kept.history.count() == 1


def test_a_drafted_text_can_be_taken_as_a_beginning(people, sign_in):
    """It comes below what was typed; nothing is stored, and all that was typed elsewhere is there."""
    address = reverse("staff-round-report", args=[2569])
    typed = {"preface": "พิมพ์ไว้ก่อน", "summary": "บทสรุปของฉัน", "start-preface": "1"}
    response = sign_in(people["staff"]).post(address, typed)
    page = read(response)
    draft = drafts.preface(store.standing(Round.objects.get(year_be=2569)))
    assert response.status_code == 200
    assert page.one("#id-preface").text.startswith("พิมพ์ไว้ก่อน")
    assert draft.splitlines()[-1] in page.one("#id-preface").text
    assert page.one("#id-summary").text == "บทสรุปของฉัน"
    assert "ใส่ข้อความร่างใน “คำนำ” แล้ว ยังไม่ได้บันทึก" in page.text
    assert not Narrative.objects.exists()


def test_typed_and_accepted_at_once_is_asked_about(people, sign_in):
    address = reverse("staff-round-report", args=[2569])
    response = sign_in(people["staff"]).post(address, {"preface": "ของฉัน", "use-preface": "1"})
    page = read(response)
    assert response.status_code == 422
    assert page.one("#id-preface").text == "ของฉัน"
    assert "พิมพ์ข้อความไว้และรับรองข้อความร่างด้วย" in page.one("#error-preface").text
    assert not Narrative.objects.exists()


def test_an_error_elsewhere_does_not_hide_what_a_colleague_wrote_meanwhile(people, sign_in):
    """The page with the error is no consent to write over what came after it was first opened."""
    round_ = Round.objects.get(year_be=2569)
    texts = {"preface": actions.Written("ของเพื่อนร่วมงาน", "")}
    actions.write_narratives(round_=round_, by=people["colleague"], texts=texts)
    client, address = sign_in(people["staff"]), reverse("staff-round-report", args=[2569])
    typed = {"preface": "ของฉัน", "seen-preface": "", "summary": "ก" * 1501}
    page = read(client.post(address, typed))
    seen = {"seen-preface": page.one("textarea[name=seen-preface]").text}
    mended = client.post(address, typed | seen | {"summary": "สั้น"})
    assert mended.status_code == 409
    assert Narrative.objects.get().text == "ของเพื่อนร่วมงาน"
    # Now it was shown, and saving again says so.
    seen = {"seen-preface": read(mended).one("textarea[name=seen-preface]").text}
    assert client.post(address, typed | seen | {"summary": "สั้น"}).status_code == 302
    assert Narrative.objects.get(slot="preface").text == "ของฉัน"


def test_the_page_says_how_much_is_written(people, sign_in):
    client, address = sign_in(people["staff"]), reverse("staff-round-report", args=[2569])
    assert "เขียนหรือรับรองแล้ว 0 จาก 13 ส่วน" in read(client.get(address)).text
    client.post(address, {"use-summary": "1"})
    assert "เขียนหรือรับรองแล้ว 1 จาก 13 ส่วน" in read(client.get(address)).text


def test_nobody_writes_over_a_colleague(people, sign_in):
    round_ = Round.objects.get(year_be=2569)
    texts = {"preface": actions.Written("ของเพื่อนร่วมงาน", "")}
    actions.write_narratives(round_=round_, by=people["colleague"], texts=texts)
    typed = {"preface": "ของฉัน", "seen-preface": "", "summary": "บทสรุปของฉัน"}
    response = sign_in(people["staff"]).post(reverse("staff-round-report", args=[2569]), typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "มีผู้อื่นแก้ไขข้อความนี้ก่อนแล้ว" in page
    for text in ("ของเพื่อนร่วมงาน", "ของฉัน", "บทสรุปของฉัน"):
        assert text in page
    assert list(Narrative.objects.values_list("text", flat=True)) == ["ของเพื่อนร่วมงาน"]


def test_a_published_report_takes_no_text(people):
    with pytest.raises(actions.Refused, match="รอบนี้เผยแพร่แล้ว"):
        actions.write_narratives(
            round_=Round.objects.get(year_be=2567),
            by=people["staff"],
            texts={"preface": actions.Written("ใหม่", "")},
        )


def test_a_summary_of_too_many_lines_is_refused(people, sign_in):
    response = sign_in(people["staff"]).post(
        reverse("staff-round-report", args=[2569]), {"summary": "\n".join("กขคงจฉชซฌญฎฏฐ")}
    )
    assert response.status_code == 422
    assert "ข้อความมี 13 บรรทัด เกินกำหนด 12 บรรทัด" in response.content.decode()
    assert not Narrative.objects.exists()


def test_a_text_over_its_limit_says_by_how_much(people, sign_in):
    response = sign_in(people["staff"]).post(
        reverse("staff-round-report", args=[2569]), {"summary": "ก" * 1501}
    )
    assert response.status_code == 422
    assert (
        "ข้อความยาว 1501 อักขระ เกินกำหนด 1500 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง" in response.content.decode()
    )
    assert not Narrative.objects.exists()


# Files ----------------------------------------------------------------------------------------


def test_every_proposals_words_come_out_of_the_pdf_letter_by_letter(require, tmp_path):
    file = pdf.write(store.document(newest()))
    assert b"pdfuaid:part" in file
    of_pdfium = "\n".join(pages(file))
    require(shutil.which("pdftotext"), "pdftotext is not installed (apt-get install poppler-utils)")
    path = tmp_path / "report.pdf"
    path.write_bytes(file)
    told = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    of_poppler = told.stdout.decode()
    texts = {one.number: one.text for one in Resolution.objects.all()}
    assert len(texts) == 8
    for extracted in (of_pdfium, of_poppler):
        missing = [number for number, text in texts.items() if not as_set(text).search(extracted)]
        assert missing == []
        # It does look at spaces and at marks.
        assert not as_set(texts[3].replace("สังคม ใน", "สังคมใน", 1)).search(extracted)
        assert not as_set(texts[3].replace("สนับสนุน", "สนับ สนุน", 1)).search(extracted)
        assert not as_set(texts[3].replace("ุ", "ู", 1)).search(extracted)


def test_the_summary_has_one_page_even_at_its_limits(people):
    round_ = Round.objects.get(year_be=2569)
    longest = "\n".join(["ก" * 124] * 12)
    assert len(longest) <= drafts.LIMITS["summary"]
    texts = {"summary": actions.Written(longest, "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    found = pages(pdf.write(store.draft(round_).as_data()))
    (place,) = [number for number, page in enumerate(found) if "ก" * 40 in letters(page)]
    assert letters("บทสรุปผู้บริหาร") in letters(found[place])
    assert letters("สถานะของมาตรการย่อยทั้งหมด") in letters(found[place]), "with its chart"
    assert letters("สารบัญ") in letters(found[place + 1])


def test_the_pdf_has_the_headings_as_bookmarks_and_the_contents_their_pages():
    report = store.document(newest())
    file = pdf.write(report)
    wanted = [text for text in headings_of(report) if text != "สารบัญ"]
    assert bookmarks(file) == wanted
    contents = next(page for page in pages(file) if "สารบัญ" in page)
    assert re.search(r"ส่วนที่ ๑ [^\n]*\.\s*[๐-๙]+", contents)


def test_no_amount_runs_into_the_next_column():
    """The longest amounts in the narrowest column: each is set on one line of its own."""
    table = next(
        block
        for part in store.document(newest())["parts"]
        for block in part["blocks"]
        if block["kind"] == "table" and len(block["head"]) == 9
    )
    assert table["head"][5] == "งบประมาณ (บาท)"
    amounts = "ได้รับ\n๙,๙๙๙,๙๙๙,๙๙๙\nเบิกจ่าย\n๙,๙๙๙,๙๙๙,๙๙๙"
    table["rows"] = [["๑.๑", *["ก" * 30] * 4, amounts, *["ฮ" * 30] * 3]]
    report = store.document(newest())
    report["parts"] = [{"title": "ก", "is_wide": True, "is_contents": False, "blocks": [table]}]
    document = pypdfium2.PdfDocument(pdf.write(report))
    try:
        text = document[1].get_textpage()
        found = text.search("๙,๙๙๙,๙๙๙,๙๙๙")
        right_of_amounts = [
            text.get_charbox(place + count - 1)[2]
            for place, count in [found.get_next(), found.get_next()]
        ]
        left_of_next = text.get_charbox(text.search("ฮ").get_next()[0])[0]
    finally:
        document.close()
    assert max(right_of_amounts) < left_of_next


def test_markup_in_somebodys_words_is_words(people):
    nasty = '#panic("x") *ก* $x$ <b> \\ [/] @a'
    round_ = Round.objects.get(year_be=2569)
    texts = {"preface": actions.Written(nasty, "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    assert letters(nasty) in letters("".join(pages(pdf.write(store.draft(round_).as_data()))))


def test_the_docx_has_real_headings_tables_and_a_thai_typeface():
    report = store.document(newest())
    book = Document(BytesIO(word.write(report)))
    found = [each.text for each in book.paragraphs if each.style.name.startswith("Heading")]
    assert found == headings_of(report)
    tables = [table for table in book.tables if table.rows[0]._tr.xpath("w:trPr/w:tblHeader")]
    wanted = [
        block["head"]
        for part in report["parts"]
        for block in part["blocks"]
        if block["kind"] == "table"
    ]
    assert [[cell.text for cell in table.rows[0].cells] for table in tables] == wanted
    for table in tables:
        columns = [column.width for column in table.columns]
        assert all([cell.width for cell in row.cells] == columns for row in table.rows)
    normal = book.styles["Normal"].element.rPr
    assert normal.rFonts.get(qn("w:cs")) == word.FONT
    assert normal.find(qn("w:szCs")).get(qn("w:val")) == "32"
    assert normal.find(qn("w:lang")).get(qn("w:bidi")) == "th-TH"


def test_bars_in_word_are_as_wide_as_what_they_count():
    """For Word, which goes by the cells, and for LibreOffice, which goes by the columns."""
    report = store.document(newest())
    book = Document(BytesIO(word.write(report)))
    bars = [
        [int(to_arabic_digits(each["count"])) for each in row["segments"]]
        for part in report["parts"]
        for block in part["blocks"]
        if block["kind"] == "bars"
        for row in block["rows"]
    ]
    tables = [table for table in book.tables if not table.rows[0]._tr.xpath("w:trPr/w:tblHeader")]
    assert len(tables) == len(bars) > 8
    for table, counts in zip(tables, bars, strict=True):
        for widths in (
            [cell.width for cell in table.rows[0].cells],
            [column.width for column in table.columns],
        ):
            each = sum(widths) / sum(counts)  # of one measure
            assert widths == pytest.approx([count * each for count in counts], rel=0.02)


def test_bars_in_word_say_which_colour_is_which_status():
    report = store.document(newest())
    book = Document(BytesIO(word.write(report)))
    legends = [
        [
            (str(mark.font.color.rgb), label.text.strip())
            for mark, label in zip(each.runs[::2], each.runs[1::2], strict=True)
        ]
        for each in book.paragraphs
        if each.text.startswith("■")
    ]
    colour = {str(status.label): colours()[status].fill[1:].upper() for status in Status}
    assert len(legends) == 3
    assert all(pair in [(code, label) for label, code in colour.items()] for pair in legends[0])
    tally = progress_by_year(Round.objects.published())[1].tally
    assert {label for _code, label in legends[0]} == {
        str(status.label) for status, count in tally.rows if count
    }


def test_a_draft_in_word_has_its_watermark_on_every_page():
    def marks(report):
        section = Document(BytesIO(word.write(report))).sections[0]
        found = []
        for header in (section.header, section.first_page_header):
            found += header._element.xpath(".//*[local-name() = 'textpath' and @string]/@string")
        return found

    report = store.draft(Round.objects.get(year_be=2569)).as_data()
    assert marks(report) == ["ฉบับร่าง", "ฉบับร่าง"]
    assert marks(report | {"watermark": '"><x'}) == ['"><x', '"><x'], (
        "whatever it says, it is words"
    )
    assert marks(store.document(newest())) == []


def test_libreoffice_makes_the_same_headings_of_the_docx(require, tmp_path):
    writer = SOFFICE and (Path(SOFFICE).resolve().parent / "libswlo.so").exists()
    require(writer, "LibreOffice Writer is not installed (apt-get install libreoffice-writer)")
    report = store.document(newest())
    (tmp_path / "report.docx").write_bytes(word.write(report))
    run_office("--convert-to", "pdf", "report.docx", cwd=tmp_path)
    file = (tmp_path / "report.pdf").read_bytes()
    assert bookmarks(file) == headings_of(report)
    # The contents say on which page each heading of theirs is.
    contents = "\n".join(page for page in pages(file) if re.search(r"\.{5,}\s*[0-9]", page))
    document = pypdfium2.PdfDocument(file)
    on_pages = [
        each.get_dest().get_index() + 1
        for each in document.get_toc()
        if each.level < 2 and each.get_title() != "สารบัญ"
    ]
    document.close()
    told = [int(number) for number in re.findall(r"\.{5,}\s*([0-9]+)", contents)]
    assert len(told) > len(report["parts"])
    assert told == on_pages


@pytest.mark.parametrize("by", pack.KINDS)
def test_the_meeting_pack_has_a_page_for_each(people, sign_in, by):
    report = pack.build(store.standing(Round.objects.get(year_be=2568)), by=by)
    file = sign_in(people["staff"]).get(reverse("staff-round-pack", args=[2568]), {"by": by})
    found = pages(file.content)
    assert len(found) == len(report.parts)
    for page, part in zip(found, report.parts, strict=True):
        assert letters(part.title) in letters(page)


def test_an_unknown_kind_of_pack_is_not_there(people, sign_in):
    response = sign_in(people["staff"]).get(reverse("staff-round-pack", args=[2569]), {"by": "x"})
    assert response.status_code == 404
    assert "ชุดเอกสารประชุมจัดตามข้อเสนอหรือตามหน่วยงาน" in response.content.decode()


def test_what_the_meeting_resolved_stands_in_the_report_or_boxes_to_tick(people):
    round_ = Round.objects.get(year_be=2569)

    def last():
        return store.draft(round_).parts[-1].blocks[-1]

    assert list(last().items) == ["รับทราบ", "เห็นชอบ", "ให้ดำเนินการเพิ่มเติม"]
    texts = {"meeting": actions.Written("เห็นชอบ และให้ติดตามข้อ 7", "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    assert last().text == "เห็นชอบ และให้ติดตามข้อ ๗"


def test_the_preface_says_how_many_agencies_reported_and_how_many_had_to():
    progress = progress_by_year(Round.objects.published())[-1]
    rows = agency_rows(progress)
    reported = [row for row in rows if row.reported]
    assert len(reported) < len(rows)
    assert f"มีหน่วยงานที่ต้องรายงาน {len(rows)} หน่วยงาน รายงานแล้ว {len(reported)} หน่วยงาน" in (
        drafts.preface(progress)
    )


def test_the_tables_are_numbered_through():
    report = store.document(newest())
    numbers = re.findall(r"ตารางที่ ([๐-๙]+)", " ".join(str(part) for part in report["parts"]))
    assert [int(to_arabic_digits(each)) for each in dict.fromkeys(numbers)] == list(range(1, 10))
    assert content.NOTHING == "–"
