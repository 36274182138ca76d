"""Helpers that walk through the import wizard, and that run a check without its pages."""

import io
import re

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from followup.models import Round, SpreadsheetImport
from followup.spreadsheets import preview, recognise, session
from followup.spreadsheets.ledger import Ledger
from followup.spreadsheets.lookup import look_up
from followup.spreadsheets.tables import Source, Table
from followup.spreadsheets.types import Book, Sheet
from followup.tests.factories import find_report
from followup.tests.spreadsheets.told import told

HEADINGS = [
    "ลำดับ",
    "รหัสมาตรการย่อย",
    "หน่วยงานรับผิดชอบ",
    "สถานะ",
    "ผลการดำเนินงาน",
    "ปัญหา/อุปสรรค",
    "งบประมาณ (ล้านบาท)",
    "หลักฐาน",
]


def xlsx(*rows, title="สรุปผล", above=1):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for _row in range(above):
        sheet.append(["แบบรายงานผลการดําเนินงาน ประจําปีงบประมาณ พ.ศ. 2569"])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(desk, content, name="ผล.xlsx", year=2569):
    """Upload one file, or several given as {name: content}."""
    files = content if isinstance(content, dict) else {name: content}
    sent = [SimpleUploadedFile(each, bytes_) for each, bytes_ in files.items()]
    return desk.post(reverse("import"), {"round": str(year), "file": sent})


def record_of(response):
    return SpreadsheetImport.objects.get(pk=response["Location"].split("/")[3])


def walk_to_check(desk, content, name="ผล.xlsx", year=2569, **decisions):
    """Go through steps 1 to 3 with the portal's proposals; returns the record after its check.

    `decisions` are further fields of the columns step.
    """
    response = upload(desk, content, name, year)
    assert response.status_code == 302, response.content.decode()
    record = record_of(response)
    page = desk.get(reverse("import-columns", args=[record.pk]))
    if page.status_code == 302:  # the portal's own workbook needs no mapping
        desk.post(reverse("import-check", args=[record.pk]), {"start": "1"})
    else:
        chosen = {"version": record.version, **decisions}
        for select in re.finditer(
            r'<select class="sel" id="(column-[\d-]+)".*?</select>', page.content.decode(), re.S
        ):
            option = re.search(r'<option value="([^"]*)" selected', select[0])
            chosen[select[1]] = option[1] if option else ""
        done = desk.post(reverse("import-columns", args=[record.pk]), chosen)
        assert done.status_code == 302, done.content.decode()
    record.refresh_from_db()
    return record


def sentences(record):
    kept = session.load_preview(record)
    rest = [each["message"] for of_level in kept["rest"].values() for each in of_level]
    settled = [told("U01", state=each["state"]) for each in kept["settled"]]
    return {question["message"] for question in kept["questions"]} | {*rest, *settled}


def answer(desk, record, **answers):
    """Answer questions by their code, and retype cells ("fix_5_6" is row 5, column index 6).

    U01, about all settled reports, is "keep" or "draft".
    """
    kept = session.load_preview(record)
    data = {"version": record.version}
    for number, question in enumerate(kept["questions"]):
        if question["code"] in answers:
            data[f"key-{number}"] = question["key"]
            data[f"answer-{number}"] = answers[question["code"]]
    if "U01" in answers:
        data["settled"] = {"draft": "all", "keep": "keep"}[answers["U01"]]
    for name, value in answers.items():
        if name.startswith("fix_"):
            place = [0, *map(int, name.removeprefix("fix_").split("_"))]
            [number] = [
                number
                for number, group in enumerate(kept["rest"]["error"])
                for table, row, _was in group["cells"]
                if [table, row, group["index"]] == place
            ]
            data[f"fix-{number}"] = value
    desk.post(reverse("import-check", args=[record.pk]), data)
    record.refresh_from_db()
    return record


def confirm(desk, record, **options):
    """Confirm the result of the last check; returns the next page."""
    record.refresh_from_db()
    url = reverse("import-confirm", args=[record.pk])
    return desk.post(url, {"version": record.version}, follow=True, **options)


def undo(desk, record):
    return desk.post(reverse("import-undo", args=[record.pk]), follow=True)


def report_of(code, agency, year=2569):
    return find_report(Round.objects.get(year_be=year), code, agency)


def table_of(sheet, layout, own=None):
    """A sheet as the only table of an import."""
    source = Source(0, "ผล.xlsx", "0" * 64, Book([sheet], "xlsx"))
    signature = "" if own else recognise.signature(layout)
    return Table("0:0", "ผล:0:0", "", source, sheet, layout, own=own, signature=signature)


def check_sheet(sheet, layout, round_, choices=None, own=None, ledger=None, look=None):
    """The result of checking one sheet; `look` is what `look_up` found before, to spare another."""
    choices = choices or preview.Choices()
    return preview.build(
        [table_of(sheet, layout, own)], look or look_up(round_), choices, ledger or Ledger()
    )


def questions_in(found):
    """The questions of a check of one sheet, with their rows."""
    asked = [session.question(key, troubles) for key, troubles in found.questions.items()]
    return [{**each, "rows": [row for _table, row in each["rows"]]} for each in asked]


HEAD = ["รหัสมาตรการย่อย", "หน่วยงานรับผิดชอบ", "สถานะ", "ผลการดำเนินงาน"]


WHOLE = [*HEAD, "ปัญหา/อุปสรรค", "งบประมาณที่ได้รับ (บาท)"]


def workbook(*sheets):
    """An .xlsx of sheets given as (name, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ledger_of(record):
    return session.load_preview(record)["ledger"]


def row(code="3.1", agency="กสจ.", status="ชะลอ", results="อนุมัติแล้ว", *more):
    return [code, agency, status, results, *more]


TICKS = [
    ["รหัสมาตรการย่อย", "หน่วยงาน", "สถานะ", None, None, "ผลการดำเนินงาน"],
    [None, None, "ยังไม่ดำเนินการ", "อยู่ระหว่างดำเนินการ", "ดำเนินการแล้วเสร็จ", None],
]


MESSY = [
    HEADINGS,
    [
        1,
        "3.1",
        "กสจ.",
        "กำลังดำเนินการ",
        "อนุมัติ 12 โครงการ",
        None,
        1.25,
        "สรุป | https://example.org/a",
    ],
    [2, "3.2", "กรมการปกครองง", "ดำเนินการแล้ว", "จัดประชุม", None, "x", None],
    [3, "3.7", "กสป", "ชะลอ", None, "รอ", None, None],
    [4, "1.1", "คสช.", "ชะลอ", None, "รอ", None, None],
    ["รวม", None, None, None, None, None, 1.25, None],
]


def words_of(record, reason):
    """What was left out for a reason, in the order of the page."""
    groups = {group["reason"]: group for group in ledger_of(record)["groups"]}
    return [each["words"] for each in groups.get(reason.value, {"words": []})["words"]]


def check_rows(round_, *rows, head=WHOLE, ledger=None, **choices):
    """What the check of these rows finds; the heading stands in row 1, the first of them in row 2."""
    width = max(map(len, [head, *rows]))
    sheet = Sheet("แผ่น1", [[*each, *[None] * (width - len(each))] for each in [head, *rows]])
    layout, _problems = recognise.find_layout(Book([sheet], "xlsx"))
    return check_sheet(sheet, layout, round_, preview.Choices(**choices), ledger=ledger)
