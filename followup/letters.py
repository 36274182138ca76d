"""The correspondence of a round: each agency's reports due, its letters and its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from followup.models import Agency, Letter, Round, StatusReport
from followup.workload import Standing, by_forum, standing
from proposals.models import Forum

#: How long an agency has for its answer, unless the letter says otherwise.
ANSWER_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Correspondence:
    """One agency in a round: its reports, and its letters in order."""

    agency: Agency
    due: list[StatusReport]  # reports that it still has to submit
    numbers: Standing
    letters: list[Letter]
    by_forum: list[tuple[Forum, Standing]]

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
            return (0, -self.days_overdue, -len(self.due))
        return (1 if self.due and not self.is_waiting else 2, not self.is_silent, -len(self.due))


def correspondence(round_: Round, agency: Agency | None = None) -> list[Correspondence]:
    """Every agency of a round with a report due or a letter, the most urgent first."""
    reports = round_.reports.standing().with_context()
    letters = round_.letters.select_related("agency")
    if agency:
        reports = reports.filter(assignment__agency=agency)
        letters = letters.filter(agency=agency)
    asked: dict[Agency, list[Letter]] = {}
    for letter in letters.order_by("attempt"):
        asked.setdefault(letter.agency, []).append(letter)
    expected: dict[Agency, list[StatusReport]] = {each: [] for each in asked}
    for report in reports:
        expected.setdefault(report.assignment.agency, []).append(report)
    rows = [
        Correspondence(
            agency=each,
            due=[report for report in of_agency if is_due(report)],
            numbers=standing(of_agency),
            letters=asked.get(each, []),
            by_forum=by_forum(of_agency),
        )
        for each, of_agency in expected.items()
    ]
    return sorted(
        (row for row in rows if row.due or row.letters or agency),
        key=lambda row: (row.urgency, row.agency.sort_key),
    )


def is_due(report: StatusReport) -> bool:
    """Whether the agency still has to submit it: it is neither submitted nor approved."""
    return standing([report]).to_do == 1


def answer_by(sent_on: date) -> date:
    return sent_on + ANSWER_WITHIN
