"""What all verbs share: their exceptions, and one transaction and one history batch for each call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from followup.history import one_batch, written_via
from followup.models import AgencyLink, Round, RoundState, SignedLink
from forum_portal.stored_version import version_of

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """Decorate a verb: it runs in one transaction, and its history rows share one batch.

    If somebody's `link` writes, the history names its holder, because nobody is signed in. A verb that
    the database broke off to let another one pass is tried once more, with its arguments as they were.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        by: Any = kwargs.get("by")
        link = kwargs.get("link")

        def once() -> R:
            who: AbstractContextManager[None] = (
                written_via(link.writer) if isinstance(link, SignedLink) else nullcontext()
            )
            with transaction.atomic(), one_batch(by), who:
                return verb(*args, **kwargs)

        if transaction.get_connection().in_atomic_block:
            return once()  # the outer transaction is broken as well
        rows = [(row, vars(row).copy()) for row in _rows_in(kwargs.values())]
        try:
            return once()
        except OperationalError as error:
            if not is_short_conflict(error):
                raise
            for row, before in rows:
                vars(row).clear()
                vars(row).update(before)
            return once()

    return run


def in_steps(verb: Callable[P, R]) -> Callable[P, R]:
    """Decorate a verb that takes long: it prepares without a lock and calls actions, each one short.

    Nobody else's save waits for the whole. Its last action moves the state by which readers judge; what
    was done before a failure is harmless, and is used or done again when the verb is called again.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return verb(*args, **kwargs)

    return run


def _rows_in(values: Iterable[Any]) -> Iterator[Model]:
    """The model instances among the arguments of a verb, and in their lists."""
    for value in values:
        if isinstance(value, Model):
            yield value
        elif isinstance(value, list | tuple):
            yield from _rows_in(value)


def is_short_conflict(error: OperationalError) -> bool:
    """Whether the database broke a transaction off because another one was in its way.

    A deadlock or a failed serialization of PostgreSQL; a snapshot of SQLite that is too old to write.
    The other transaction goes on, so that a second try succeeds. A lock that was waited for in vain is
    no such error.
    """
    cause = error.__cause__
    return (
        getattr(cause, "sqlstate", None) in {"40P01", "40001"}
        or getattr(cause, "sqlite_errorname", None) == "SQLITE_BUSY_SNAPSHOT"
    )


class Refused(Exception):
    """The rules do not allow this now. `messages` maps a field name (or "") to a Thai sentence."""

    def __init__(self, messages: str | Mapping[str, str]) -> None:
        self.messages = {"": messages} if isinstance(messages, str) else dict(messages)
        super().__init__("; ".join(self.messages.values()))


class Conflict(Exception):
    """Somebody else saved this record in the meantime. `current` is the stored record."""

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__(_("มีผู้อื่นแก้ไขรายการนี้ก่อนแล้ว"))


def locked_as_seen(row: M, names: Iterable[str], seen: str) -> M:
    """The stored row, locked, if its fields still are what the person has seen.

    `seen` is the `version_of` these fields. Raises `Conflict`, or `Refused` if the row was removed.
    """
    stored = type(row)._base_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
    if stored is None:
        raise Refused(_("รายการนี้มีผู้ลบไปแล้ว คัดลอกข้อความที่ต้องการเก็บไว้ แล้วเปิดหน้าใหม่"))
    if version_of(stored, names) != seen:
        raise Conflict(stored)
    return stored


def locked_round(pk: int) -> Round:
    """The stored round, locked. Raises `Refused` if somebody has deleted it."""
    round_ = Round.objects.locked().filter(pk=pk).first()
    if round_ is None:
        raise Refused(_("รอบนี้มีผู้ลบไปแล้ว คัดลอกข้อความที่ต้องการเก็บไว้ แล้วเปิดหน้ารอบติดตามใหม่"))
    return round_


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
            "year": round_.label
        }
    if round_.state == RoundState.PLANNED:
        return _("รอบปีงบประมาณ %(year)s ยังไม่เปิด") % {"year": round_.label}
    return _("รอบปีงบประมาณ %(year)s ปิดแล้ว ติดต่อผู้ดูแลเพื่อขอเปิดแก้ไข") % {"year": round_.label}
