"""Sheets for the recogniser, and what it makes of them."""

from followup.spreadsheets.messages import sentence
from followup.spreadsheets.recognise import (
    find_layout,
)
from followup.spreadsheets.types import Book, Sheet

ROW = [3, "พม.", "แล้วเสร็จ", "จัดประชุมแล้ว"]


def sheet(*rows, name="แผ่น1", **more):
    width = max(map(len, rows), default=0)
    return Sheet(name, [[*row, *[None] * (width - len(row))] for row in rows], **more)


def found(*sheets, **choices):
    return find_layout(Book(sheets, "xlsx"), **choices)


def layout_of(*rows, **more):
    layout, problems = found(sheet(*rows, **more))
    assert layout is not None, problems
    return layout


def fields(layout):
    return [column.field for column in layout.columns]


def said(problems):
    return [sentence(problem) for problem in problems]
