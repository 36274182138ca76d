"""Which forum's measure a bare code means, by the row's agencies and by what somebody answered.

Only asked where forums share the code and neither the row nor the sheet says which is meant. One
answer serves all rows of the code whose agencies could be meant for several forums; rows of other
agencies need none. Where the answer does not fit a row's agencies, that row is wrong, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from followup.spreadsheets.measures import MeasureMatcher, Place
from followup.spreadsheets.types import SKIP_ROW, Option, Problem, Reading
from followup.spreadsheets.values import Answers, skip_option

_AGENCIES_SHOWN = 5  # in an option


@dataclass
class _Doubt:
    """One question, filled while rows are read."""

    options: list[Option] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)  # by full code
    agencies: dict[int, None] = field(default_factory=dict)


class ForumChoice:
    """Chooses among the places that forums have for one code. Build it once a pass over the rows."""

    def __init__(
        self,
        measures: MeasureMatcher,
        roles: Mapping[tuple[int, int], str],
        agency_names: Mapping[int, str],
        year: int,
        answers: Answers,
    ) -> None:
        """`roles` is (measure, agency) -> the role in words, of the assignments valid in `year`."""
        self.measures, self.roles, self.agency_names = measures, roles, agency_names
        self.year, self.answers = year, answers
        self._found: dict[tuple[tuple[Place, ...], tuple[int, ...]], Reading[Place]] = {}
        self._doubts: dict[str, _Doubt] = {}

    def choose(self, places: tuple[Place, ...], agencies: tuple[int, ...]) -> Reading[Place]:
        """The one of `places` that all `agencies` of a row (at least one) can be meant to report on.

        An agency's number is 0 where it is new: it can be meant for any. R13 says which place was
        taken where one fits; R11 asks, once a code, where several do. R15 is an answer to R11 that
        does not fit this row, R07 an agency that no place fits, R16 agencies that share none.
        """
        key = (places, agencies)
        reading = self._found.get(key)
        if reading is None:
            reading = self._found[key] = self._choose(places, agencies)
        return reading

    def _choose(self, places: Sequence[Place], agencies: Sequence[int]) -> Reading[Place]:
        fitting = [each for each in places if all(self._fits(each, one) for one in agencies)]
        short = self.measures.short(places[0])
        if not fitting:
            return Reading(None, self._nowhere(places, agencies))
        if len(fitting) == 1:
            params = {"v": short, "code": self._code(fitting[0])}
            params["year"] = str(self.measures.year(fitting[0]))
            return Reading(fitting[0], (Problem("R13", params),))
        question = self._question(short, fitting, agencies)
        answer = self.answers.get(question.key, "")
        if answer in {"", SKIP_ROW}:
            return Reading(None, (question,))
        chosen = next((each for each in fitting if self._code(each) == answer), None)
        if chosen is not None:
            return Reading(chosen, (question,))
        params = {
            "v": short,
            "answer": answer,
            "agency": ", ".join(self._name(one) for one in agencies if one),
            "list": self._codes(fitting),
        }
        return Reading(None, (question, Problem("R15", params)))

    def _fits(self, place: Place, agency: int) -> bool:
        return not agency or any((one, agency) in self.roles for one in self._measures(place))

    def _measures(self, place: Place) -> list[int]:
        return [place.measure] if place.measure else self.measures.in_resolution(place.resolution)

    def _name(self, agency: int) -> str:
        return self.agency_names.get(agency, "")

    def _code(self, place: Place) -> str:
        return self.measures.full(place)

    def _codes(self, places: Sequence[Place]) -> str:
        return _(" หรือ ").join(map(self._code, places))

    def _nowhere(self, places: Sequence[Place], agencies: Sequence[int]) -> list[Problem]:
        """R07 for each agency that no place fits; R16 where each has one, but none is common."""
        having = {
            agency: [self._code(each) for each in places if self._fits(each, agency)]
            for agency in agencies
            if agency
        }
        lost = [agency for agency, codes in having.items() if not codes]
        if lost:
            codes = self._codes(places)
            return [
                Problem("R07", {"agency": self._name(agency), "v": codes, "year": self.year})
                for agency in lost
            ]
        listed = ", ".join(f"{self._name(one)} {'/'.join(codes)}" for one, codes in having.items())
        return [Problem("R16", {"v": self.measures.short(places[0]), "list": listed})]

    def _question(self, short: str, fitting: Sequence[Place], agencies: Sequence[int]) -> Problem:
        """R11 of this code, with what there is to choose for this row's agencies too.

        All rows share one list of options, which grows with the agencies that come: whichever row's
        question is shown, it is the whole.
        """
        key = f"R11:{short}"
        doubt = self._doubts.setdefault(key, _Doubt())
        doubt.places.update((self._code(each), each) for each in fitting)
        doubt.agencies.update((agency, None) for agency in agencies if agency)
        doubt.options[:] = [
            *(
                Option(code, self._label(place, doubt))
                for code, place in sorted(doubt.places.items())
            ),
            skip_option(),
        ]
        return Problem("R11", {"v": short}, key, doubt.options)

    def _label(self, place: Place, doubt: _Doubt) -> str:
        """เวที 2566: 3.1 title (หน่วยงานหลัก สงป.), with the assignments of the agencies in doubt."""
        roles = []
        for agency in doubt.agencies:
            for measure in self._measures(place):
                role = self.roles.get((measure, agency))
                if role:
                    of = "" if place.measure else f" {self.measures.code(measure)}"
                    roles.append(f"{role} {self._name(agency)}{of}")
        shown = "; ".join(roles[:_AGENCIES_SHOWN])
        if len(roles) > _AGENCIES_SHOWN:
            shown += _(" และอีก %(n)s") % {"n": len(roles) - _AGENCIES_SHOWN}
        label = _("เวที %(year)s: %(name)s") % {
            "year": self.measures.year(place),
            "name": self.measures.title(place),
        }
        return f"{label} ({shown})" if shown else label
