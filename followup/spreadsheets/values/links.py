"""Web addresses of evidence, each with what it is: `title | address | kind | day | issuer`.

A piece is (title, address), or (title, address, (kind, day, issuer)) with a kind's code and a day in ISO;
without the third nothing is said of it, and what is stored stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from followup.models import Evidence, EvidenceKind
from followup.spreadsheets.types import Cell, CellError, Problem, Reading
from followup.spreadsheets.values.base import (
    DASHES,
    Answers,
    ask_nothing,
    shows_error,
    text_of,
    wrong,
)
from followup.spreadsheets.words import repair, word_key
from forum_portal.thai import DateError, parse_date, typed_date
from forum_portal.web_address import USERINFO, WebAddress
from forum_portal.years import as_typed, one_line

_URL = re.compile(r"https?://[^\s<>\"“”|]+", re.I)
LINK = " | "  # between the parts of a piece
_DESCRIBED_LINK = re.compile(r"(?P<title>.*?\S) \| (?P<url>https?://\S+) \|(?P<about> .+)", re.I)
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
_URL_LIMIT, _TITLE_LIMIT, _ISSUER_LIMIT = 500, 200, 200  # characters, as in Evidence


def written(title: str, url: str, about: Sequence[str] = ("", "", "")) -> str:
    """A piece as a line of a cell, which `read_links` reads as it was."""
    kind, day, issuer = about
    parts = [
        str(EvidenceKind(kind).label) if kind else "-",
        typed_date(date.fromisoformat(day)) if day else "-",
        one_line(issuer) or "-",
    ]
    while parts and parts[-1] == "-":
        parts.pop()
    return LINK.join([title, url, *parts])


def described(piece: Evidence) -> list[str]:
    """What a stored piece says of itself, as a piece of a cell has it."""
    return [piece.kind, piece.dated_on.isoformat() if piece.dated_on else "", piece.issuer]


def plain(piece: Evidence) -> list[Any]:
    """A stored piece as JSON has a piece of a cell."""
    about = described(piece)
    return [piece.title, piece.url, *([about] if any(about) else [])]


_KINDS = {
    word_key(word): each.value for each in EvidenceKind for word in (each.value, str(each.label))
}


def _kind(part: str) -> str | None:
    """The code of a kind; "" for a dash, None for other words."""
    return "" if part in DASHES else _KINDS.get(word_key(part))


def _day(part: str) -> str | None:
    """A day in ISO; "" for a dash, None for other words."""
    try:
        found = None if part in DASHES else parse_date(part)
    except DateError:
        return None
    return found.isoformat() if found else ""


def _about(text: str) -> tuple[str, str, str] | None:
    """(kind, day, issuer) of what stands behind an address; None if that says something else.

    Three parts stand in this order. Fewer may stand in any: a kind and a day are known by their form.
    """
    parts = [part.strip() for part in text.strip().split(LINK, 2)]
    if len(parts) == 3:
        kind, day = _kind(parts[0]), _day(parts[1])
        if kind is not None and day is not None:
            return kind, day, "" if parts[2] in DASHES else one_line(parts[2])
    found = ["", "", ""]
    for part in parts:
        if part in DASHES or not part:
            continue
        if not found[0] and (kind := _kind(part)):
            found[0] = kind
        elif not found[1] and (day := _day(part)):
            found[1] = day
        elif not found[2]:
            found[2] = one_line(part)
        else:
            return None
    return found[0], found[1], found[2]


def _trim(url: str) -> str:
    """An address found in prose, without the punctuation that follows it."""
    trimmed = url.rstrip(_AFTER_URL)
    closes = url[len(trimmed) :].startswith(")") and "(" in trimmed  # …/wiki/Thai_(language)
    return f"{trimmed})" if closes else trimmed


def read_links(raw: Cell, answers: Answers) -> Reading[list[tuple[Any, ...]]]:
    """The pieces of evidence in a cell, in order; [] for blank.

    A line is "title | address" with or without what the piece is, or words followed by an address; an
    address without a title gets its host's name as title. T11 is what stands behind an address and cannot
    be read. T05 is an address that is not http or https (then nothing of the cell is
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
    links: list[tuple[Any, ...]] = []
    leftovers: list[str] = []
    for line in text.splitlines():
        if line.strip().startswith(FILE_MARK):
            continue
        strict = _STRICT_LINK.fullmatch(line.strip())
        if strict and not _URL.match(strict["title"]):
            links.append((one_line(strict["title"]), strict["url"]))
        elif (more := _described_link(line)) and not _URL.match(more["title"]):
            about = _about(more["about"])
            if about is None:
                return wrong("T11", v=as_typed(more["about"].strip()))
            if len(about[2]) > _ISSUER_LIMIT:
                return wrong("T04", max=_ISSUER_LIMIT)
            links.append((one_line(more["title"]), more["url"], *([about] if any(about) else [])))
        else:
            links += _links_in(line, leftovers)
    if almost := next(filter(None, map(_ALMOST.search, leftovers)), None):
        return wrong("T05", v=as_typed(almost[0]))
    for title, url, *_rest in links:
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
    titled = [(title or urlsplit(url).hostname or url, url, *rest) for title, url, *rest in links]
    words = any(re.search(r"\w", leftover) for leftover in leftovers)
    if not links and words:
        return Reading([], (Problem("T06", {"v": as_typed(text)}),))
    return Reading(titled)


def _described_link(line: str) -> re.Match[str] | None:
    """A line with words behind its only address, set apart by a bar."""
    found = _DESCRIBED_LINK.fullmatch(line.strip())
    return found if found and not _URL.search(found["about"]) else None


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
