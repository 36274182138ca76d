"""Words of a search: how texts are compared, where words begin, which part of a text is shown.

A text and a query are compared in one normal form, `normalise`. It is that of names (`match_key`: Thai
digits are Arabic ones, and dots, spaces, dashes, quotation marks, ๆ, ฯ, zero-width characters and case do
not count) with the marks above and below a Thai letter in one order, however they were typed. A year is
looked for in both eras. What is found is shown in its own words: positions of the normal form lead
back to whole characters of the text (`spans`).

Thai has no space between words, and the portal has no dictionary. `beginnings` are the places where
a word surely begins: after anything that is no letter, at a term of `GLUE_TERMS`, after a sign that
ends a word, and after a frequent word. So "งบ" begins a word in "สำนักงบประมาณ" and none in "ถึงบริการ".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from followup.source_words import is_inside_cluster, nearest_whole
from forum_portal.thai import GLUE_TERMS, clean_text, match_key
from forum_portal.years import other_era
from proposals.codes import Code, parse_code

QUERY_LIMIT = 200  # characters that are read of a query
TERMS_LIMIT = 8  # words of a query that are looked for
SHORT = 2  # characters of a word that is looked for at the beginning of words first
AROUND = 70  # characters that an excerpt shows before and after the first hit, about

_TONE_FIRST = re.compile("([\u0e48-\u0e4b])([\u0e31\u0e34-\u0e3a\u0e47])")
_AM = re.compile("([\u0e48-\u0e4b])\u0e4d\u0e32|\u0e33([\u0e48-\u0e4b])")
_MARKS = "\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0300-\u036f"
_UNIT = re.compile(
    f"(?:เเ|.)(?:[{_MARKS}]|(?<=\u0e4d)\u0e32|(?<=\u0e4d[\u0e48-\u0e4b])\u0e32)*", re.S
)
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_ERA = re.compile(r"[พค]ศ(?=[0-9]{4}(?![0-9]))")
_ERA_ALONE = {"พศ", "คศ"}

_FREQUENT = (
    "การ|ความ|ที่|และ|หรือ|ของ|ให้|ได้|ไม่|ใช้|ใน|เป็น|มี|จาก|โดย|กับ|ต่อ|เพื่อ|ผู้|ทุก|แต่ละ|แล้ว|ถึง|ตาม|ด้าน|รับ|"
    "สำนัก|กรม|กระทรวง|กอง|ศูนย์|สนับสนุน|จัดสรร|จัดทำ|ส่งเสริม|พัฒนา|คณะ|องค์กร|โครงการ|แผน|ร่วม|ระดับ|ระบบ"
)


def _any_of(words: Iterable[str]) -> str:
    """A pattern that matches the longest of some words at a place, which takes few steps there."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}

    def pattern(node: dict[str, Any]) -> str:
        ways = [re.escape(letter) + pattern(after) for letter, after in node.items() if letter]
        if not ways:
            return ""
        return f"(?:{'|'.join(ways)}){'?' if '' in node else ''}"

    return pattern(tree)


_AFTER_NO_LETTER = re.compile(
    "(?<![ก-๎๐-๙A-Za-z0-9])(?=[ก-ฮเ-ไ๐-๙A-Za-z0-9])"
    "|(?<=[ก-๎])(?=[๐-๙A-Za-z0-9])|(?<=[๐-๙A-Za-z0-9])(?=[ก-ฮเ-ไ])|(?<=[ๆฯ์])(?=[ก-ฮเ-ไ])"
)
_TERM = re.compile(_any_of(GLUE_TERMS))
# A term may have another one in it: งบประมาณ in ปีงบประมาณ.
_IN_TERM = {
    term: [at for at in range(len(term)) if term.startswith(GLUE_TERMS, at)] for term in GLUE_TERMS
}
# Not before a silent letter, which is the end of its word.
_AFTER_WORD = re.compile(f"{_any_of(_FREQUENT.split('|'))}(?=[ก-ฮเ-ไ](?!์))")


def normalise(text: str) -> str:
    """The form in which a text without line ends is compared."""
    return _AM.sub(r"\1\2ำ", _TONE_FIRST.sub(r"\2\1", match_key(text)))


def normal_lines(*texts: str) -> list[str]:
    """Every line of some texts in the normal form, without empty ones."""
    lines = (line for text in texts for line in text.splitlines())
    return [normal for line in lines if (normal := normalise(line))]


def beginnings(text: str) -> list[int]:
    """The positions at which a word surely begins, in order."""
    found = {match.start() for match in _AFTER_NO_LETTER.finditer(text)}
    found.update(match.end() for match in _AFTER_WORD.finditer(text))
    for match in _TERM.finditer(text):
        found.update(match.start() + at for at in _IN_TERM[match[0]])
    return sorted(found)


