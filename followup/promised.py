"""What agencies have promised, as it stands on a day: for staff, and for the agencies themselves.

A promise is the last date that received reports of an assignment said, as in `standing`, and its status
is that of the last received report: what is achieved stays so while the next round's report is awaited.
Drafts and reports that wait for a reviewer promise nothing yet. The public reads editions instead,
through `standing`.

The database finds, sorts and cuts the rows, since there may be as many as there are assignments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from followup import standing
from followup.assigned import first_year_at_work
from followup.models import Agency, Assignment, Role, Round, RoundState, Ruling, StatusReport
from followup.models.reports import SETTLED
from followup.report_fields import Section
from followup.status import ACHIEVED, Status
from followup.targets import Due, due_on_day

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from followup.models.reports import StatusReportQuerySet
    from proposals.models import Measure

#: A date counts as near from so many days before it, the day itself included.
SOON_DAYS = 60

#: The statuses of promises that are kept or ended.
_OVER = [*(each.value for each in ACHIEVED), Status.CANCELLED.value]


@dataclass(frozen=True)
class Promise:
    """A date that stands, on a day. `report` is the one that said it, with what was said before it."""

    report: StatusReport
    today: date
    #: That of the last received report.
    status: Status

    @property
    def assignment(self) -> Assignment:
        return self.report.assignment

    @property
    def measure(self) -> Measure:
        return self.report.measure

    @property
    def agency(self) -> Agency:
        return self.report.assignment.agency

    @property
    def on(self) -> date:
        """The day that was promised."""
        day = self.report.target_on
        assert day is not None  # noqa: S101 - only reports that say one make a promise
        return day

    @property
    def milestone(self) -> str:
        return self.report.milestone

    @property
    def due(self) -> Due:
        return due_on_day(self.on, self.status, self.today)

    @property
    def is_past(self) -> bool:
        return self.due is Due.PAST_DUE

    @property
    def days_past(self) -> int:
        """Days since the day that was promised; 0 on it and before."""
        return max(0, (self.today - self.on).days)

    @property
    def days_left(self) -> int:
        """Days to the day that was promised; 0 on it and after."""
        return max(0, (self.on - self.today).days)

    @cached_property
    def _told(self) -> Sequence[standing.Told]:
        return standing.all_told(self.report, Section.TARGET)

    @property
    def times_postponed(self) -> int:
        return standing.times_postponed(self._told)

    @property
    def first_on(self) -> date:
        """The day that was promised first."""
        day: date = self._told[0].get("target_on")
        return day


# The rows -------------------------------------------------------------------------------------


def _last(reports: QuerySet[StatusReport]) -> QuerySet[StatusReport]:
    return reports.order_by("-round__year_be", "-round__months")


def _status_of(assignment: str) -> Subquery:
    """The status of an assignment's last received report; `assignment` names the outer column."""
    said = Case(When(assessed_status="", then=F("reported_status")), default=F("assessed_status"))
    received = StatusReport.objects.received().filter(assignment=OuterRef(assignment))
    last = _last(received).annotate(said=said).values("said")[:1]
    return Subquery(last, output_field=CharField())


def ended() -> Q:
    """The assignments to measures that the committee has ended, by its last ruling. One query."""
    last: dict[tuple[int | None, int | None], str] = {}
    rulings = Ruling.objects.order_by("round__year_be", "round__months")
    for measure, resolution, status in rulings.values_list("measure", "resolution", "status"):
        last[measure, resolution] = status
    over = [key for key, status in last.items() if status == Status.CANCELLED]
    return Q(measure__in=[measure for measure, _resolution in over if measure]) | Q(
        measure__resolution__in=[resolution for _measure, resolution in over if resolution]
    )


def _going_on() -> QuerySet[Assignment]:
    """The assignments of which reports are expected now, but for those of ended measures."""
    return Assignment.objects.valid_in(first_year_at_work()).exclude(ended())


def _saying() -> Any:  # mypy knows an annotated column within one expression only
    """The received reports that said the date which stands: one of each assignment at most.

    A query set of reports with `status_now`.
    """
    received = StatusReport.objects.received().filter(target_on__isnull=False)
    later = received.filter(
        Q(round__year_be__gt=OuterRef("round__year_be"))
        | Q(round__year_be=OuterRef("round__year_be"), round__months__gt=OuterRef("round__months")),
        assignment=OuterRef("assignment"),
    )
    return received.filter(~Exists(later)).annotate(status_now=_status_of("assignment"))


def _open() -> StatusReportQuerySet:
    """Those of promises that are neither kept nor ended, and whose assignments go on; earliest first."""
    going_on = _saying().filter(assignment__in=_going_on().values("pk"))
    found: StatusReportQuerySet = going_on.exclude(status_now__in=_OVER)
    return found.order_by("target_on", "pk")


def past_due(today: date) -> StatusReportQuerySet:
    """The reports that said a date which has passed without the measure being achieved, the oldest first.

    Lead and supporting agencies.
    """
    return _open().filter(target_on__lt=today)


def coming(today: date) -> StatusReportQuerySet:
    """The reports that said a date within SOON_DAYS, today included, the nearest first."""
    return _open().filter(target_on__range=(today, today + timedelta(days=SOON_DAYS)))


def became_past_due(since: date, today: date) -> StatusReportQuerySet:
    """Those of `past_due` that were not past due on the day `since`."""
    return past_due(today).filter(target_on__gte=since)


