"""The counting: statuses rolled up from assignments to measure, resolution and forum.

The only module that counts measures. Pages, charts, exports and reports call these functions, so no
two of them can disagree. Counts come with their denominator; there are no weights and no invented
shares. The progress of work on the reports, which only staff see, is counted in `workload.py`.

Each function makes one query a table, for any number of rows, and returns frozen dataclasses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias, TypeVar

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from followup import joint_reports, snapshots, standing
from followup.grades import Grade
from followup.models import (
    Agency,
    Assessment,
    Assignment,
    Evidence,
    ReportState,
    Role,
    Round,
    Ruling,
    StatusReport,
)
from followup.report_fields import Section
from followup.responses import Response
from followup.standing import Told
from followup.status import (
    ACHIEVED,
    BETTER,
    MOVING,
    UNHEARD,
    WORSE,
    Change,
    Difference,
    Status,
    apart_in_words,
    steps_between,
)
from followup.targets import Due, due_on_day
from proposals.models import Forum, Measure, MeasureKind, Relation, Resolution

T = TypeVar("T")

#: Agencies that pages name one by one; of more they say how many, with a list behind it.
NAMED = 10

#: A report that names more provinces than this names them among many, and is counted apart.
FEW_PROVINCES = 10
#: Reports that name more are told one by one up to this number.
WIDEST_TOLD = 5


def roll_up(statuses: Iterable[Status]) -> Status:
    """Roll up several statuses into one, by the same rules at every level; the first match wins.

    All cancelled -> cancelled; all the others achieved -> completed, or continuous if any of them
    is; nothing received -> no_report, or unassigned if nobody was asked; any achieved or in
    progress -> in_progress; any on hold -> on_hold; else not_started. No statuses at all ->
    unassigned.
    """
    every = list(statuses)
    going = [status for status in every if status is not Status.CANCELLED]
    if not going:
        return Status.CANCELLED if every else Status.UNASSIGNED
    if all(status in ACHIEVED for status in going):
        return Status.CONTINUOUS if Status.CONTINUOUS in going else Status.COMPLETED
    if all(status in UNHEARD for status in going):
        return Status.NO_REPORT if Status.NO_REPORT in going else Status.UNASSIGNED
    if any(status in MOVING for status in going):
        return Status.IN_PROGRESS
    return Status.ON_HOLD if Status.ON_HOLD in going else Status.NOT_STARTED


def counted_status(report: StatusReport | None) -> Status:
    """The status with which a report enters the counting.

    Only an approved report counts as received. An achieved status counts only with evidence of that
    year; without it the measure is in progress.
    """
    if report is None or report.state != ReportState.APPROVED:
        return Status.NO_REPORT
    return Status.IN_PROGRESS if report.lacks_evidence else report.status


def grade_of(report: StatusReport) -> Grade:
    """What the status of an approved report rests on."""
    return Grade(report.assessed_grade or Grade.UNGRADED)


@dataclass(frozen=True)
class Tally:
    """The number of measures by status, and the denominator.

    `n` = measures − cancelled − discretionary ones that were not used. Measures without a report and
    measures without a lead agency stay in it.
    """

    counts: Mapping[Status, int] = field(default_factory=dict)
    cancelled: int = 0
    unused: int = 0

    @cached_property
    def n(self) -> int:
        return sum(self.counts.values())

    @cached_property
    def total(self) -> int:
        return self.n + self.cancelled + self.unused

    @cached_property
    def achieved(self) -> int:
        return sum(self.counts.get(status, 0) for status in ACHIEVED)

    @cached_property
    def moving(self) -> int:
        return sum(self.counts.get(status, 0) for status in MOVING)

    @property
    def silent(self) -> int:
        """Measures that have lead agencies but no received report."""
        return self.of(Status.NO_REPORT)

    @property
    def unassigned(self) -> int:
        """Measures without a lead agency: nobody was asked."""
        return self.of(Status.UNASSIGNED)

    def of(self, status: Status) -> int:
        return self.counts.get(status, 0)

    @property
    def rows(self) -> list[tuple[Status, int]]:
        """(status, count) of every status that can be in the denominator, most done first.

        UNASSIGNED is rare and no agency's status, so it is included only if it occurs.
        """
        return [
            (status, self.of(status))
            for status in Status
            if status is not Status.CANCELLED
            and (status is not Status.UNASSIGNED or self.unassigned)
        ]


@dataclass(frozen=True)
class Line:
    """One assignment in one year: agency, role, and the approved report if there is one."""

    assignment: Assignment
    report: StatusReport | None
    #: What its reports of earlier rounds said, see `followup.standing`.
    earlier: Sequence[Told] = ()

    @classmethod
    def of(cls, report: StatusReport) -> Line:
        """The public view of an expected report: only approved content."""
        approved = report.state == ReportState.APPROVED
        return cls(report.assignment, report if approved else None, report.earlier)

    def told(self, section: Section) -> list[Told]:
        """What its agency said in a section up to this year, the first first."""
        own = [Told.of_report(self.report)] if self.report else []
        return standing.in_section([*self.earlier, *own], section)

    @cached_property
    def responses(self) -> list[Told]:
        """The agency's responses to the measure; the last one stands."""
        return self.told(Section.RESPONSE)

    @cached_property
    def targets(self) -> list[Told]:
        """The dates that the agency promised; the last one stands."""
        return self.told(Section.TARGET)

    @property
    def response(self) -> Response:
        """The response that stands."""
        return (
            Response(self.responses[-1].get("response")) if self.responses else Response.NO_ANSWER
        )

    @property
    def target_on(self) -> date | None:
        """The promised day that stands."""
        return self.targets[-1].get("target_on") if self.targets else None

    def due(self, day: date) -> Due:
        """Where the promise stands on a day."""
        return due_on_day(self.target_on, self.status, day)

    @property
    def grade(self) -> Grade | None:
        """What its status rests on; None without a report."""
        return grade_of(self.report) if self.report else None

    @cached_property
    def status(self) -> Status:
        return counted_status(self.report)

    is_group = False

    @property
    def agency(self) -> Agency:
        return self.assignment.agency

    @property
    def lines(self) -> Sequence[Line]:
        """Itself: what a group has many of."""
        return [self]

    @property
    def is_lead(self) -> bool:
        return self.assignment.role == Role.LEAD

    @property
    def voices_differ(self) -> bool:
        """Whether the agency reported another status than the published one."""
        return self.report is not None and self.report.reported is not self.status


class NotLoaded(Sequence[Any]):
    """Stands for the lines of a published measure, which are rows that a page queries for itself.

    Reading it is an error, so that no count is taken of lines that were not loaded.
    """

    def __getitem__(self, index: Any) -> Any:
        raise TypeError("these lines are not loaded: see followup.published")

    def __len__(self) -> int:
        raise TypeError("these lines are not loaded: see followup.published")


