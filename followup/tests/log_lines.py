"""What the logs say during a test: every record of every logger, and the security log's lines."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from forum_portal.logs import JsonLine

#: The loggers that pass nothing on to the root.
ALONE = ("django.request", "django.server", "gunicorn.error", "gunicorn.access", "portal.security")


@contextmanager
def all_logs() -> Iterator[io.StringIO]:
    """Everything that any logger says, with tracebacks, as a plain handler writes it."""
    said = io.StringIO()
    plain, lines = logging.StreamHandler(said), logging.StreamHandler(said)
    lines.setFormatter(JsonLine())
    names = [None, *ALONE]
    before = [(logger := logging.getLogger(name), logger.level) for name in names]
    for logger, _level in before:
        logger.addHandler(lines if logger.name == "portal.security" else plain)
        logger.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        for logger, level in before:
            logger.removeHandler(plain)
            logger.removeHandler(lines)
            logger.setLevel(level)


def none_of(key: str, said: str) -> bool:
    """Whether neither part of the key in a link's address stands in a text."""
    return not any(part in said for part in key.split("."))


class Lines:
    """The lines of the security log so far; `new` are those since the last time it was asked."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def new(self) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.text.splitlines()]
        self.stream.seek(0)
        self.stream.truncate()
        return found

    def told(self) -> list[tuple[str, Any, Any, Any]]:
        """(event, user, object, outcome) of each new line."""
        names = ("event", "user", "object", "outcome")
        return [tuple(line.get(name) for name in names) for line in self.new()]


@contextmanager
def security_lines() -> Iterator[Lines]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    logger = logging.getLogger("portal.security")
    logger.addHandler(handler)
    try:
        yield Lines(stream)
    finally:
        logger.removeHandler(handler)
