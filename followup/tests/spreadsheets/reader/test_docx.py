"""The tables of a Word file, each as a sheet."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    EMPTY,
    TOO_MANY,
    Files,
    data,
    raw,
)
from followup.tests.spreadsheets.reader.formats import said
from followup.tests.spreadsheets.told import told


def word(build: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def filled(document: Any, *rows: list[str]) -> Any:
    table = document.add_table(len(rows), len(rows[0]))
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(line, column).text = text
    return table


def test_a_table_of_a_word_file_is_a_sheet(files: Files) -> None:
    book = files.read(word(lambda document: filled(document, ["ก", "ข"], ["1.1", " "])), "a.docx")
    (sheet,) = book.sheets
    assert (book.kind, sheet.name, sheet.visible) == ("docx", "ตาราง 1", True)
    assert sheet.rows == [("ก", "ข"), ("1.1", None)]
    assert book.notices == ()


def test_cells_merged_across_and_down(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(
            document,
            ["หัวเรื่อง", "", "", ""],
            ["กรม", "1", "2", "3"],
            ["", "", "5", "6"],
            ["", "7", "8", "9"],
        )
        table.cell(0, 0).merge(table.cell(0, 3))
        table.cell(1, 0).merge(table.cell(3, 0))
        table.cell(1, 1).merge(table.cell(2, 2))

    sheet = files.sheet(word(build), "a.docx")
    assert set(sheet.merged) == {(0, 0, 0, 3), (1, 0, 3, 0), (1, 1, 2, 2)}
    assert sheet.rows == [
        ("หัวเรื่อง", None, None, None),
        ("กรม", "1\n2\n5", None, "3"),
        (None, None, None, "6"),
        (None, "7", "8", "9"),
    ]


def test_rows_that_begin_or_end_elsewhere_keep_their_columns(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["ก", "ข", "ค"], ["1", "2", "3"])
        row = table.rows[1]._tr
        row.remove(row.tc_lst[0])
        properties = row.get_or_add_trPr()
        before = OxmlElement("w:gridBefore")
        before.set(qn("w:val"), "1")
        properties.append(before)

    assert files.sheet(word(build), "a.docx").rows == [("ก", "ข", "ค"), (None, "2", "3")]


def test_paragraphs_breaks_tabs_and_ticks_in_a_cell(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["", "ก"])
        cell = table.cell(0, 0)
        cell.text = "บรรทัด 1\nต่อ\tแท็บ"
        cell.add_paragraph("ย่อหน้า 2")
        run = table.cell(0, 1).paragraphs[0].add_run()
        run._r.append(parse_xml(f'<w:sym {nsdecls("w")} w:font="Wingdings" w:char="F0FC"/>'))

    ((first, second),) = files.sheet(word(build), "a.docx").rows
    assert (first, second) == ("บรรทัด 1\nต่อ\tแท็บ\nย่อหน้า 2", "ก✔")


def test_a_table_in_a_cell_is_text_of_that_cell(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["ก", "ข"], ["1", "ก่อน"])
        inner = table.cell(1, 1).add_table(1, 2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "ใน 1", "ใน 2"

    (sheet,) = files.read(word(build), "a.docx").sheets
    assert sheet.rows == [("ก", "ข"), ("1", "ก่อน\nใน 1\nใน 2")]


def test_text_outside_tables_is_said_and_each_table_is_a_sheet(files: Files) -> None:
    def build(document: Any) -> None:
        document.add_paragraph("รายงานผลการดำเนินงาน ปีงบประมาณ 2567")
        filled(document, ["ก"])
        document.add_paragraph(" ")
        filled(document, ["ข"])

    book = files.read(word(build), "a.docx")
    assert [(sheet.name, sheet.rows) for sheet in book.sheets] == [
        ("ตาราง 1", [("ก",)]),
        ("ตาราง 2", [("ข",)]),
    ]
    assert said(book) == [told("F19", text="รายงานผลการดำเนินงาน ปีงบประมาณ 2567")]


def test_numbers_that_word_counts_itself_are_said_to_be_missing(files: Files) -> None:
    def build(document: Any) -> None:
        table = filled(document, ["ลำดับ", "ผล"], ["", "ดี"])
        paragraph = table.cell(1, 0).paragraphs[0]._p
        paragraph.get_or_add_pPr().get_or_add_numPr()

    assert said(files.read(word(build), "a.docx")) == [told("F21")]


def test_struck_and_deleted_text_of_a_word_file(files: Files) -> None:
    """Struck out is read and told. Deleted while changes are recorded is not there any more."""

    def build(document: Any) -> None:
        table = filled(document, ["", "ข", "ค"])
        table.cell(0, 0).paragraphs[0].add_run("เดิม").font.strike = True
        paragraph = table.cell(0, 1).paragraphs[0]._p
        paragraph.append(
            parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>ลบ</w:delText></w:r></w:del>")
        )
        paragraph.append(
            parse_xml(f"<w:moveFrom {nsdecls('w')}><w:r><w:t>ย้าย</w:t></w:r></w:moveFrom>")
        )
        mark = table.cell(0, 2).paragraphs[0]._p.get_or_add_pPr()  # the end of the paragraph
        mark.append(parse_xml(f"<w:rPr {nsdecls('w')}><w:strike/></w:rPr>"))

    sheet = files.sheet(word(build), "a.docx")
    assert sheet.rows == [("เดิม", "ข", "ค")]
    assert sheet.struck == {(0, 0)}


def test_a_word_file_without_a_table_or_with_a_blank_one(files: Files) -> None:
    assert files.refused(word(lambda document: document.add_paragraph("ก")), "a.docx") == (
        told("F20")
    )
    assert files.refused(word(lambda document: document.add_table(2, 2)), "a.docx") == EMPTY


def document_of(body: str, prolog: str = "") -> bytes:
    """A Word file whose document is this XML."""
    old = zipfile.ZipFile(io.BytesIO(word(lambda document: None)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in old.namelist():
            if name != "word/document.xml":
                package.writestr(name, old.read(name))
        package.writestr(
            "word/document.xml",
            f"{prolog}<w:document {nsdecls('w')}><w:body>{body}</w:body></w:document>",
        )
    return out.getvalue()


CELL = "<w:tc><w:p><w:r><w:t>ก</w:t></w:r></w:p></w:tc>"


def test_hostile_word_files_stay_within_the_limits(files: Files) -> None:
    wide_cell = CELL.replace("<w:p>", '<w:tcPr><w:gridSpan w:val="{}"/></w:tcPr><w:p>')
    for span, sentence in (("999999999", EMPTY), ("1001", DAMAGED), ("-1", None), ("x", None)):
        content = document_of(f"<w:tbl><w:tr>{wide_cell.format(span)}</w:tr></w:tbl>")
        if sentence == DAMAGED:
            assert files.refused(content, "a.docx") == sentence
        else:
            assert files.sheet(content, "a.docx").rows == [("ก",)]
    rows = f"<w:tr>{wide_cell.format(1000)}</w:tr>" * 3001
    assert files.refused(document_of(f"<w:tbl>{rows}</w:tbl>"), "a.docx") == TOO_MANY
    many = "<w:tr/>" * 200_001
    assert files.refused(document_of(f"<w:tbl>{many}</w:tbl>"), "a.docx") == TOO_MANY
    deep = "<w:tbl><w:tr><w:tc>" * 5000
    assert files.refused(document_of(deep), "a.docx") == DAMAGED
    dtd = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    assert files.refused(document_of(f"<w:p>{CELL}</w:p>", dtd), "a.docx") == DAMAGED
    assert files.refused(document_of(f"<w:tbl>{CELL}</w:tbl>"), "a.docx") == DAMAGED


def test_another_office_file_named_docx(files: Files) -> None:
    assert files.refused(raw(data("><v>1</v>")), "a.docx") == DAMAGED
