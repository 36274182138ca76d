"""Book → Layout: the sheet, the header rows, the meaning of each column.

The words are those of `words.py`; the shapes are those of the spreadsheet contract, "Shapes seen in
real files". If two columns claim one field, the person is asked.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from followup.spreadsheets.fields import Field
from followup.spreadsheets.headings import (
    JOINT,
    MONEY,
    SHORT,
    UNITS,
    exact_field,
    field_of,
    status_of_heading,
    unit_of,
    vagueness,
)
from followup.spreadsheets.lines import JOINABLE, LineKind, has_content, is_numbering, lines
from followup.spreadsheets.types import Book, Column, Layout, Option, Problem, Sheet
from followup.spreadsheets.words import FIELD_LABELS, WORDS, repair, word_key
from forum_portal.years import as_typed, one_line

SCAN = 30  # the header is searched in this many first rows
DEPTH = 4  # rows of a header at most
JOIN = "join"  # the answer to C02 that all of the columns are meant
WIDTH = 300  # columns; no real table is wider

_TITLE_UNIT = re.compile(r"หน่วย\s*(?:นับ)?\s*[:：]?\s*(?P<times>ล้าน|แสน|หมื่น|พัน)?\s*บาท")

# --- the header


class _Top:
    """The first rows of a sheet with merged cells resolved, as text."""

    def __init__(self, sheet: Sheet, last: int) -> None:
        rows = sheet.rows[:last]
        self.height = len(rows)
        self.width = min(max(map(len, rows), default=0), WIDTH)
        self.own = [
            [one_line(repair(str(cell))) if has_content(cell) else "" for cell in row[:WIDTH]]
            for row in rows
        ]
        self.plain = [  # cells that a heading can be: short text, nothing calculated
            [not has_content(c) or (isinstance(c, str) and len(c) <= SHORT) for c in row[:WIDTH]]
            for row in rows
        ]
        for row in self.own:
            row += [""] * (self.width - len(row))
        self.text = [list(row) for row in self.own]
        self.spans: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        for merge in sheet.merged:
            top, left, bottom, right = merge
            if top >= self.height or left >= self.width:
                continue
            for at in range(top, min(bottom + 1, self.height)):
                for column in range(left, min(right + 1, self.width)):
                    self.spans[at, column] = merge
                    self.text[at][column] = self.own[top][left]

    def spans_rows(self, upper: int, column: int) -> bool:
        """Whether one merged cell holds this column in row `upper` and the row below."""
        span = self.spans.get((upper, column))
        return span is not None and span[0] <= upper < span[2]

    def is_cut(self, first: int) -> bool:
        """Whether a header that begins in row `first` would split a merged cell."""
        return any(self.spans_rows(first - 1, column) for column in range(self.width))

    def parent(self, row: int, column: int) -> int | None:
        """The column of the heading in `row` that spans `column`, or None.

        A merged cell defines the span. In a CSV, blanks to the right of a heading belong to it if
        the heading has another heading below it.
        """
        span = self.spans.get((row, column))
        if span is not None:
            return span[1] if span[3] > span[1] and self.text[row][column] else None
        if not self.own[row][column]:
            left = next((c for c in range(column - 1, -1, -1) if self.text[row][c]), None)
            free = left is not None and (row, left) not in self.spans
            return left if free and left is not None and self.own[row + 1][left] else None
        below = self.own[row + 1]
        after = column + 1
        while after < self.width and not self.text[row][after] and not below[after]:
            after += 1
        stretches = after < self.width and not self.text[row][after]
        return column if stretches and below[column] else None

    def children(self, row: int) -> tuple[list[int], list[int]]:
        """Columns with their own cell under `row`: those with a parent there, and the others."""
        with_parent: list[int] = []
        without: list[int] = []
        if row + 1 < self.height:
            for column in range(self.width):
                if self.own[row + 1][column] and not self.spans_rows(row, column):
                    (without if self.parent(row, column) is None else with_parent).append(column)
        return with_parent, without

    def is_heading_row(self, row: int) -> bool:
        return row < self.height and all(self.plain[row]) and any(self.own[row])

    def goes_on(self, row: int, *, deeper: bool = False) -> bool:
        """Whether row + 1 belongs to the same header as `row`.

        It does if all its cells are under headings that span them, and at least one heading of `row`
        spans only itself; otherwise `row` is a title over the whole table. Once the header has two
        rows (`deeper`), the single headings may all be in the rows above.
        """
        if not self.is_heading_row(row + 1):
            return False
        with_parent, without = self.children(row)
        if len(with_parent) < 2 or without:
            return False
        return deeper or any(
            self.text[row][column] and column not in with_parent for column in range(self.width)
        )

    def heading(self, first: int, last: int, column: int) -> list[str]:
        """The parts of one column's heading, from the top, without repeats."""
        parts: list[str] = []
        at = column  # the parent's column, if a row above has no cell of this column's own
        for row in range(last, first - 1, -1):
            if self.text[row][column]:
                at = column
            elif not self.text[row][at] and row < last and self.own[row + 1][at]:
                parent = self.parent(row, at)
                at = at if parent is None else parent
            text = self.text[row][at]
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        parts.reverse()
        return parts


