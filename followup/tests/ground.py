"""The ground: fixtures' rows that successive tests share, so that they are written only once.

The ground is a stack of layers: the forum, then the people, then the open round. Each layer is a
nested block of one open transaction. A test's own transaction is on top and is rolled back after it.
The layers stay for the next test; those that it does not share are rolled back. So no test sees
another's rows, and a test without layers has an empty database.

A layer is a function that writes rows. The fixture of the same name calls `Ground.lay`, which writes
nothing if the layer is present. If it is not (a test with real transactions, or a fixture requested
by `getfixturevalue`), it writes the rows within the test.

A parameter that is a layer's name asks for it as a fixture does: see `data` in `conftest`.

A fixture of CLOCKS is a layer without rows: what is above it was written at its moment.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction

Path = tuple[str, ...]  # the names of layers, the lowest first

LAYERS: dict[str, Callable[[], object]] = {}
#: Layer -> the layer that is written before it, if a test uses both.
BEFORE = {"people": "demo"}
#: Layers without timestamps: they are below a clock.
TIMELESS = {"forum", "second_forum"}
#: A fixture that sets the clock -> the moment that it sets it to.
CLOCKS: dict[str, datetime] = {}
#: Much data, written on all that a test asks for besides.
GROWN = ("grown", "thrice")
REAL_TRANSACTIONS = {"transactional_db", "live_server", "django_db_reset_sequences"}


def layer(write: Callable[[], object]) -> Callable[[], object]:
    """Register a layer under its function's name, which no other layer may have."""
    taken = LAYERS.setdefault(write.__name__, write)
    if taken.__module__ != write.__module__:
        raise ValueError(f"{taken.__module__} has a layer {write.__name__} already")
    return write


def path_of(item: pytest.Item) -> Path:
    """The layers that a test's fixtures need, in the order in which they are written."""
    names = getattr(item, "fixturenames", ())
    mark = item.get_closest_marker("django_db")
    if REAL_TRANSACTIONS & set(names) or (mark and (mark.args or mark.kwargs)):
        return ()
    definitions = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    seen, path = set(), []

    def visit(name: str) -> None:
        if name in seen:
            return
        if (first := BEFORE.get(name)) in names:
            visit(str(first))
        seen.add(name)
        if name in definitions:
            definition = definitions[name][-1]
            for each in definition.argnames:
                visit(each)
            if name in LAYERS and definition.func.__module__ == LAYERS[name].__module__:
                path.append(name)

    for name in names:
        visit(name)
    call = getattr(item, "callspec", None)
    path += [value for value in (call.params if call else {}).values() if value in GROWN]
    clocks = [name for name in names if name in CLOCKS]
    if not clocks and "time_machine" not in names:
        return tuple(path)
    timeless = [name for name in path if name in TIMELESS]
    dated = [name for name in path if name not in TIMELESS]
    if not dated or len(clocks) != 1 or "time_machine" in names:
        return tuple(timeless)  # set to an unknown moment, the test writes the rest itself
    return (*timeless, *clocks, *dated)


def moment_of(path: Path) -> AbstractContextManager[object]:
    """While it is open, the clock stands at the moment that the path sets it to, if any."""
    for name in path:
        if name in CLOCKS:
            return time_machine.travel(CLOCKS[name], tick=False)
    return nullcontext()


def _write(name: str) -> None:
    """Write a layer's rows. The jobs that it queued are no part of it: tests tell those of their own."""
    from followup.tests.queued import empty_queue

    LAYERS[name]()
    empty_queue()


class Ground:
    def __init__(self) -> None:
        self.blocker: Any = None  # pytest-django's, once the database exists
        self.wanted: Path = ()
        self.blocks: list[tuple[str, transaction.Atomic]] = []

    @property
    def path(self) -> Path:
        return tuple(name for name, _block in self.blocks)

    def start(self, blocker: Any) -> None:
        """Called when the database exists, before the first test that uses it."""
        self.blocker = blocker
        self.become(self.wanted)

    def become(self, path: Path) -> None:
        """Roll back layers that are not on the path, and write its missing layers."""
        self.wanted = path
        if self.blocker is None or self.path == path:
            return
        with self.blocker.unblock():
            while self.path != path[: len(self.blocks)]:
                _name, block = self.blocks.pop()
                transaction.set_rollback(True)
                block.__exit__(None, None, None)
            for name in path[len(self.blocks) :]:
                block = transaction.atomic()
                block.__enter__()
                try:
                    if name not in CLOCKS:
                        with moment_of((*self.path, name)):
                            _write(name)
                    # Run PostgreSQL's deferred checks now: otherwise they stay pending in every test.
                    transaction.get_connection().check_constraints()
                except BaseException:  # the next test may not take half a layer for a whole one
                    transaction.set_rollback(True)
                    block.__exit__(None, None, None)
                    raise
                self.blocks.append((name, block))

    def lay(self, name: str) -> None:
        """Write a layer's rows within the test, unless the layer is present."""
        if name not in self.path:
            _write(name)


ground = Ground()