NOT_LOADED = NotLoaded()


@dataclass(frozen=True)
class BriefLine:
    """A line without its report: who answers for a measure, and with what status."""

    assignment: Assignment
    status: Status
    voices_differ: bool = False

    is_group = False
    report = None

    @property
    def agency(self) -> Agency:
        return self.assignment.agency

    @property
    def is_lead(self) -> bool:
        return self.assignment.role == Role.LEAD


@dataclass(frozen=True)
class GroupLines:
    """The lines of a group's members on one measure: together one status, in the group's role.

    `assignment` is the group's own, of which no report is expected. `is_lead`: its members answer as
    lead agencies.
    """

    assignment: Assignment
    is_lead: bool
    status: Status
    expected: int
    answered: int
    voices_differ: bool
    lines: Sequence[Line] = NOT_LOADED

    is_group = True

    @classmethod
    def of(cls, assignment: Assignment, lines: Sequence[Line]) -> GroupLines:
        return cls(
            assignment,
            is_lead=any(line.is_lead for line in lines),
            status=roll_up(line.status for line in lines),
            expected=len(lines),
            answered=sum(line.report is not None for line in lines),
            voices_differ=any(line.voices_differ for line in lines),
            lines=lines,
        )

    @property
    def agency(self) -> Agency:
        return self.assignment.agency

    @property
    def missing(self) -> int:
        return self.expected - self.answered


#: What answers for a measure with one status: an agency, or a group of them.
Unit: TypeAlias = "Line | GroupLines"
#: The same where a page only names them.
Named: TypeAlias = "Line | BriefLine | GroupLines"


def units_of(lines: Iterable[Line]) -> list[Unit]:
    """The lines of one measure, with those of a group's members together at the first one's place."""
    places: dict[tuple[bool, int], list[Line]] = {}
    groups: dict[int, Assignment] = {}
    for line in lines:
        group = line.assignment.of_group
        if group is None:
            places[False, line.assignment.pk] = [line]
        else:
            places.setdefault((True, group.pk), []).append(line)
            group.measure = line.assignment.measure  # the same one, already read
            groups[group.pk] = group
    return [
        GroupLines.of(groups[pk], found) if is_group else found[0]
        for (is_group, pk), found in places.items()
    ]


@dataclass(frozen=True)
class Promises:
    """What lead agencies answered and promised, and what their statuses rest on.

    The unit is the lead assignment of a counted measure: `asked` of them, whoever answers. Their dates
    are judged on the day of the edition. Grades are of the `received` reports among them.
    """

    responses: Mapping[Response, int] = field(default_factory=dict)
    due: Mapping[Due, int] = field(default_factory=dict)
    grades: Mapping[Grade, int] = field(default_factory=dict)
    postponed: int = 0  # whose date was moved to a later day

    @classmethod
    def of(cls, leads: Iterable[Line], day: date) -> Promises:
        leads = list(leads)
        return cls(
            responses=dict(Counter(line.response for line in leads)),
            due=dict(Counter(line.due(day) for line in leads)),
            grades=dict(Counter(line.grade for line in leads if line.grade)),
            postponed=sum(bool(standing.times_postponed(line.targets)) for line in leads),
        )

    @classmethod
    def sum(cls, parts: Iterable[Promises]) -> Promises:
        responses, due, grades = Counter[Response](), Counter[Due](), Counter[Grade]()
        postponed = 0
        for each in parts:
            responses.update(each.responses)
            due.update(each.due)
            grades.update(each.grades)
            postponed += each.postponed
        return cls(dict(responses), dict(due), dict(grades), postponed)

    @property
    def asked(self) -> int:
        """The denominator of responses and dates."""
        return sum(self.responses.values())

    @property
    def received(self) -> int:
        """The denominator of grades."""
        return sum(self.grades.values())

    @property
    def is_begun(self) -> bool:
        """Whether any agency has answered or promised anything, or any status has its ground."""
        silent = self.responses.get(Response.NO_ANSWER, 0) == self.asked
        ungraded = self.grades.get(Grade.UNGRADED, 0) == self.received
        return not (silent and ungraded) or any(
            self.due.get(each, 0) for each in (Due.PAST_DUE, Due.NOT_YET)
        )

    @property
    def response_rows(self) -> list[tuple[Response, int]]:
        """(response, count) in order; those that nobody gave are there as well."""
        return [(each, self.responses.get(each, 0)) for each in Response]

    @property
    def due_rows(self) -> list[tuple[Due, int]]:
        return [(each, self.due.get(each, 0)) for each in Due]

    @property
    def grade_rows(self) -> list[tuple[Grade, int]]:
        return [(each, self.grades.get(each, 0)) for each in Grade]


@dataclass(frozen=True)
class Promise:
    """What one lead agency answers and promises for one measure, with what it said before.

    `day`: on which its date is judged. `letters`: how many asked it in the year, for one that is silent.
    """

    line: Line
    day: date
    letters: int = 0

    @property
    def response(self) -> Response:
        return self.line.response

    @property
    def answer(self) -> Told | None:
        """The response that stands, in its agency's words."""
        return self.line.responses[-1] if self.line.responses else None

    @property
    def earlier_answers(self) -> list[tuple[Response, Told]]:
        return [(Response(each.get("response")), each) for each in self.line.responses[:-1]]

    @property
    def target(self) -> Told | None:
        return self.line.targets[-1] if self.line.targets else None

    @property
    def target_on(self) -> date | None:
        return self.line.target_on

    @property
    def due(self) -> Due:
        return self.line.due(self.day)

    @property
    def is_past_due(self) -> bool:
        return self.due is Due.PAST_DUE

    @property
    def days_past(self) -> int:
        """Days since the promised one, of one that is past due."""
        return (self.day - self.target_on).days if self.target_on else 0

    @property
    def postponed(self) -> int:
        return standing.times_postponed(self.line.targets)

    @property
    def first_day(self) -> date | None:
        """The day that was promised first."""
        return self.line.targets[0].get("target_on") if self.line.targets else None

    @property
    def dates(self) -> list[tuple[Promised, Told]]:
        """All promised days, the first first, each with what it was to the one before it.

        A report that says only another milestone moves no date.
        """
        found: list[tuple[Promised, Told]] = []
        for each in self.line.targets:
            day = each.get("target_on")
            if not found:
                found.append((Promised.FIRST, each))
            elif (last := found[-1][1].get("target_on")) != day:
                found.append((Promised.POSTPONED if day > last else Promised.ADVANCED, each))
        return found


