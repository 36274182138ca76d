"""What many tests stand on, put into the database once for those that follow each other.

A ground is a pile of layers: the forum, on it the people, on them the open round. Each is a block of
one open transaction. A test's own transaction lies on top and is undone after it; the ground stays
for the next test, and is taken away down to what that one shares. So no test sees another's rows, and
one that asks for no layer finds the database empty.

A layer is a function that writes rows. The fixture of the same name calls `Ground.lay`, which writes
nothing where the layer lies already. Where it does not (a test whose transactions are real, or a
fixture asked for by `getfixturevalue`), it writes the rows within the test.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

Path = tuple[str, ...]  # the names of layers, the lowest first

LAYERS: dict[str, Callable[[], object]] = {}
#: Of layers that a test wants in an order of its own: this one comes before that one.
BEFORE = {"people": "demo"}
#: The hour stands in the rows of all others, which a test that sets the clock must write itself.
TIMELESS = {"forum", "second_forum"}
CLOCKS = {"clock", "time_machine"}
REAL_TRANSACTIONS = {"transactional_db", "live_server", "django_db_reset_sequences"}


def layer(write: Callable[[], object]) -> Callable[[], object]:
    LAYERS[write.__name__] = write
    return write


def path_of(item: pytest.Item) -> Path:
    """The layers that a test's fixtures ask for, in the order in which they would be written."""
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
    if CLOCKS & set(names):
        path = [name for name in path if name in TIMELESS]
    return tuple(path)


class Ground:
    def __init__(self) -> None:
        self.blocker: Any = None  # pytest-django's, once the database has been made
        self.wanted: Path = ()
        self.blocks: list[tuple[str, transaction.Atomic]] = []

    @property
    def path(self) -> Path:
        return tuple(name for name, _block in self.blocks)

    def start(self, blocker: Any) -> None:
        """The database has been made, for the first test that wants one."""
        self.blocker = blocker
        self.become(self.wanted)

    def become(self, path: Path) -> None:
        """Take away what is not on the path, and write what is missing of it."""
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
                self.blocks.append((name, block))
                LAYERS[name]()
                # Of PostgreSQL's checks that wait for the end: they would wait through every test.
                transaction.get_connection().check_constraints()

    def lay(self, name: str) -> None:
        """Write a layer's rows as part of a test, if they do not lie already."""
        if name not in self.path:
            LAYERS[name]()


ground = Ground()
