"""Reading a workbook that the portal made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from followup.models import Agency, Assignment, Round
from followup.spreadsheets.fields import Field
from followup.spreadsheets.types import (
    Book,
    Cell,
    CellError,
    Column,
    Layout,
    Problem,
    Sheet,
    Unreadable,
)
from followup.spreadsheets.workbook.columns import FIELDS, HEADINGS
from followup.spreadsheets.workbook.names import (
    HEADER_WITHIN,
    KEY,
    KEY_HEADING,
    META_SHEET,
    SALT,
    TEMPLATE_VERSION,
)
from followup.spreadsheets.workbook.signatures import is_signed, key_parts, statement_of
from forum_portal.cells import unsafe_cell
from forum_portal.thai import clean_text
from proposals.codes import full_code, short_code


@dataclass(frozen=True)
class OwnWorkbook:
    """A file made by the portal, as its keys and metadata describe it.

    `agency_code` is "" for a list of all agencies; `keys` is row index -> assignment. `unkeyed` are
    the indexes of rows that were inserted since: a note, a total, a row without a key.
    """

    round_code: str
    agency_code: str
    template_version: int
    layout: Layout
    keys: Mapping[int, int] = field(default_factory=dict)
    unkeyed: Sequence[int] = ()


def read_back(book: Book) -> OwnWorkbook | None:
    """Read keys and metadata of a file made by the portal; None for any other file.

    Rows may have been deleted, sorted, filled in or inserted, and columns other than the key's deleted.
    Raises Unreadable: F14 if keys or metadata were changed, or a heading occurs twice; F15 if a row
    belongs to another agency; F11 if no row with a key is left.

    A .csv has no metadata. It is accepted if all its keys are valid and of one round; else it is an
    ordinary file.
    """
    if book.kind == "csv":
        return _read_back_csv(book)
    meta = next((sheet for sheet in book.sheets if sheet.name.strip() == META_SHEET), None)
    if meta is None:
        return None
    round_code, agency_code, signed = _metadata(meta)
    found = [(sheet, _header(sheet)) for sheet in book.sheets if sheet is not meta]
    tables = [(sheet, header) for sheet, header in found if header is not None]
    if len(tables) != 1:  # of two copies it is unknown which was filled in
        raise _tampered()
    sheet, header = tables[0]
    layout = _layout(sheet, header)
    keys, unkeyed = _keys(sheet, layout, round_code, agency_code, signed)
    if not keys:
        raise Unreadable(Problem("F11"))
    return OwnWorkbook(round_code, agency_code, TEMPLATE_VERSION, layout, keys, unkeyed)


def check_round(own: OwnWorkbook, round_: Round) -> None:
    """Check that the workbook is of the round of the import. Raises Unreadable F13 if it is not."""
    if own.round_code != round_.code:
        theirs = next((each for each in Round.objects.all() if each.code == own.round_code), None)
        names = {"theirs": theirs.label if theirs else own.round_code, "ours": round_.label}
        raise Unreadable(Problem("F13", names))


def _tampered() -> Unreadable:
    return Unreadable(Problem("F14"))


def _read_back_csv(book: Book) -> OwnWorkbook | None:
    sheet = book.sheets[0] if book.sheets else None
    header = _header(sheet) if sheet else None
    if sheet is None or header is None:
        return None
    try:
        layout = _layout(sheet, header)
        at = _key_column(layout)
        first = next((key for _i, cells in _filled(sheet, layout) if (key := _text(cells[at]))), "")
        parts = key_parts(first)
        if parts is None:
            return None
        keys, unkeyed = _keys(sheet, layout, parts[0], "", frozenset())
    except Unreadable:
        return None
    return OwnWorkbook(parts[0], "", TEMPLATE_VERSION, layout, keys, unkeyed)


def _text(cell: Cell) -> str:
    """A cell as text, whatever type the program that saved the file gave it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return clean_text(str(unsafe_cell(cell)))


def _metadata(sheet: Sheet) -> tuple[str, str, frozenset[str]]:
    """(the round's code, agency, keys) of the metadata, after a check of its signature."""
    stated: dict[str, str] = {}
    keys = []
    for cells in sheet.rows:
        name, value = (*map(_text, cells[:2]), "", "")[:2]
        if name == "row":
            keys.append(value)
        elif name:
            stated[name] = value
    try:
        version, round_code = int(stated["template_version"]), stated["round"]
        agency_code, signature = stated.get("agency", ""), stated["signature"]
    except (KeyError, ValueError) as error:
        raise _tampered() from error
    statement = statement_of(version, round_code, agency_code, keys)
    if version != TEMPLATE_VERSION or not is_signed(statement, signature, SALT):
        raise _tampered()
    return round_code, agency_code, frozenset(keys)


