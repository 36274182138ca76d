"""The correspondence of a round: each agency's reports due, its letters and its answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.utils import timezone

from followup import promised
from followup.models import Agency, Letter, Round, StatusReport
from followup.promised import Asked
from followup.workload import Standing, by_agency, forums_of, standing, total
from proposals.models import Forum

#: How long an agency has for its answer, unless the letter says otherwise.
ANSWER_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Correspondence:
    """One agency in a round: its reports, and its letters in order."""

    agency: Agency
    #: The reports that it still has to submit; left out of an `overview`, which only counts them.
    due: Sequence[StatusReport]
    letters: list[Letter]
    by_forum: list[tuple[Forum, Standing]]
    #: What it is asked beside its reports; left out of an `overview`.
    asked: Asked = field(default_factory=Asked)

    @cached_property
    def numbers(self) -> Standing:
        return total(numbers for _forum, numbers in self.by_forum)

    @property
    def left(self) -> int:
        """How many reports it still has to submit."""
        return self.numbers.to_do

    @property
    def last(self) -> Letter | None:
        return self.letters[-1] if self.letters else None

    @property
    def is_silent(self) -> bool:
        """Whether none of its reports has been touched."""
        return self.numbers.untouched == self.numbers.expected

    @property
    def next_attempt(self) -> int | None:
        """The number of the next letter; None after the last one."""
        attempt = self.last.attempt + 1 if self.last else Letter.ATTEMPTS[0]
        return attempt if attempt in Letter.ATTEMPTS else None

    @property
    def is_waiting(self) -> bool:
        return self.last is not None and self.last.answered_on is None

    @property
    def days_overdue(self) -> int:
        """Days since the last letter's answer was due; 0 if it is not late."""
        if self.last is None or not self.is_waiting:
            return 0
        return max(0, (timezone.localdate() - self.last.answer_by).days)

    @property
    def urgency(self) -> tuple[int, int, int]:
        """Sort key: late answers, the most overdue first; then those to write to, silent ones first.

        Equal agencies are ordered by the number of reports due.
        """
        if self.days_overdue:
            return (0, -self.days_overdue, -self.left)
        return (1 if self.left and not self.is_waiting else 2, not self.is_silent, -self.left)


def overview(round_: Round) -> list[Correspondence]:
    """Every agency of a round with a report due or a letter, the most urgent first, in numbers.

    Four queries, however many reports there are.
    """
    work = by_agency(round_.reports.standing()).of_agencies
    asked = _asked(round_.letters.all())
    agencies = Agency.objects.in_bulk([*work, *asked])
    rows = [
        Correspondence(each, due=(), letters=asked.get(pk, []), by_forum=work.get(pk, []))
        for pk, each in agencies.items()
    ]
    return _urgent_first(row for row in rows if row.left or row.letters)


def correspondence(
    round_: Round, agencies: Collection[Agency] | None = None
) -> list[Correspondence]:
    """Some agencies of which a round expects reports, or that have a letter; the most urgent first.

    With their reports, so that a page of all takes `overview`. Without agencies: every one with a report
    due or a letter.
    """
    reports, letters = round_.reports.standing().with_context(), round_.letters.all()
    if agencies is not None:
        reports = reports.filter(assignment__agency__in=agencies)
        letters = letters.filter(agency__in=agencies)
    asked = _asked(letters)
    expected: dict[int, list[StatusReport]] = {pk: [] for pk in asked}
    for report in reports:
        expected.setdefault(report.assignment.agency_id, []).append(report)
    known = Agency.objects.in_bulk(list(expected))
    beside = promised.asked(round_, agencies, timezone.localdate())
    rows = [
        Correspondence(
            agency=known[pk],
            due=[report for report in of_agency if is_due(report)],
            letters=asked.get(pk, []),
            by_forum=forums_of(of_agency),
            asked=beside.get(pk, Asked()),
        )
        for pk, of_agency in expected.items()
    ]
    return _urgent_first(row for row in rows if row.left or row.letters or agencies is not None)


def _asked(letters: QuerySet[Letter]) -> dict[int, list[Letter]]:
    """Agency pk -> its letters in order."""
    found: dict[int, list[Letter]] = {}
    for letter in letters.order_by("attempt"):
        found.setdefault(letter.agency_id, []).append(letter)
    return found


def _urgent_first(rows: Iterable[Correspondence]) -> list[Correspondence]:
    return sorted(rows, key=lambda row: (row.urgency, row.agency.sort_key))


def is_due(report: StatusReport) -> bool:
    """Whether the agency still has to submit it: it is neither submitted nor approved."""
    return standing([report]).to_do == 1


def answer_by(sent_on: date) -> date:
    return sent_on + ANSWER_WITHIN
