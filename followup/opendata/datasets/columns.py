"""Columns that several datasets have, and the keys of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _l

from followup.models import Assignment, Round
from followup.opendata.registry import Column, Type, Value, Words
from followup.status import OF_REPORTS, STORED
from forum_portal.years import HALF_YEAR, WHOLE_YEAR, YEAR_MAX, YEAR_MIN, to_ce
from proposals.models import Forum, Measure, Resolution

AGENCY_CODE = "[A-Z0-9_]{1,20}"
MEASURE_CODE = r"[1-9][0-9]{0,4}\.[1-9][0-9]{0,4}"
RESOLUTION_ID = "25[6-9][0-9]-[1-9][0-9]{0,4}"
MEASURE_ID = f"25[6-9][0-9]-{MEASURE_CODE}"
SEPARATOR = " | "  # between several values of one cell
TYPED = tuple(status.value for status in STORED)  # statuses that somebody reported or assessed
REPORTED = tuple(status.value for status in OF_REPORTS)  # these and "no report"


# Keys of rows: readable, and stable as long as the row exists ----------------------------------


def resolution_id(resolution: Resolution) -> str:
    return resolution.full_code


def measure_id(measure: Measure) -> str:
    return measure.full_code


def assignment_id(assignment: Assignment) -> str:
    """The key of an assignment. It has the first year: an agency may get a measure a second time."""
    return f"{measure_id(assignment.measure)}-{assignment.agency.code}-{assignment.valid_from}"


# Columns that several datasets have -----------------------------------------------------------


def year_columns(
    prefix: str, title_be: Words, title_ce: Words, year: Callable[[Any], int | None], **more: Any
) -> list[Column]:
    """A year in both eras."""

    def christian(item: Any) -> int | None:
        be = year(item)
        return None if be is None else to_ce(be)

    ce = {name: value for name, value in more.items() if name != "refers_to"}
    return [
        Column(f"{prefix}_be", title_be, year, Type.INTEGER, **_BE | more),
        Column(f"{prefix}_ce", title_ce, christian, Type.INTEGER, **_CE | ce),
    ]


_BE: dict[str, Any] = {"minimum": YEAR_MIN, "maximum": YEAR_MAX}
_CE: dict[str, Any] = {"minimum": to_ce(YEAR_MIN), "maximum": to_ce(YEAR_MAX)}


def fiscal_year(round_: Callable[[Any], Round]) -> list[Column]:
    return [
        *year_columns(
            "year",
            _l("ปีงบประมาณ พ.ศ."),
            _l("ปีงบประมาณ ค.ศ."),
            lambda item: round_(item).year_be,
            about=_l("1 ตุลาคมของปีก่อน ถึง 30 กันยายน"),
            is_required=True,
        ),
        Column(
            "round_months",
            _l("จำนวนเดือนของรอบ"),
            lambda item: round_(item).months,
            Type.INTEGER,
            about=_l(
                "12: ทั้งปีงบประมาณ 6: ตุลาคมถึงมีนาคม มีเมื่อปีนั้นยังไม่เผยแพร่รอบ 12 เดือน หรือเมื่อขอด้วย year เช่น 2567-6"
            ),
            minimum=HALF_YEAR,
            maximum=WHOLE_YEAR,
            is_required=True,
        ),
    ]


def forum_year(forum: Callable[[Any], Forum], *, refers_to: str = "forums") -> list[Column]:
    return year_columns(
        "forum_year",
        _l("ปีที่จัดการประชุม พ.ศ."),
        _l("ปีที่จัดการประชุม ค.ศ."),
        lambda item: forum(item).year_be,
        is_required=True,
        refers_to=refers_to,
    )


def resolution_key(resolution: Callable[[Any], Resolution | None], **more: Any) -> Column:
    """The resolution by its full code, the key of the dataset `resolutions`."""
    return Column(
        "resolution_id",
        _l("รหัสข้อเสนอ"),
        lambda item: resolution_id(found) if (found := resolution(item)) else None,
        pattern=RESOLUTION_ID,
        **{"refers_to": "resolutions"} | more,
    )


def measure_key(measure: Callable[[Any], Measure | None], **more: Any) -> Column:
    """The measure by its full code, the key of the dataset `measures`."""
    return Column(
        "measure_id",
        _l("รหัสอ้างอิงมาตรการย่อย"),
        lambda item: measure_id(found) if (found := measure(item)) else None,
        pattern=MEASURE_ID,
        **{"refers_to": "measures"} | more,
    )


def resolution_number(number: Callable[[Any], int | None], **more: Any) -> Column:
    return Column(
        "resolution_number", _l("ข้อเสนอที่"), number, Type.INTEGER, minimum=1, maximum=32767, **more
    )


def measure_code(code: Callable[[Any], str | None], **more: Any) -> Column:
    """The measure's code within its forum. Spreadsheets read it as a number, and 2.10 becomes 2.1."""
    return Column(
        "measure_code",
        _l("รหัสมาตรการย่อย"),
        code,
        about=_l(
            "เลขข้อเสนอ จุด เลขข้อย่อย เป็นข้อความ: 2.10 ไม่ใช่ 2.1 เวทีอื่นอาจใช้เลขเดียวกัน ให้อ้างด้วย measure_id"
        ),
        pattern=MEASURE_CODE,
        superseded_by="measure_id",
        **more,
    )


def agency_code(
    code: Callable[[Any], str | None], name: str = "agency_code", **more: Any
) -> Column:
    more.setdefault("title", _l("รหัสหน่วยงาน"))
    more.setdefault("refers_to", "agencies")
    return Column(name, value=code, pattern=AGENCY_CODE, **more)


def coded(
    name: str,
    title: Words,
    choices: Any,
    code: Callable[[Any], str | None],
    *,
    values: Iterable[str] = (),
    about: Words = "",
    is_required: bool = False,
) -> list[Column]:
    """Two columns: a code of a vocabulary, and its Thai label."""

    def label(item: Any) -> str | None:
        value = code(item)
        return str(choices(value).label) if value else None

    return [
        Column(
            f"{name}_code",
            title,
            lambda item: code(item) or None,
            about=about,
            choices=tuple(values or choices.values),
            is_required=is_required,
        ),
        Column(f"{name}_th", title, label, is_required=is_required),
    ]


def is_demo(round_: Callable[[Any], Round]) -> Column:
    return Column(
        "is_demo",
        _l("เป็นข้อมูลตัวอย่าง"),
        lambda item: round_(item).is_demo,
        Type.BOOLEAN,
        about=_l("true: ใช้ทดสอบระบบเท่านั้น ไม่ใช่ผลการดำเนินงานจริง"),
        is_required=True,
    )


def utc(moment: datetime) -> datetime:
    """A moment as the data says it: in UTC."""
    return moment.astimezone(UTC)


def text(name: str, title: Words, value: Callable[[Any], Value], **more: Any) -> Column:
    """A text column; an empty text becomes null."""
    return Column(name, title, lambda item: value(item) or None, **more)
