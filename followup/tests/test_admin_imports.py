"""The admin's import with any file: either an error message or the file's content."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from followup.models import Agency, Assignment, Round, User
from followup.tests.client import read
from followup.tests.factories import dump
from followup.tests.files import OLE
from proposals.models import Forum, Measure, Resolution

XLSX, CSV = "0", "1"
DAMAGED = "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน บันทึกใหม่เป็น .xlsx ที่ไม่มีรหัสผ่านแล้วลองอีกครั้ง"
EMPTY = "ไฟล์ว่าง ไม่มีแถวข้อมูลให้นำเข้า"
MERGED = "เซลล์ {} ผสานกันอยู่ จึงไม่รู้ว่าค่าเป็นของแถวหรือคอลัมน์ใด ยกเลิกการผสานเซลล์ ใส่ค่าให้ครบทุกเซลล์แล้วบันทึกใหม่"
NO_HEADING = (
    "คอลัมน์ {} ไม่มีหัวคอลัมน์ในแถว 1 แต่เซลล์ {} มีข้อมูล "
    "ใส่หัวคอลัมน์ หรือลบข้อมูลในคอลัมน์นี้ (หากหัวคอลัมน์อยู่แถวอื่น ลบแถวที่อยู่เหนือ) แล้วบันทึกใหม่"
)

Row = list[Any]
Build = Callable[[Row, Row], bytes]


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Any) -> Path:
    settings.IMPORT_FOLDER = tmp_path / "imports"
    return tmp_path / "imports"


@pytest.fixture
def desk(client: Client, forum: Forum, people: Mapping[str, User]) -> Client:
    client.force_login(people["administrator"])
    return client


@pytest.fixture
def records(forum: Forum) -> dict[Any, dict[str, Any]]:
    """A record of each list that the admin imports: new agencies and assignments, known proposals."""
    text = forum.resolutions.get(number=1).text
    return {
        Agency: {"code": "NEW_ONE", "name_th": "กลุ่มใหม่", "kind": "cso"},
        Assignment: {"measure": "3.4", "agency": "THF", "role": "lead", "valid_from": 2590},
        Resolution: {"forum": 2565, "number": 1, "title_th": "ใหม่", "text": text},
        Measure: {"code": "3.4", "title_th": "ใหม่", "kind": "output"}
        | Measure.objects.filter(resolution__number=3, number=4).values("start", "end").get(),
    }


def url(model: Any, page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def preview(
    desk: Client, model: Any, content: bytes, name: str = "file.xlsx", chosen: str = ""
) -> Any:
    chosen = chosen or (XLSX if name.endswith(".xlsx") else CSV)
    sent = {"format": chosen, "resource": "0", "import_file": SimpleUploadedFile(name, content)}
    return desk.post(url(model, "import"), sent)


def confirm(desk: Client, model: Any, checked: Any, **changes: str) -> Any:
    sent = checked.context["confirm_form"].initial | changes
    return desk.post(url(model, "process_import"), sent, follow=True)


def refusals(response: Any) -> list[str]:
    """Every sentence that says why a file is not taken."""
    assert response.status_code == 200
    assert "confirm_form" not in response.context, "the file was taken"
    assert "Traceback" not in response.content.decode()
    return read(response).texts("ul.errorlist li")


# How files are made ------------------------------------------------------------------------------


def book(*rows: Iterable[Any], change: Callable[[Any], object] = lambda book: None) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(list(row))
    change(workbook)
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _add_sheet(workbook: Any, name: str, *rows: Row) -> None:
    sheet = workbook.create_sheet(name)
    for row in rows:
        sheet.append(row)


def merged(where: str) -> Build:
    return lambda titles, row: book(
        titles, row, row, change=lambda book: book.active.merge_cells(where)
    )


def written(build: Callable[[Any], object]) -> bytes:
    """A workbook by XlsxWriter, which stores the results of formulas."""
    stream = BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    build(workbook)
    workbook.close()
    return stream.getvalue()


def formulas(titles: Row, row: Row, *, value: Any = None) -> bytes:
    """The record's second cell is a formula; its stored result is the cell's value, or `value`."""

    def build(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, titles)
        sheet.write_row(1, 0, row)
        sheet.write_formula(1, 1, "=A1", None, row[1] if value is None else value)

    return written(build)


def charts(titles: Row, row: Row) -> bytes:
    def build(workbook: Any) -> None:
        chart = workbook.add_chart({"type": "bar"})
        chart.add_series({"values": "={1}"})
        workbook.add_chartsheet().set_chart(chart)

    return written(build)


def rows_beyond(titles: Row, row: Row, *, count: int) -> bytes:
    def build(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, titles)
        for number in range(1, count + 1):
            sheet.write_number(number, 0, 1)

    return written(build)


def csv(titles: Row, row: Row, *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    lines = [separator.join(f'"{cell}"' for cell in cells) for cells in (titles, row)]
    return "\r\n".join([*lines, ""]).encode(encoding)


def zipped(content: bytes, **parts: bytes) -> bytes:
    """An .xlsx with some parts replaced or added."""
    stream = BytesIO()
    parts = {name.replace("__", "/"): data for name, data in parts.items()}
    with (
        zipfile.ZipFile(BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, data in parts.items():
            new.writestr(name, data)
    return stream.getvalue()


@cache
def bomb() -> bytes:
    return zipped(book(["code"], ["X"]), **{"xl__media__image1.png": b"\0" * (513 * 2**20)})


# Files and lists ---------------------------------------------------------------------------------

LISTS: list[Any] = [Agency, Assignment, Resolution, Measure]


def pairs(shapes: Mapping[str, object], besides: Mapping[str, list[Any]]) -> list[Any]:
    """Each shape with one list, in turns, and with the lists that `besides` names for it.

    The lists share one reader, which knows neither their columns nor their rows.
    """
    return [
        pytest.param(shape, model, id=f"{shape}-{model.__name__}")
        for number, shape in enumerate(shapes)
        for model in LISTS
        if model is LISTS[number % len(LISTS)] or model in besides.get(shape, [])
    ]


# What is refused ---------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Build, str, str]] = {
    "first row blank": (
        lambda titles, row: book([], titles, row),
        "file.xlsx",
        "แถว 1 ว่าง หัวคอลัมน์ต้องอยู่ในแถว 1 ลบแถวว่างที่อยู่เหนือหัวคอลัมน์แล้วเลือกไฟล์อีกครั้ง",
    ),
    "first row of a CSV blank": (
        lambda titles, row: b"\r\n" + csv(titles, row),
        "file.csv",
        "แถว 1 ว่าง หัวคอลัมน์ต้องอยู่ในแถว 1 ลบแถวว่างที่อยู่เหนือหัวคอลัมน์แล้วเลือกไฟล์อีกครั้ง",
    ),
    "first row of spaces": (
        lambda titles, row: book([" ", "\u00a0"], titles, row),
        "file.xlsx",
        "แถว 1 ว่าง หัวคอลัมน์ต้องอยู่ในแถว 1 ลบแถวว่างที่อยู่เหนือหัวคอลัมน์แล้วเลือกไฟล์อีกครั้ง",
    ),
    "a title above the header": (
        lambda titles, row: book(["รายการทั้งหมด"], titles, row),
        "file.xlsx",
        NO_HEADING.format("B", "B2"),
    ),
    "a column without a heading": (
        lambda titles, row: book(titles, [*row, "ลืมหัว"]),
        "file.xlsx",
        "",  # its letter is the list's own
    ),
    "merged header": (merged("A1:B1"), "file.xlsx", MERGED.format("A1:B1")),
    "merged cells": (merged("B2:B3"), "file.xlsx", MERGED.format("B2:B3")),
    "only a header": (lambda titles, row: book(titles), "file.xlsx", "ไฟล์นี้ไม่มีแถวข้อมูล"),
    "only a header in a CSV": (
        lambda titles, row: csv(titles, row).splitlines()[0],
        "file.csv",
        "ไฟล์นี้ไม่มีแถวข้อมูล",
    ),
    "charts alone": (charts, "file.xlsx", EMPTY),
    "nothing": (lambda titles, row: book(), "file.xlsx", EMPTY),
    "zero bytes": (lambda titles, row: b"", "file.xlsx", EMPTY),
    "a megabyte in a cell": (
        lambda titles, row: zipped(
            book(titles, row),
            **{
                "xl__worksheets__sheet1.xml": (
                    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                    '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>code</t></is></c></row>'
                    '<row r="2"><c r="A2" t="inlineStr"><is><t>'
                    + "ก" * 2**20
                    + "</t></is></c></row></sheetData></worksheet>"
                ).encode()
            },
        ),
        "file.xlsx",
        "เซลล์ A2: ข้อความยาวเกิน 32,767 อักขระ จะไม่ตัดให้เอง",
    ),
    "5,001 rows": (
        lambda titles, row: rows_beyond(titles, row, count=5001),
        "file.xlsx",
        "นำเข้าได้ครั้งละไม่เกิน 5,000 แถว",
    ),
    "a million rows": (
        lambda titles, row: b"code\n" + b"X\n" * 10**6,
        "file.csv",
        "ไฟล์มีเซลล์มากเกินกว่าที่ระบบรับได้ (3,000,000 เซลล์) ลบแถวและคอลัมน์ว่างแล้วบันทึกใหม่ "
        "นำเข้าได้ครั้งละไม่เกิน 5,000 แถว",
    ),
    "51 columns": (
        lambda titles, row: book([*titles, *(f"c{n}" for n in range(51 - len(titles)))], row),
        "file.xlsx",
        "ไฟล์มี 51 คอลัมน์ นำเข้าได้ไม่เกิน 50 คอลัมน์ ลบคอลัมน์ที่ไม่ใช้แล้วเลือกไฟล์อีกครั้ง",
    ),
    "a formula without a value": (
        lambda titles, row: book(titles, [row[0], "=A1", *row[2:]]),
        "file.xlsx",
        "เซลล์ B2: สูตรไม่มีค่าที่บันทึกไว้ เปิดไฟล์ใน Excel แล้วกดบันทึกหนึ่งครั้งก่อนนำเข้า",
    ),
    "an error": (
        lambda titles, row: formulas(titles, row, value="#N/A"),
        "file.xlsx",
        "เซลล์ B2: เป็นค่าผิดพลาดของ Excel (#N/A) แก้สูตรหรือพิมพ์ค่าแทน แล้วบันทึกใหม่",
    ),
    "an error in the header": (
        lambda titles, row: book(["#REF!", *titles[1:]], row),
        "file.xlsx",
        "เซลล์ A1: เป็นค่าผิดพลาดของ Excel (#REF!) แก้สูตรหรือพิมพ์ค่าแทน แล้วบันทึกใหม่",
    ),
    "a day": (
        lambda titles, row: book(titles, [row[0], date(2026, 4, 3), *row[2:]]),
        "file.xlsx",
        "เซลล์ B2: Excel อ่านเป็นวันที่ (3 เมษายน 2569) จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์ค่าใหม่",
    ),
    "a heading that is a day": (
        lambda titles, row: book([date(2026, 4, 3), *titles[1:]], row),
        "file.xlsx",
        "เซลล์ A1: Excel อ่านเป็นวันที่ (3 เมษายน 2569) จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์ค่าใหม่",
    ),
    "a heading twice": (
        lambda titles, row: book([*titles, "x", titles[0]], [*row, None, row[0]]),
        "file.xlsx",
        "",  # names the list's own heading
    ),
    "every sheet hidden": (
        lambda titles, row: book(
            titles,
            row,
            change=lambda book: (
                setattr(book.create_sheet("ว่าง"), "title", "ว่าง"),
                setattr(book.worksheets[0], "sheet_state", "hidden"),
                setattr(book, "active", 1),
            ),
        ),
        "file.xlsx",
        "ชีต “Sheet” ซ่อนอยู่ และไม่มีชีตอื่นที่มีข้อมูล เลิกซ่อนชีตแล้วบันทึกใหม่",
    ),
    "mixed encodings": (
        lambda titles, row: csv(titles, row) + "กรม".encode() + "กรม".encode("cp874"),
        "file.csv",
        "ไม่พบตัวอักษรไทยที่อ่านได้ ไฟล์อาจถูกบันทึกผิดรหัส บันทึกเป็น “CSV UTF-8” แล้วลองอีกครั้ง",
    ),
    "NUL": (lambda titles, row: csv(titles, row).replace(b'"', b"\0"), "file.csv", DAMAGED),
    "a zip bomb": (
        lambda titles, row: bomb(),
        "file.xlsx",
        "ไฟล์มีเซลล์มากเกินกว่าที่ระบบรับได้ (3,000,000 เซลล์) ลบแถวและคอลัมน์ว่างแล้วบันทึกใหม่ "
        "นำเข้าได้ครั้งละไม่เกิน 5,000 แถว",
    ),
    "encrypted": (lambda titles, row: OLE, "file.xlsx", DAMAGED),
    "a page of HTML": (lambda titles, row: b"<!doctype html><table></table>", "file.xlsx", DAMAGED),
    "a page of HTML as CSV": (lambda titles, row: b"<html><table></table>", "file.csv", DAMAGED),
    "a truncated file": (lambda titles, row: book(titles, row)[:900], "file.xlsx", DAMAGED),
    "the other format chosen": (
        lambda titles, row: csv(titles, row),
        "file.csv",
        "เลือกรูปแบบ xlsx แต่ไฟล์เป็น .csv เลือกรูปแบบ csv แล้วตรวจไฟล์อีกครั้ง",
    ),
    "another kind of file": (
        lambda titles, row: OLE,
        "file.xls",
        "ไม่รองรับไฟล์ .xls เปิดไฟล์แล้วบันทึกเป็น .xlsx ก่อนนำเข้า (ที่รองรับคือ .xlsx .xlsm .csv .tsv .txt)",
    ),
}


#: The sentence names a heading or a letter of the list, so that each list is tried.
HEADINGS_MATTER = dict.fromkeys(("a column without a heading", "a heading twice"), LISTS)


@pytest.mark.parametrize(("shape", "model"), pairs(REFUSED, HEADINGS_MATTER))
def test_a_file_of_another_shape_gets_its_sentence(shape, model, desk, records):
    build, name, sentence = REFUSED[shape]
    before = dump(without={"django_session"})
    titles, row = [*records[model]], [*records[model].values()]
    if shape == "a column without a heading":
        letter = "ABCDEFG"[len(titles)]
        sentence = NO_HEADING.format(letter, f"{letter}2")
    elif shape == "a heading twice":
        last = "ABCDEFG"[len(titles) + 1]
        sentence = f"หัวคอลัมน์ “{titles[0]}” ซ้ำกันที่เซลล์ A1 และ {last}1 เหลือไว้คอลัมน์เดียวแล้วบันทึกใหม่"
    chosen = XLSX if shape == "the other format chosen" else ""
    response = preview(desk, model, build(titles, row), name, chosen)
    assert refusals(response) == [sentence]
    assert dump(without={"django_session"}) == before


def test_the_file_of_the_case_is_refused(desk):
    content = book([], ["code", "name_th", "kind"], ["X", "ก", "cso"])
    assert refusals(preview(desk, Agency, content)) == [REFUSED["first row blank"][2]]


def test_headings_that_are_none_of_ours(desk, records):
    """Two header rows, a number for a heading: the columns that there are, are named."""
    before = dump(without={"django_session"})
    for (model, record), heading in zip(records.items(), ("ลำดับ", 2565) * 2, strict=True):
        titles, row = [*record], [*record.values()]
        (said,) = refusals(preview(desk, model, book([heading, *titles[1:]], titles, row)))
        assert said.startswith(f"ไม่รู้จักคอลัมน์ “{heading}” คอลัมน์ที่ใช้ได้: ")
        said = refusals(preview(desk, model, book(titles, [f"ชื่อ {n}" for n in titles], row)))
        assert said, model
        assert all("คอลัมน์ “" in each for each in said), said
    assert dump(without={"django_session"}) == before


def test_a_file_beyond_the_limit_is_not_called_empty(desk, settings, open_round: Round):
    settings.EVIDENCE_MAX_BYTES = 2**20
    content = b"x" * (2**20 + 1)
    said = "ไฟล์ใหญ่เกิน 1 MB แบ่งเป็นหลายไฟล์แล้วนำเข้าทีละไฟล์"
    assert refusals(preview(desk, Agency, content)) == [said]
    sent = {"round": open_round.year_be, "file": SimpleUploadedFile("file.xlsx", content)}
    response = desk.post(reverse("import"), sent)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_no_file_at_all(desk):
    response = desk.post(url(Agency, "import"), {"format": XLSX, "resource": "0"})
    assert response.context["form"].errors == {"import_file": ["เลือกไฟล์ .xlsx หรือ .csv"]}


# What is read ------------------------------------------------------------------------------------

READ: dict[str, tuple[Build, str, list[str]]] = {
    "a blank first column": (
        lambda titles, row: book([None, *titles], [None, *row]),
        "file.xlsx",
        [],
    ),
    "blank columns between": (
        lambda titles, row: book(
            [titles[0], None, *titles[1:], None], [row[0], None, *row[1:], " "]
        ),
        "file.xlsx",
        [],
    ),
    "a formula with its value": (
        formulas,
        "file.xlsx",
        ["พบสูตรในเซลล์ ระบบใช้ค่าที่คำนวณไว้ล่าสุดในไฟล์"],
    ),
    "a hidden first sheet": (
        lambda titles, row: book(
            ["ลับ"],
            ["ไม่อ่าน"],
            change=lambda book: (
                _add_sheet(book, "รายการ", titles, row),
                setattr(book.worksheets[0], "sheet_state", "hidden"),
                setattr(book, "active", 1),
            ),
        ),
        "file.xlsx",
        ["อ่านเฉพาะชีต “รายการ” ไม่ได้อ่านชีต: Sheet"],
    ),
    "a sheet after it": (
        lambda titles, row: book(
            titles, row, change=lambda book: book.create_sheet("หมายเหตุ").append(["ไม่อ่าน"])
        ),
        "file.xlsx",
        ["อ่านเฉพาะชีต “Sheet” ไม่ได้อ่านชีต: หมายเหตุ"],
    ),
    "a hidden row": (
        lambda titles, row: book(
            titles, row, change=lambda book: setattr(book.active.row_dimensions[2], "hidden", True)
        ),
        "file.xlsx",
        ["อ่านแถว/คอลัมน์ที่ซ่อนไว้ด้วย 1 รายการ"],
    ),
    "macros": (
        lambda titles, row: zipped(book(titles, row), **{"xl__vbaProject.bin": b"x"}),
        "file.xlsx",
        ["ไฟล์มีมาโคร ระบบไม่เปิดและไม่อ่านมาโคร อ่านเฉพาะค่าในเซลล์"],
    ),
    "UTF-8": (csv, "file.csv", []),
    "UTF-8 with a mark": (
        lambda titles, row: csv(titles, row, encoding="utf-8-sig"),
        "FILE.CSV",
        [],
    ),
    "semicolons": (lambda titles, row: csv(titles, row, separator=";"), "file.csv", []),
    "tabs": (lambda titles, row: csv(titles, row, separator="\t"), "file.tsv", []),
    "UTF-16": (
        lambda titles, row: csv(titles, row, separator="\t", encoding="utf-16"),
        "file.txt",
        ["อ่านไฟล์เป็นรหัสอักขระ utf-16 ข้อความตัวอย่างถูกต้องหรือไม่"],
    ),
    "whole numbers as fractions": (
        lambda titles, row: book(
            titles, [float(cell) if type(cell) is int else cell for cell in row]
        ),
        "file.xlsx",
        [],
    ),
}


#: The cells of the list matter: which of them are numbers, and the long text of a resolution.
CELLS_MATTER = {
    "whole numbers as fractions": LISTS,
    "UTF-8": [Resolution],
    "UTF-8 with a mark": [Resolution],
    "semicolons": [Resolution],
    "tabs": [Resolution],
    "UTF-16": [Resolution],
}


@pytest.mark.parametrize(("shape", "model"), pairs(READ, CELLS_MATTER))
def test_a_file_that_can_be_read_is_read_rightly(shape, model, desk, records, read_in_process):
    build, name, notices = READ[shape]
    content = build([*records[model]], [*records[model].values()])
    checked = preview(desk, model, content, name)
    assert "confirm_form" in checked.context, refusals(checked)
    assert [*checked.context["result"].notices] == notices
    html = checked.content.decode()
    assert all(notice in html for notice in notices)
    count, new = model.objects.count(), int(model not in {Resolution, Measure})
    done = confirm(desk, model, checked)
    assert [str(each) for each in done.context["messages"]] == [
        f"นำเข้า{model._meta.verbose_name}แล้ว: เพิ่ม {new} แก้ไข {1 - new} ไม่เปลี่ยนแปลง 0"
    ]
    assert model.objects.count() == count + new
    if model is Agency:
        assert Agency.objects.get(code="NEW_ONE").name_th == "กลุ่มใหม่"
    elif model is Assignment:
        assigned = Assignment.objects.get(valid_from=2590)
        assert (assigned.measure.full_code, assigned.agency.code) == ("2565-3.4", "THF")
        assert assigned.role == "lead"
    elif model is Resolution:
        resolution = Resolution.objects.get(number=1)
        assert (resolution.title_th, resolution.text) == ("ใหม่", records[model]["text"])
    else:
        assert Measure.objects.get(resolution__number=3, number=4).title_th == "ใหม่"


def test_cp874_is_read_and_said(desk):
    rows = ["code", "name_th", "kind"], ["NEW_ONE", "กลุ่มใหม่", "cso"]
    checked = preview(desk, Agency, csv(*rows, encoding="cp874"), "file.csv")
    said = "อ่านไฟล์เป็นรหัสอักขระ cp874 ข้อความตัวอย่างถูกต้องหรือไม่"
    assert [*checked.context["result"].notices] == [said]
    confirm(desk, Agency, checked)
    assert Agency.objects.get(code="NEW_ONE").name_th == "กลุ่มใหม่"


# Codes that are numbers --------------------------------------------------------------------------

CUT = "คอลัมน์ “{}”: “2.10” อาจถูก Excel ตัดเป็น 2.1 จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์รหัสใหม่ให้ครบทุกหลัก"


def test_a_code_that_is_a_number_is_read_where_it_can_be_no_other(desk):
    titles = ["measure", "agency", "role", "valid_from"]
    checked = preview(desk, Assignment, book(titles, [2.1, "THF", "support", 2590.0]))
    confirm(desk, Assignment, checked)
    assert Assignment.objects.get(valid_from=2590).measure.full_code == "2565-2.1"


def test_a_code_that_may_have_lost_its_zero_is_refused(desk, forum):
    second = forum.resolutions.get(number=2)
    first = second.measures.get(number=1)
    Measure.objects.create(
        resolution=second,
        number=10,
        title_th="ใหม่",
        kind="output",
        start=first.start,
        end=first.end,
    )
    before = dump(without={"django_session"})
    titles = ["measure", "agency", "role", "valid_from"]
    checked = preview(desk, Assignment, book(titles, [2.1, "THF", "support", 2590]))
    assert refusals(checked) == [CUT.format("มาตรการย่อย")]
    checked = preview(desk, Measure, book(["code", "title_th"], [2.1, "อีกชื่อ"]))
    assert refusals(checked) == [CUT.format("code")]
    assert dump(without={"django_session"}) == before
    checked = preview(desk, Assignment, book(titles, ["2.10", "THF", "support", 2590]))
    confirm(desk, Assignment, checked)
    assert Assignment.objects.get(valid_from=2590).measure.number == 10


def test_a_code_twice_among_numbers_may_have_lost_its_zero(desk):
    """2.1 to 2.10, typed as numbers: the last one would change the first."""
    content = book(["code", "title_th"], [2.1, "ก"], [2.2, "ข"], [2.1, "ใหม่"])
    assert refusals(preview(desk, Measure, content)) == [CUT.format("code")] * 2


# The confirmation --------------------------------------------------------------------------------


def test_the_confirmation_takes_no_other_values_than_ours(desk, client):
    checked = preview(desk, Agency, csv(["code", "name_th", "kind"], ["X", "ก", "cso"]), "file.csv")
    before = dump(without={"django_session"})
    for changes in ({"format": "7"}, {"format": "x"}, {"resource": "3"}):
        assert confirm(desk, Agency, checked, **changes).status_code == 200
    response = confirm(desk, Agency, checked, format=XLSX)  # not what was checked
    assert [str(each) for each in response.context["messages"]] == [DAMAGED]
    assert dump(without={"django_session"}) == before
    confirm(desk, Agency, checked)
    assert Agency.objects.get(code="X").name_th == "ก"
