"""The ledger of silence: who was asked in a round, by which letter, and what came.

All of it is what an edition says: which reports were received, and the letters and e-mails that it
keeps by number and date (`snapshots`). Nothing here names a person. A missing report does not mean that
nothing was done, and a missing letter only that none is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from django.db.models import Count, Q

from followup.models import (
    Agency,
    Letter,
    PublishedAgency,
    PublishedLine,
    PublishedRequest,
    Role,
    Round,
)
from followup.published import Edition
from proposals.models import Measure

#: The number of an edition's rows, its digest, and the fiscal year of its round.
Kept: TypeAlias = tuple[int, str, int]


class Missing(NamedTuple):
    """A measure on which a lead agency's report was not received, for so many rounds in a row."""

    measure: int
    rounds: int


@dataclass(frozen=True)
class Silence:
    """A lead agency from which reports were not received, and on what, the longest silence first.

    `first_year` is where the longest begins; `heard_in` is the year before it if a report was received
    then, else None.
    """

    agency: int
    missing: Sequence[Missing]
    first_year: int
    heard_in: int | None

    @property
    def rounds(self) -> int:
        return self.missing[0].rounds


def silences(round_: Round, known: Mapping[Round, Edition]) -> Sequence[Silence]:
    """The silent lead agencies of a round, the longest silence first; equal ones with more measures
    first, then by name. `known`: the editions of the last rounds of all years, and the round's own."""
    earlier = sorted(
        (each for each in known if each.year_be < round_.year_be),
        key=lambda each: each.order,
        reverse=True,
    )
    return _silences(
        _kept(round_, known[round_]),
        tuple(_kept(each, known[each]) for each in earlier),
        tuple(sorted(known[round_].material.replaced)),
    )


def _kept(round_: Round, edition: Edition) -> Kept:
    return edition.pk, edition.digest, round_.year_be


@lru_cache(maxsize=16)
def _silences(now: Kept, earlier: tuple[Kept, ...], replaced: tuple[int, ...]) -> Sequence[Silence]:
    """Editions never change, so each process asks once. Three queries.

    `replaced`: measures that a later forum's measure replaced, of which nothing is expected any more.
    """
    here = (
        PublishedLine.objects.filter(edition=now[0], role=Role.LEAD, is_received=False)
        .exclude(measure_id__in=replaced)
        .order_by()
    )
    before: dict[int, dict[int, bool]] = {}
    for assignment, edition, received in PublishedLine.objects.filter(
        edition__in=[each[0] for each in earlier], assignment_id__in=here.values("assignment_id")
    ).values_list("assignment_id", "edition", "is_received"):
        before.setdefault(assignment, {})[edition] = received
    found: dict[int, list[tuple[int, int, int, int | None]]] = {}
    for agency, assignment, measure in here.values_list(
        "agency_id", "assignment_id", "measure_id"
    ).order_by("position"):
        then = before.get(assignment, {})
        rounds, first, heard = 1, now[2], None
        for pk, _digest, year in earlier:
            if then.get(pk) is not False:
                heard = year if then.get(pk) else None
                break
            rounds, first = rounds + 1, year
        found.setdefault(agency, []).append((measure, rounds, first, heard))
    names = dict(
        PublishedAgency.objects.filter(
            edition=now[0], agency_id__in=here.values("agency_id")
        ).values_list("agency_id", "sort_key")
    )
    every = []
    for agency, lines in found.items():
        lines.sort(key=lambda each: -each[1])
        every.append(
            Silence(
                agency,
                [Missing(measure, rounds) for measure, rounds, _first, _heard in lines],
                first_year=lines[0][2],
                heard_in=lines[0][3],
            )
        )
    return sorted(
        every, key=lambda each: (-each.rounds, -len(each.missing), names.get(each.agency, ""))
    )


class Step(NamedTuple):
    """A step of the ladder: the letter, or why there may be none."""

    attempt: int
    letter: PublishedRequest | None
    was_answered: bool  # the letter before it was, so that none had to follow


