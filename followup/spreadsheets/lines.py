"""The rows under a header: which are records, and what kind the others are.

Every row with any content becomes one Line, so that a row that is left out can be listed with its
text. Rules: the spreadsheet contract, "Shapes seen in real files".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from followup.report_fields import Kind
from followup.spreadsheets.codes import read_code
from followup.spreadsheets.fields import Field, of_kind
from followup.spreadsheets.headings import MONEY, SHORT, exact_field, near_field
from followup.spreadsheets.types import Cell, Layout, Sheet
from followup.spreadsheets.words import repair, word_key
from forum_portal.years import one_line


class LineKind(StrEnum):
    """The kind of a row under the header."""

    RECORD = "record"
    HIDDEN = "hidden"  # hidden or filtered away
    HEADING = "heading"  # the header repeated, as on each printed page
    NUMBERING = "numbering"  # (1) (2) (3) under a repeated heading
    EMPTY = "empty"  # nothing in an imported column
    TOTAL = "total"
    NOTE = "note"
    SECTION = "section"
    CONTINUATION = "continuation"  # a result, obstacle … of the record above, in its own row


@dataclass(slots=True)
class Line:
    """A row: `index` from 0, `cells` as people see them.

    `carried` are the columns whose value comes from a merged cell that begins in a row above.
    `covered` holds the hidden values under merged cells, by column. A CONTINUATION has the `field`
    it continues, its `column`, its `text`, its label as written (`word`, "" for none), and the index
    of the record it belongs to (`of`, -1 for none).
    """

    index: int
    cells: Sequence[Cell]
    kind: LineKind
    carried: frozenset[int]
    covered: Mapping[int, Cell]
    field: Field | None = None
    column: int = -1
    text: str = ""
    word: str = ""
    of: int = -1


#: What may stand in a row of its own, to be joined to the record above.
JOINABLE = of_kind(Kind.TEXT, Kind.EVIDENCE)
_TEXTS = JOINABLE | of_kind(Kind.WORD) | {Field.REMARK}
_YEARS = frozenset({Field.FORUM, Field.FISCAL_YEAR, Field.PERIOD})
_CODES = (Field.CLAUSE_CODE, Field.ITEM_NO)
_PARTINGS = frozenset({LineKind.TOTAL, LineKind.NOTE, LineKind.SECTION})
_NOTHING_CARRIED: frozenset[int] = frozenset()
_NOTHING_COVERED: Mapping[int, Cell] = MappingProxyType({})

_TOTAL = re.compile(
    r"(?:ผล|ยอด)?รวม(?:ยอด)?(?:ทั้งสิ้น|ทั้งหมด|ทั้งปี|ทุก|เป็น|เงิน|งบประมาณ|จำนวน|สุทธิ|หน่วยงาน|หน้า|ย่อย|โครงการ"
    r"|กิจกรรม|รายการ|มาตรการ|ข้อเสนอ|ข้อ|มติ|หมวด|ด้าน|ยุทธศาสตร์|ประเด็น|ไตรมาส|ภาค|ที่)*(?:[(0-9๐-๙:：].*)?"
    r"|(?:grand|sub)?[\s-]?total.{0,12}|sum|average",
    re.I,
)
_SHARE = re.compile(r"(?:ค่า)?เฉลี่ย.{0,30}|(?:คิดเป็น)?(?:ร้อยละ|%).{0,30}")
_TOTAL_OF = re.compile(r"(?:ยอด|ผล)?รวม\s")  # "รวม กรมการปกครอง"
_TOTAL_BEGINS = frozenset("รผยคเGgSsTtAa")  # a cheap test: only these may begin a total
_NOTE = re.compile(
    r"หมายเหตุ|ที่มา\s*[:：]|แหล่งที่มา|ข้อมูล\s?ณ|ณ\s?วันที่|ผู้รายงาน\s*[:：]|ลงชื่อ|note\s*:|source\s*:"
    r"|[*†‡]+\s*\S|\(?ลงชื่อ",
    re.I,
)
_SECTION = re.compile(
    r"(?:(?:ประเด็น)?ยุทธศาสตร์|ด้าน|ส่วน|หมวด|กลุ่ม|ตอน|บท|เป้าประสงค์|เป้าหมาย|ประเด็น|ข้อเสนอ|มติ|แผนงาน)\s*(?:ที่)?\s*[0-9๐-๙]"
    r"|(?:ชื่อ)?(?:หน่วยงาน|ส่วนราชการ|กระทรวง|กรม)(?:\S{0,20})?\s*[:：]"
)
_LABEL = re.compile(r"[\s•*–-]*(?P<word>[^:：]{1,60}?)\s*[:：]\s*(?P<text>.*)", re.S)
_YEAR = re.compile(r"[0-9๐-๙(]|ปี|พ\.?\s?ศ|ค\.?\s?ศ|ไตรมาส|รอบ|ห้วง|งวด|ครั้งที่|เวที|CSO|FY|Q[1-4]", re.I)
_BARE_NUMBER = re.compile(r"\(?[0-9๐-๙]{1,4}[.)]*(?:0)?")


def has_content(cell: Cell) -> bool:
    """Whether a cell has content: None, "" and white space (also zero-width) are none."""
    if not isinstance(cell, str):
        return cell is not None
    return cell[:1].isalnum() or bool(one_line(cell))


def is_numbering(row: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3) …"""
    texts = [one_line(str(cell)) for cell in row if has_content(cell)]
    numbers = [re.fullmatch(r"\(?([0-9]{1,2})\)?(?:\.0)?", text) for text in texts]
    return len(numbers) >= 3 and [n and int(n[1]) for n in numbers] == list(
        range(1, len(numbers) + 1)
    )


