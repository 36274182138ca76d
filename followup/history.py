"""The history: which rows of it belong to one write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast
from uuid import UUID, uuid4

from followup.models.history import Batched

_batch: ContextVar[UUID | None] = ContextVar("history_batch", default=None)
_via: ContextVar[str] = ContextVar("history_via", default="")


@contextmanager
def one_batch() -> Iterator[None]:
    """What is written inside is one write; a batch within a batch belongs to the outer one."""
    if _batch.get() is not None:
        yield
        return
    token = _batch.set(uuid4())
    try:
        yield
    finally:
        _batch.reset(token)


@contextmanager
def written_via(who: str) -> Iterator[None]:
    """Name who writes where nobody is signed in: an agency through its link, a command."""
    token = _via.set(who)
    try:
        yield
    finally:
        _via.reset(token)


def stamp(history_instance: Any, **kwargs: Any) -> None:
    """Put the batch on a new history row (a receiver of `pre_create_historical_record`)."""
    if isinstance(history_instance, Batched):
        history_instance.batch = _batch.get()
        history_instance.via = _via.get()
        if history_instance.via:
            # Whoever happens to be signed in in the same browser has not written this.
            cast(Any, history_instance).history_user = None