@dataclass(frozen=True)
class Entry:
    """An agency in the ledger: what it was asked, and what came."""

    agency: Agency
    missing: Sequence[
        tuple[Measure, int]
    ]  # measures it leads, without a report, and rounds in a row
    silence: Silence | None
    letters: Mapping[int, PublishedRequest]
    mails: Sequence[date]
    expected: int
    received: int

    @property
    def steps(self) -> list[Step]:
        steps = []
        for attempt in Letter.ATTEMPTS:
            before = self.letters.get(attempt - 1)
            answered = bool(before and before.answered_on)
            steps.append(Step(attempt, self.letters.get(attempt), answered))
        return steps

    @property
    def explained(self) -> list[PublishedRequest]:
        """The letters to which the agency gave an explanation of its own."""
        return [each for each in self.letters.values() if each.explanation]

    @property
    def answers(self) -> list[PublishedRequest]:
        """The letters that were answered."""
        return [each for each in self.letters.values() if each.answered_on]


def entries(edition: Edition, agencies: Sequence[int], found: Mapping[int, Silence]) -> list[Entry]:
    """The entries of some agencies, in their order. Three queries at most."""
    letters: dict[int, dict[int, PublishedRequest]] = {}
    mails: dict[int, list[date]] = {}
    for each in PublishedRequest.objects.filter(edition=edition.pk, agency_id__in=agencies):
        if each.attempt:
            letters.setdefault(each.agency_id, {})[each.attempt] = each
        else:
            mails.setdefault(each.agency_id, []).append(each.sent_on)
    counts = {
        agency: (expected, received)
        for agency, expected, received in edition.rows()
        .filter(agency_id__in=agencies)
        .order_by()
        .values_list("agency_id")
        .annotate(every=Count("pk"), those=Count("pk", filter=Q(is_received=True)))
    }
    named = edition.named(agencies)
    return [
        Entry(
            named[pk],
            [
                (edition.frame.measures[one.measure], one.rounds)
                for one in (found[pk].missing if pk in found else ())
            ],
            found.get(pk),
            letters.get(pk, {}),
            mails.get(pk, ()),
            *counts.get(pk, (0, 0)),
        )
        for pk in agencies
        if pk in named
    ]


@dataclass(frozen=True)
class Late:
    """Reports of a lead agency that came after a reminder: on one day, after the same letter."""

    agency: Agency
    letter: PublishedRequest
    reported_on: date
    measures: Sequence[Measure]

    @property
    def days(self) -> int:
        """From the letter to the reports."""
        return (self.reported_on - self.letter.sent_on).days


def late(edition: Edition, first: int) -> tuple[list[Late], int]:
    """(the first reports that came after a reminder, how many more such days there are).

    By agency, then by day. Three queries at most.
    """
    reminders: dict[int, list[PublishedRequest]] = {}
    sent = PublishedRequest.objects.filter(edition=edition.pk, attempt__gt=Letter.ATTEMPTS[0])
    for each in sent.order_by("attempt"):
        reminders.setdefault(each.agency_id, []).append(each)
    found: dict[tuple[int, date], list[int]] = {}
    lines = edition.counted_rows().filter(
        agency_id__in=sent.order_by().values("agency_id"), role=Role.LEAD, is_received=True
    )
    for agency, measure, day in lines.values_list("agency_id", "measure_id", "reported_on"):
        if day and day >= reminders[agency][0].sent_on:
            found.setdefault((agency, day), []).append(measure)
    agencies = edition.named({agency for agency, _day in found})
    every = sorted(found, key=lambda each: (agencies[each[0]].sort_key, each[1]))
    return [
        Late(
            agencies[agency],
            [each for each in reminders[agency] if each.sent_on <= day][-1],
            day,
            [edition.frame.measures[pk] for pk in found[agency, day]],
        )
        for agency, day in every[:first]
    ], max(0, len(every) - first)


def has_letters(edition: Edition) -> bool:
    """Whether an edition records any letter. One query."""
    return PublishedRequest.objects.filter(edition=edition.pk, attempt__gt=0).exists()


def asked(edition: Edition) -> int:
    """From how many agencies reports were expected. One query."""
    counted: int = edition.rows().order_by().aggregate(n=Count("agency_id", distinct=True))["n"]
    return counted
