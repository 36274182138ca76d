"""The verb on the annual report's own texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, locked_round, require
from followup.models import Narrative, Round, User


@dataclass(frozen=True)
class Written:
    """A new text for a slot, and the text that was stored when the person began."""

    text: str
    seen: str


@action
def write_narratives(*, round_: Round, by: User, texts: Mapping[str, Written]) -> int:
    """Store texts that were changed or accepted; an empty one lets its slot be drafted from figures.

    All or nothing: raises `Refused` if a colleague has changed one of the slots meanwhile. Returns the
    number of changes.
    """
    require(permissions.may_work(by))
    stored_round = locked_round(round_.pk)
    if not permissions.may_narrate(by, stored_round):
        raise Refused(_("รอบนี้เผยแพร่แล้ว ข้อความในรายงานประจำปีแก้ได้เมื่อเปิดแก้ไขหลังเผยแพร่"))
    stored = {each.slot: each for each in round_.narratives.select_for_update()}
    changed = {slot: written for slot, written in texts.items() if written.text != written.seen}
    taken = [
        slot
        for slot, written in changed.items()
        if written.seen != (stored[slot].text if slot in stored else "")
    ]
    if taken:
        raise Refused(
            dict.fromkeys(
                taken, _("มีผู้อื่นแก้ไขข้อความนี้ก่อนแล้ว ตรวจข้อความที่บันทึกไว้ แล้วบันทึกอีกครั้งหากต้องการใช้ข้อความนี้")
            )
        )
    for slot, written in changed.items():
        row = stored.get(slot) or Narrative(round=round_, slot=slot)
        if written.text:
            row.text, row.accepted_by, row.accepted_at = written.text, by, timezone.now()
            row.save()
        elif row.pk:
            row.delete()
    return len(changed)
