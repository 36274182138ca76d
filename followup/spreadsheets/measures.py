"""Codes → measures and resolutions of any forum.

People write codes as "3.1", "๓.๑", 3 and 1 in two cells, or `2566-3.1`. Forums share codes, so a
place is identified by primary key. `forums.py` reads the forum that a row names; if it names none,
the places of all forums are passed to `choice.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from followup.spreadsheets.codes import DASH, Written, read_code
from followup.spreadsheets.types import SKIP_ROW, Cell, CellError, Option, Problem, Reading
from followup.spreadsheets.values import Answers, answer_to, shows_error, skip_option, text_of
from forum_portal.years import as_typed, one_line
from proposals.codes import full_code, short_code


@dataclass(frozen=True)
class MeasureRef:
    """A measure: its forum's year, its resolution (key, number, title), its number and title."""

    pk: int
    year: int
    resolution: int
    resolution_number: int
    number: int
    title: str = ""
    resolution_title: str = ""

    @property
    def short(self) -> str:
        return short_code(self.resolution_number, self.number)

    @property
    def full(self) -> str:
        return full_code(self.year, self.resolution_number, self.number)


@dataclass(frozen=True)
class Place:
    """The target of a row, by primary key: a measure, or (`measure` None) a whole resolution."""

    measure: int | None
    resolution: int


Places = tuple[Place, ...]

_SEVERAL = re.compile(
    r"\d\.\d.*?(?:[,;/&+–—\s-]|และ|ถึง)\D*?\d+\.\d|\D*\d+\s*(?:[,;/&+–—-]|และ|ถึง)\s*\d+\D*$"
)
_FORUM_PART = re.compile(rf"(?:25[0-9]{{2}}|๒๕[๐-๙]{{2}})\s*{DASH}\s*(?=\d+(?:\.|\D*$))")


def _names_several(typed: str) -> bool:
    return bool(_SEVERAL.match(_FORUM_PART.sub("", typed)))


