"""Where a text names a place: the passage around the name, in pieces of which some are the name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from followup.search_words import Piece

#: A name of so few letters also stands within other words: แพร่ in เผยแพร่, ตราด in ตราดอกไม้.
SHORT = 4
PASSAGE = 420  # characters of a text that are shown
_LETTER = "[\u0e00-\u0e7f]"
#: What stands directly before or after a name that is a word of its own.
_BEFORE = re.compile(f"(?:^|(?<!{_LETTER}))(?:จังหวัด|จ\\. ?|ใน|และ|กับ|คือ)?$")
_AFTER = re.compile(f"$|(?!{_LETTER})|และ|กับ|ที่|เป็น|มี")


def mentioned(text: str, names: Collection[str], longest: int = PASSAGE) -> Sequence[Piece]:
    """The passage of a text around the first of some names, or its beginning if none stands there.

    A name of up to `SHORT` letters has to be a word of its own, but for an abbreviation with its dot.
    Cuts are at spaces, and shown by "…".
    """
    text = " ".join(text.split())
    places = list(_places(text, names))
    start, stop = _passage(text, places[0][0] if places else 0, longest)
    pieces = [Piece("… ")] if start else []
    at = start
    for first, last in places:
        if start <= first and last <= stop:
            pieces += [Piece(text[at:first]), Piece(text[first:last], is_hit=True)]
            at = last
    pieces += [Piece(text[at:stop]), Piece(" …" if stop < len(text) else "")]
    return [each for each in pieces if each.text]


def _places(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where names stand: the longest of those at one place, and none within another."""
    words = sorted(filter(None, names), key=len, reverse=True)
    if not words:
        return
    for match in re.finditer("|".join(map(re.escape, words)), text):
        first, last = match.span()
        is_word = _BEFORE.search(text[max(0, first - 12) : first]) and _AFTER.match(text, last)
        if len(match[0]) > SHORT or match[0].endswith(".") or is_word:
            yield first, last


def _passage(text: str, name_at: int, longest: int) -> tuple[int, int]:
    """Where the passage begins and ends; a third of it goes before the name."""
    if len(text) <= longest:
        return 0, len(text)
    start = max(0, min(name_at - longest // 3, len(text) - longest))
    if start:
        space = text.find(" ", start, name_at)
        start = space + 1 if space >= 0 else start
    stop = min(len(text), start + longest)
    if stop < len(text):
        space = text.rfind(" ", start, stop)
        stop = space if space > name_at else stop
    return start, stop
