"""What stands of an agency's response, date and indicator in words, for its form and its workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import standing
from followup.models import StatusReport
from followup.report_fields import FIELDS, STANDING, Section
from followup.responses import Response
from followup.standing import Told
from followup.targets import Due
from forum_portal.thai import format_date


def before_in_words(report: StatusReport) -> Mapping[Section, str]:
    """Section -> what stands if the report is silent in it; a word for nothing if nothing was said.

    `earlier` of the report must be set.
    """
    return {each: _in_words(standing.told_before(report, each), each) for each in STANDING}


def _in_words(told: Sequence[Told], section: Section) -> str:
    """What a section's last statement says; `told` are the section's, the first first."""
    if not told:
        return str(_NOTHING[section])
    last = told[-1]
    match section:
        case Section.RESPONSE:
            document = last.get("response_document")
            parts = [
                Response(last.get("response")).label,
                format_date(last.get("response_on"), "medium"),
                _("หนังสือ %(number)s") % {"number": document} if document else "",
            ]
        case Section.TARGET:
            moved = standing.times_postponed(told)
            parts = [
                format_date(last.get("target_on"), "medium"),
                _("เลื่อน %(n)s ครั้ง") % {"n": moved} if moved else "",
            ]
        case _:
            parts = [
                _("%(indicator)s (%(unit)s)")
                % {"indicator": last.get("indicator"), "unit": last.get("indicator_unit")},
                _amount(last, "indicator_baseline", _("ตั้งต้น")),
                _amount(last, "indicator_target", _("เป้าหมาย")),
            ]
    return " · ".join(str(each) for each in parts if each)


def _amount(told: Told, name: str, label: str) -> str:
    words = FIELDS[name].in_words(told.get(name))
    return f"{label} {words}" if words else ""


_NOTHING = {
    Section.RESPONSE: Response.NO_ANSWER.label,
    Section.TARGET: Due.NO_TARGET.label,
    Section.INDICATOR: _l("ยังไม่มีตัวชี้วัด"),
}