class _Merges:
    """Applies merged cells to the rows under a header, row by row from the top."""

    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        self.rows, self.after = sheet.rows, layout.header_last
        self.money = {column.index for column in layout.columns if column.field in MONEY}
        self.waiting = sorted(
            (merge for merge in sheet.merged if merge[2] > layout.header_last), reverse=True
        )
        self.active: list[tuple[int, int, int, int]] = []

    def reach(self, index: int) -> bool:
        """Whether a merged cell may reach row `index`; rows must be asked in increasing order."""
        while self.waiting and self.waiting[-1][0] <= index:
            self.active.append(self.waiting.pop())
        return bool(self.active)

    def apply(self, index: int, cells: list[Cell]) -> tuple[frozenset[int], Mapping[int, Cell]]:
        """Fill `cells`, the row `index`, with the values of merged cells.

        Returns the columns whose value is carried down, and the values that merged cells cover. Money
        is not carried: one amount for three rows must not be counted three times.
        """
        self.active = [merge for merge in self.active if merge[2] >= index]
        row = self.rows[index]
        carried: set[int] = set()
        covered: dict[int, Cell] = {}
        for top, left, _bottom, right in self.active:
            first = left if top < index else left + 1  # its value is in its first cell
            for column in range(first, min(right + 1, len(cells))):
                if has_content(row[column]):
                    covered[column] = row[column]
                cells[column] = None
                carried.discard(column)
            if top < index and top > self.after and left < len(cells):
                origin = self.rows[top]
                shown = origin[left] if left < len(origin) else None
                if left not in self.money and has_content(shown):
                    cells[left] = shown
                    carried.add(left)
        return frozenset(carried), covered or _NOTHING_COVERED