def promises(reports: Iterable[StatusReport], today: date) -> list[Promise]:
    """The promises of some reports of the queries above, in their order. One query."""
    rows = list(reports)
    standing.mark(rows)
    return [
        Promise(each, today, Status(vars(each)["status_now"] or Status.NO_REPORT)) for each in rows
    ]


def loaded(reports: StatusReportQuerySet) -> StatusReportQuerySet:
    """Rows with what a list shows of them: measure, agency, round."""
    order = reports.query.order_by
    return reports.with_context().prefetch_related(None).order_by(*order)


def of_assignments(assignments: Collection[int], today: date) -> dict[int, Promise]:
    """Assignment -> its promise, also if it is kept; those without one are left out. Two queries."""
    found = loaded(_saying().filter(assignment__in=assignments).order_by("pk"))
    return {each.assignment.pk: each for each in promises(found, today)}


# Counts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """Where the promises of all lead assignments stand on a day."""

    of: dict[Due, int]

    @property
    def n(self) -> int:
        return sum(self.of.values())

    @property
    def rows(self) -> list[tuple[Due, int]]:
        return [(each, self.of.get(each, 0)) for each in Due]

    @property
    def past_due(self) -> int:
        return self.of.get(Due.PAST_DUE, 0)


def counts(today: date) -> Counts:
    """Count the lead assignments that go on, and those of ended measures, by `Due`. Three queries."""
    said = StatusReport.objects.received().filter(
        assignment=OuterRef("pk"), target_on__isnull=False
    )
    leads = Assignment.objects.valid_in(first_year_at_work()).filter(role=Role.LEAD)
    counted = (
        leads.annotate(
            status_now=Coalesce(_status_of("pk"), Value(""), output_field=CharField()),
            promised_on=Subquery(_last(said).values("target_on")[:1]),
        )
        .annotate(
            due=Case(
                When(ended() | Q(status_now=Status.CANCELLED), then=Value(Due.ENDED.value)),
                When(status_now__in=_OVER, then=Value(Due.KEPT.value)),
                When(promised_on__isnull=True, then=Value(Due.NO_TARGET.value)),
                When(promised_on__lt=today, then=Value(Due.PAST_DUE.value)),
                default=Value(Due.NOT_YET.value),
                output_field=CharField(),
            )
        )
        .order_by()
        .values_list("due")
        .annotate(Count("pk"))
    )
    return Counts({Due(due): count for due, count in counted})


# What an agency is asked ----------------------------------------------------------------------


@dataclass(frozen=True)
class Unanswered:
    """A measure of which its lead agency has never said whether it accepts it.

    `asked`: in how many rounds it was asked for a report on the measure, this one included.
    """

    report: StatusReport
    asked: int

    @property
    def measure(self) -> Measure:
        return self.report.measure


@dataclass
class Asked:
    """What an agency is asked in a round beside its reports: about its dates, and for responses."""

    past: list[Promise] = field(default_factory=list)
    within: list[Promise] = field(default_factory=list)  # from today until its reports are due
    unanswered: list[Unanswered] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.past or self.within or self.unanswered)


def asked(round_: Round, agencies: Collection[Agency] | None, today: date) -> dict[int, Asked]:
    """Agency -> what it is asked in a round; all agencies without any given. Four queries.

    Agencies that are asked nothing are left out.
    """
    expected = round_.reports.standing()
    if agencies is not None:
        expected = expected.filter(assignment__agency__in=agencies)
    # As `permissions.reports_of` has it: an assignment that has ended is reached no more.
    valid = Assignment.objects.valid_in(round_.year_be)
    going_on = valid.filter(pk__in=expected.values("assignment")).exclude(ended())
    dates = _saying().filter(assignment__in=going_on.values("pk")).exclude(status_now__in=_OVER)
    end = max(round_.ends_on, round_.due_on)
    dates = dates.filter(Q(target_on__lt=today) | Q(target_on__range=(today, end)))
    found: dict[int, Asked] = {}
    for each in promises(loaded(dates.order_by("target_on", "pk")), today):
        of_agency = found.setdefault(each.agency.pk, Asked())
        (of_agency.past if each.is_past else of_agency.within).append(each)
    for report in _unanswered(expected.filter(assignment__in=going_on.values("pk"))):
        row = Unanswered(report, vars(report)["asked"])
        found.setdefault(report.assignment.agency_id, Asked()).unanswered.append(row)
    return found


def _unanswered(reports: StatusReportQuerySet) -> StatusReportQuerySet:
    """Those of lead agencies that never responded; what waits for a reviewer is a response too."""
    of_assignment: Any = StatusReport.objects.standing().filter(assignment=OuterRef("assignment"))
    responses = of_assignment.filter(state__in=SETTLED).exclude(response="")
    rounds = (
        of_assignment.exclude(round__state=RoundState.PLANNED)
        .order_by()
        .values("assignment")
        .annotate(n=Count("round"))
        .values("n")
    )
    return (
        reports.filter(~Exists(responses), assignment__role=Role.LEAD)
        .annotate(
            asked=Subquery(rounds, output_field=IntegerField()),
            status_now=Coalesce(_status_of("assignment"), Value(""), output_field=CharField()),
        )
        .exclude(status_now=Status.CANCELLED)
        .with_context()
        .prefetch_related(None)
    )