class Promised(TextChoices):
    """What a promised day is to the one before it; said before the day on which it was told."""

    FIRST = "first", _l("กำหนดแรก แจ้งเมื่อ")
    POSTPONED = "postponed", _l("เลื่อนเมื่อ")
    ADVANCED = "advanced", _l("เร็วขึ้น แจ้งเมื่อ")


def promises_of(measures: Iterable[MeasureProgress]) -> Promises | None:
    """The promises on the counted measures; None if the edition is from before they were kept."""
    every = [each.answers.promises for each in measures if each.is_counted]
    parts = [each for each in every if each is not None]
    return Promises.sum(parts) if len(parts) == len(every) and parts else None


@dataclass(frozen=True)
class Answers:
    """What a measure's lines come to, of one size however many agencies answer for it.

    `lead_units` and `support_units` have every group and, of the single agencies, the first `NAMED`.
    The numbers are of lines; `supports` and `support_reports` include those of groups' members.
    """

    rolled: Status
    lead_units: Sequence[Named]
    support_units: Sequence[Named]
    single_leads: int
    leads_reported: int  # of the single lead agencies
    single_supports: int
    supports: int
    support_reports: int
    is_heard: bool  # a lead agency's report was received
    is_answered: bool  # any report was received
    #: None if it is unknown: the edition is from before they were kept, or the rows were only counted.
    promises: Promises | None = None

    @classmethod
    def of(cls, lines: Sequence[Line], day: date | None = None) -> Answers:
        """`day`: on which promised dates are judged; None if they were not kept."""
        units = units_of(lines)
        leads = [unit for unit in units if unit.is_lead]
        supports = [unit for unit in units if not unit.is_lead]
        singly = [line for line in lines if line.assignment.of_group_id is None]
        single_leads = [line for line in singly if line.is_lead]
        supporting = [line for line in lines if not line.is_lead]
        return cls(
            rolled=roll_up(unit.status for unit in leads),
            lead_units=_named(leads),
            support_units=_named(supports),
            single_leads=len(single_leads),
            leads_reported=sum(line.report is not None for line in single_leads),
            single_supports=len(singly) - len(single_leads),
            supports=len(supporting),
            support_reports=sum(line.report is not None for line in supporting),
            is_heard=any(line.report for line in lines if line.is_lead),
            is_answered=any(line.report for line in lines),
            promises=Promises.of((line for line in lines if line.is_lead), day) if day else None,
        )

    @property
    def is_nobodys(self) -> bool:
        """Whether nobody answers for it, not even in support."""
        return not (self.lead_units or self.support_units)

    @property
    def lead_count(self) -> int:
        """How many agencies and groups lead it."""
        return self.single_leads + len([unit for unit in self.lead_units if unit.is_group])


def _named(units: Sequence[Unit]) -> list[Unit]:
    """Every group, and the first single agencies, in their order."""
    single = 0
    found = []
    for unit in units:
        single += not unit.is_group
        if unit.is_group or single <= NAMED:
            found.append(unit)
    return found


#: Of a measure for which nobody was asked.
NO_ANSWERS = Answers.of([])


def is_unused(measure: Measure, status: Status) -> bool:
    """Whether a status says of a discretionary measure that it was not used."""
    return measure.kind == MeasureKind.DISCRETIONARY and status is Status.NOT_STARTED


@dataclass(frozen=True)
class MeasureProgress:
    """One measure in one year; `before` is the same measure the year before, if there is one.

    Of a published year `lines` are those that were asked for (`followup.published`), and `given` says
    what all of them come to.
    """

    measure: Measure
    lines: Sequence[Line]
    ruling: Ruling | None = None
    before: MeasureProgress | None = None
    heard_earlier: bool = False  # a lead report was received in a year before `before`
    given: Answers | None = None
    day: date | None = None  # on which promised dates are judged, see `Answers.of`

    @cached_property
    def answers(self) -> Answers:
        return self.given or Answers.of(self.lines, self.day)

    @cached_property
    def leads(self) -> list[Line]:
        return [line for line in self.lines if line.is_lead]

    @cached_property
    def supports(self) -> list[Line]:
        return [line for line in self.lines if not line.is_lead]

    @property
    def support_reports(self) -> list[Line]:
        return [line for line in self.supports if line.report]

    @cached_property
    def units(self) -> list[Unit]:
        """Its lines, with those of a group's members as one."""
        return units_of(self.lines)

    @property
    def lead_units(self) -> list[Unit]:
        return [unit for unit in self.units if unit.is_lead]

    @cached_property
    def _loaded(self) -> dict[int, Line]:
        """The lines at hand by assignment."""
        every = () if self.lines is NOT_LOADED else self.lines
        return {line.assignment.pk: line for line in every}

    def _at_hand(self, unit: Named) -> Named:
        """A unit with its lines, as far as they are loaded."""
        if not isinstance(unit, GroupLines):
            return self._loaded.get(unit.assignment.pk, unit)
        if unit.lines is not NOT_LOADED or self.lines is NOT_LOADED:
            return unit
        group = unit.assignment.pk
        return replace(
            unit, lines=[line for line in self.lines if line.assignment.of_group_id == group]
        )

    @property
    def lead_groups(self) -> list[GroupLines]:
        every = map(self._at_hand, self.answers.lead_units)
        return [unit for unit in every if isinstance(unit, GroupLines)]

    @cached_property
    def single_leads(self) -> list[Line]:
        """The lead agencies that are not there as members of a group."""
        return [line for line in self.leads if line.assignment.of_group_id is None]

    @cached_property
    def single_supports(self) -> list[Line]:
        return [line for line in self.supports if line.assignment.of_group_id is None]

    @property
    def has_many_leads(self) -> bool:
        """Whether pages say how many lead agencies there are rather than name each."""
        return self.answers.single_leads > NAMED

    @property
    def has_many_supports(self) -> bool:
        return self.answers.single_supports > NAMED

    @property
    def leads_to_name(self) -> list[Named]:
        """The groups, and the other lead agencies unless they are many."""
        many = self.has_many_leads
        return [
            self._at_hand(unit) for unit in self.answers.lead_units if unit.is_group or not many
        ]

    @property
    def supports_to_name(self) -> list[Named]:
        many = self.has_many_supports
        return [unit for unit in self.answers.support_units if unit.is_group or not many]

    @property
    def leads_told_singly(self) -> list[Line]:
        return [] if self.has_many_leads else self.single_leads

    @property
    def sole_report(self) -> StatusReport | None:
        """The report of the only lead agency; None if several or a group lead, or if there is none."""
        if self.answers.lead_count != 1 or not self.single_leads:
            return None
        return self.single_leads[0].report

    @property
    def rolled(self) -> Status:
        """The status of the lead assignments before any ruling; UNASSIGNED without any.

        A group counts as one, with its members' status.
        """
        return self.answers.rolled

    @cached_property
    def status(self) -> Status:
        return Status(self.ruling.status) if self.ruling else self.rolled

    @property
    def is_unused(self) -> bool:
        """Whether a discretionary measure was not used this year, according to a received report.

        That is no failure. Without a received report it is unknown, so the measure stays in the
        denominator.
        """
        return is_unused(self.measure, self.status)

    @property
    def is_counted(self) -> bool:
        return self.status is not Status.CANCELLED and not self.is_unused

    @cached_property
    def change(self) -> Change | None:
        """The change since the year before; None without one, or if the measure is not counted."""
        if self.before is None or self.is_unused:
            return None
        return Change.between(
            self.before.status, self.status, heard_earlier=self.before.heard_by_then
        )

    @property
    def heard_by_then(self) -> bool:
        """Whether a lead agency's report was received in this year or before."""
        return self.heard_earlier or self.answers.is_heard