def _listed(numbers: Sequence[int], name: Mapping[int, str]) -> str:
    """Numbers by name, as a message lists them: "3.1–3.6" if there is no gap."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{name[numbers[0]]}–{name[numbers[-1]]}"
    return ", ".join(name[number] for number in numbers)


class _Forum:
    """The measures of one forum, found as if it were the only one."""

    def __init__(self, year: int, measures: Iterable[MeasureRef], *, is_only: bool) -> None:
        self.year, self.is_only = year, is_only
        self.resolutions: dict[int, dict[int, MeasureRef]] = defaultdict(dict)
        for measure in measures:
            self.resolutions[measure.resolution_number][measure.number] = measure

    def match(
        self,
        item: Cell,
        clause: Cell,
        whole: Written | None,
        part: Written | None,
        answers: Answers,
    ) -> Reading[Places]:
        """The one place named by two cells, which were read as the numbers `whole` and `part`.

        See `MeasureMatcher.match`.
        """
        has_clause = clause is not None and bool(one_line(text_of(clause)))
        if isinstance(clause, date):
            return self._undone_date(clause, answers)
        if isinstance(item, date) and not has_clause:
            return self._undone_date(item, answers)
        if not has_clause:
            if item is None or not one_line(text_of(item)):
                return Reading(None, (Problem("R08"),))
            return self._unreadable(item) if whole is None else self._place(whole, item, answers)
        typed = as_typed(text_of(clause))
        if part is None:
            if whole is not None and whole.second:
                return self._place(whole, item, answers)
            if whole is None or _names_several(typed):
                return self._unreadable(clause)
            return self._none(whole, typed)
        if part.second:
            if whole and whole.is_explicit and whole.first != part.first:
                return self._none(whole, typed)
            return self._place(part, clause, answers)
        if whole is None:
            return self._place(part, clause, answers)
        if whole.second:  # the full code is in the item cell, its end repeated in the clause cell
            same = int(whole.second) == part.first
            return self._place(whole, item, answers) if same else self._none(whole, typed)
        return self._place(Written(whole.first, str(part.first)), None, answers)

    def at(self, first: int, second: int) -> MeasureRef | None:
        return self.resolutions.get(first, {}).get(second)

    def _said(self, listed: str) -> str:
        """The list in a message, with the forum's name if there are several forums."""
        if self.is_only:
            return listed
        return _("%(list)s (เวที %(year)s)") % {"list": listed, "year": self.year}

    def _no_resolution(self, written: object) -> Reading[Places]:
        numbers = sorted(self.resolutions)
        listed = _listed(numbers, {number: str(number) for number in numbers})
        return Reading(None, (Problem("R01", {"v": written, "list": self._said(listed)}),))

    def _unreadable(self, raw: Cell) -> Reading[Places]:
        """R10 for a cell with several codes, R01 for a cell without one."""
        typed = as_typed(text_of(raw))
        if isinstance(raw, str) and _names_several(typed):
            return Reading(None, (Problem("R10", {"v": typed}),))
        return self._no_resolution(typed)

    def _none(self, number: Written, typed: str) -> Reading[Places]:
        """R02, or R01 if the resolution itself does not exist."""
        clauses = self.resolutions.get(number.first)
        if clauses is None:
            return self._no_resolution(number.first)
        codes = {each: measure.short for each, measure in clauses.items()}
        listed = self._said(_listed(sorted(clauses), codes))
        return Reading(None, (Problem("R02", {"v": typed, "i": number.first, "list": listed}),))

    def _place(self, number: Written, raw: Cell, answers: Answers) -> Reading[Places]:
        """The place of a number read from `raw`."""
        clauses = self.resolutions.get(number.first)
        if clauses is None:
            return self._none(number, "")
        if not number.second:
            resolution = next(iter(clauses.values())).resolution
            return Reading((Place(None, resolution),))
        written = f"{number.first}.{number.second}"
        measure = clauses.get(int(number.second))
        if isinstance(raw, float):  # 2.1 may have been 2.10
            longer = clauses.get(int(f"{number.second}0"))
            if longer is not None:
                likely = [one for one in (longer, measure) if one is not None]
                return self._ask(f"{written}0", written, likely, answers)
        elif measure is None and number.second.endswith("0"):
            short = clauses.get(int(number.second.rstrip("0")))
            if short is not None:
                return self._ask(written, f"{number.first}.{short.number}", [short], answers)
        if measure is None:
            return self._none(number, written)
        return Reading((Place(measure.pk, measure.resolution),))

    def _undone_date(self, day: date, answers: Answers) -> Reading[Places]:
        """A code that Excel turned into a date: "3.1" typed where dots separate dates."""
        pairs = dict.fromkeys([(day.day, day.month), (day.month, day.day)])
        likely = [one for one in (self.at(*pair) for pair in pairs) if one is not None]
        written = f"{day.day}/{day.month}/{day.year}"
        if not likely:
            return self._no_resolution(written)
        return self._ask(likely[0].short, written, likely, answers)

    def _ask(
        self, written: str, cut: str, likely: Sequence[MeasureRef], answers: Answers
    ) -> Reading[Places]:
        """R03: ask which of the likely measures is meant."""
        problem = Problem(
            "R03",
            {"v": written, "cut": cut},
            f"R03:{self.year}:{written}:{cut}",
            [
                *(
                    Option(str(one.pk), one.short if self.is_only else f"{one.full} {one.title}")
                    for one in likely
                ),
                skip_option(),
            ],
        )
        answer = answer_to(problem, answers)
        chosen = next((one for one in likely if str(one.pk) == answer), None)
        return Reading((Place(chosen.pk, chosen.resolution),) if chosen else None, (problem,))


