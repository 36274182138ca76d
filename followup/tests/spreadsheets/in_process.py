"""The reader of spreadsheets in the test's own process, which keeps its rights and its limits."""

import csv
import importlib
import pkgutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from followup.spreadsheets import reader
from followup.spreadsheets.reader import child

#: The patches are the process's, not the thread's: of two threads the first one to leave would take
#: them from the other, whose call would then confine the whole process.
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def as_child() -> Iterator[None]:
    """Within it `child.main` may be called; nothing that it does to its process stays."""
    limit = csv.field_size_limit()
    with _ONE_AT_A_TIME, pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "confine", lambda limits: None)
        for found in pkgutil.iter_modules(reader.__path__, f"{reader.__name__}."):
            if not found.name.endswith("__main__"):  # it reads a file when it is imported
                module = importlib.import_module(found.name)
                patch.setattr(module, "become_nobody", lambda: None, raising=False)
        try:
            yield
        finally:
            csv.field_size_limit(limit)