def tally(measures: Iterable[MeasureProgress]) -> Tally:
    """Count measures by status, with those outside the denominator apart."""
    every = list(measures)
    return Tally(
        counts=Counter(each.status for each in every if each.is_counted),
        cancelled=sum(each.status is Status.CANCELLED for each in every),
        unused=sum(each.is_unused for each in every),
    )


# The independent voice ------------------------------------------------------------------------
#
# What organisations of civil society find is counted here as well, and enters no other figure.


@dataclass(frozen=True)
class Independent:
    """One organisation's accepted assessment, beside the measure's published status."""

    assessment: Assessment
    published: Status

    @property
    def found(self) -> Status:
        return self.assessment.found

    @property
    def differs(self) -> bool:
        """Whether it says another status than the published one."""
        return self.found is not self.published

    @property
    def steps(self) -> int | None:
        """How many steps it is above or below the published status: see `status.steps_between`."""
        return steps_between(self.published, self.found)

    @property
    def grade(self) -> Grade:
        """What it rests on: an organisation shows its evidence, or has none."""
        return Grade.DOCUMENTED if self.assessment.pieces else Grade.NONE

    @property
    def apart(self) -> str:
        """The same in words, of one that differs."""
        return apart_in_words(self.published, self.found)


@dataclass(frozen=True)
class IndependentTally:
    """What independent organisations find of measures, apart from the committee's figures.

    `achieved` of the `assessed` measures; `n` is the committee's denominator, of which these are a part.
    `differing` measures have an assessment that says another status than the published one.
    """

    achieved: int
    assessed: int
    n: int
    differing: int


def is_found_achieved(found: Iterable[Status]) -> bool:
    """Whether a measure counts as achieved by the independent voice: only if all who assess it say so."""
    every = list(found)
    return bool(every) and all(each in ACHIEVED for each in every)


def independent_tally(
    measures: Iterable[MeasureProgress], found: Mapping[int, Sequence[Status]]
) -> IndependentTally:
    """Count what organisations found. `found`: measure -> the status that each of them says.

    Measures outside the committee's denominator are outside of this one as well, but for `differing`.
    """
    measures = list(measures)
    every = [(each, found[each.measure.pk]) for each in measures if found.get(each.measure.pk)]
    inside = [of for each, of in every if each.is_counted]
    return IndependentTally(
        achieved=sum(map(is_found_achieved, inside)),
        assessed=len(inside),
        n=tally(measures).n,
        differing=sum(any(one is not each.status for one in of) for each, of in every),
    )


def count_changes(measures: Iterable[MeasureProgress]) -> list[tuple[Change, int]]:
    """(change, count) of the changes that occur, worse first."""
    counts = Counter(each.change for each in measures if each.change)
    return [(change, counts[change]) for change in Change if counts[change]]


def told_changes(changes: list[tuple[Change, int]]) -> list[tuple[Change, int]]:
    """The changes; "unchanged" is included only if there is nothing else."""
    return [row for row in changes if row[0] is not Change.SAME] or changes


@dataclass(frozen=True)
class ResolutionProgress:
    """One resolution in one year."""

    resolution: Resolution
    measures: Sequence[MeasureProgress]
    ruling: Ruling | None = None
    replaced: Sequence[Measure] = ()  # followed up under a later forum's measure: not counted here
    leading: int | None = None  # `lead_count`, if its measures' lines are not loaded

    @property
    def is_replaced(self) -> bool:
        """Whether all of it is followed up under later forums' measures: it has no status of its own."""
        return bool(self.replaced) and not self.measures

    @cached_property
    def tally(self) -> Tally:
        return tally(self.measures)

    @cached_property
    def promises(self) -> Promises | None:
        return promises_of(self.measures)

    @cached_property
    def rolled(self) -> Status:
        """The status of its measures, without discretionary ones that were not used."""
        binding = [each for each in self.measures if not each.is_unused]
        return roll_up(each.status for each in binding or self.measures)

    @cached_property
    def status(self) -> Status:
        return Status(self.ruling.status) if self.ruling else self.rolled

    @cached_property
    def changes(self) -> list[tuple[Change, int]]:
        return count_changes(self.measures)

    @property
    def changes_to_show(self) -> list[tuple[Change, int]]:
        return told_changes(self.changes)

    @cached_property
    def lead_agencies(self) -> list[Agency]:
        """The lead agencies that pages name, each once, in clause order; a group, not its members."""
        return unique(
            unit.agency for measure in self.measures for unit in measure.answers.lead_units
        )

    @cached_property
    def lead_count(self) -> int:
        """The number of all its lead agencies and groups."""
        if self.leading is not None:
            return self.leading
        return len({unit.agency.pk for measure in self.measures for unit in measure.lead_units})


