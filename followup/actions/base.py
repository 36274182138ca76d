"""What every verb shares: how it refuses, and that it is one transaction and one batch of history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from followup.history import one_batch
from followup.models import Round, RoundState, StatusReport

P = ParamSpec("P")
R = TypeVar("R")


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """A verb that writes: all of it or nothing, and one entry in the history of each record."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        by: Any = kwargs.get("by")
        with transaction.atomic(), one_batch(by):
            return verb(*args, **kwargs)

    return run


class Refused(Exception):
    """The rules do not allow this now. `messages`: field name (or "") -> Thai sentence."""

    def __init__(self, messages: str | Mapping[str, str]) -> None:
        self.messages = {"": messages} if isinstance(messages, str) else dict(messages)
        super().__init__("; ".join(self.messages.values()))


class Conflict(Exception):
    """Somebody else saved this record in the meantime. `current` is what is stored now."""

    def __init__(self, current: StatusReport) -> None:
        self.current = current
        super().__init__(_("มีผู้อื่นแก้ไขรายการนี้ก่อนแล้ว"))


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def closed_message(round_: Round) -> str:
    """Why a round takes no report now, and whom to ask."""
    if round_.state == RoundState.PLANNED:
        return _("รอบปีงบประมาณ %(year)s ยังไม่เปิด") % {"year": round_.year_be}
    return _("รอบปีงบประมาณ %(year)s ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข") % {"year": round_.year_be}
