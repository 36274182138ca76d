"""What all verbs share: their exceptions, and one transaction and one history batch for each call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from followup.history import one_batch, written_via
from followup.models import AgencyLink, Round, RoundState, StatusReport

P = ParamSpec("P")
R = TypeVar("R")


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """Decorate a verb: it runs in one transaction, and its history rows share one batch.

    If an agency's `link` writes, the history names the agency, because nobody is signed in.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        by: Any = kwargs.get("by")
        link = kwargs.get("link")
        who = written_via(link.agency.link_name) if isinstance(link, AgencyLink) else nullcontext()
        with transaction.atomic(), one_batch(by), who:
            return verb(*args, **kwargs)

    return run


class Refused(Exception):
    """The rules do not allow this now. `messages` maps a field name (or "") to a Thai sentence."""

    def __init__(self, messages: str | Mapping[str, str]) -> None:
        self.messages = {"": messages} if isinstance(messages, str) else dict(messages)
        super().__init__("; ".join(self.messages.values()))


class Conflict(Exception):
    """Somebody else saved this record in the meantime. `current` is the stored record."""

    def __init__(self, current: StatusReport) -> None:
        self.current = current
        super().__init__(_("มีผู้อื่นแก้ไขรายการนี้ก่อนแล้ว"))


def require(allowed: bool) -> None:
    """Raise `PermissionDenied` unless allowed."""
    if not allowed:
        raise PermissionDenied


def gone_message() -> str:
    """The message for somebody who saves a report that no longer exists."""
    return _("รายการนี้ไม่มีแล้ว เพราะการมอบหมายเปลี่ยนไประหว่างที่พิมพ์ คัดลอกข้อความไว้ แล้วติดต่อผู้ดูแล")


def closed_message(round_: Round, *, link: AgencyLink | None = None) -> str:
    """The message why a round takes no reports now, and whom to ask."""
    if link is not None:
        return _("รอบปีงบประมาณ %(year)s ปิดรับรายงานแล้ว ติดต่อฝ่ายเลขานุการ คสป. เพื่อขอเปิดแก้ไข") % {
            "year": round_.year_be
        }
    if round_.state == RoundState.PLANNED:
        return _("รอบปีงบประมาณ %(year)s ยังไม่เปิด") % {"year": round_.year_be}
    return _("รอบปีงบประมาณ %(year)s ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข") % {"year": round_.year_be}
