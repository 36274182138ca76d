"""Words in a source text: where they stand, whether a cut divides one, and a first cut into proposals.

Offsets are positions in the text in code points, as Python counts them. The text is never changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from forum_portal.thai import GLUE_TERMS

#: A new proposal: "ข้อเสนอที่ ๑ ชื่อ" above its text, or "๑." before it.
_HEADING = re.compile(
    r"[ \t]*ข้อเสนอ(?:ที่|ข้อที่)[ \t]*(?P<number>[0-9]{1,2}|[๐-๙]{1,2})[ \t]*[:.)]?[ \t]*(?P<title>.*)"
)
_NUMBERED = re.compile(
    r"[ \t]*(?:\((?:[0-9]{1,2}|[๐-๙]{1,2})\)|(?:[0-9]{1,2}|[๐-๙]{1,2})[.)])[ \t]+(?=\S)"
)
#: Between two clauses: a space, then a word that joins clauses, or the next "ให้".
_JOINT = re.compile(
    r"[ \t]+(?:(?:และ|รวมทั้ง|ตลอดจน|พร้อมทั้ง|อีกทั้ง)(?=\S)|(?:และ|รวมทั้ง|ตลอดจน)?(?=ให้))[ \t]*"
)
_SHORTEST = 12  # characters of a clause that stands for itself
_INVISIBLE = "\u200b\ufeff\u2060"
_LEADING = "เแโใไ"
_THAI_RUN = re.compile("[ก-ฺเ-๎]+")
_REMNANT = 3  # characters between a cut and the end of a run that are no word
_SILENT = "\u0e4c"  # ์


def normalised(text: str) -> tuple[str, list[str]]:
    """A source text as it is stored, and what was changed, as Thai sentences.

    A byte order mark at its beginning is removed, and line ends become LF. All else stays as it is,
    spelling, composition (no NFC) and white space included.
    """
    told = []
    if text.startswith("\ufeff"):
        text = text.removeprefix("\ufeff")
        told.append(_("ตัดเครื่องหมายลำดับไบต์ (BOM) ที่ต้นแฟ้มออก"))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        told.append(_("เปลี่ยนรหัสขึ้นบรรทัดเป็นแบบเดียว (LF)"))
    return text, told


def is_inside_cluster(text: str, at: int) -> bool:
    """Whether a cut at `at` would divide what a person sees as one character.

    The character after the cut is a combining mark (categories Mn, Mc, Me), SARA AM, or joined to the
    one before; rules GB3, GB9 and GB9a of Unicode's annex 29, as far as Thai and Latin text need them.
    """
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return True
    if before in "\r\n":
        return False
    return (
        unicodedata.category(after).startswith("M")
        or after in "\u0e33\u200c\u200d"
        or before == "\u200d"
    )


def nearest_whole(text: str, at: int) -> int:
    """The first position from `at` on that divides no character."""
    while is_inside_cluster(text, at):
        at += 1
    return at


def opening(text: str, *, most: int = 600, first: int = 400) -> tuple[str, str]:
    """A text's first characters, and the rest; the rest is "" if it has at most `most` characters.

    It is cut at the last space of the last quarter of the opening. Without one it divides no character.
    """
    if len(text) <= most:
        return text, ""
    space = max(text.rfind(each, first * 3 // 4, first) for each in " \n")
    at = space + 1 if space >= 0 else nearest_whole(text, first)
    return text[:at].rstrip(), text[at:].lstrip()


@dataclass(frozen=True)
class Cut:
    """A word that a cut divides: its first and last position, and its parts on either side."""

    start: int
    end: int
    before: str
    after: str

    @property
    def word(self) -> str:
        return self.before + self.after


def divided_word(text: str, at: int) -> Cut | None:
    """The word that a cut at `at` surely divides; None if spelling alone does not tell.

    Thai has no space between words. Without a dictionary a cut is known to be within a word after a
    leading vowel, before a silent letter, within a term of `GLUE_TERMS`, or where so few letters
    remain up to the next space that they are no word.
    """
    if not 0 < at < len(text):
        return None
    if not (_THAI_RUN.match(text[at - 1]) and _THAI_RUN.match(text[at])):
        whole = re.compile(r"[A-Za-z0-9]")
        if whole.match(text[at - 1]) and whole.match(text[at]):
            return _run(text, at, re.compile(r"[A-Za-z0-9]+"))
        return None
    for term in GLUE_TERMS:
        found = text.find(term, max(0, at - len(term) + 1), at + len(term) - 1)
        if 0 <= found < at < found + len(term):
            return Cut(found, found + len(term), text[found:at], text[at : found + len(term)])
    run = _run(text, at, _THAI_RUN)
    assert run is not None  # noqa: S101  both sides are Thai letters
    first = _one_letter(text, at)
    silent = first < len(text) and text[first - 1] == _SILENT
    if text[at - 1] in _LEADING or silent or text[at] == "ะ" or len(run.after) <= _REMNANT:
        return run
    return run if len(run.before) <= 1 else None


def _one_letter(text: str, at: int) -> int:
    """The position after the character, with its marks, that stands at `at`."""
    return nearest_whole(text, at + 1)


def _run(text: str, at: int, letters: re.Pattern[str]) -> Cut | None:
    """The run of such letters around a cut."""
    start = at
    while start and letters.fullmatch(text[start - 1]):
        start -= 1
    match = letters.match(text, at)
    end = match.end() if match else at
    return Cut(start, end, text[start:at], text[at:end])


# Words that somebody pasted ----------------------------------------------------------------------


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The text without white space and invisible characters, and where each character stood."""
    kept = [
        (place, letter)
        for place, letter in enumerate(text)
        if not letter.isspace() and letter not in _INVISIBLE
    ]
    return "".join(letter for _place, letter in kept), [place for place, _letter in kept]