def _title_unit(top: _Top, first: int) -> int:
    """The unit in baht that a line above the header gives ("หน่วย : ล้านบาท"), else 1."""
    for row in range(first):
        for text in top.own[row]:
            if text and (found := _TITLE_UNIT.search(text)):
                return UNITS.get(found["times"] or "", 1)
    return 1


def _columns(top: _Top, first: int, last: int, *, firm: bool) -> list[Column]:
    """The columns under the header rows `first`–`last`, each with its likely field."""
    columns = []
    unit = _title_unit(top, first)
    for index in range(top.width):
        parts = top.heading(first, last, index)
        field, sure = field_of(parts, firm=firm)
        heading = JOINT.join(parts)
        under_status = any(exact_field(part) is Field.STATUS for part in parts[:-1])
        status = status_of_heading(heading) if field is None or under_status else None
        if status is not None:
            column = Column(index, heading, Field.TICK, status, sure=bool(status))
        elif under_status and field is None:
            column = Column(index, heading, Field.TICK)
        else:
            column = Column(index, heading, field, sure=sure and field is not None)
        if column.field in MONEY:
            column = replace(column, unit=unit_of(heading) or unit)
        columns.append(column)
    ticks = [column for column in columns if column.field is Field.TICK]
    if len(ticks) == 1:  # a single status word does not make a tick matrix
        columns[ticks[0].index] = replace(ticks[0], field=None, status="", sure=False)
    return columns


def _score(columns: Sequence[Column]) -> int:
    """The score of a header: 2 for each field found in the alias table, 1 for each near match."""
    sure = {column.field for column in columns if column.sure}
    near = {column.field for column in columns if column.field} - sure
    return 2 * len(sure) + len(near) if len(sure) >= 2 else 0


@dataclass(frozen=True)
class _Found:
    layout: Layout
    score: int
    firm: bool


def _deepest(top: _Top, first: int, row: int, bottom: int) -> int:
    """The last row, at most `bottom`, of the header that begins in `first` and includes `row`."""
    while row < bottom and top.goes_on(row, deeper=row > first):
        row += 1
    return row


def _headers_from(sheet: Sheet, top: _Top, first: int) -> Iterator[_Found]:
    """The headers that may begin in row `first`: as deep as `goes_on` allows, and one row deeper.

    The deeper one is not firm: its first row has only spanning headings and may be a title.
    """
    bottom = min(top.height, first + DEPTH) - 1
    last = _deepest(top, first, first, bottom)
    ends = [last]
    with_parent, without = top.children(first)
    if last == first and len(with_parent) >= 2 and without and top.is_heading_row(first + 1):
        ends.append(_deepest(top, first, first + 1, bottom))
    for end in ends:
        columns = _columns(top, first, end, firm=end == last)
        numbered = end + 1 < top.height and is_numbering(top.own[end + 1])
        layout = Layout(sheet.name, first, end + 1 if numbered else end, columns)
        yield _Found(layout, _score(columns), end == last)


def _header(sheet: Sheet, header_row: int | None) -> _Found | None:
    """The best header of a sheet; with `header_row`, the best that begins there, with any score.

    Between equal scores a firm one wins, then the first: a header is repeated on later pages.
    """
    top = _Top(sheet, (SCAN if header_row is None else header_row + 1) + DEPTH + 1)
    if header_row is None:
        starts = [row for row in range(min(SCAN, top.height)) if not top.is_cut(row)]
    else:
        starts = [header_row] if 0 <= header_row < top.height else []
    found = [one for row in starts if any(top.own[row]) for one in _headers_from(sheet, top, row)]
    if header_row is None:
        found = [one for one in found if one.score]
    return max(found, key=lambda one: (one.score, one.firm), default=None)


