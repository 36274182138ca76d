"""How the portal's logs are written: nothing secret in any of them, and a line for each record.

`configure` is the setting LOGGING_CONFIG. From then on every record of every logger is masked as it is
made, so that no handler, no formatter and no failing handler can write what was in it. LOG_FORMAT chooses
lines for programs (`JsonLog`) or for people (`TextLog`); the security log has its own (`JsonLine`).
"""

from __future__ import annotations

import json
import logging
import logging.config
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.template import TemplateDoesNotExist

from forum_portal.current_request import current

MASK = "***"
# The links of agencies, organisations and subscribers, whose address is their key; encoded characters
# lead to the same page.
_LINK = re.compile(
    r"(?P<path>(?:/|%2f)(?:r|%72|a|%61|follow(?:/|%2f)+(?:confirm|change|leave))(?:/|%2f)+)"
    r"[^/\s\"'<>?#]+",
    re.I,
)
# The private page of a message from the public: whoever has the key after its number reads it.
_RECEIPT = re.compile(
    r"(?P<path>(?:F|%46)(?:-|%2d)\d[^/\s\"'<>?#]{3,40}?(?:/|%2f)+)[^/\s\"'<>?#]+", re.I
)
# The same key by its shape, wherever it stands: in an error about an address, in a list of arguments.
_KEY = re.compile(r"\b[0-9a-f]{32}(?:\.|%2e)[\w-]{16,}", re.I)
# Of a length (RFC 5321) and from the beginning of a word: a log must not take the time of a long text.
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# The query of an address: a search, or where a login leads. It ends with the request line, if in one.
# A path without one is found, too, so that none of its parts is looked at again.
_QUERY = re.compile(r"(?P<path>/[^\s?\"'<>]*)(?P<query>\?(?:.*?(?= HTTP/\d)|[^\s\"'<>]*))?")
# What a database tells about a row that it refused: the row, with all its texts.
_ROW = re.compile(
    r"^(?P<name>DETAIL:\s+).*?(?=\n(?:CONTEXT|HINT|Traceback|The above|During handling)|\n\n|\Z)",
    re.M | re.S,
)


def masked(text: str) -> str:
    """The text without keys of links and messages, queries of addresses, e-mail addresses and rows."""
    text = _LINK.sub(lambda found: found["path"] + MASK, text)
    text = _RECEIPT.sub(lambda found: found["path"] + MASK, text)
    text = _KEY.sub(MASK, text)
    text = _MAIL.sub(MASK, text)
    text = _QUERY.sub(lambda found: found["path"] + (f"?{MASK}" if found["query"] else ""), text)
    return _ROW.sub(lambda found: found["name"] + MASK, text)


class MaskedRecord(logging.LogRecord):
    """A log record whose message and traceback are masked, and worded at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            message = super().getMessage()
        except Exception:  # the arguments do not fit: the template alone is no secret
            message = str(self.msg)
        self.msg, self.args = masked(message), ()
        if self.exc_info and self.exc_info[0]:
            self.exc_text = masked("".join(traceback.format_exception(*self.exc_info)).rstrip("\n"))
        if self.stack_info:
            self.stack_info = masked(self.stack_info)


def configure(config: Mapping[str, Any]) -> None:
    """Mask every record from now on, and configure the loggers.

    If the console has lines for programs, Python's warnings become such lines, too.
    """
    logging.setLogRecordFactory(MaskedRecord)
    logging.config.dictConfig(dict(config))
    logging.captureWarnings(config["handlers"]["console"].get("formatter") == "json")


# Exceptions -------------------------------------------------------------------------------------

#: Exceptions whose messages are worded by Python, Django or the database, from names in the code and from
#: the machine's state. Any other message may repeat what somebody typed, and stays out of the log.
WORDED = (
    AttributeError,
    ImportError,
    ImproperlyConfigured,
    InterfaceError,
    NameError,
    OperationalError,
    ProgrammingError,
    TemplateDoesNotExist,
)
_CHAIN = 10  # exceptions that led to one another
_TRACE = 12_000  # characters: longer lines are cut by those who collect them


def message_of(error: BaseException) -> str:
    """What a log may tell of an exception besides its type; "" if it might be somebody's text."""
    if isinstance(error, OSError):
        return error.strerror or ""  # without the name of the file
    if not isinstance(error, WORDED):
        return ""
    first, *_statement = str(error).strip().splitlines() or [""]
    return masked(first)


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that led to it, the last one first."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen and len(seen) < _CHAIN:
        seen.append(at)
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def trace_of(error: BaseException) -> str:
    """The places of an exception and of those that led to it: no values, and no message but of WORDED."""
    parts = []
    for each in reversed([*chain_of(error)]):
        kind, message = type(each), message_of(each)
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        places = "".join(traceback.format_tb(each.__traceback__))
        parts.append(f"{places}{name}{': ' if message else ''}{message}")
    trace = "\n-> \n".join(parts)
    return trace if len(trace) <= _TRACE else f"… {trace[-_TRACE:]}"


