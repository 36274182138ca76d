"""What a round's edition says anew of responses and promised dates, beside the edition before it.

A response or a date is new if the round's own report says it; a promise has become past due if it is so
on the day of this edition and was not on the day of the one before. Read from the rows of published
editions only, so that what a draft says is never told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from django.db.models import Q

from followup.models import PublishedLine
from followup.published import Edition
from followup.report_fields import HEAD, Section
from followup.responses import Response
from followup.standing import Told, in_section
from followup.status import Status
from followup.targets import Due, due_on_day


@dataclass(frozen=True)
class Said:
    """What a line of an edition says of its response and its dates, the first first, on its day."""

    position: int
    measure: int
    agency: int
    assignment: int
    status: Status
    day: date
    responses: Sequence[Told]
    targets: Sequence[Told]

    @property
    def on(self) -> date | None:
        """The day that was promised, as it stands."""
        return self.targets[-1].get("target_on") if self.targets else None

    @property
    def due(self) -> Due:
        return due_on_day(self.on, self.status, self.day)

    @property
    def response(self) -> Response:
        """The response that stands."""
        return (
            Response(self.responses[-1].get("response")) if self.responses else Response.NO_ANSWER
        )


class Kind(StrEnum):
    """In the order in which they are told: what needs attention first."""

    PAST_DUE = "past_due"
    POSTPONED = "postponed"
    ADVANCED = "advanced"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Turn:
    """One thing that an edition says anew. `before` is what stood until then, None if nothing did.

    The values are days, or responses if the kind is ANSWERED.
    """

    kind: Kind
    of: Said
    before: date | Response | None
    after: date | Response


#: What the stored text of a line holds if it says something: only filled fields are stored.
_SAYS = Q()
for _section in (Section.RESPONSE, Section.TARGET):
    _SAYS |= Q(content__contains=f'"{HEAD[_section]}":')


def day_of(edition: Edition) -> date:
    """The day on which an edition's promises are judged.

    An edition from before it was kept is judged at the end of its round.
    """
    return edition.as_of or edition.frame.round.ends_on


def said_in(edition: Edition) -> Mapping[int, Said]:
    """Assignment -> what its line says; those that never said anything are left out.

    Lines of measures that a later forum's measure replaced are not there. One query, the first time: an
    edition never changes, so each process reads it once.
    """
    found = _said(edition.pk, edition.digest, edition.frame.round.order, day_of(edition))
    replaced = edition.material.replaced
    return {pk: each for pk, each in found.items() if each.measure not in replaced}


@lru_cache(maxsize=16)
def _said(pk: int, digest: str, order: tuple[int, int], day: date) -> Mapping[int, Said]:
    """`order` is that of the edition's round; the digest tells another database's edition apart."""
    rows = PublishedLine.objects.filter(_SAYS, edition=pk).order_by("position")
    found = {}
    for position, measure, agency, assignment, status, text in rows.values_list(
        "position", "measure_id", "agency_id", "assignment_id", "status", "content"
    ).iterator(chunk_size=500):
        content = json.loads(text)
        report = content.get("report")
        told = [Told.of_plain(each) for each in (report or content).get("earlier", ())]
        if report:
            year, months = order
            own = {"year_be": year, "months": months, "told_on": report.get("reported_on")}
            told.append(Told.of_plain(report | own))
        found[assignment] = Said(
            position,
            measure,
            agency,
            assignment,
            Status(status),
            day,
            in_section(told, Section.RESPONSE),
            in_section(told, Section.TARGET),
        )
    return found


def turns(edition: Edition, before: Edition | None) -> list[Turn]:
    """What an edition says anew beside the one of the round before it, in the order of `Kind`."""
    was = said_in(before) if before else {}
    order = edition.frame.round.order
    found: list[Turn] = []
    for pk, each in said_in(edition).items():
        found += _of_dates(each, was.get(pk), order)
        found += _of_responses(each, order)
    kinds = list(Kind)
    return sorted(found, key=lambda turn: (kinds.index(turn.kind), turn.of.position))


def _is_own(told: Sequence[Told], order: tuple[int, int]) -> bool:
    """Whether the round's own report said what stands."""
    return bool(told) and told[-1].round.order == order


def _of_dates(now: Said, was: Said | None, order: tuple[int, int]) -> Iterable[Turn]:
    day = now.on
    if day is None:
        return
    if now.due is Due.PAST_DUE and not (was and was.due is Due.PAST_DUE):
        yield Turn(Kind.PAST_DUE, now, None, day)
    if _is_own(now.targets, order) and len(now.targets) > 1:
        last: date = now.targets[-2].get("target_on")
        if last != day:
            yield Turn(Kind.POSTPONED if day > last else Kind.ADVANCED, now, last, day)


def _of_responses(now: Said, order: tuple[int, int]) -> Iterable[Turn]:
    if _is_own(now.responses, order):
        last = now.responses[-2].get("response") if len(now.responses) > 1 else None
        if last != now.response:
            yield Turn(Kind.ANSWERED, now, Response(last) if last else None, now.response)
