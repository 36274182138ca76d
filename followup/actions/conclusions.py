"""The verbs on a forum's follow-up: conclude it by a decision of the committee, and go on with it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, require
from followup.actions.rounds import refresh_open_rounds
from followup.history import note_write
from followup.models import RecordEntry, Round, StatusReport, User
from forum_portal.compare_and_set import compare_and_set
from proposals.models import Forum

_FIELDS = ["concluded_after", "concluded_reason", "concluded_ref", "concluded_on"]


@action
def conclude_forum(
    *, by: User, forum: Forum, after: int, reason: str, meeting_ref: str, meeting_on: date | None
) -> Forum:
    """Conclude a forum's follow-up with the round of fiscal year `after` (B.E.) as its last.

    Its published state stays public, and it leaves the reports that later rounds expect. Raises
    `Refused` without reason or meeting, or if a later round was published or has reports of it.
    """
    require(permissions.may_administer(by))
    missing = {
        "reason": "" if reason else _("ระบุเหตุผลที่สรุปการติดตาม"),
        "meeting_ref": "" if meeting_ref else _("ระบุครั้งที่ของการประชุม คสป. เช่น 5/2569"),
        "meeting_on": "" if meeting_on else _("ระบุวันที่ของการประชุม เช่น 20/12/2569"),
    }
    if messages := {name: message for name, message in missing.items() if message}:
        raise Refused(messages)
    # Every round first, as the other verbs lock: none is published or written to meanwhile.
    rounds = list(Round.objects.locked())
    if after < forum.followed_from:
        raise Refused(
            {
                "after": _("เวทีนี้เริ่มติดตามรอบ %(year)s ระบุรอบนั้นหรือหลังจากนั้น")
                % {"year": forum.followed_from}
            }
        )
    public = [each.year_be for each in rounds if each.is_public and each.year_be > after]
    if public:
        raise Refused(
            {
                "after": _("รอบ %(year)s เผยแพร่แล้วและติดตามเวทีนี้ ระบุรอบนั้นหรือหลังจากนั้น")
                % {"year": max(public)}
            }
        )
    written = StatusReport.objects.filter(
        round__year_be__gt=after, version__gt=0, assignment__measure__resolution__forum=forum
    )
    if count := written.count():
        last = written.order_by("-round__year_be").values_list("round__year_be", flat=True)[0]
        raise Refused(
            {
                "after": _(
                    "รอบ %(year)s มีรายงานของเวทีนี้ที่บันทึกแล้ว %(count)s รายการ ระบุรอบนั้นเป็นรอบสุดท้าย"
                )
                % {"year": last, "count": count}
            }
        )
    concluded = compare_and_set(
        forum,
        expected={"concluded_after": None},
        concluded_after=after,
        concluded_reason=reason,
        concluded_ref=meeting_ref,
        concluded_on=meeting_on,
    )
    if not concluded:
        raise Refused(_("เวทีนี้สรุปการติดตามไปแล้ว เปิดหน้าใหม่เพื่อดูมติ"))
    note_write(RecordEntry.Act.CHANGED, Forum, {forum.pk: {"fields": _FIELDS}})
    refresh_open_rounds()
    return forum


@action
def resume_forum(*, by: User, forum: Forum) -> Forum:
    """Take a conclusion back, so that rounds after it follow the forum up again. Raises `Refused`."""
    require(permissions.may_administer(by))
    rounds = list(Round.objects.locked())
    after = forum.concluded_after
    if after and any(each.is_public and each.year_be > after for each in rounds):
        raise Refused(_("มีรอบที่เผยแพร่แล้วโดยไม่ติดตามเวทีนี้ จึงยกเลิกการสรุปไม่ได้"))
    resumed = after is not None and compare_and_set(
        forum,
        expected={"concluded_after": after},
        concluded_after=None,
        concluded_reason="",
        concluded_ref="",
        concluded_on=None,
    )
    if not resumed:
        raise Refused(_("เวทีนี้ไม่ได้สรุปการติดตามไว้ เปิดหน้าใหม่เพื่อดูสถานะล่าสุด"))
    note_write(RecordEntry.Act.CHANGED, Forum, {forum.pk: {"fields": _FIELDS}})
    refresh_open_rounds()
    return forum
