"""Filters and pages of a dataset. They are parsed strictly, so that a typo never means "all"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.opendata.datasets.areas import ISO_CODE
from followup.opendata.datasets.columns import AGENCY_CODE, MEASURE_ID, RESOLUTION_ID
from followup.opendata.datasets.progress import LEVELS
from followup.opendata.examples import Examples
from followup.opendata.registry import Dataset, Row, Value, Words
from followup.status import Status
from forum_portal.thai import to_arabic_digits
from forum_portal.years import (
    HALF_YEAR,
    WHOLE_YEAR,
    YEAR_MAX,
    YEAR_MIN,
    YearError,
    as_typed,
    parse_round_code,
    parse_year,
    round_code,
    to_ce,
)

PAGE_SIZE, PAGE_SIZE_MAX = 50, 200
_PAGE_MAX = 999_999

Schema = dict[str, Any]


class ParameterError(ValueError):
    """An invalid parameter; `str()` is the reason, a Thai sentence."""

    def __init__(self, parameter: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.status = status


@dataclass(frozen=True)
class Filter:
    """A parameter, the column it filters, and its parser. Its name is also that of its example.

    `read` raises ValueError for an invalid text; a Thai message of the error is shown.
    """

    name: str
    column: str
    about: Words
    schema: Schema
    read: Callable[[str], Value]


def _whole(most: int) -> Callable[[str], int]:
    """A parser of whole numbers from 1 to `most`, in Arabic or Thai digits, without signs."""

    def read(text: str) -> int:
        digits = to_arabic_digits(text)
        if not re.fullmatch("[0-9]{1,9}", digits) or not 1 <= int(digits) <= most:
            raise ValueError(_("ต้องเป็นจำนวนเต็มตั้งแต่ 1 ถึง %(max)s") % {"max": f"{most:,}"})
        return int(digits)

    return read


def _like(pattern: str, example: str) -> Callable[[str], str]:
    """A parser of texts that match a pattern. `example`: the name of one in `Examples`."""

    def read(text: str) -> str:
        text = to_arabic_digits(text)
        if not re.fullmatch(pattern, text):
            raise ValueError(_("รูปแบบที่ใช้ได้ เช่น %(example)s") % {"example": Examples()[example]})
        return text

    return read


def _one_of(values: list[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError(_("ค่าที่ใช้ได้: %(values)s") % {"values": ", ".join(values)})
        return text

    return read


def _year(text: str) -> int:
    return parse_year(text).be


def _round(text: str) -> str:
    """The code of a round; of a year alone that of its state."""
    year, months = parse_round_code(text)
    return round_code(year.be, months or WHOLE_YEAR)


def _years_pattern() -> str:
    """A pattern that matches every valid year, in either era."""
    years = range(YEAR_MIN, YEAR_MAX + 1)
    tens = sorted({str(each)[:3] for year in years for each in (year, to_ce(year))})
    every = {str(each) for year in years for each in (year, to_ce(year))}
    parts = []
    for ten in tens:
        last = "".join(digit for digit in "0123456789" if ten + digit in every)
        parts.append(f"{ten}[{last}]")
    return f"({'|'.join(parts)})"


_YEAR_SCHEMA: Schema = {"type": "string", "pattern": f"^{_years_pattern()}$"}
YEAR = Filter(
    "year",
    "year_be",
    _l("ปีงบประมาณ พ.ศ. หรือ ค.ศ. ต่อท้าย -6 เพื่ออ่านรอบ 6 เดือนของปีที่มีรอบ 12 เดือนแล้ว"),
    {"type": "string", "pattern": f"^{_years_pattern()}(-{HALF_YEAR})?$"},
    _round,
)
FILTERS = (
    Filter("from", "from_year_be", _l("ปีตั้งต้น พ.ศ. หรือ ค.ศ."), _YEAR_SCHEMA, _year),
    Filter("to", "to_year_be", _l("ปีที่เทียบ พ.ศ. หรือ ค.ศ."), _YEAR_SCHEMA, _year),
    Filter("forum", "forum_year_be", _l("ปีที่จัดการประชุม พ.ศ. หรือ ค.ศ."), _YEAR_SCHEMA, _year),
    Filter(
        "resolution",
        "resolution_id",
        _l("รหัสข้อเสนอ ขึ้นต้นด้วยปีของเวที"),
        {"type": "string", "pattern": f"^{RESOLUTION_ID}$"},
        _like(RESOLUTION_ID, "resolution"),
    ),
    Filter(
        "measure",
        "measure_id",
        _l("รหัสอ้างอิงมาตรการย่อย ขึ้นต้นด้วยปีของเวที"),
        {"type": "string", "pattern": f"^{MEASURE_ID}$"},
        _like(MEASURE_ID, "measure"),
    ),
    Filter(
        "agency",
        "agency_code",
        _l("รหัสหน่วยงาน"),
        {"type": "string", "pattern": f"^{AGENCY_CODE}$"},
        _like(AGENCY_CODE, "agency"),
    ),
    Filter(
        "province",
        "province_iso",
        _l("รหัสจังหวัด ISO 3166-2"),
        {"type": "string", "pattern": f"^{ISO_CODE}$"},
        _like(ISO_CODE, "province"),
    ),
    Filter(
        "status",
        "status_code",
        _l("รหัสสถานะ"),
        {"type": "string", "enum": list(Status.values)},
        _one_of(list(Status.values)),
    ),
    Filter(
        "level",
        "level",
        _l("ระดับ"),
        {"type": "string", "enum": list(LEVELS)},
        _one_of(list(LEVELS)),
    ),
)
PAGE = Filter(
    "page",
    "",
    _l("หน้าที่"),
    {"type": "integer", "minimum": 1, "maximum": _PAGE_MAX, "default": 1},
    _whole(_PAGE_MAX),
)
SIZE = Filter(
    "page_size",
    "",
    _l("จำนวนแถวต่อหน้า"),
    {"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE},
    _whole(PAGE_SIZE_MAX),
)


def filters_of(dataset: Dataset) -> list[Filter]:
    """The filters of a dataset: those for which it has a column."""
    by_year = [YEAR] if dataset.by_year else []
    columns = {column.name: column for column in dataset.columns}
    return by_year + [
        _within(each, columns[each.column].choices) for each in FILTERS if each.column in columns
    ]


def _within(filter_: Filter, choices: Sequence[str]) -> Filter:
    """Limit a vocabulary's filter to the choices of the dataset's own column."""
    if "enum" not in filter_.schema or not choices:
        return filter_
    values = list(choices)
    return replace(filter_, schema={**filter_.schema, "enum": values}, read=_one_of(values))


@dataclass(frozen=True)
class Query:
    """A parsed request for rows of a dataset."""

    year: str | None  # the code of a round
    wanted: Mapping[str, Value]  # column -> value
    page: int
    page_size: int

    @property
    def name(self) -> str:
        """The suffix of a file's name after the dataset's name: `_2567_3`."""
        said = ([self.year] if self.year else []) + list(self.wanted.values())
        return "".join(f"_{each}" for each in said)


def read_query(dataset: Dataset, parameters: QueryDict, *, in_pages: bool = True) -> Query:
    """Parse the parameters.

    Raises ParameterError for the first parameter that is unknown, repeated or invalid.
    """
    pages = (PAGE, SIZE) if in_pages else ()
    values = read_parameters([*filters_of(dataset), *pages], parameters)
    return Query(
        year=values.get("year"),
        wanted={each.column: values[each.name] for each in FILTERS if each.name in values},
        page=values.get("page", 1),
        page_size=values.get("page_size", PAGE_SIZE),
    )


def read_parameters(filters: Sequence[Filter], parameters: QueryDict) -> dict[str, Any]:
    """The values of an address's parameters, by name. Raises ParameterError as `read_query` does."""
    known = {each.name: each for each in filters}
    values: dict[str, Any] = {}
    for name, texts in parameters.lists():
        if name not in known:
            raise ParameterError(
                as_typed(name),
                _("ไม่มีพารามิเตอร์ “%(name)s” ที่ใช้ได้: %(known)s")
                % {"name": as_typed(name), "known": ", ".join(known) or "–"},
            )
        if len(texts) != 1:
            raise ParameterError(name, _("ระบุ “%(name)s” ได้ครั้งเดียว") % {"name": name})
        try:
            values[name] = known[name].read(texts[0])
        except ValueError as error:
            message = _("“%(name)s” ใช้ค่า “%(value)s” ไม่ได้: %(reason)s")
            said = {"name": name, "value": as_typed(texts[0]), "reason": error}
            raise ParameterError(
                name, str(error) if isinstance(error, YearError) else message % said
            ) from error
    return values


def refuse_all(parameters: QueryDict) -> None:
    """Raise ParameterError for any parameter; for addresses that take none."""
    for name in parameters:
        raise ParameterError(
            as_typed(name), _("ที่อยู่นี้ไม่มีพารามิเตอร์ “%(name)s”") % {"name": as_typed(name)}
        )


def page_of(rows: Sequence[Row], query: Query) -> tuple[Sequence[Row], int]:
    """(rows of the requested page, number of pages). An empty dataset has one empty page.

    Raises ParameterError for a page beyond the last.
    """
    pages = max(1, -(-len(rows) // query.page_size))
    if query.page > pages:
        raise ParameterError(
            "page",
            _("ไม่มีหน้า %(page)s มีทั้งหมด %(pages)s หน้า") % {"page": query.page, "pages": pages},
            status=404,
        )
    first = (query.page - 1) * query.page_size
    return rows[first : first + query.page_size], pages