class _Rows:
    """The state while the rows of one table are classified."""

    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        self.headers = sheet.rows[layout.header_first : layout.header_last + 1]
        self.field_at = {column.index: column.field for column in layout.columns}
        says = {None, Field.FORUM}  # a forum's year filled down is not a record
        self.watched = [
            column.index for column in layout.columns if column.field not in says
        ] or list(self.field_at)
        self.codes = [column.index for name in _CODES for column in layout.of(name)]
        self.has_clauses = bool(layout.of(Field.CLAUSE_CODE))
        self.key = next((column.index for column in layout.of(Field.ROW_KEY)), -1)
        self.starts = min(self.codes or self.field_at, default=0)
        self.spans = {
            (top, left) for top, left, _bottom, right in sheet.merged if right > left
        }  # the start of a merged cell of several columns
        self.heads = {
            word_key(str(cell)) for header in self.headers for cell in header if has_content(cell)
        }
        self._is_head: dict[str, bool] = {}  # a cache: the first cells of rows recur
        self._code: dict[Cell, int] = {}
        self.record: Line | None = None  # the record that a continuation would belong to
        self.joined: set[Field] = set()  # fields that unlabelled rows under it continue
        self.after_heading = False

    def is_heading(self, first: Cell, row: Sequence[Cell]) -> bool:
        """Whether a row repeats the header; `first` is its first cell in an imported column."""
        if not isinstance(first, str):
            return False
        known = self._is_head.get(first)
        if known is None:
            known = self._is_head[first] = len(first) <= SHORT and word_key(first) in self.heads
        return known and self._repeats_header(row)

    def _repeats_header(self, row: Sequence[Cell]) -> bool:
        filled = [index for index, cell in enumerate(row) if has_content(cell)]
        return len(filled) >= 2 and any(
            all(
                index < len(header)
                and isinstance(row[index], str)
                and word_key(str(row[index])) == word_key(str(header[index] or ""))
                for index in filled
            )
            for header in self.headers
        )

    def code_in(self, cell: Cell) -> int:
        """0 for no measure's code, 1 for a code alone, 2 for a code with words beside it."""
        if cell is None or isinstance(cell, bool):
            return 0
        known = self._code.get(cell)
        if known is None:
            if isinstance(cell, date):
                known = 1  # Excel's date for "3.1": it is asked about, not skipped
            else:
                code = read_code(cell)
                known = 0
                if code is not None:
                    is_heading = code.has_words or (code.is_explicit and not code.second)
                    known = 2 if is_heading else 1
            self._code[cell] = known
        return known

    def is_plain_record(self, cells: Sequence[Cell], carried: frozenset[int]) -> bool:
        """Whether the row's own code alone makes it a record."""
        width = len(cells)
        if 0 <= self.key < width and has_content(cells[self.key]):
            return True
        for column in self.codes:
            if column < width and cells[column] is not None and column not in carried:
                known = self.code_in(cells[column])
                if self.has_clauses and self.field_at[column] is Field.ITEM_NO:
                    code = read_code(cells[column]) if known else None
                    return bool(code and code.second)  # a single number may be a row number
                if known == 1:
                    return True
                if known == 2 and sum(map(has_content, cells)) - len(carried) > 1:
                    return True
        return False

    def tell(self, line: Line, row: Sequence[Cell], first: Cell, *, is_hidden: bool) -> None:
        """Classify a row: `row` as read, `first` its first cell in an imported column."""
        after_heading, self.after_heading = self.after_heading, False
        if is_hidden:
            line.kind = LineKind.HIDDEN
            if self.is_plain_record(line.cells, line.carried):
                self.record = None  # its continuations must not join the record before it
        elif self.is_heading(first, row):
            line.kind = LineKind.HEADING
            self.after_heading = True
        elif after_heading and is_numbering(row):
            line.kind = LineKind.NUMBERING
        elif not self.is_plain_record(line.cells, line.carried):
            self._settle(line)
            if line.kind is LineKind.RECORD and first is None:
                line.kind = LineKind.EMPTY
        if line.kind is LineKind.RECORD:
            self.record = line
            self.joined.clear()
        elif line.kind in _PARTINGS:
            self.record = None

    def _settle(self, line: Line) -> None:
        """Classify a row without its own code."""
        cells, carried = line.cells, line.carried
        own = [
            column
            for column, cell in enumerate(cells)
            if column not in carried and has_content(cell)
        ]
        plain = [column for column in own if not self._is_aside(column, cells[column])]
        texts = [column for column in plain if isinstance(cells[column], str)]
        if self._continues(line, own, plain, texts):
            line.kind = LineKind.CONTINUATION
            line.of = self.record.index if self.record else -1
        elif texts and texts[0] == plain[0] and _NOTE.match(_said(cells[texts[0]])):
            bare = self.field_at.get(texts[0]) in _CODES and self.code_in(cells[texts[0]]) == 1
            line.kind = LineKind.RECORD if bare else LineKind.NOTE
        elif any(self._is_total(column, cells, texts, carried) for column in texts):
            line.kind = LineKind.TOTAL
        elif len(plain) == 1 and texts and self._is_section(line, texts[0], own):
            line.kind = LineKind.SECTION

    def _is_aside(self, column: int, cell: Cell) -> bool:
        """Whether a cell holds only the year or a row number."""
        field = self.field_at.get(column)
        if field in _YEARS:
            return not isinstance(cell, str) or bool(_YEAR.match(one_line(cell)))
        if field is None or (field is Field.ITEM_NO and self.has_clauses):
            if isinstance(cell, str):
                return bool(_BARE_NUMBER.fullmatch(one_line(cell)))
            return isinstance(cell, int | float) and not isinstance(cell, bool)
        return False

    def _continues(
        self, line: Line, own: Sequence[int], plain: Sequence[int], texts: Sequence[int]
    ) -> bool:
        """Whether a row continues a text of the record above; if so, set its field and text."""
        if not texts or len(plain) != len(texts) or len(plain) > 2:
            return False
        column = texts[0]
        text = repair(str(line.cells[column]))
        label = _LABEL.fullmatch(text) if len(texts) == 1 or ":" in text or "：" in text else None
        word, rest = (label["word"], label["text"]) if label else (text, "")
        if len(texts) == 2:
            if rest:  # two texts, and the first is not a label
                return False
            rest = repair(str(line.cells[texts[1]]))
        if label or len(texts) == 2:
            field = self._text_field(word, exactly=label is None)
            if field is not None:
                line.field, line.column, line.text, line.word = field, texts[-1], rest, word
                return True
        field = self.field_at.get(column)
        if len(own) == 1 and field in JOINABLE and self.record is not None:
            above = self.record.cells
            if field in self.joined or column >= len(above) or not has_content(above[column]):
                self.joined.add(field)
                line.field, line.column, line.text = field, column, text
                return True
        return False

    @staticmethod
    def _text_field(word: str, *, exactly: bool) -> Field | None:
        if len(word) > SHORT:
            return None
        field = exact_field(word) or (None if exactly else near_field(word))
        return field if field in JOINABLE or field is Field.MEETING else None

    def _is_total(
        self,
        column: int,
        cells: Sequence[Cell],
        texts: Sequence[int],
        carried: frozenset[int],
    ) -> bool:
        """Whether a column of the row has the words of a total ("รวม").

        In a column of results they count only if nothing else in the row is text.
        """
        field = self.field_at.get(column)
        text = str(cells[column])
        if field is Field.PERCENT or (text[:1].isalnum() and text[0] not in _TOTAL_BEGINS):
            return False
        said = _said(text)
        if len(said) > SHORT:
            return False
        if field in _TEXTS and (len(texts) > 1 or any(one in carried for one in self.codes)):
            return False
        tight = said.replace(" ", "")
        if _TOTAL.fullmatch(tight):
            return True
        if field is not Field.STATUS and _SHARE.fullmatch(tight):
            return True
        return field not in _TEXTS and bool(_TOTAL_OF.match(said))

    def _is_section(self, line: Line, column: int, own: Sequence[int]) -> bool:
        """Whether the row's only text is the heading of the rows below it."""
        said = _said(line.cells[column])
        field = self.field_at.get(column)
        spans = (line.index, column) in self.spans
        if _SECTION.match(said) and (spans or field not in _TEXTS):
            return True
        if len(own) > 1 or any(one in line.carried for one in self.codes):
            return False
        if field in _CODES:
            return self.code_in(line.cells[column]) != 1
        return spans or column < self.starts