def find(text: str, words: str) -> list[tuple[int, int]]:
    """Every place of the words in the text, as (start, end).

    White space may differ, letters must agree.
    """
    haystack, places = _squeezed(text)
    needle, _where = _squeezed(words)
    found, at = [], haystack.find(needle) if needle else -1
    while at >= 0:
        found.append((places[at], places[at + len(needle) - 1] + 1))
        at = haystack.find(needle, at + 1)
    return found


@dataclass(frozen=True)
class Nearest:
    """The place that is most like some words: the part that agrees, and what follows in either text.

    `at` is the position after the agreeing part in the text.
    """

    at: int
    agreed: str
    here: str
    typed: str


def nearest(text: str, words: str) -> Nearest | None:
    """The place where the words agree longest from their beginning; None if they agree nowhere."""
    haystack, places = _squeezed(text)
    needle, _where = _squeezed(words)
    most, least = len(needle), 0
    while least < most:  # the longest beginning that the text has
        middle = (least + most + 1) // 2
        if needle[:middle] in haystack:
            least = middle
        else:
            most = middle - 1
    while is_inside_cluster(needle, least):
        least -= 1
    if least < min(4, len(needle)):
        return None
    end = haystack.find(needle[:least]) + least
    return Nearest(
        at=places[end - 1] + 1,
        agreed=needle[nearest_whole(needle, max(0, least - 20)) : least],
        here=haystack[end : nearest_whole(haystack, end + 15)],
        typed=needle[least : nearest_whole(needle, least + 15)],
    )


def line_of(text: str, at: int) -> int:
    """The number of the line, from 1, that holds a position."""
    return text.count("\n", 0, at) + 1


def around(text: str, start: int, end: int, width: int = 30) -> tuple[str, str]:
    """The text of the same line before and after a stretch, at most `width` characters each."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    first = nearest_whole(text, max(line_start, start - width))
    last = nearest_whole(text, min(line_end, end + width))
    before = text[first:start] if first == line_start else f"…{text[first:start]}"
    return before, text[end:last] if last == line_end else f"{text[end:last]}…"


# A first cut -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposed:
    """A proposal that the portal has recognised: its text, its title, and its clauses."""

    start: int
    end: int
    title: str
    clauses: Sequence[tuple[int, int]]


def first_cut(text: str) -> list[Proposed]:
    """The proposals that numbered paragraphs suggest, in order, with their clauses.

    Headings "ข้อเสนอที่ ๑ …" are preferred: the paragraphs below one are its text. Without any, each
    paragraph that begins with a number is a proposal. Nothing is guessed in a text without numbers.
    """
    lines = _lines(text)
    headings = [
        place for place, (start, end) in enumerate(lines) if _HEADING.fullmatch(text, start, end)
    ]
    found = []
    if headings:
        for nth, place in enumerate(headings):
            last = headings[nth + 1] if nth + 1 < len(headings) else len(lines)
            body = _paragraph(text, lines[place + 1 : last])
            match = _HEADING.fullmatch(text, *lines[place])
            title = match["title"].strip() if match else ""
            if body is None and match and title:  # the proposal stands on the line of its number
                body, title = (match.start("title"), match.end("title")), ""
            if body:
                found.append(Proposed(*body, title, clauses(text, *body)))
        return found
    for start, end in lines:
        if match := _NUMBERED.match(text, start, end):
            whole = _trimmed(text, match.end(), end)
            found.append(Proposed(*whole, "", clauses(text, *whole)))
    return found


def is_heading(line: str) -> bool:
    """Whether a line is the heading of a proposal."""
    return _HEADING.fullmatch(line) is not None


def clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The clauses of a proposal's text that can be followed up by themselves, at least one."""
    cuts: list[tuple[int, int]] = []
    at = start
    for joint in _JOINT.finditer(text, start, end):
        if joint.start() - at >= _SHORTEST and end - joint.end() >= _SHORTEST:
            cuts.append(_trimmed(text, at, joint.start()))
            at = joint.end()
    cuts.append(_trimmed(text, at, end))
    return cuts


def _lines(text: str) -> list[tuple[int, int]]:
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    return lines


def _paragraph(text: str, lines: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The first lines with text, up to a blank one."""
    filled: list[tuple[int, int]] = []
    for start, end in lines:
        if text[start:end].strip():
            filled.append((start, end))
        elif filled:
            break
    return _trimmed(text, filled[0][0], filled[-1][1]) if filled else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
