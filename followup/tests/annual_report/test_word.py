"""The report as DOCX: real headings and tables, bars to scale, a watermark on a draft."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn

from followup.annual_report import store, word
from followup.appearance import colours
from followup.models import Round
from followup.progress import progress_by_year
from followup.status import Status
from followup.tests.annual_report.reading import as_word, bookmarks, headings_of, newest, pages
from followup.tests.spreadsheets.office import SOFFICE, run_office
from forum_portal.thai import to_arabic_digits
from forum_portal.word import FONT

pytestmark = pytest.mark.usefixtures("demo")


@pytest.mark.slow
@pytest.mark.once
def test_the_docx_has_real_headings_tables_and_a_thai_typeface():
    report = store.document(newest())
    book = Document(BytesIO(as_word(report)))
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
    assert normal.rFonts.get(qn("w:cs")) == FONT
    assert normal.find(qn("w:szCs")).get(qn("w:val")) == "32"
    assert normal.find(qn("w:lang")).get(qn("w:bidi")) == "th-TH"


@pytest.mark.slow
@pytest.mark.once
def test_bars_in_word_are_as_wide_as_what_they_count():
    """For Word, which goes by the cells, and for LibreOffice, which goes by the columns."""
    report = store.document(newest())
    book = Document(BytesIO(as_word(report)))
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


@pytest.mark.slow
@pytest.mark.once
def test_bars_in_word_say_which_colour_is_which_status():
    report = store.document(newest())
    book = Document(BytesIO(as_word(report)))
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


@pytest.mark.slow
@pytest.mark.once
def test_a_draft_in_word_has_its_watermark_on_every_page():
    def marks(report):
        section = Document(BytesIO(as_word(report))).sections[0]
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


@pytest.mark.slow
@pytest.mark.once
def test_libreoffice_makes_the_same_headings_of_the_docx(require, tmp_path):
    writer = SOFFICE and (Path(SOFFICE).resolve().parent / "libswlo.so").exists()
    require(writer, "LibreOffice Writer is not installed (apt-get install libreoffice-writer)")
    report = store.document(newest())
    (tmp_path / "report.docx").write_bytes(as_word(report))
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


def test_a_long_table_is_the_same_as_a_short_one(monkeypatch):
    """Its rows are written as text into the file: with lines, tabs, signs of XML, and the sum in bold."""
    rows = [[f"แถว {n}", "ก <b>&\n ข\tค \n\tฆ", "", "๑"] for n in range(12)] + [
        ["รวม", "", "", "๑๒"]
    ]
    table = {"kind": "table", "caption": "ก", "head": [*"กขคง"], "rows": rows, "has_total": True}
    report = store.document(newest())
    part = {"title": "ก", "is_wide": False, "is_contents": False}
    table |= {"widths": [2, 2, 1, 1], "numbers": [3]}
    report["parts"] = [part | {"blocks": [table, table]}]

    def document():
        return zipfile.ZipFile(BytesIO(word.write(report))).read("word/document.xml")

    short = document()
    monkeypatch.setattr(word, "LONG", 5)
    assert document() == short
    assert short.count("แถว 11".encode()) == 2