@dataclass(frozen=True)
class YearProgress:
    """All resolutions in one year, with the year before if one is given."""

    round: Round
    resolutions: Sequence[ResolutionProgress]
    before: YearProgress | None = None

    @cached_property
    def measures(self) -> list[MeasureProgress]:
        return [measure for each in self.resolutions for measure in each.measures]

    @cached_property
    def status_of(self) -> dict[int, Status]:
        """Measure pk -> its status."""
        return {each.measure.pk: each.status for each in self.measures}

    @cached_property
    def tally(self) -> Tally:
        return tally(self.measures)

    @cached_property
    def promises(self) -> Promises | None:
        return promises_of(self.measures)

    @cached_property
    def by_forum(self) -> dict[Forum, list[ResolutionProgress]]:
        """The resolutions by forum; each forum has its own denominator."""
        found: dict[Forum, list[ResolutionProgress]] = {}
        for each in self.resolutions:
            found.setdefault(each.resolution.forum, []).append(each)
        return found

    @property
    def is_heard(self) -> bool:
        """Whether any report was received."""
        return any(measure.answers.is_answered for measure in self.measures)

    @property
    def replaced(self) -> list[Measure]:
        """The measures that are followed up under a later forum's measure, in clause order."""
        return [measure for each in self.resolutions for measure in each.replaced]

    @property
    def has_several_forums(self) -> bool:
        return len(self.by_forum) > 1

    def of_forum(self, forum: Forum) -> YearProgress:
        """This year of one forum, which counts with its own denominator."""
        return replace(
            self,
            resolutions=[each for each in self.resolutions if each.resolution.forum_id == forum.pk],
            before=self.before.of_forum(forum) if self.before else None,
        )

    @cached_property
    def parts(self) -> list[tuple[Forum, YearProgress]]:
        """Each forum that the round followed up, the earliest first, with its own year."""
        return [(forum, self.of_forum(forum)) for forum in self.by_forum]

    @cached_property
    def changes(self) -> list[tuple[Change, int]]:
        return count_changes(self.measures)

    @property
    def changes_to_show(self) -> list[tuple[Change, int]]:
        return told_changes(self.changes)

    def with_status(self, status: Status) -> list[MeasureProgress]:
        """The counted measures with a status, in clause order."""
        return [each for each in self.measures if each.is_counted and each.status is status]

    @property
    def rest(self) -> list[tuple[Status, int]]:
        """(status, count) of measures not achieved, in the order of the opening sentence."""
        return [row for row in self.tally.rows if row[0] not in ACHIEVED]

    @property
    def table(self) -> list[tuple[Status, int, int]]:
        """(status, count this year, count the year before) for the table under the bar."""
        before = self.before.tally if self.before else Tally()
        either = dict(self.tally.rows) | dict(before.rows)
        return [(status, self.tally.of(status), before.of(status)) for status in either]

    @property
    def unassigned(self) -> list[MeasureProgress]:
        """The measures without a lead agency, in clause order."""
        return self.with_status(Status.UNASSIGNED)

    @cached_property
    def worse(self) -> list[MeasureProgress]:
        """The measures that fell back, ended or lost their report since last year, in that order."""
        return self._with_change(WORSE)

    @cached_property
    def better(self) -> list[MeasureProgress]:
        """The measures that advanced or are reported again."""
        return self._with_change(BETTER)

    @property
    def changed(self) -> list[MeasureProgress]:
        """The measures whose status differs from last year's, worse first."""
        return [*self.worse, *self.better]

    def _with_change(self, changes: Sequence[Change]) -> list[MeasureProgress]:
        return [each for change in changes for each in self.measures if each.change is change]


def unique(items: Iterable[T]) -> list[T]:
    """The items in their order, without duplicates."""
    return list(dict.fromkeys(items))


@dataclass(frozen=True)
class Material:
    """The input data for counting one round.

    Of a published round the lines may be left out: then `answers` (measure -> what its lines come to)
    and `leading` (resolution -> the number of its lead agencies and groups) stand for `reports`.
    """

    resolutions: Sequence[Resolution]
    reports: Iterable[StatusReport]
    rulings: Iterable[Ruling]
    replaced: Collection[int] = ()  # keys of the measures that a later forum's measure replaced
    answers: Mapping[int, Answers] | None = None
    leading: Mapping[int, int] = field(default_factory=dict)
    day: date | None = None  # on which promised dates are judged, see `Answers.of`

    @classmethod
    def of(cls, kept: snapshots.Frozen) -> Material:
        return cls(kept.resolutions, kept.reports, kept.rulings, kept.replaced, day=kept.as_of)


def _materials(
    rounds: Sequence[Round],
    *,
    live: bool = False,
    resolution: Resolution | None = None,
    editions: Mapping[int, snapshots.Frozen] | None = None,
) -> dict[Round, Material]:
    """The input of each round: its last edition if published, else (or if `live`) its current rows.

    `editions`: round pk -> the edition to count instead.

    Queries: one for the editions; for current rows one each for reports, evidence, provinces,
    earlier reports, rulings, resolutions and measures, for any number of rounds and rows.
    """
    frozen = {} if live else snapshots.latest(each for each in rounds if each.is_public)
    frozen |= editions or {}
    materials: dict[Round, Material] = {
        each: Material.of(kept) for each in rounds if (kept := frozen.get(each.pk))
    }
    standing_now = [each for each in rounds if each not in materials]
    if standing_now:
        reports = StatusReport.objects.standing().filter(round__in=standing_now).with_context()
        if resolution:
            reports = reports.filter(assignment__measure__resolution=resolution)
        reports_of: dict[int, list[StatusReport]] = {}
        for report in reports:
            reports_of.setdefault(report.round_id, []).append(report)
        for of_round in reports_of.values():
            joint_reports.mark(of_round)
        standing.mark_rounds(each for of_round in reports_of.values() for each in of_round)
        rulings_of: dict[int, list[Ruling]] = {}
        for ruling in Ruling.objects.filter(round__in=standing_now):
            rulings_of.setdefault(ruling.round_id, []).append(ruling)
        resolutions = list(Resolution.objects.for_display().prefetch_related("measures"))
        replaced = [
            (measure.earlier_id, one.forum.followed_from)
            for one in resolutions
            for measure in one.measures.all()
            if measure.relation == Relation.REPLACES
        ]
        for each in standing_now:
            materials[each] = Material(
                [one for one in resolutions if one.forum.is_followed_in(each.year_be)],
                reports_of.get(each.pk, []),
                rulings_of.get(each.pk, []),
                {earlier for earlier, first in replaced if first <= each.year_be},
                day=timezone.localdate(),
            )
    return materials


def brief_material(round_: Round) -> Material:
    """A round's rows as they are now, counted by the database: no line is read, and nobody is named.

    Its `Answers` have no units. Four queries, whatever the number of reports.
    """
    resolutions = list(
        Resolution.objects.for_display()
        .filter(forum__in=Forum.objects.followed_in(round_.year_be))
        .prefetch_related("measures")
    )
    found: dict[int, list[_Told]] = {}
    for row in (
        _counted_rows(round_)
        .values_list("assignment__measure", "assignment__of_group", "assignment__role", "told")
        .annotate(lines=Count("pk"), received=Count("pk", filter=Q(state=ReportState.APPROVED)))
    ):
        found.setdefault(row[0], []).append(_Told(*row[1:]))
    replaced = Measure.objects.replaced_in(round_.year_be).values_list("pk", flat=True)
    return Material(
        resolutions,
        (),
        list(round_.rulings.all()),
        frozenset(replaced),
        {measure: _answers_in_brief(rows) for measure, rows in found.items()},
    )


class _Told(NamedTuple):
    """How many lines of a measure have the same status, in one role, alone or in one group."""

    group: int | None
    role: str
    status: str
    lines: int
    received: int