def _header(sheet: Sheet) -> int | None:
    """The row with the heading of the key column."""
    return next(
        (
            row
            for row, cells in enumerate(sheet.rows[:HEADER_WITHIN])
            if any(isinstance(cell, str) and cell.strip() == KEY_HEADING for cell in cells)
        ),
        None,
    )


def _layout(sheet: Sheet, header: int) -> Layout:
    """The columns by our own headings. Raises Unreadable F14 if one of them occurs twice.

    Deleted columns are missing: their fields keep the stored values.
    """
    headings = [_text(cell) for cell in sheet.rows[header]]
    if any(headings.count(column.text) > 1 for column in HEADINGS if column.field):
        raise _tampered()
    columns = [
        Column(at, heading, FIELDS.get(heading), sure=heading in FIELDS)
        for at, heading in enumerate(headings)
        if heading
    ]
    return Layout(sheet.name, header, header, columns)


def _key_column(layout: Layout) -> int:
    return layout.of(Field.ROW_KEY)[0].index


def _filled(sheet: Sheet, layout: Layout) -> Iterable[tuple[int, Sequence[Cell]]]:
    """(index, cells) of the rows below the header that are not empty."""
    for index, cells in enumerate(sheet.rows):
        if index > layout.header_last and any(_text(cell) for cell in cells):
            yield index, cells


@dataclass(frozen=True)
class _Place:
    """The labels of an assignment's row."""

    agency_code: str
    agency: str
    full_code: str
    short_code: str  # the label before it named the forum


def _places() -> dict[int, _Place]:
    rows = Assignment.objects.order_by().values_list(
        "pk",
        "agency__code",
        "agency__name_th",
        "measure__resolution__forum__year_be",
        "measure__resolution__number",
        "measure__number",
    )
    return {
        pk: _Place(agency_code, agency, full_code(year, *code), short_code(*code))
        for pk, agency_code, agency, year, *code in rows
    }


def _keys(
    sheet: Sheet, layout: Layout, round_code: str, agency_code: str, signed: frozenset[str]
) -> tuple[dict[int, int], list[int]]:
    """(row index -> assignment, with every key checked; the rows without a key).

    `signed` are the keys that the metadata's signature covers. A key beside the labels of another row
    is an error: it did not move with its row when rows were sorted or pasted.
    """
    places = _places()
    codes_of: dict[str, set[str]] = {}
    for each in places.values():
        codes_of.setdefault(clean_text(each.agency), set()).add(each.agency_code)
    at = _key_column(layout)
    code_at, agency_at = (
        next((column.index for column in layout.of(name)), None)
        for name in (Field.CLAUSE_CODE, Field.LEAD_AGENCY)
    )
    keys: dict[int, int] = {}
    unkeyed: list[int] = []
    for index, cells in _filled(sheet, layout):
        key = _text(cells[at])
        if not key:
            unkeyed.append(index)
            continue
        parts = KEY.fullmatch(key)
        found = (parts[1], int(parts[2])) if parts and key in signed else key_parts(key)
        place = places.get(found[1]) if found else None
        if found is None or place is None or found[0] != round_code:
            raise _tampered()
        if agency_code and place.agency_code != agency_code:
            raise Unreadable(Problem("F15", {"theirs": _name_of(agency_code)}))
        code = None if code_at is None else cells[code_at]
        named = codes_of.get("" if agency_at is None else _text(cells[agency_at]))
        if not _is_code(code, place) or (named and place.agency_code not in named):
            raise _tampered()
        keys[index] = found[1]
    return keys, unkeyed


def _is_code(cell: Cell, place: _Place) -> bool:
    """Whether a label still names the measure, by its full code or by the short code of earlier
    workbooks; a program may have turned the short 2.10 into the number 2.1, or lost it."""
    text = "" if isinstance(cell, CellError) else _text(cell)
    try:
        return text in {"", place.full_code} or float(text) == float(place.short_code)
    except ValueError:
        return False


def _name_of(agency_code: str) -> str:
    agency = Agency.objects.filter(code=agency_code).first()
    return str(agency) if agency else agency_code
