"""Web addresses of evidence."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from followup.spreadsheets.types import Cell, CellError, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    ask_nothing,
    shows_error,
    text_of,
    wrong,
)
from followup.spreadsheets.words import repair
from forum_portal.web_address import USERINFO, WebAddress
from forum_portal.years import as_typed, one_line

_URL = re.compile(r"https?://[^\s<>\"“”|]+", re.I)
_STRICT_LINK = re.compile(r"(?P<title>.*\S) \| (?P<url>https?://\S+)", re.I)
_URL_JOINT = re.compile(r"[,;](?=https?://)", re.I)
_AFTER_URL = ".,;:!?'’”)]}>"
# Text that looks like an address but must not be linked.
_ALMOST = re.compile(
    r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://\S*|(?:javascript|data|vbscript|file|mailto|ftp|blob|about):\S+|\bwww\.\S+"
    r"|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:th|com|org|net|info|gov|io|ly|gl|me)(?![\w.])(?:/\S*)?|\\\\\S+"
    r"|\b[a-z]:\\\S+|https?:\S*",
    re.I,
)
_BULLET = re.compile(r"[0-9๐-๙]{1,2}[.)](?:\s+|$)")
_is_web_address = WebAddress()
#: Begins a line that names a file stored in the portal; it is for people and is not an address.
FILE_MARK = "[ไฟล์ในระบบ]"
_URL_LIMIT, _TITLE_LIMIT = 500, 200  # characters, as in Evidence


def _trim(url: str) -> str:
    """An address found in prose, without the punctuation that follows it."""
    trimmed = url.rstrip(_AFTER_URL)
    closes = url[len(trimmed) :].startswith(")") and "(" in trimmed  # …/wiki/Thai_(language)
    return f"{trimmed})" if closes else trimmed


def read_links(raw: Cell, answers: Answers) -> Reading[list[tuple[str, str]]]:
    """The web addresses in a cell as (title, address), in order; [] for blank.

    A line is "title | address", or words followed by an address; an address without a title gets its
    host's name as title. T05 is an address that is not http or https (then nothing of the cell is
    read), T10 one with a password in it, T04 a title that is too long, T06 (a warning) text
    without an address, which is not kept. R20 asks about words for "nothing".
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    text = repair(text_of(raw))
    if not text or text in DASHES:
        return Reading([])
    if nothing := ask_nothing(text, answers, empty=[]):
        return nothing
    links: list[tuple[str, str]] = []
    leftovers: list[str] = []
    for line in text.splitlines():
        if line.strip().startswith(FILE_MARK):
            continue
        strict = _STRICT_LINK.fullmatch(line.strip())
        if strict and not _URL.match(strict["title"]):
            links.append((one_line(strict["title"]), strict["url"]))
        else:
            links += _links_in(line, leftovers)
    if almost := next(filter(None, map(_ALMOST.search, leftovers)), None):
        return wrong("T05", v=as_typed(almost[0]))
    for title, url in links:
        try:
            _is_web_address(url)
        except ValidationError as error:
            if error.code == USERINFO:  # the sentence does not repeat the password
                return wrong("T10", v=as_typed(urlsplit(url).hostname or ""))
            return wrong("T05", v=as_typed(url))
        if len(url) > _URL_LIMIT:
            return wrong("T05", v=as_typed(url))
        if len(title) > _TITLE_LIMIT:
            return wrong("T04", max=_TITLE_LIMIT)
    titled = [(title or urlsplit(url).hostname or url, url) for title, url in links]
    words = any(re.search(r"\w", leftover) for leftover in leftovers)
    if not links and words:
        return Reading([], (Problem("T06", {"v": as_typed(text)}),))
    return Reading(titled)


def _links_in(line: str, leftovers: list[str]) -> list[tuple[str, str]]:
    """The addresses in a line of prose, each with the words before it; other words are leftovers."""
    links = []
    line = _URL_JOINT.sub(" ", line)
    at = 0
    for found in _URL.finditer(line):
        url = _trim(found[0])
        words = line[at : found.start()]
        if _ALMOST.search(words):
            leftovers.append(words)
        title = one_line(words).lstrip(" ,;|)•*–-").rstrip(" :：|(,;=–-")
        title = "" if title.startswith("=") else _BULLET.sub("", title)  # =HYPERLINK("…
        links.append((title, url))
        at = found.start() + len(url)
    leftovers.append(line[at:])
    return links
