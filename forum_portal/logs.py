"""How the portal's logs are written: nothing secret in any of them, and the security log's lines.

`configure` is the setting LOGGING_CONFIG. From then on every record of every logger is masked as it is
made, so that no handler, no formatter and no failing handler can write what was in it.
"""

from __future__ import annotations

import json
import logging
import logging.config
import os
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from typing import Any

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
# The query of an address: a search, or where a login leads. It ends with the request line, if in one.
_QUERY = re.compile(r"(?P<path>/[^\s?\"'<>]*)\?(?:.*?(?= HTTP/\d)|[^\s\"'<>]*)")
# What a database tells about a row that it refused: the row, with all its texts.
_ROW = re.compile(
    r"^(?P<name>DETAIL:\s+).*?(?=\n(?:CONTEXT|HINT|Traceback|The above|During handling)|\n\n|\Z)",
    re.M | re.S,
)


def masked(text: str) -> str:
    """The text without keys of links and messages, queries of addresses and rows of the database."""
    text = _LINK.sub(lambda found: found["path"] + MASK, text)
    text = _RECEIPT.sub(lambda found: found["path"] + MASK, text)
    text = _KEY.sub(MASK, text)
    text = _QUERY.sub(lambda found: f"{found['path']}?{MASK}", text)
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
    """Mask every record from now on, and configure the loggers."""
    logging.setLogRecordFactory(MaskedRecord)
    logging.config.dictConfig(dict(config))


class JsonLine(logging.Formatter):
    """One JSON object a line: time, level, and the `fields` of the record."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone()
        head = {"time": at.isoformat(timespec="milliseconds"), "level": record.levelname}
        return json.dumps(head | getattr(record, "fields", {}), ensure_ascii=False)


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