class MeasureMatcher:
    """Finds measures by their code. Build it once for each file."""

    def __init__(self, measures: Iterable[MeasureRef]) -> None:
        self._of_resolution: dict[int, list[MeasureRef]] = defaultdict(list)
        of_forum: dict[int, list[MeasureRef]] = defaultdict(list)
        for each in sorted(measures, key=lambda one: (one.year, one.resolution_number, one.number)):
            self._of_resolution[each.resolution].append(each)
            of_forum[each.year].append(each)
        self._measures = {each.pk: each for refs in of_forum.values() for each in refs}
        if not of_forum:
            of_forum[0] = []
        self._forums = {
            year: _Forum(year, refs, is_only=len(of_forum) == 1) for year, refs in of_forum.items()
        }
        self._found: dict[tuple[object, ...], Reading[Places]] = {}
        self._whole: dict[tuple[object, ...], bool] = {}

    # Names ------------------------------------------------------------------------------------

    def in_resolution(self, resolution: int) -> list[int]:
        """The primary keys of a resolution's measures, in order."""
        return [each.pk for each in self._of_resolution.get(resolution, ())]

    @property
    def of_several_forums(self) -> bool:
        return len(self._forums) > 1

    def code(self, measure: int) -> str:
        """A measure's code in a message: the full code if there are several forums."""
        one = self._measures[measure]
        return one.full if self.of_several_forums else one.short

    def label(self, measure: int) -> str:
        """A measure as an option shows it: its code, and its title if there are several forums."""
        title = self._measures[measure].title if self.of_several_forums else ""
        return f"{self.code(measure)} {title}".rstrip()

    def number(self, resolution: int) -> str:
        """A resolution's number in a message, with its forum if there are several."""
        one = self._of_resolution[resolution][0]
        if not self.of_several_forums:
            return str(one.resolution_number)
        params = {"number": one.resolution_number, "year": one.year}
        return _("%(number)s ของเวที %(year)s") % params

    def _first(self, place: Place) -> MeasureRef:
        if place.measure:
            return self._measures[place.measure]
        return self._of_resolution[place.resolution][0]

    def year(self, place: Place) -> int:
        """The year (B.E.) of a place's forum."""
        return self._first(place).year

    def short(self, place: Place) -> str:
        """A place's short code, which several forums may share."""
        one = self._first(place)
        return one.short if place.measure else short_code(one.resolution_number)

    def full(self, place: Place) -> str:
        one = self._first(place)
        return one.full if place.measure else full_code(one.year, one.resolution_number)

    def title(self, place: Place) -> str:
        """A place's short code and title, for display beside its forum."""
        one = self._first(place)
        if place.measure:
            return f"{one.short} {one.title}"
        params = {"number": one.resolution_number, "title": one.resolution_title}
        return _("ข้อเสนอที่ %(number)s %(title)s") % params

    # Codes ------------------------------------------------------------------------------------

    def match(
        self, item: Cell, clause: Cell, answers: Answers, *, stated: int = 0, titled: int = 0
    ) -> Reading[Places]:
        """The measure or resolution named by a row's item and clause cells.

        Accepted: "3.1", "๓.๑", 3.1 as a number, "ข้อ 3.1", "03.1"; 3 and 1 in two cells; 3 alone for
        the resolution; `2566-3.1` and "ข้อ 2566 - 3.1", which name the forum as well. A full code in
        the clause cell wins over a running number in the item cell, but not over "ข้อเสนอที่ 2".

        `stated` is the forum's year in the row's own column, `titled` the one named by the sheet; 0
        for none. If no forum is named, the result has several places, one for each forum.

        Problems: R08 both cells are empty, R01 no such resolution, R02 no such measure, R10 several
        codes in one cell; R03 asks if Excel may have cut "2.10" to 2.1 or turned a code into a date;
        R12 the code's forum does not exist, R14 it is not the forum that the row states.
        """
        for cell in (clause, item):
            if isinstance(cell, CellError):
                return shows_error(cell)
        is_bare = not isinstance(item, str) or item.strip().isdecimal()
        if item is not None and is_bare and self._is_whole_code(clause):
            item = None  # a running number: the clause cell has the full code
        key = (type(item), item, type(clause), clause, stated, titled)
        reading = self._found.get(key)
        if reading is None:
            reading = self._match(item, clause, answers, stated, titled)
            if not any(problem.options for problem in reading.problems):
                self._found[key] = reading
        return reading

    def _is_whole_code(self, clause: Cell) -> bool:
        key = (type(clause), clause)
        if key not in self._whole:
            number = read_code(clause)
            self._whole[key] = number is not None and bool(number.second)
        return self._whole[key]

    def _match(
        self, item: Cell, clause: Cell, answers: Answers, stated: int, titled: int
    ) -> Reading[Places]:
        whole, part = read_code(item), read_code(clause)
        said = [(part.year, clause)] if part and part.year else []
        # Beside a complete code, "2566-3" may be a row number.
        if whole and whole.year and (whole.is_explicit or not (part and part.second)):
            said.append((whole.year, item))
        for year, cell in said:
            typed = as_typed(text_of(cell))
            if year not in self._forums:
                years = ", ".join(str(each) for each in self._forums if each)
                return Reading(None, (Problem("R12", {"v": typed, "list": years}),))
            other = stated or said[0][0]
            if year != other:
                params = {"v": typed, "year": year, "other": other}
                return Reading(None, (Problem("R14", params),))
        year = said[0][0] if said else stated or titled
        if len(self._forums) == 1 or year:
            forum = (
                self._forums[year] if year in self._forums else next(iter(self._forums.values()))
            )
            return forum.match(item, clause, whole, part, answers)
        # First it is asked which code was written, once for all forums; then `choice` takes over.
        forums = self._forums.values()
        return self._of_every_forum(
            [forum.match(item, clause, whole, part, {}) for forum in forums], answers
        )

    def _of_every_forum(
        self, readings: Sequence[Reading[Places]], answers: Answers
    ) -> Reading[Places]:
        """The places of a short code, one for each forum, from the readings of all forums."""
        places = [place for reading in readings for place in reading.value or ()]
        problems = [problem for reading in readings for problem in reading.problems]
        cut = [problem for problem in problems if problem.code == "R03"]
        if cut:
            return self._uncut(cut, places, answers)
        if places:
            return Reading(tuple(places))
        # If a forum has the resolution but not the clause, R02 lists its clauses: a better hint.
        problem = next((each for each in problems if each.code == "R02"), problems[0])
        if "list" in problem.params:
            lists = [each.params["list"] for each in problems if each.code == problem.code]
            problem = Problem(problem.code, {**problem.params, "list": ", ".join(lists)})
        return Reading(None, (problem,))

    def _uncut(
        self, cut: Sequence[Problem], places: Sequence[Place], answers: Answers
    ) -> Reading[Places]:
        """R03 over all forums: which code was written. Its forum is a separate question."""
        pks = [
            *(int(each.value) for one in cut for each in one.options if each.value != SKIP_ROW),
            *(place.measure for place in places if place.measure),
        ]
        likely: dict[str, list[MeasureRef]] = defaultdict(list)
        for pk in pks:
            likely[self._measures[pk].short].append(self._measures[pk])
        params = cut[0].params
        options = [
            Option(
                short,
                _("%(list)s (เวที %(year)s)")
                % {"list": short, "year": ", ".join(str(one.year) for one in measures)},
            )
            for short, measures in likely.items()
        ]
        key = f"R03:{params['v']}:{params['cut']}"
        problem = Problem("R03", params, key, [*options, skip_option()])
        meant = likely.get(answer_to(problem, answers), [])
        found = tuple(Place(one.pk, one.resolution) for one in sorted(meant, key=lambda m: m.year))
        return Reading(found or None, (problem,))
