"""Writing an .xlsx: styles, heights, the hidden sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO
from math import ceil
from typing import Any

from django.core.signing import Signer
from django.utils import timezone

from followup.spreadsheets.workbook.columns import CellKind, utf16_length
from followup.spreadsheets.workbook.names import CELL_LIMIT, META_SHEET, SALT, TEMPLATE_VERSION, Out
from followup.spreadsheets.workbook.signatures import statement_of
from forum_portal.cells import safe_cell


@cache
def _worksheet() -> Any:
    """The class of worksheets. XlsxWriter costs 140 ms to load, so that only who writes one loads it."""
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

    class Growing(Worksheet):
        """A worksheet whose rows have an initial height and still grow when more is typed.

        Without a height LibreOffice shows one line of each cell; a height set by XlsxWriter is fixed in
        Excel.
        """

        def _xml_start_tag_unencoded(self, tag: str, attributes: Sequence[tuple[str, Any]]) -> None:
            kept = [pair for pair in attributes if (tag, pair[0]) != ("row", "customHeight")]
            super()._xml_start_tag_unencoded(tag, kept)

    return Growing


class Writer:
    """Writes a workbook: text stays text, and the same kind of cell has the same format."""

    FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
    HEAD = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
    GREY, LINE = "#F2F2F2", "#BFBFBF"

    def __init__(self, **options: Any) -> None:
        import xlsxwriter  # type: ignore[import-untyped]

        self.buffer = BytesIO()
        self.book = xlsxwriter.Workbook(
            self.buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            }
            | options,
        )
        self._styles: dict[str, Any] = {}

    def style(self, **properties: Any) -> Any:
        """A cell format; the same object for the same properties."""
        key = repr(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.book.add_format(self.FONT | properties)
        return self._styles[key]

    def heading_style(self, *, is_input: bool = True) -> Any:
        colours = {"bg_color": "#1F3864", "font_color": "#FFFFFF"} if is_input else {}
        return self.style(**self.HEAD | {"bg_color": "#D9D9D9"} | colours)

    def cell_style(self, kind: CellKind, *, locked: bool = True, fill: str = "") -> Any:
        """The format of a kind of cell.

        Text columns have the text format, so that Excel does not change typed text: "2/2569" stays no
        date and "- ข้อแรก" no formula.
        """
        properties: dict[str, Any] = {"border": 1, "border_color": self.LINE, "locked": locked}
        if fill:
            properties["bg_color"] = fill
        if kind is CellKind.TEXT:
            properties |= {"text_wrap": True, "num_format": "@"}
        elif kind is CellKind.MONEY:
            properties["num_format"] = "#,##0.00"
        return self.style(**properties)

    def add_sheet(self, name: str) -> Any:
        return self.book.add_worksheet(name, _worksheet())

    def done(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()


def put(sheet: Any, row: int, column: int, value: Out, style: Any = None) -> None:
    """Write one cell: numbers stay numbers; text is never a formula.

    Raises ValueError for text that exceeds a cell's limit; it is never cut.
    """
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        text = safe_cell(value)
        if utf16_length(text) > CELL_LIMIT:
            raise ValueError(f"no room for {len(text)} characters in a cell")
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_number(row, column, value, style)


_POINTS = 20  # height of a line of text
_CHARACTERS = 0.9  # characters in a column's unit of width; substitute fonts are wider
_HEIGHT_MAX = 409  # points; Excel's own limit
_NO_WIDTH = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")  # vowels and marks above and below


def height_for(values: Iterable[Out], widths: Iterable[int], *, lines: int = 1) -> int:
    """The height in points that a row needs for its text, but at least for `lines` lines."""
    for value, width in zip(values, widths, strict=True):
        if isinstance(value, str) and value:
            paragraphs = _NO_WIDTH.sub("", value).split("\n")
            room = width * _CHARACTERS
            lines = max(lines, sum(max(1, ceil(len(each) / room)) for each in paragraphs))
    return min(lines * _POINTS, _HEIGHT_MAX)


def add_metadata(writer: Writer, round_code: str, agency_code: str, keys: Sequence[str]) -> None:
    """Add the hidden sheet that identifies the workbook."""
    sheet = writer.add_sheet(META_SHEET)
    sheet.very_hidden()
    statement = statement_of(TEMPLATE_VERSION, round_code, agency_code, keys)
    lines = [
        ("template_version", str(TEMPLATE_VERSION)),
        ("round", round_code),
        ("agency", agency_code),
        ("created", timezone.localdate().isoformat()),
        ("signature", Signer(salt=SALT).signature(statement)),
        *(("row", key) for key in keys),
    ]
    for row, (name, value) in enumerate(lines):
        put(sheet, row, 0, name)
        put(sheet, row, 1, value)
