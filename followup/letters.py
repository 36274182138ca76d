"""Where the correspondence of a round stands: what each agency owes, was asked and has answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from followup.models import Agency, Letter, Round, StatusReport
from followup.progress import Standing, standing

#: How long an agency has for its answer, unless the letter says otherwise.
ANSWER_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Correspondence:
    """One agency in a round: its reports, and the letters to it in their order."""

    agency: Agency
    due: list[StatusReport]  # that it still has to send
    numbers: Standing
    letters: list[Letter]

    @property
    def last(self) -> Letter | None:
        return self.letters[-1] if self.letters else None

    @property
    def is_silent(self) -> bool:
        """Nobody has written anything into any of its reports."""
        return self.numbers.untouched == self.numbers.expected

    @property
    def next_attempt(self) -> int | None:
        """The attempt that would come next; None after the last one."""
        attempt = self.last.attempt + 1 if self.last else Letter.ATTEMPTS[0]
        return attempt if attempt in Letter.ATTEMPTS else None

    @property
    def is_waiting(self) -> bool:
        return self.last is not None and self.last.answered_on is None

    @property
    def days_overdue(self) -> int:
        """Days since the last letter's answer should have come; 0 where none is late."""
        if self.last is None or not self.is_waiting:
            return 0
        return max(0, (timezone.localdate() - self.last.answer_by).days)

    @property
    def urgency(self) -> tuple[int, int, int]:
        """Late answers first, the latest of all on top; then who was not asked yet and owes most."""
        if self.days_overdue:
            return (0, -self.days_overdue, -len(self.due))
        return (1 if self.due and not self.is_waiting else 2, not self.is_silent, -len(self.due))


def correspondence(round_: Round, agency: Agency | None = None) -> list[Correspondence]:
    """Every agency of a round that owes a report or was written to, the urgent first."""
    reports = round_.reports.with_context()
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
        )
        for each, of_agency in expected.items()
    ]
    return sorted(
        (row for row in rows if row.due or row.letters or agency),
        key=lambda row: (row.urgency, row.agency.sort_key),
    )


def is_due(report: StatusReport) -> bool:
    """The agency still has to send it: it is neither with the reviewers nor approved."""
    return standing([report]).to_do == 1


def answer_by(sent_on: date) -> date:
    return sent_on + ANSWER_WITHIN
