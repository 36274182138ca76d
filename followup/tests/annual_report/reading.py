"""Reports of the demo data as files, and what those files say."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pypdfium2

from followup.annual_report import pdf, word
from followup.models import Snapshot
from followup.tests.client import Element, PortalClient


def newest() -> Snapshot:
    return Snapshot.objects.filter(round__year_be=2567).latest("number")


def report_pages(client: PortalClient, address: str) -> list[Element]:
    """Every page of a report on the web, as a reader goes through it from its contents at `address`."""
    found = []
    for link in client.page(address).select("ol.report__toc a"):
        following = link["href"]
        while following:
            page = client.page(following)
            found.append(page)
            following = next((each["href"] for each in page.select("a[rel=next]")), "")
    return found


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


@cache
def _written(write: Callable[[Any], bytes], report: str) -> bytes:
    return write(json.loads(report))


def as_pdf(report: Any) -> bytes:
    """A report as a PDF file; set once for all tests that ask for the same."""
    return _written(pdf.write, json.dumps(report))


def as_word(report: Any) -> bytes:
    """A report as a .docx file; likewise."""
    return _written(word.write, json.dumps(report))


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