def _said(cell: Cell) -> str:
    return one_line(repair(str(cell)))


def lines(sheet: Sheet, layout: Layout, *, include_hidden: bool = False) -> Iterator[Line]:
    """Every row below the header that has any content, in order, with its kind.

    The value of a vertically merged cell is carried down, except money. A value under a merged cell is
    hidden and is not taken. A row whose own code names a measure is a record, whatever is in its other
    cells.
    """
    table = _Rows(sheet, layout)
    merges = _Merges(sheet, layout)
    hidden = frozenset() if include_hidden else sheet.hidden_rows
    watched, rows = table.watched, sheet.rows
    for index in range(layout.header_last + 1, len(rows)):
        row = cells = rows[index]
        first = _first(row, watched, _NOTHING_CARRIED)
        if first is None and not any(map(has_content, row)):
            continue
        carried, covered = _NOTHING_CARRIED, _NOTHING_COVERED
        if merges.reach(index):
            cells = list(row)
            carried, covered = merges.apply(index, cells)
            first = _first(cells, watched, carried)
        line = Line(index, cells, LineKind.RECORD, carried, covered)
        table.tell(line, row, first, is_hidden=index in hidden)
        yield line


def _first(cells: Sequence[Cell], watched: Sequence[int], carried: frozenset[int]) -> Cell:
    """The row's own first cell with content in the columns `watched`, or None."""
    width = len(cells)
    for column in watched:
        if column < width and has_content(cells[column]) and column not in carried:
            return cells[column]
    return None
