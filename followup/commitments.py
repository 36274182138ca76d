"""What a report must have if it says what stands: a response, a target date, an indicator.

The rules of responses and target dates are in `responses` and `targets`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from followup.report_fields import HEAD, Section, is_asked, of_section
from followup.responses import missing_from_response
from followup.targets import missing_from_target

#: What stood before a report, by section: the fields of the section; a section is missing if nothing did.
Before = Mapping[Section, Mapping[str, Any]]


def missing_commitments(
    values: Mapping[str, Any], before: Before, *, is_lead: bool
) -> dict[str, str]:
    """The errors that prevent a submission: field name -> Thai sentence; empty if there are none.

    `values` are the report's fields as in the model. Only a lead agency responds to a measure.
    """
    lacks = said_unasked(values, is_lead=is_lead)
    if is_lead:
        lacks |= missing_from_response(values, before.get(Section.RESPONSE))
    lacks |= missing_from_target(values, before.get(Section.TARGET))
    return lacks | _missing_from_indicator(values, before.get(Section.INDICATOR))


def said_unasked(values: Mapping[str, Any], *, is_lead: bool) -> dict[str, str]:
    """The errors of what an agency says that is not asked for it; drafts are checked as well.

    The form of a supporting agency has no such field, so that nobody would find it again.
    """
    if is_asked(Section.RESPONSE, is_lead=is_lead):
        return {}
    if not any(values[each.name] for each in of_section(Section.RESPONSE)):
        return {}
    return {"response": _("เฉพาะหน่วยงานหลักตอบรับมาตรการย่อย ลบคำตอบออกจากรายการนี้")}


def _missing_from_indicator(
    values: Mapping[str, Any], last: Mapping[str, Any] | None
) -> dict[str, str]:
    if not values[HEAD[Section.INDICATOR]]:
        defines = ("indicator_unit", "indicator_baseline", "indicator_target")
        said = any(values[name] not in {"", None} for name in defines)
        if said or (values["indicator_value"] is not None and last is None):
            return {"indicator": _("ระบุตัวชี้วัดของค่าที่กรอกไว้ หรือเว้นช่องของตัวชี้วัดทั้งหมด")}
        return {}
    if not values["indicator_unit"]:
        return {"indicator_unit": _("ระบุหน่วยนับของตัวชี้วัด เช่น คน หรือ แห่ง")}
    return {}
