"""The date by which an agency promises a measure: what it needs, and where it stands on a day.

A date stands until a report says another one; the earlier ones are kept. Whether it is past due is
computed from the day on which it is asked, and never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.status import ACHIEVED, Status
from forum_portal.thai import format_date


class Due(models.TextChoices):
    """Where a promised date stands on a day; in the order of counts, what needs attention first."""

    PAST_DUE = "past_due", _l("เลยกำหนด")
    NOT_YET = "not_yet", _l("ยังไม่ถึงกำหนด")
    NO_TARGET = "no_target", _l("ยังไม่ได้แจ้งกำหนด")
    KEPT = "kept", _l("บรรลุแล้ว")
    ENDED = "ended", _l("ยุติ")

    @property
    def definition(self) -> Promise:
        return DEFINITIONS[self]


DEFINITIONS: Mapping[Due, Promise] = {
    Due.PAST_DUE: _l("เลยวันที่หน่วยงานกำหนดไว้เองแล้ว และยังไม่บรรลุ"),
    Due.NOT_YET: _l("หน่วยงานแจ้งกำหนดไว้ และยังไม่ถึงวันนั้น"),
    Due.NO_TARGET: _l("ยังไม่บรรลุ และหน่วยงานยังไม่เคยแจ้งกำหนด"),
    Due.KEPT: _l("แล้วเสร็จหรือดำเนินการต่อเนื่อง ไม่ว่าจะแจ้งกำหนดไว้หรือไม่"),
    Due.ENDED: _l("คสป. มีมติให้ยุติ"),
}


def due_on_day(target_on: date | None, status: Status, today: date) -> Due:
    """Where a promise stands on a day, by the status that is counted. The day itself is not past due."""
    if status is Status.CANCELLED:
        return Due.ENDED
    if status in ACHIEVED:
        return Due.KEPT
    if target_on is None:
        return Due.NO_TARGET
    return Due.PAST_DUE if target_on < today else Due.NOT_YET


def missing_from_target(
    values: Mapping[str, Any], last: Mapping[str, Any] | None
) -> dict[str, str]:
    """The errors of a target date: field name -> Thai sentence; empty if there are none.

    `values` are the report's fields; `last` are those of the date that stood before, None without one.
    A date that moves needs the reason why.
    """
    if not values["target_on"]:
        if values["milestone"] or values["target_reason"]:
            return {"target_on": _("ระบุวันกำหนดแล้วเสร็จด้วย หรือเว้นช่องของกำหนดทั้งหมด")}
        return {}
    if last is None or last["target_on"] == values["target_on"] or values["target_reason"]:
        return {}
    return {
        "target_reason": _("กำหนดเดิมคือ %(day)s ระบุเหตุผลที่เปลี่ยนกำหนด กำหนดเดิมยังแสดงอยู่")
        % {"day": format_date(last["target_on"], "medium")}
    }
