"""What a search finds as JSON: its parameters, its rows, and their description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.models import Round, SearchKind
from followup.opendata.filters import (
    FILTERS,
    PAGE,
    PAGE_SIZE,
    SIZE,
    YEAR,
    Filter,
    ParameterError,
    read_parameters,
)
from followup.search import Asked, Hit
from followup.search_words import QUERY_LIMIT, read_words
from followup.status import Status
from proposals.models import Forum

Json = dict[str, Any]


def _words(text: str) -> str:
    if len(text) > QUERY_LIMIT:
        raise ValueError(_("พิมพ์ได้ไม่เกิน %(max)s อักขระ") % {"max": QUERY_LIMIT})
    if not read_words(text).terms:
        raise ValueError(_("ต้องมีตัวอักษรหรือตัวเลขอย่างน้อยหนึ่งตัว"))
    return text


def _kind(text: str) -> str:
    if text not in SearchKind.values:
        raise ValueError(_("ค่าที่ใช้ได้: %(values)s") % {"values": ", ".join(SearchKind.values)})
    return text


WORDS = Filter(
    "q",
    "",
    _l("คำค้น ทุกคำต้องพบ พิมพ์ปี พ.ศ. หรือ ค.ศ. และเลขไทยหรืออารบิกก็ได้"),
    {"type": "string", "minLength": 1, "maxLength": QUERY_LIMIT},
    _words,
)
KIND = Filter(
    "kind",
    "",
    _l("กลุ่มของผลการค้นหา"),
    {"type": "string", "enum": list(SearchKind.values)},
    _kind,
)
PARAMETERS = (
    WORDS,
    KIND,
    *(each for each in FILTERS if each.name in {"forum", "status"}),
    YEAR,
    PAGE,
    SIZE,
)


def read_asked(
    parameters: QueryDict, published: Callable[[str], Round]
) -> tuple[Asked, str, int, int]:
    """(what is asked for, the kind or "", page, rows a page).

    `published` gives the round of a code, or raises Http404. Raises ParameterError.
    """
    values = read_parameters(PARAMETERS, parameters)
    if "q" not in values:
        raise ParameterError("q", _("ระบุคำค้นใน q เช่น ?q=กองทุน"))
    forum = None
    if "forum" in values:
        forum = Forum.objects.filter(year_be=values["forum"]).first()
        if forum is None:
            known = ", ".join(map(str, Forum.objects.sizes()))
            raise ParameterError(
                "forum",
                _("ไม่มีเวทีปี %(year)s เวทีที่มี: %(years)s") % {"year": values["forum"], "years": known},
                status=404,
            )
    round_ = published(values["year"]) if "year" in values else None
    status = Status(values["status"]) if "status" in values else None
    asked = Asked(read_words(values["q"]), forum, round_, status)
    return asked, values.get("kind", ""), values.get("page", 1), values.get("page_size", PAGE_SIZE)


def row_of(hit: Hit, address: Callable[[str], str], *, inside: bool) -> Json:
    """A hit as a row of the API; `address` makes a whole address of a path."""
    return {
        "kind": hit.kind,
        "part": hit.row.part,
        "code": hit.code or None,
        "title_th": hit.plain_title,
        "text_th": hit.plain_text or None,
        "before_th": hit.row.before or None,
        "reason_th": hit.reason or None,
        "year_be": hit.round.year_be if hit.round else None,
        "round": hit.round.code if hit.round else None,
        "forum_year_be": hit.forum.year_be if hit.forum else None,
        "status_code": hit.status.value if hit.status else None,
        "agency_code": hit.agency.code if hit.agency else None,
        "is_inside_word": inside,
        "url": address(hit.path),
    }


def schema() -> Json:
    """The description of a row."""

    def column(title: str, type_: str = "string", **more: Any) -> Json:
        return {"type": [type_, "null"], "title": title, **more}

    properties: Json = {
        "kind": {"type": "string", "title": _("กลุ่ม"), "enum": list(SearchKind.values)},
        "part": {"type": "string", "title": _("ส่วนที่พบ")},
        "code": column(_("รหัสเต็มของข้อเสนอหรือมาตรการย่อย รหัสหน่วยงาน หรือปีของเวที")),
        "title_th": {"type": "string", "title": _("ชื่อ")},
        "text_th": column(_("ข้อความรอบคำที่พบ ตัดที่ …")),
        "before_th": column(_("ข้อความเดิมของการแก้ไข")),
        "reason_th": column(_("เหตุผลของการแก้ไข")),
        "year_be": column(_("ปีงบประมาณ พ.ศ."), "integer"),
        "round": column(_("รหัสรอบติดตาม")),
        "forum_year_be": column(_("ปีของเวที พ.ศ."), "integer"),
        "status_code": column(_("รหัสสถานะ"), enum=[*Status.values, None]),
        "agency_code": column(_("รหัสหน่วยงาน")),
        "is_inside_word": {
            "type": "boolean",
            "title": _("คำค้นสั้นอยู่กลางคำ ไม่ใช่ต้นคำ"),
        },
        "url": {"type": "string", "format": "uri", "title": _("ที่อยู่ของหน้า")},
    }
    return {
        "type": "object",
        "title": _("ผลการค้นหา"),
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def kinds(wanted: str) -> Sequence[str]:
    """The kinds that a request reads, in their order."""
    return [wanted] if wanted else list(SearchKind.values)
