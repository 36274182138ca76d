"""Which forum's measure a short code means, by the row's agencies and the person's answer.

It is asked only if forums share the code and neither the row nor the sheet names a forum. One
answer is for all rows of the code whose agencies have an assignment in several of the forums; rows
of other agencies need no answer. If the answer does not fit a row's agencies, that row is an error:
nothing is guessed.
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
    """Chooses among the forums' places for one code. Build it once for each pass over the rows."""

    def __init__(
        self,
        measures: MeasureMatcher,
        roles: Mapping[tuple[int, int], str],
        agency_names: Mapping[int, str],
        year: int,
        answers: Answers,
    ) -> None:
        """`roles` is (measure, agency) -> the Thai role, of the assignments valid in `year`."""
        self.measures, self.roles, self.agency_names = measures, roles, agency_names
        self.year, self.answers = year, answers
        self._found: dict[tuple[tuple[Place, ...], tuple[int, ...]], Reading[Place]] = {}
        self._doubts: dict[str, _Doubt] = {}

    def choose(self, places: tuple[Place, ...], agencies: tuple[int, ...]) -> Reading[Place]:
        """The one of `places` that all `agencies` of a row (at least one) may report on.

        `agencies` are primary keys; 0 is a new agency, which may report on any place. Problems: R13
        names the place taken if exactly one fits; R11 asks, once for each code, if several do; R15
        is an answer to R11 that does not fit this row; R07 an agency that fits no place; R16
        agencies that have no place in common.
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
        """R07 for each agency that fits no place; R16 if each fits one, but no common one."""
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
        """R11 of this code; its options also cover this row's agencies.

        All rows share one list of options, which grows with each row's agencies: whichever row's
        question is shown, its list is complete.
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