# Lines ------------------------------------------------------------------------------------------

_PATH, _PATH_READ = 500, 4000  # characters that are shown, and that are looked at
#: Whatever some program takes for the end of a line, and what UTF-8 cannot write.
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def shown_path(path: str) -> str:
    """A path as a log tells it: masked, without a query, and of a length."""
    return masked(path[:_PATH_READ].partition("?")[0])[:_PATH]


def one_line(text: str) -> str:
    """The text with everything escaped that could end a line."""
    return _NOT_IN_A_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _time_of(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC).astimezone()


class JsonLine(logging.Formatter):
    """One JSON object a line: time, level, and the `fields` of the record."""

    def format(self, record: logging.LogRecord) -> str:
        return one_line(json.dumps(self.told(record), ensure_ascii=False))

    def told(self, record: logging.LogRecord) -> dict[str, Any]:
        """The object of a record."""
        at = _time_of(record).isoformat(timespec="milliseconds")
        return {"time": at, "level": record.levelname} | getattr(record, "fields", {})


class JsonLog(JsonLine):
    """The same for every other log: who said what, during which request, and where it broke."""

    def told(self, record: logging.LogRecord) -> dict[str, Any]:
        told = super().told(record)
        head = {name: told.pop(name) for name in ("time", "level")}
        head |= {"logger": record.name, "message": record.getMessage()}
        if now := current():
            head |= {
                "request_id": now.number,
                "user": now.user,
                "method": now.method,
                "path": shown_path(now.path),
            }
        if record.exc_info and record.exc_info[1]:
            told["exception"] = trace_of(record.exc_info[1])
        return head | told


class TextLog(logging.Formatter):
    """A line for people; what follows a line of it is indented, so that no text can pass for one.

    `whole`: exceptions have their messages, as a developer wants them; else as in `JsonLog`.
    """

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self._whole = whole

    def format(self, record: logging.LogRecord) -> str:
        now = current()
        number = f" [{now.number}]" if now else ""
        line = f"{_time_of(record):%Y-%m-%d %H:%M:%S} {record.levelname}{number} {record.name}: "
        line += one_line(record.getMessage())
        if record.exc_info and record.exc_info[1]:
            trace = (record.exc_text or "") if self._whole else trace_of(record.exc_info[1])
            line += "".join(f"\n    {one_line(each)}" for each in trace.splitlines())
        return line


class PrivateFile(WatchedFileHandler):
    """A file that only its owner reads, and that may be moved away while it is written.

    A line that cannot be written goes to standard error.
    """

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.fchmod(descriptor, 0o600)  # somebody may have made it before
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:
        if sys.stderr:
            print(self.format(record), file=sys.stderr)


def security_handler(path: str) -> logging.Handler:
    """The handler of the security log: the file at `path`, or standard error if it is empty."""
    return PrivateFile(path) if path else logging.StreamHandler()