def heads(*texts: str) -> str:
    """The first two characters of each word that surely begins in the texts: ` กค งบ `."""
    found = {_head(text[at : at + 8]) for text in texts for at in beginnings(text)} - {""}
    return f" {' '.join(sorted(found))} "


@lru_cache(maxsize=20_000)
def _head(text: str) -> str:
    return normalise(text)[:SHORT]


# A query ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """One word of a query: what was typed, and the normal forms of which any may occur."""

    typed: str
    keys: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        return len(self.keys[0]) <= SHORT


@dataclass(frozen=True)
class Words:
    """A query: as it is shown, its terms, all of which must occur, and the code that it is."""

    typed: str
    terms: tuple[Term, ...]
    code: Code | None = None
    is_cut: bool = False  # the query was longer than what is read of it

    @property
    def is_short(self) -> bool:
        return any(term.is_short for term in self.terms)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for term in self.terms for key in term.keys)


def read_words(typed: str) -> Words:
    """Read what a visitor typed; without terms if no letter and no digit is in it."""
    line = " ".join(clean_text(typed[: QUERY_LIMIT * 4]).split())
    is_cut = len(line) > QUERY_LIMIT or len(typed) > QUERY_LIMIT * 4
    line = line[:QUERY_LIMIT].rstrip()
    terms: dict[str, Term] = {}
    for word in line.split():
        key = _ERA.sub("", normalise(word))
        if any(each.isalnum() for each in key):
            terms.setdefault(key, Term(word, _in_both_eras(key)))
    if any(_YEAR.search(key) for key in terms):
        terms = {key: term for key, term in terms.items() if key not in _ERA_ALONE}
    few = tuple(terms.values())[:TERMS_LIMIT]
    return Words(line, few, _code(line), is_cut or len(terms) > TERMS_LIMIT)


def _in_both_eras(key: str) -> tuple[str, ...]:
    def other(match: re.Match[str]) -> str:
        return str(other_era(int(match[0])) or match[0])

    return tuple(dict.fromkeys((key, _YEAR.sub(other, key))))


def _code(line: str) -> Code | None:
    """The code that the query is: `2565-3.1`, `3.1`, `๒๕๖๕-๓`; a number alone is none."""
    digits = "".join(str(int(each)) if each in "๐๑๒๓๔๕๖๗๘๙" else each for each in line)
    code = parse_code(digits)
    return code if code and code.resolution and (code.year or code.clause) else None


# A text with what was found in it --------------------------------------------------------------


@lru_cache(maxsize=4096)
def _counts(character: str) -> bool:
    """Whether a character is compared at all."""
    return bool(match_key(character))


def _mapped(text: str) -> tuple[str, list[int], list[int]]:
    """The normal form of a line, and of each of its characters where it begins and ends in the line."""
    places = [place for place, character in enumerate(text) if _counts(character)]
    kept = "".join(text[place] for place in places)
    normal, starts, ends = [], [], []
    for unit in _UNIT.finditer(kept):
        form = normalise(unit[0])
        normal.append(form)
        starts += [places[unit.start()]] * len(form)
        ends += [nearest_whole(text, places[unit.end() - 1] + 1)] * len(form)
    return "".join(normal), starts, ends


def spans(text: str, words: Words) -> list[tuple[int, int]]:
    """Where the query's terms stand in a text, as (start, end) of whole characters, in order.

    A short term is marked at the beginnings of words, or anywhere if it begins none.
    """
    if words.code and not words.code.year:
        return []  # its digits stand in many texts
    found: list[tuple[int, int]] = []
    begin = set(beginnings(text)) if words.is_short else set()
    offset = 0
    everywhere: dict[Term, list[tuple[int, int]]] = {term: [] for term in words.terms}
    for line in text.splitlines(keepends=True):
        normal, starts, ends = _mapped(line)
        for term, places in everywhere.items():
            for key in term.keys:
                at = normal.find(key)
                while at >= 0:
                    places.append((offset + starts[at], offset + ends[at + len(key) - 1]))
                    at = normal.find(key, at + len(key))
        offset += len(line)
    for term, places in everywhere.items():
        heading = [each for each in places if each[0] in begin] if term.is_short else []
        found += heading or places
    return _merged(found)


