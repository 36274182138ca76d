"""The response of a lead agency to a measure: the words, the symbols and what each of them needs.

A response is apart from the status: an agency may accept a measure and not begin. It stands until a
report says another one, of a later day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from forum_portal.thai import format_date


class Response(models.TextChoices):
    """What a lead agency answers to a measure; the order of counts and tables."""

    ACCEPTED = "accepted", _l("รับไปดำเนินการ")
    PARTLY = "partly", _l("รับบางส่วน")
    NOT_ACCEPTED = "not_accepted", _l("ไม่รับ")
    NOT_COMPETENT = "not_competent", _l("ไม่อยู่ในอำนาจ")
    NO_ANSWER = "no_answer", _l("ยังไม่ตอบ")  # computed, never stored

    @property
    def symbol(self) -> str:
        """The name of its mark in the sprite: a diamond, so that it is no status."""
        return _SYMBOLS[self]

    @property
    def definition(self) -> Promise:
        return DEFINITIONS[self]


_SYMBOLS = {
    Response.ACCEPTED: "r-yes",
    Response.PARTLY: "r-part",
    Response.NOT_ACCEPTED: "r-no",
    Response.NOT_COMPETENT: "r-other",
    Response.NO_ANSWER: "r-none",
}
DEFINITIONS: Mapping[Response, Promise] = {
    Response.ACCEPTED: _l("หน่วยงานรับมาตรการย่อยไปดำเนินการทั้งข้อ"),
    Response.PARTLY: _l("รับบางส่วน และบอกว่าส่วนใดไม่รับ เพราะเหตุใด"),
    Response.NOT_ACCEPTED: _l("ไม่รับไปดำเนินการ พร้อมเหตุผล"),
    Response.NOT_COMPETENT: _l("เห็นว่าไม่อยู่ในอำนาจของตน และบอกว่าเป็นอำนาจของใคร"),
    Response.NO_ANSWER: _l("ยังไม่ได้รับคำตอบจากหน่วยงานหลัก ไม่ได้แปลว่าไม่รับ"),
}

#: The responses that an agency gives.
GIVEN = tuple(each for each in Response if each is not Response.NO_ANSWER)


def missing_from_response(
    values: Mapping[str, Any], last: Mapping[str, Any] | None
) -> dict[str, str]:
    """The errors of a response: field name -> Thai sentence; empty if there are none.

    `values` are the report's fields; `last` are those of the response that stood before, None without
    one. A response has a day, and all but an acceptance a reason. Another response than the last one is
    a new one, of a later day: nobody changes what was said on a day.
    """
    said = values["response"]
    about = [name for name in _PARTS if values[name]]
    if not said:
        return {"response": _("เลือกคำตอบของหน่วยงานด้วย หรือเว้นช่องของคำตอบทั้งหมด")} if about else {}
    lacks = {}
    if not values["response_on"]:
        lacks["response_on"] = _("ระบุวันที่หน่วยงานตอบ")
    if said != Response.ACCEPTED and not values["response_reason"]:
        lacks["response_reason"] = _("ระบุเหตุผลของคำตอบ “%(response)s”") % {
            "response": Response(said).label
        }
    if said == Response.NOT_COMPETENT and not values["competent_agency"]:
        lacks["competent_agency"] = _("ระบุว่าเป็นอำนาจของหน่วยงานใด")
    if last is not None and values["response_on"]:
        day: date = last["response_on"]
        same = all(values[name] == last[name] for name in ("response", *_PARTS))
        if not same and values["response_on"] <= day:
            lacks["response_on"] = _(
                "คำตอบใหม่ต้องลงวันที่หลังคำตอบเดิม (“%(response)s” เมื่อ %(day)s) คำตอบเดิมยังแสดงอยู่"
            ) % {"response": Response(last["response"]).label, "day": format_date(day, "medium")}
    return lacks


#: What belongs to a response, beside the word itself.
_PARTS = ("response_reason", "competent_agency", "response_on", "response_document")
