"""What the tests of the other formats share."""

from followup.spreadsheets import messages
from followup.spreadsheets.types import Book
from followup.tests.spreadsheets.told import told


def said(book: Book) -> list[str]:
    return [messages.sentence(notice) for notice in book.notices]


UNTOLD = told("F18", ext="{}", list="{}")
RUNS = "ข้อความที่ขีดฆ่าเพียงบางส่วนของเซลล์"