def _merged(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


@dataclass(frozen=True)
class Piece:
    """A stretch of a shown text; `is_hit`: it is what was looked for."""

    text: str
    is_hit: bool = False


def pieces(text: str, words: Words) -> list[Piece]:
    """A whole text with what was found in it."""
    return _cut(text, spans(text, words), 0, len(text))


def excerpt(text: str, words: Words, around: int = AROUND) -> list[Piece]:
    """The part of a text around the first hit, cut at words as far as they are known; "…" where cut.

    Of a text without a hit the beginning.
    """
    hits = spans(text, words)
    first = hits[0] if hits else (0, 0)
    start = _cut_before(text, first[0], around)
    # What is not needed before the hit is shown after it.
    end = _cut_after(text, first[1], 2 * around - (first[0] - start))
    shown = [
        Piece(each.text.replace("\n", " "), each.is_hit) for each in _cut(text, hits, start, end)
    ]
    if start:
        shown.insert(0, Piece("…"))
    if end < len(text):
        shown.append(Piece("…"))
    return shown


def plain(shown: Sequence[Piece]) -> str:
    """The pieces as one text."""
    return "".join(piece.text for piece in shown)


def _cut_before(text: str, at: int, most: int) -> int:
    if at <= most:
        return 0
    least = nearest_whole(text, at - most)
    return next((place for place in _breaks(text, least, at)), least)


def _cut_after(text: str, at: int, most: int) -> int:
    if len(text) - at <= most:
        return len(text)
    last = at + most
    while is_inside_cluster(text, last):
        last -= 1
    *_others, best = [last, *_breaks(text, at + most // 2, last)]
    return len(text[:best].rstrip())


def _breaks(text: str, start: int, end: int) -> Iterator[int]:
    """Where the text between two places may be cut, without dividing a word that is known."""
    return (at for at in beginnings(text[:end]) if at > start and not is_inside_cluster(text, at))


def _cut(text: str, hits: Sequence[tuple[int, int]], start: int, end: int) -> list[Piece]:
    found, at = [], start
    for first, last in hits:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if first > at:
            found.append(Piece(text[at:first]))
        found.append(Piece(text[first:last], is_hit=True))
        at = last
    if at < end:
        found.append(Piece(text[at:end]))
    return found


def beginnings_of(word: str, least: int = 3) -> list[str]:
    """The beginnings of a word, the shortest first, of at least so many letters, in whole syllables'
    letters: a vowel that is written before its consonant belongs to what follows."""
    ends = (at for at in range(least, len(word)) if not is_inside_cluster(word, at))
    return [word[:at] for at in ends if word[at - 1] not in "เแโใไ"]


# Near spellings --------------------------------------------------------------------------------

NEAR_LINES = 40  # texts of which the words are compared letter by letter


def nearest_words(typed: str, lines: Iterable[str]) -> str:
    """The words in some lines that are spelled most like what was typed; "" if none is like it.

    A sixth of the letters may differ, and one in any case. Lines are ranked by the pairs of letters that
    they share with the query, and the best are compared letter by letter, so that many lines cost little.
    """
    key = normalise(typed)
    if len(key) < 4:
        return ""
    pairs = {key[at : at + 2] for at in range(len(key) - 1)}
    ranked = sorted(
        (
            (-sum(pair in normal for pair in pairs), nth, line)
            for nth, line in enumerate(lines)
            for normal in [normalise(line)]
        )
    )[:NEAR_LINES]
    least, best = max(1, len(key) // 6) + 1, ""
    for shared, _nth, line in ranked:
        if -shared * 2 < len(pairs):
            break
        normal, starts, ends = _mapped(line)
        errors, start, end = _likest(key, normal)
        if 0 < errors < least and end > start:
            least, best = errors, line[starts[start] : ends[end - 1]].strip()
    return best


def _likest(key: str, normal: str) -> tuple[int, int, int]:
    """(letters that differ, start, end) of the stretch of `normal` that is most like `key`.

    Sellers, "The theory and computation of evolutionary distances", 1980.
    """
    costs = list(range(len(key) + 1))
    begun = [0] * (len(key) + 1)
    best = (costs[-1], 0, 0)
    for at, letter in enumerate(normal, start=1):
        diagonal, begun_diagonal = 0, at - 1
        costs[0], begun[0] = 0, at
        for nth, wanted in enumerate(key, start=1):
            options = (
                (diagonal + (letter != wanted), begun_diagonal),
                (costs[nth] + 1, begun[nth]),
                (costs[nth - 1] + 1, begun[nth - 1]),
            )
            diagonal, begun_diagonal = costs[nth], begun[nth]
            costs[nth], begun[nth] = min(options, key=lambda each: each[0])
        if costs[-1] < best[0]:
            best = costs[-1], begun[-1], at
    return best