def _counted_rows(round_: Round) -> QuerySet[Any]:
    """A round's reports, each with `told`: `counted_status` in SQL."""
    own = Coalesce(
        NullIf("assessed_status", Value("")),
        NullIf("reported_status", Value("")),
        Value(Status.NO_REPORT.value),
    )
    lacks = ~Exists(Evidence.objects.filter(report=OuterRef("pk")))
    return (
        StatusReport.objects.standing()
        .filter(
            round=round_,
            assignment__measure__resolution__forum__in=Forum.objects.followed_in(round_.year_be),
        )
        .order_by()
        .annotate(_own=own)
        .annotate(
            told=Case(
                When(~Q(state=ReportState.APPROVED), then=Value(Status.NO_REPORT.value)),
                When(
                    Q(_own__in=[each.value for each in ACHIEVED]) & lacks,
                    then=Value(Status.IN_PROGRESS.value),
                ),
                default=F("_own"),
                output_field=CharField(),
            )
        )
    )


def _answers_in_brief(rows: Sequence[_Told]) -> Answers:
    """What a measure's lines come to. Of equal statuses one is enough to roll up."""
    single = [each for each in rows if each.group is None]
    leads = [each for each in rows if each.role == Role.LEAD]
    supports = [each for each in rows if each.role != Role.LEAD]
    # A group answers in its members' role: as lead if any of them does (`GroupLines.of`).
    groups = {each.group for each in leads} - {None}
    units = [Status(each.status) for each in leads if each.group is None]
    units += [
        roll_up(Status(each.status) for each in rows if each.group == group) for group in groups
    ]
    single_leads = [each for each in single if each.role == Role.LEAD]
    return Answers(
        rolled=roll_up(units),
        lead_units=NOT_LOADED,
        support_units=NOT_LOADED,
        single_leads=sum(each.lines for each in single_leads),
        leads_reported=sum(each.received for each in single_leads),
        single_supports=sum(each.lines for each in single if each.role != Role.LEAD),
        supports=sum(each.lines for each in supports),
        support_reports=sum(each.received for each in supports),
        is_heard=any(each.received for each in leads),
        is_answered=any(each.received for each in rows),
    )


@dataclass(frozen=True)
class Involved:
    """How many agencies answer for any measure in a year, and from how many a report was received."""

    agencies: int
    heard: int

    @classmethod
    def of(cls, progress: YearProgress) -> Involved:
        rows = agency_rows(progress)
        return cls(len(rows), sum(bool(each.reported) for each in rows))

    @classmethod
    def now(cls, round_: Round) -> Involved:
        """Of a round's rows as they are now. One query."""
        replaced = Measure.objects.replaced_in(round_.year_be).values("pk")
        agency = F("assignment__agency")
        counts = (
            _counted_rows(round_)
            .exclude(assignment__measure__in=replaced)
            .aggregate(
                agencies=Count(agency, distinct=True),
                heard=Count(agency, distinct=True, filter=Q(state=ReportState.APPROVED)),
            )
        )
        return cls(**counts)


def progress_by_year(
    rounds: Iterable[Round],
    *,
    resolution: Resolution | None = None,
    live: bool = False,
    editions: Mapping[int, snapshots.Frozen] | None = None,
) -> list[YearProgress]:
    """Count several rounds, the earliest first, each compared with the one before it in the list.

    Optionally for one resolution only. A published round is counted from its last edition, unless
    `live` asks for its current rows or an edition is given.
    """
    rounds = sorted(rounds, key=lambda each: each.order)
    materials = _materials(rounds, live=live, resolution=resolution, editions=editions)
    heard = _heard_before(rounds[0]) if rounds else set()
    return counted(rounds, materials, heard, resolution)


def counted(
    rounds: Sequence[Round],
    materials: Mapping[Round, Material],
    heard: Collection[int] = (),
    resolution: Resolution | None = None,
) -> list[YearProgress]:
    """Count rounds (the earliest first), each compared with the one before it. No queries.

    `heard`: the measures on which a lead agency reported before the first of them.
    """
    years: list[YearProgress] = []
    for round_ in rounds:
        before = years[-1] if years else None
        years.append(_counted(round_, materials[round_], before, heard, resolution))
    return years


def edition_progress(kept: snapshots.Frozen) -> YearProgress:
    """Count one published edition, without a year to compare it with. No queries."""
    return _counted(kept.round, Material.of(kept))


def _counted(
    round_: Round,
    material: Material,
    before: YearProgress | None = None,
    heard: Collection[int] = (),
    resolution: Resolution | None = None,
) -> YearProgress:
    """Count one round, compared with the one before; `heard` are measures reported on before that."""
    given, lines_of = material.answers, dict[int, list[Line]]()
    for report in material.reports:
        lines_of.setdefault(report.assignment.measure_id, []).append(Line.of(report))
    on_measure = {each.measure_id: each for each in material.rulings if each.measure_id}
    on_resolution = {each.resolution_id: each for each in material.rulings}
    earlier = {each.measure.pk: each for each in before.measures} if before else {}
    return YearProgress(
        round=round_,
        resolutions=[
            ResolutionProgress(
                resolution=each,
                measures=[
                    MeasureProgress(
                        measure=measure,
                        lines=NOT_LOADED if given is not None else lines_of.get(measure.pk, []),
                        given=given.get(measure.pk, NO_ANSWERS) if given is not None else None,
                        ruling=on_measure.get(measure.pk),
                        day=material.day,
                        before=earlier.get(measure.pk),
                        heard_earlier=(
                            earlier[measure.pk].heard_by_then
                            if measure.pk in earlier
                            else measure.pk in heard
                        ),
                    )
                    for measure in each.measures.all()
                    if measure.pk not in material.replaced
                ],
                ruling=on_resolution.get(each.pk),
                replaced=[one for one in each.measures.all() if one.pk in material.replaced],
                leading=material.leading.get(each.pk, 0) if given is not None else None,
            )
            for each in material.resolutions
            if resolution is None or each == resolution
        ],
        before=before,
    )


def _heard_before(round_: Round) -> set[int]:
    """The measures with a published lead report before a round."""
    earlier = list(Round.objects.published().filter(year_be__lt=round_.year_be))
    return {
        report.assignment.measure_id
        for material in (_materials(earlier) if earlier else {}).values()
        for report in material.reports
        if report.state == ReportState.APPROVED and report.assignment.role == Role.LEAD
    }


def year_progress(
    round_: Round, *, previous: Round | None = None, resolution: Resolution | None = None
) -> YearProgress:
    """Count one round, compared with `previous` if one is given."""
    rounds = [previous, round_] if previous else [round_]
    return progress_by_year(rounds, resolution=resolution)[-1]


# Several years ---------------------------------------------------------------------------------

#: From so many rounds on a status that has not moved is listed, and shown in bold.
LONG = 3


