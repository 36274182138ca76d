"""Names → agencies and provinces (`measures.py` finds measures).

Names are compared by `word_key`, which ignores dots, spaces, quotation marks, brackets and broken Thai.
Only an exact match is taken; any other name becomes a question that offers the nearest names. Rules:
the spreadsheet contract, "Reading rules" and "References".

As in `values`, an answered question stays among a reading's problems, beside the resulting value.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Option, Problem, Reading
from followup.spreadsheets.values import (
    DASHES,
    Answers,
    answer_to,
    ask_nothing,
    damage,
    question_key,
    shows_error,
    skip_option,
    text_of,
)
from followup.spreadsheets.words import repair, word_key
from forum_portal.years import as_typed, one_line

K = TypeVar("K", int, str)

#: The answer "this is a new agency"; the caller creates it.
NEW_AGENCY = "new"
NEAREST = 5
_LONGEST = 2000  # characters of a cell that is split; a longer one is not a list of names


@dataclass(frozen=True)
class AgencyName:
    """An agency with all its names. Its `code` counts as a name too."""

    pk: int
    code: str
    name: str
    abbr: str = ""
    aliases: Sequence[str] = ()


@dataclass(frozen=True)
class ProvinceName:
    code: str
    name: str
    aliases: Sequence[str] = ()


# --- names


class _Nearest(Generic[K]):
    """Finds similar names by shared letter pairs (Dice's coefficient)."""

    def __init__(self, names: Iterable[tuple[str, K]]) -> None:
        self.names: list[tuple[str, K]] = list(dict.fromkeys(names))
        self.sizes: list[int] = []
        self.having: dict[str, list[int]] = defaultdict(list)
        for place, (key, _of) in enumerate(self.names):
            pairs = self.pairs(key)
            self.sizes.append(len(pairs))
            for pair in pairs:
                self.having[pair].append(place)

    @staticmethod
    def pairs(key: str) -> set[str]:
        framed = f"^{key}$"
        return {framed[at : at + 2] for at in range(len(framed) - 1)}

    def to(self, key: str, count: int = NEAREST) -> list[K]:
        """At most `count` owners of the names nearest to `key`, the nearest first, each once."""
        pairs = self.pairs(key[:200])
        shared = Counter(place for pair in pairs for place in self.having.get(pair, ()))
        scores: dict[K, float] = {}
        for place, common in shared.items():
            of = self.names[place][1]
            score = 2 * common / (len(pairs) + self.sizes[place])
            scores[of] = max(score, scores.get(of, 0))
        likely = [of for of, score in scores.items() if score >= 0.25]
        return sorted(likely, key=lambda of: -scores[of])[:count]


@dataclass(frozen=True)
class _Part(Generic[K]):
    """A part of a cell that names one thing; `of` is empty if the name is unknown."""

    text: str
    of: tuple[K, ...]


_BULLET = re.compile(r"^(?:[-•*–·]+\s*|\(?[0-9๐-๙]{1,2}[.)]\s*)")
_TIGHT = "และ"  # part of many names: it separates only two known names
_MOST_TOKENS = 400  # tokens of a cell that are read; there are 77 provinces
_LONGEST_NAME = 8  # tokens of one name at most


def _parts(
    text: str, separator: re.Pattern[str], known: Callable[[str], tuple[K, ...]]
) -> list[_Part[K]]:
    """Split a cell into names, with the fewest unknown characters and then the fewest parts.

    `separator` has one group. A whole name that contains a separator ("พัฒนาสังคมและความมั่นคง")
    wins over its pieces. A "และ" without spaces and with an unknown name on one side does not split.
    """
    tokens: list[str] = separator.split(text)
    names: list[str] = tokens[::2]
    joints: list[str] = tokens[1::2]
    count = len(names)
    if count > _MOST_TOKENS:
        return [_Part(text, ())]
    is_loose = [True, *(joint != _TIGHT for joint in joints), True]

    def words(start: int, end: int) -> str:
        middle = zip(names[start:end], [*joints[start : end - 1], ""], strict=True)
        return _BULLET.sub("", "".join(name + joint for name, joint in middle).strip())

    # best[end]: characters unknown, number of parts, where the last part starts, what it names
    best: list[tuple[int, int, int, tuple[K, ...]]] = [(0, 0, 0, ())]
    piece = 0  # the start of the last piece between loose separators
    end: int
    for end in range(1, count + 1):
        choices: list[tuple[int, int, int, tuple[K, ...]]] = []
        starts: set[int] = {*range(max(0, end - _LONGEST_NAME), end), piece}
        for start in starts:
            stretch = words(start, end)
            of = known(stretch) if stretch else ()
            is_piece = start == piece and is_loose[end]
            if of or is_piece or not stretch:
                lost = best[start][0] + (0 if of else len(stretch))
                choices.append((lost, best[start][1] + bool(stretch), start, of))
        best.append(min(choices, key=lambda choice: choice[:2], default=(10**9, 0, piece, ())))
        if is_loose[end]:
            piece = end
    found: list[_Part[K]] = []
    at = count
    while at:
        _lost, _before, start, of = best[at]
        if stretch := words(start, at):
            joint = joints[at - 1] if at < count else ""
            between_words = joint != "" and joint.isspace() and "\n" not in joint
            if between_words and found and not of and not found[-1].of:  # "5 อำเภอ" is one question
                stretch = f"{stretch} {found.pop().text}"
            found.append(_Part(stretch, of))
        at = start
    return found[::-1]


# --- agencies

_BETWEEN_AGENCIES = re.compile(r"(\s*(?:[,;/\n、]|\s+และ|และ\s+)\s*|และ)")
# The National Health Commission's abbreviation; the forum's own paper wrote it for คสป.
_TWO_BODIES = word_key("คสช.")
_EITHER = ("CSPC", "NHC")


class AgencyMatcher:
    """Finds agencies by name, abbreviation, alias or code. Build it once for each file."""

    def __init__(self, agencies: Iterable[AgencyName]) -> None:
        self.agencies = {agency.pk: agency for agency in agencies}
        self._by_code = {agency.code: agency.pk for agency in self.agencies.values()}
        self._by_name: dict[str, tuple[int, ...]] = {}
        self._by_other: dict[str, tuple[int, ...]] = {}
        for agency in self.agencies.values():
            self._add(self._by_name, agency.name, agency.pk)
            names = (agency.name, *agency.aliases)
            for other in (agency.abbr, agency.code, *agency.aliases):
                self._add(self._by_other, other, agency.pk)
            if agency.abbr:
                for name in names:  # "กรมการปกครอง (ปค.)" and "ปค. (กรมการปกครอง)"
                    self._add(self._by_other, f"{name} {agency.abbr}", agency.pk)
                    self._add(self._by_other, f"{agency.abbr} {name}", agency.pk)
        self._split: dict[str, list[tuple[_Part[int], Problem | None]]] = {}

    @cached_property
    def _nearest(self) -> _Nearest[int]:
        # Built for the first unknown name: most files have none.
        keys = [*self._by_name.items(), *self._by_other.items()]
        return _Nearest((key, pk) for key, pks in keys for pk in pks)

    @staticmethod
    def _add(names: dict[str, tuple[int, ...]], name: str, pk: int) -> None:
        if key := word_key(name):
            names[key] = tuple(dict.fromkeys((*names.get(key, ()), pk)))

    def _known(self, text: str) -> tuple[int, ...]:
        """The agencies with that name; if it is the full name of some, only those."""
        key = word_key(text)
        return self._by_name.get(key) or self._by_other.get(key, ())

    def label(self, pk: int) -> str:
        """ "name (abbreviation)", as an option shows it."""
        agency = self.agencies[pk]
        return f"{agency.name} ({agency.abbr})" if agency.abbr else agency.name

    def _short(self, pk: int) -> str:
        return self.agencies[pk].abbr or self.agencies[pk].name

    def match(self, raw: Cell, answers: Answers) -> Reading[list[int]]:
        """The primary keys of the agencies named in a cell, in its order; [] for blank and "-".

        The whole cell is tried as one name first, then its parts between , / ; line ends and และ
        (A04 tells how it was split). A01 asks about an unknown name, A02 about one that several
        agencies have, A03 about คสช., which is never decided here. Answers are "agency:<pk>" (of any
        agency, offered or not), NEW_AGENCY (the cell's other agencies stay; the caller creates it
        with the question's `params["name"]`) or skip. R20 asks about words for "none".
        """
        if isinstance(raw, CellError):
            return shows_error(raw)
        text = repair(text_of(raw))
        if not text or text in DASHES:
            return Reading([])
        if not self._known(text) and (nothing := ask_nothing(text, answers, empty=[])):
            return nothing
        parts = self._split.get(text)
        if parts is None:
            is_list = len(text) <= _LONGEST
            split = _parts(text, _BETWEEN_AGENCIES, self._known) if is_list else []
            split = split or [_Part(one_line(text), ())]
            self._split[text] = parts = [(part, self._question(part)) for part in split]
        found: list[int] = []
        problems: list[Problem] = []
        is_open = False
        for part, problem in parts:
            if problem is None:
                found += part.of
                continue
            problems.append(problem)
            chosen = self._chosen(problem, answers)
            found += chosen
            is_open |= not chosen and answers.get(problem.key) != NEW_AGENCY
        found = list(dict.fromkeys(found))
        if len(found) > 1 and not problems:
            names = ", ".join(map(self._short, found))
            params = {"v": as_typed(text), "n": len(found), "list": names}
            problems.append(Problem("A04", params))
        if broken := damage(text):
            problems.append(broken)
        return Reading(None if is_open else found, problems)

    def _chosen(self, problem: Problem, answers: Answers) -> list[int]:
        """The chosen agency, offered or not; [] for other answers."""
        name, _colon, pk = answers.get(problem.key, "").partition(":")
        known = name == "agency" and pk.isdecimal() and int(pk) in self.agencies
        return [int(pk)] if known else []

    def _question(self, part: _Part[int]) -> Problem | None:
        """The question about a part, or None."""
        params = {"v": as_typed(part.text), "name": one_line(part.text)}
        key = word_key(part.text)
        if key == _TWO_BODIES:
            either = [self._by_code[code] for code in _EITHER if code in self._by_code]
            return Problem("A03", params, f"A03:{_TWO_BODIES}", self._options(either))
        if len(part.of) == 1:
            return None
        code, pks = ("A02", list(part.of)) if part.of else ("A01", self._nearest.to(key))
        params["list"] = ", ".join(self.agencies[pk].name for pk in pks) or "–"
        more = [] if part.of else [Option(NEW_AGENCY, _("เพิ่มหน่วยงานใหม่"))]
        return Problem(code, params, question_key(code, part.text), self._options(pks, more))

    def _options(self, pks: Sequence[int], more: Sequence[Option] = ()) -> list[Option]:
        return [*(Option(f"agency:{pk}", self.label(pk)) for pk in pks), *more, skip_option()]


# --- provinces

_BETWEEN_PROVINCES = re.compile(r"(\s*[,;/|\n、]\s*|\s+และ\s*|และ\s+|และ|\s+)")
_PREFIX = re.compile(r"^(?:จังหวัด|จว\.|จ\.)\s*")
_EVERYWHERE = frozenset(
    map(word_key, ["ทั่วประเทศ", "ทั้งประเทศ", "ทุกจังหวัด", "77 จังหวัด", "76 จังหวัด", "ทั้งหมด"])
)


class ProvinceMatcher:
    """Finds provinces by name or alias. Build it once for each file."""

    def __init__(self, provinces: Iterable[ProvinceName]) -> None:
        self.provinces = {province.code: province for province in provinces}
        self._codes: dict[str, tuple[str, ...]] = {}
        for province in self.provinces.values():
            for name in (province.name, *province.aliases):
                self._codes[word_key(name)] = (province.code,)
        self._split: dict[str, list[_Part[str]]] = {}

    @cached_property
    def _nearest(self) -> _Nearest[str]:
        return _Nearest((key, codes[0]) for key, codes in self._codes.items())

    def _known(self, text: str) -> tuple[str, ...]:
        return self._codes.get(word_key(text)) or self._codes.get(
            word_key(_PREFIX.sub("", text)), ()
        )

    def match(self, raw: Cell, answers: Answers) -> Reading[list[str]]:
        """The codes of the provinces named in a cell, in its order; [] for blank and "-".

        Names are separated by , / ; line ends, และ or spaces; "จ." and "จังหวัด" before a name are
        ignored. P01 asks about other words and suggests the nearest name; answers are
        "province:<code>", "none" (these words name no province), "all" for words like ทั่วประเทศ, or
        skip. R20 asks about words for "none".
        """
        if isinstance(raw, CellError):
            return shows_error(raw)
        text = repair(text_of(raw))
        if not text or text in DASHES:
            return Reading([])
        if nothing := ask_nothing(text, answers, empty=[]):
            return nothing
        parts = self._split.get(text)
        if parts is None:
            short_enough = len(text) <= _LONGEST
            parts = _parts(text, _BETWEEN_PROVINCES, self._known) if short_enough else []
            self._split[text] = parts = parts or [_Part(one_line(text), ())]
        found: list[str] = []
        problems: list[Problem] = []
        is_open = False
        for part in parts:
            if part.of:
                found += part.of
                continue
            problem = self._question(part.text)
            problems.append(problem)
            answer = answer_to(problem, answers)
            if answer.startswith("province:"):
                found.append(answer.removeprefix("province:"))
            elif answer == "all":
                found += self.provinces
            is_open |= answer in {"", SKIP_ROW}
        if broken := damage(text):
            problems.append(broken)
        return Reading(None if is_open else list(dict.fromkeys(found)), problems)

    def _question(self, text: str) -> Problem:
        """P01 about words that are not a known province."""
        plain = _PREFIX.sub("", text)
        near = self._nearest.to(word_key(plain))
        options = [Option(f"province:{code}", self.provinces[code].name) for code in near]
        guess = self.provinces[near[0]].name if near else "–"
        if word_key(text) in _EVERYWHERE:
            guess = _("ทุกจังหวัด")
            options = [Option("all", guess)]
        options += [Option("none", _("ไม่ใช่ชื่อจังหวัด ไม่ต้องบันทึก")), skip_option()]
        params = {"v": as_typed(text), "guess": guess}
        return Problem("P01", params, question_key("P01", text), options)