# --- duplicates, choices, the best sheet


def letter(index: int) -> str:
    """The column's letters as a spreadsheet shows them: 0 → A, 26 → AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _settle_duplicates(
    columns: Sequence[Column], chosen: frozenset[int], answers: Mapping[str, str]
) -> tuple[list[Column], list[Problem]]:
    """Columns with at most one for each field, and a C02 for each field that several claim.

    The person's choice wins, then an alias over a near match, then a clear heading over a vague one.
    Columns with the same heading are never decided between. Columns still tied are asked about (C02),
    and none of them is imported before the answer. Texts may be joined: then all keep the field.
    """
    claims: dict[Field, list[Column]] = defaultdict(list)
    for column in columns:
        if column.field is not None and column.field is not Field.TICK:
            claims[column.field].append(column)
    dropped: set[int] = set()
    problems = []
    for field, claimants in claims.items():
        rest = [column for column in claimants if column.index in chosen]
        if not rest:
            rest = [column for column in claimants if column.sure] or claimants
            plain = min(vagueness(column.heading) for column in rest)
            kept = {
                word_key(column.heading) for column in rest if vagueness(column.heading) == plain
            }
            rest = [column for column in claimants if word_key(column.heading) in kept]
        if len(rest) > 1:
            names = {column.heading.rpartition(JOINT)[2] for column in rest}
            name = names.pop() if len(names) == 1 else str(FIELD_LABELS[field])
            key = f"C02:{field}:{'|'.join(word_key(column.heading) for column in rest)}"
            answer = answers.get(key)
            picked = [column for column in rest if str(column.index) == answer]
            join = [Option(JOIN, _("รวมทุกคอลัมน์ตามลำดับ"))] if field in JOINABLE else []
            if join and answer == JOIN:
                picked = rest
            if not picked:
                problems.append(
                    Problem(
                        "C02",
                        {"c": as_typed(name), "n": len(rest)},
                        key,
                        [
                            *(
                                Option(
                                    str(column.index),
                                    _("คอลัมน์ %(letter)s “%(heading)s”")
                                    % {
                                        "letter": letter(column.index),
                                        "heading": as_typed(column.heading),
                                    },
                                )
                                for column in rest
                            ),
                            *join,
                        ],
                    )
                )
            rest = picked
        dropped |= {column.index for column in claimants} - {column.index for column in rest}
    settled = [
        replace(column, field=None, unit=1, sure=False) if column.index in dropped else column
        for column in columns
    ]
    return settled, problems


def _mapped(column: Column, choice: str) -> Column:
    """A column with the person's choice: "", a field's name, "tick" or "tick:<status code>".

    "tick:" without a known status takes the status from the heading. An unknown field is ignored: the
    column stays as recognised.
    """
    name, _colon, status = choice.partition(":")
    if name and name not in {field.value for field in Field}:
        return column
    field = Field(name) if name else None
    if field is Field.TICK:
        code = status if status in WORDS.statuses else status_of_heading(column.heading) or ""
        return replace(column, field=field, status=code, unit=1, sure=False)
    if field is column.field:
        return column
    unit = (unit_of(column.heading) or 1) if field in MONEY else 1
    return replace(column, field=field, status="", unit=unit, sure=False)


def _hidden(sheet: Sheet, layout: Layout) -> int:
    """The number of rows and columns with content that are skipped because they are hidden."""
    body = range(layout.header_last + 1, len(sheet.rows))
    rows = sum(row in body and any(map(has_content, sheet.rows[row])) for row in sheet.hidden_rows)
    columns = sum(
        column.index in sheet.hidden_columns and bool(column.heading) for column in layout.columns
    )
    return rows + (0 if layout.of(Field.ROW_KEY) else columns)


_SUMMARY = re.compile(r"สรุป|ภาพรวม|^รวม|หมายเหตุ|คำอธิบาย|คำชี้แจง|คําอธิบาย|วิธีกรอก|summary|readme", re.I)


def _complete(
    sheet: Sheet,
    found: _Found,
    mapping: Mapping[int, str],
    answers: Mapping[str, str],
    include_hidden: bool,
) -> tuple[Layout, list[Problem]]:
    """A header's layout after hidden columns, the person's choices and duplicates are applied."""
    columns = []
    for column in found.layout.columns:
        hidden = column.index in sheet.hidden_columns and not include_hidden
        if column.index in mapping:
            column = _mapped(column, mapping[column.index])
        elif hidden and column.field is not Field.ROW_KEY:
            column = replace(column, field=None, status="", unit=1, sure=False)
        columns.append(column)
    chosen = frozenset(index for index, choice in mapping.items() if choice)
    columns, problems = _settle_duplicates(columns, chosen, answers)
    body = sheet.rows[found.layout.header_last + 1 :][:SCAN]
    columns = [
        column
        for column in columns
        if column.heading
        or column.field
        or any(map(has_content, (row[column.index] for row in body if column.index < len(row))))
    ]
    layout = replace(found.layout, columns=columns)
    if not include_hidden and (hidden_count := _hidden(sheet, layout)):
        problems.append(Problem("F10", {"n": hidden_count}))
    return layout, problems


def find_layout(
    book: Book,
    *,
    sheet: str = "",
    header_row: int | None = None,
    mapping: Mapping[int, str] | None = None,
    answers: Mapping[str, str] | None = None,
    include_hidden: bool = False,
) -> tuple[Layout | None, list[Problem]]:
    """The location of a book's table (None if there is none), and the problems found.

    The person may override each part: `sheet` by name, `header_row` from 0, `mapping` from column
    index to "" (not imported), a field's name or "tick:<status>". A sheet or row that does not exist
    gives no layout. `answers` are the answers to C02 by key.
    Without an override only visible sheets are considered, and the one with most rows of data wins;
    sheets named สรุป, รวม, หมายเหตุ or คำอธิบาย are taken only if no other sheet has a table.

    Problems: F06 no header, F11 no row of data, C02 duplicate columns (none of them is imported until
    it is answered; JOIN keeps all, see `Layout.of`), F10 skipped hidden rows and columns. Rules: the
    contract, "Shapes seen".
    """
    tables = []
    for one in book.sheets:
        if (one.name != sheet) if sheet else not one.visible:
            continue
        found = _header(one, header_row)
        if found is not None:
            count = sum(
                line.kind is LineKind.RECORD
                for line in lines(one, found.layout, include_hidden=include_hidden)
            )
            complete = not missing_columns(found.layout, agency_given=True)
            rank = (count > 0, not _SUMMARY.search(one.name), complete, count, found.score)
            tables.append((rank, one, found))
    if not tables:
        looked = [one for one in book.sheets if one.name == sheet] if sheet else book.sheets
        filled = any(has_content(cell) for one in looked for row in one.rows for cell in row)
        return None, [Problem("F06" if filled else "F11")]
    rank, best, found = max(tables, key=lambda table: table[0])
    layout, problems = _complete(best, found, mapping or {}, answers or {}, include_hidden)
    if not rank[0]:
        problems.append(Problem("F11"))
    return layout, problems


def missing_columns(layout: Layout, *, agency_given: bool = False) -> list[Field]:
    """The required fields that the table lacks, for C01; empty if it has all.

    Required are a proposal's number or a measure's code; a status, ticks or results; and the agency,
    unless the person named one for the whole file (`agency_given`). The portal's own row key replaces
    the code and the agency. The year is that of the round.
    """
    have = {column.field for column in layout.columns}
    lacks = []
    keyed = Field.ROW_KEY in have
    if not keyed and not have & {Field.ITEM_NO, Field.CLAUSE_CODE}:
        lacks.append(Field.CLAUSE_CODE)
    if not keyed and not agency_given and Field.LEAD_AGENCY not in have:
        lacks.append(Field.LEAD_AGENCY)
    if not have & {Field.STATUS, Field.TICK, Field.RESULT}:
        lacks.append(Field.STATUS)
    return lacks


def missing_problem(layout: Layout, *, agency_given: bool = False) -> Problem | None:
    """C01 with the missing columns' names, or None."""
    lacks = missing_columns(layout, agency_given=agency_given)
    names = ", ".join(str(FIELD_LABELS[field]) for field in lacks)
    return Problem("C01", {"list": names}) if lacks else None


def signature(layout: Layout) -> str:
    """A hash of the headings in order, the key under which a mapping is remembered.

    Sheet names, title rows, spacing and broken Thai do not change it.
    """
    headings = "\x1f".join(
        f"{column.index}:{word_key(column.heading)}" for column in layout.columns if column.heading
    )
    return hashlib.sha256(headings.encode()).hexdigest()[:32]