@dataclass(frozen=True)
class Unmoved:
    """A status that has not moved: in how many rounds in a row up to the latest, and since which."""

    status: Status
    rounds: int  # at least 2
    since: Round

    @property
    def is_long(self) -> bool:
        return self.rounds >= LONG

    @property
    def is_silent(self) -> bool:
        """Whether what does not move is that there is no report."""
        return self.status is Status.NO_REPORT


def unmoved(history: Sequence[tuple[Round, Status | None]]) -> Unmoved | None:
    """How long the last status of a history has been the same; None if it moved in the last round.

    `history`: rounds, the earliest first, with the status in each; None where it was not followed up.
    What is achieved has no need to move, and what has ended no longer does: None as well.
    """
    if not history:
        return None
    status = history[-1][1]
    if status is None or status in ACHIEVED or status is Status.CANCELLED:
        return None
    same: list[Round] = []
    for round_, then in reversed(history):
        if then is not status:
            break
        same.append(round_)
    return Unmoved(status, len(same), same[-1]) if len(same) > 1 else None


def unmoved_in(years: Sequence[YearProgress]) -> dict[int, Unmoved]:
    """Measure pk -> how long its status has not moved, of the measures counted in the last year.

    `years`: the earliest first. A discretionary measure that is not used is no measure that stands still.
    """
    found = {}
    for each in years[-1].measures if years else ():
        if each.is_counted:
            history = [(year.round, year.status_of.get(each.measure.pk)) for year in years]
            if stays := unmoved(history):
                found[each.measure.pk] = stays
    return found


@dataclass(frozen=True)
class Compared:
    """One measure in two rounds; None where it was not followed up.

    `between`: the statuses in the rounds between them that neither of the two has.
    """

    measure: Measure
    before: MeasureProgress | None
    now: MeasureProgress | None
    between: Sequence[tuple[Round, Status]] = ()

    @property
    def latest(self) -> MeasureProgress | None:
        """The measure in the later round, or in the earlier one if it is in no other."""
        return self.now or self.before

    @cached_property
    def difference(self) -> Difference:
        if self.before is None or self.now is None:
            return Difference.APART
        if self.now.is_unused and not self.before.is_unused:
            return Difference.APART  # not used is no failure, so not worse
        return Difference.between(self.before.status, self.now.status)


class Still(NamedTuple):
    """Measures whose status did not change, by what it is."""

    silent: Sequence[Compared]
    going: Sequence[Compared]
    achieved: Sequence[Compared]
    outside: Sequence[Compared]  # of the denominator


@dataclass(frozen=True)
class Comparison:
    """The measures of one forum in two rounds, in clause order, those of either round included."""

    before: YearProgress
    now: YearProgress
    rows: Sequence[Compared]

    @classmethod
    def of(cls, years: Sequence[YearProgress]) -> Comparison:
        """The first and the last of some years, earliest first, each of the same single forum."""
        first, last = years[0], years[-1]
        in_first = {each.measure.pk: each for each in first.measures}
        in_last = {each.measure.pk: each for each in last.measures}
        measures = {each.measure.pk: each.measure for each in (*first.measures, *last.measures)}
        rows = []
        for pk, measure in measures.items():
            before, now = in_first.get(pk), in_last.get(pk)
            ends = {each.status for each in (before, now) if each}
            between = [
                (year.round, status)
                for year in years[1:-1]
                if (status := year.status_of.get(pk)) and status not in ends
            ]
            rows.append(Compared(measure, before, now, between))
        rows.sort(key=lambda row: (row.measure.resolution.number, row.measure.number))
        return cls(first, last, rows)

    @cached_property
    def by_difference(self) -> dict[Difference, list[Compared]]:
        """The measures by what became of them, worse first; `APART` only if there are any."""
        found = {each: [row for row in self.rows if row.difference is each] for each in Difference}
        if not found[Difference.APART]:
            del found[Difference.APART]
        return found

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def unchanged(self) -> list[Compared]:
        return self.by_difference[Difference.SAME]

    @property
    def apart(self) -> list[Compared]:
        return self.by_difference.get(Difference.APART, [])

    @property
    def moved(self) -> int:
        """How many measures have another status, as far as the two years can be compared."""
        return self.total - len(self.unchanged) - len(self.apart)

    @property
    def told(self) -> list[Compared]:
        """All but the unchanged ones, in the order of `Difference`."""
        return [
            row
            for difference, rows in self.by_difference.items()
            if difference is not Difference.SAME
            for row in rows
        ]

    @cached_property
    def still(self) -> Still:
        parts: dict[str, list[Compared]] = {name: [] for name in Still._fields}
        for row in self.unchanged:
            assert row.now is not None  # noqa: S101  without it the years are apart
            if not row.now.is_counted:
                parts["outside"].append(row)
            elif row.now.status in ACHIEVED:
                parts["achieved"].append(row)
            else:
                parts["silent" if row.now.status in UNHEARD else "going"].append(row)
        return Still(**parts)

    @cached_property
    def transitions(self) -> Counter[tuple[Status, Status]]:
        """(status before, status now) -> how many measures, of those followed up in both rounds."""
        return Counter(
            (row.before.status, row.now.status) for row in self.rows if row.before and row.now
        )


@dataclass(frozen=True)
class Places:
    """The provinces that the received reports of a year, or of one forum in it, name.

    Reports are counted, and neither work nor success. `counts`: a province's code -> the reports that
    name it; `few`: those of them that name no more than `FEW_PROVINCES`. `wide` reports name more;
    `widest` are (measure, number of provinces) of the first of them, most provinces first.
    """

    received: int
    naming: int
    counts: Mapping[str, int] = field(default_factory=dict)
    few: Mapping[str, int] = field(default_factory=dict)
    wide: int = 0
    widest: Sequence[tuple[int, int]] = ()

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Places:
        """Count the provinces of lines whose reports have theirs loaded. No queries."""
        received = naming = 0
        counts, few = Counter[str](), Counter[str]()
        wide: list[tuple[int, int]] = []
        for line in lines:
            if line.report is None:
                continue
            codes = [each.pk for each in line.report.provinces.all()]
            received += 1
            naming += bool(codes)
            counts.update(codes)
            if len(codes) <= FEW_PROVINCES:
                few.update(codes)
            else:
                wide.append((line.assignment.measure_id, len(codes)))
        return cls(received, naming, dict(counts), dict(few), len(wide), _widest(wide))

    @classmethod
    def sum(cls, parts: Collection[Places]) -> Places:
        """Several forums together."""
        counts, few = Counter[str](), Counter[str]()
        for each in parts:
            counts.update(each.counts)
            few.update(each.few)
        return cls(
            sum(each.received for each in parts),
            sum(each.naming for each in parts),
            dict(counts),
            dict(few),
            sum(each.wide for each in parts),
            _widest(one for each in parts for one in each.widest),
        )

    @property
    def nowhere(self) -> int:
        """The received reports that name no province."""
        return self.received - self.naming

    @property
    def most(self) -> int:
        return max(self.counts.values(), default=0)

    @property
    def wide_not_told(self) -> int:
        return self.wide - len(self.widest)


def _widest(reports: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first of (measure, number of provinces), most provinces first."""
    return sorted(reports, key=lambda each: -each[1])[:WIDEST_TOLD]


@dataclass(frozen=True)
class Cohort:
    """A forum in each published round that followed it up, the first one first.

    The nth of `years` is its state after n rounds, by which forums of different age can be compared.
    """

    forum: Forum
    years: Sequence[YearProgress]


def cohorts(years: Iterable[YearProgress]) -> list[Cohort]:
    """A cohort of each forum, the newest first; `years` with the earliest first."""
    found: dict[Forum, list[YearProgress]] = {}
    for year in years:
        for forum, part in year.parts:
            found.setdefault(forum, []).append(part)
    newest_first = sorted(found, key=lambda forum: -forum.year_be)
    return [Cohort(forum, found[forum]) for forum in newest_first]


@dataclass(frozen=True)
class AgencyRow:
    """One agency in one year.

    `cells`: for each resolution, in order, the agency's assignments there, lead assignments first.
    Each unit keeps its own status, because a combined one would hide the worse behind the better.
    The units of a group are `GroupLines`; its `lines` are those of its members.
    """

    agency: Agency
    units: Sequence[Unit]
    cells: Sequence[Sequence[Unit]]

    @cached_property
    def lines(self) -> list[Line]:
        return [line for unit in self.units for line in unit.lines]

    @cached_property
    def by_forum(self) -> list[tuple[Forum, list[Unit]]]:
        """The units of each forum, in clause order."""
        found: dict[Forum, list[Unit]] = {}
        for unit in self.units:
            found.setdefault(unit.assignment.measure.resolution.forum, []).append(unit)
        return list(found.items())

    @cached_property
    def leads(self) -> int:
        return sum(unit.is_lead for unit in self.units)

    @cached_property
    def supports(self) -> int:
        return len(self.units) - self.leads

    @cached_property
    def reported(self) -> int:
        return sum(line.report is not None for line in self.lines)

    @property
    def silent(self) -> int:
        return len(self.lines) - self.reported


def agency_rows(
    progress: YearProgress,
    *,
    role: str = "",
    kind: str = "",
    only: Iterable[Agency] | None = None,
    grouped: bool = False,
) -> list[AgencyRow]:
    """A row for each agency with an assignment that year, sorted by lead assignments, most first.

    `role` keeps the agencies that have an assignment in that role (with all their assignments),
    `kind` those of one kind, `only` those in the given set. `grouped`: a group has a row, with what its
    members answer in its place, and they have none for that. No queries.
    """
    wanted = None if only is None else set(only)
    by_agency: dict[Agency, dict[Resolution, list[Unit]]] = {}
    for each in progress.resolutions:
        for measure in each.measures:
            units: Sequence[Unit] = measure.units if grouped else measure.lines
            for unit in units:
                by_agency.setdefault(unit.agency, {}).setdefault(each.resolution, []).append(unit)
    rows = [
        AgencyRow(
            agency=agency,
            units=[unit for units in cells.values() for unit in units],
            cells=[
                sorted(cells.get(each.resolution, []), key=lambda unit: not unit.is_lead)
                for each in progress.resolutions
            ],
        )
        for agency, cells in by_agency.items()
        if (wanted is None or agency in wanted) and (not kind or agency.kind == kind)
    ]
    if role:
        wanted_lead = role == Role.LEAD
        rows = [row for row in rows if any(unit.is_lead == wanted_lead for unit in row.units)]
    return sorted(rows, key=lambda row: (row.leads == 0, row.agency.sort_key))


@dataclass(frozen=True)
class Reporting:
    """Agencies grouped by the share of expected reports received; most missing reports first."""

    silent: Sequence[AgencyRow]
    partial: Sequence[AgencyRow]
    complete: Sequence[AgencyRow]

    @classmethod
    def of(cls, rows: Iterable[AgencyRow]) -> Reporting:
        """Group rows; agencies with equally many missing reports keep their order."""
        every = sorted(rows, key=lambda row: -row.silent)
        return cls(
            silent=[row for row in every if not row.reported],
            partial=[row for row in every if row.reported and row.silent],
            complete=[row for row in every if not row.silent],
        )

    @property
    def rows(self) -> list[AgencyRow]:
        """All rows, agencies without any report first."""
        return [*self.silent, *self.partial, *self.complete]


@dataclass(frozen=True)
class AgencyYear:
    """One agency's reports in one round."""

    round: Round
    lines: Sequence[Line]

    @property
    def reported(self) -> int:
        return sum(line.report is not None for line in self.lines)

    @property
    def is_complete(self) -> bool:
        return self.reported == len(self.lines)

    def status_of(self, assignment: Assignment) -> Status | None:
        """The status of an assignment that year; None if no report was expected."""
        return next((line.status for line in self.lines if line.assignment == assignment), None)


@dataclass(frozen=True)
class GroupYear:
    """What a group's members answer in its place in one round, measure by measure."""

    round: Round
    groups: Sequence[GroupLines]

    @property
    def answered(self) -> int:
        return sum(each.answered for each in self.groups)

    @property
    def expected(self) -> int:
        return sum(each.expected for each in self.groups)


def group_years(group: Agency, rounds: Iterable[Round]) -> list[GroupYear]:
    """A group's measures in each of the rounds, in the rounds' order; rounds without any are left out."""
    rounds = list(rounds)
    materials = _materials(rounds)
    years = []
    for round_ in rounds:
        lines = [
            Line.of(report)
            for report in materials[round_].reports
            if report.assignment.of_group and report.assignment.of_group.agency_id == group.pk
        ]
        groups = [unit for unit in units_of(lines) if isinstance(unit, GroupLines)]
        if groups:
            years.append(GroupYear(round_, groups))
    return years


def agency_years(
    agency: Agency, rounds: Iterable[Round], *, also: Collection[int] = ()
) -> list[AgencyYear]:
    """The agency's reports in each of the rounds, in the rounds' order.

    `also`: the keys of records that were merged into it since, which published editions still name.

    Rounds in which no report was expected of it are left out.
    """
    rounds = list(rounds)
    materials = _materials(rounds)
    keys = {agency.pk, *also}
    years = []
    for round_ in rounds:
        reports = materials[round_].reports
        lines = [Line.of(each) for each in reports if each.assignment.agency_id in keys]
        if lines:
            years.append(AgencyYear(round_, lines))
    return years
