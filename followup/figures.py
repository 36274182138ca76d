"""The figures that pages print from an edition: what each is called, its rule, and the rows behind it.

A code is a kind and, after a hyphen, a scope: `achieved` (all forums), `achieved-2565` (a forum),
`achieved-2565-3` (a resolution), `status-2565-3.1` (a measure), `received-CODI` (an agency). The
numbers are those of `progress`; the rows say which of them each row is counted in. With an edition's code
(`2568-1`: the round and the number of the edition) a figure has one address for ever.

Changes since the year before have none: they are made of two editions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, When
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import published
from followup.grades import Grade
from followup.models import Agency, PublishedAgency, Role
from followup.naming import forum_name, item_name, of_all_forums
from followup.progress import (
    GroupLines,
    MeasureProgress,
    Promises,
    ResolutionProgress,
    Tally,
    YearProgress,
    promises_of,
)
from followup.published import AgencyCount, Edition, Reporting
from followup.report_fields import FIELDS, Section
from followup.responses import Response
from followup.status import ACHIEVED, MOVING, Status
from followup.targets import Due
from proposals.codes import parse_code, shown_code
from proposals.models import Forum, Measure, Resolution

Words = str | Promise

_EDITION = re.compile(r"([0-9]{4}(?:-[0-9])?)-([0-9]{1,5})")


def edition_code(round_code: str, number: int) -> str:
    """`2568-1`: the code of a round, and the number of one of its editions."""
    return f"{round_code}-{number}"


def parse_edition(code: str) -> tuple[str, int] | None:
    """(the round's code, the edition's number) of `2568-1` or `2568-6-1`; None for anything else."""
    found = _EDITION.fullmatch(code)
    return (found[1], int(found[2])) if found else None


def figure_code(kind: str, scope: str) -> str:
    """`achieved-2565-3`, or the kind alone for the whole year."""
    return f"{kind}-{scope}" if scope else kind


# What is counted ------------------------------------------------------------------------------


class Over(StrEnum):
    """What a figure counts."""

    MEASURES = "measures"
    REPORTS = "reports"
    AGENCIES = "agencies"
    PROMISES = "promises"
    STATUS = "status"


@dataclass(frozen=True)
class Kind:
    """A kind of figure. `scopes`: of what there is one, "" for the whole year.

    Of measures `value` is read from a tally, and `counts` says of each measure whether it is among them;
    of promises `promised` says how many are among them. `of_all`: its divisor is all measures, not only
    those that are counted.
    """

    code: str
    name: Words
    rule: Words
    over: Over
    scopes: tuple[str, ...]
    value: Callable[[Tally], int] = lambda tally: 0
    counts: Callable[[MeasureProgress], bool] = lambda each: False
    statuses: frozenset[Status] = frozenset()
    of_all: bool = False
    reporting: Reporting | None = None
    #: Of promises: (how many are among them, of how many).
    promised: Callable[[Promises], tuple[int, int]] = lambda promises: (0, 0)
    of_received: bool = False  # the divisor of promises is the reports received


_OF_MEASURES = ("", "forum", "resolution")


def _of_statuses(code: str, name: Words, rule: Words, statuses: frozenset[Status]) -> Kind:
    return Kind(
        code,
        name,
        rule,
        Over.MEASURES,
        _OF_MEASURES,
        value=lambda tally: sum(tally.of(status) for status in statuses),
        counts=lambda each: each.is_counted and each.status in statuses,
        statuses=statuses,
    )


def _of_promise(
    code: str,
    name: Words,
    word: Response | Due | Grade,
    counts: Callable[[Promises], Mapping[Any, int]],
    *,
    of_received: bool = False,
) -> Kind:
    """How many lead assignments have one answer, one standing of their date, or one grade."""

    def promised(promises: Promises) -> tuple[int, int]:
        of = promises.received if of_received else promises.asked
        return counts(promises).get(word, 0), of

    return Kind(
        f"{code}_{word.value}",
        format_lazy("{}: {}", name, word.label),
        word.definition,
        Over.PROMISES,
        _OF_MEASURES,
        promised=promised,
        of_received=of_received,
    )


_KINDS = (
    _of_statuses(
        "achieved",
        _l("บรรลุแล้ว"),
        _l("นับมาตรการย่อยที่แล้วเสร็จ และที่ต่อเนื่องทุกปีโดยมีหลักฐานของปีนั้น"),
        ACHIEVED,
    ),
    _of_statuses(
        "moving",
        _l("มีความเคลื่อนไหว"),
        _l("นับมาตรการย่อยที่บรรลุแล้ว และที่อยู่ระหว่างดำเนินการ"),
        MOVING,
    ),
    *(
        _of_statuses(status.value, status.label, status.definition, frozenset({status}))
        for status in Status
        if status is not Status.CANCELLED
    ),
    Kind(
        "counted",
        _l("มาตรการย่อยที่นับ"),
        _l("มาตรการย่อยทั้งหมด ลบที่ยกเลิกหรือยุติ ลบเชิงดุลพินิจที่ไม่มีการใช้"),
        Over.MEASURES,
        _OF_MEASURES,
        value=lambda tally: tally.n,
        counts=lambda each: each.is_counted,
        of_all=True,
    ),
    Kind(
        "cancelled",
        Status.CANCELLED.label,
        Status.CANCELLED.definition,
        Over.MEASURES,
        _OF_MEASURES,
        value=lambda tally: tally.cancelled,
        counts=lambda each: each.status is Status.CANCELLED,
        of_all=True,
    ),
    Kind(
        "unused",
        _l("เชิงดุลพินิจที่ไม่มีการใช้"),
        _l("มาตรการที่ต้นฉบับเขียนว่า “อาจ” ซึ่งรายงานว่าปีนั้นไม่มีการใช้ ไม่ใช่ความล้มเหลวและไม่อยู่ในตัวหาร"),
        Over.MEASURES,
        _OF_MEASURES,
        value=lambda tally: tally.unused,
        counts=lambda each: each.is_unused,
        of_all=True,
    ),
    Kind(
        "received",
        _l("ได้รับรายงาน"),
        _l("นับรายงานที่ฝ่ายเลขานุการรับรองแล้ว จากรายงานทั้งหมดที่ต้องได้รับ"),
        Over.REPORTS,
        ("", "agency"),
    ),
    *(
        Kind(f"agencies_{reporting.value}", name, rule, Over.AGENCIES, ("",), reporting=reporting)
        for reporting, name, rule in (
            (
                Reporting.SILENT,
                _l("หน่วยงานที่ไม่รายงานเลย"),
                _l("นับหน่วยงานที่ได้รับมอบหมายแต่ไม่มีรายงานแม้ข้อเดียว กลุ่มหน่วยงานนับเป็นหนึ่ง"),
            ),
            (
                Reporting.PARTIAL,
                _l("หน่วยงานที่รายงานบางข้อ"),
                _l("นับหน่วยงานที่ได้รับมอบหมายและรายงานแล้วบางข้อ กลุ่มหน่วยงานนับเป็นหนึ่ง"),
            ),
            (
                Reporting.COMPLETE,
                _l("หน่วยงานที่รายงานครบ"),
                _l("นับหน่วยงานที่ได้รับมอบหมายและรายงานครบทุกข้อ กลุ่มหน่วยงานนับเป็นหนึ่ง"),
            ),
        )
    ),
    Kind(
        "agencies_leading",
        _l("หน่วยงานหลัก"),
        _l("นับหน่วยงานที่เป็นหน่วยงานหลักอย่างน้อยหนึ่งข้อ กลุ่มหน่วยงานนับเป็นหนึ่ง"),
        Over.AGENCIES,
        ("",),
    ),
    *(
        _of_promise("response", _l("คำตอบของหน่วยงานหลัก"), each, lambda found: found.responses)
        for each in Response
    ),
    *(_of_promise("due", Section.TARGET.label, each, lambda found: found.due) for each in Due),
    *(
        _of_promise(
            "grade",
            FIELDS["assessed_grade"].short,
            each,
            lambda found: found.grades,
            of_received=True,
        )
        for each in Grade
    ),
    Kind(
        "status",
        _l("สถานะ"),
        _l("ใช้กติกาแรกที่ตรงตามลำดับในหน้าวิธีคำนวณ หรือสถานะที่ คสป. มีมติกำหนด"),
        Over.STATUS,
        ("resolution", "measure"),
    ),
)
#: Every kind of figure by its code. A page that prints a figure finds its kind here.
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _KINDS}


# A figure -------------------------------------------------------------------------------------


class Place(StrEnum):
    """Where a row is counted."""

    IN = "in"  # in the figure, and in its divisor
    BESIDE = "beside"  # in the divisor only
    OUT = "out"  # in neither


@dataclass(frozen=True)
class Row:
    """A row behind a figure: a measure, an agency, or an agency's answer for a measure.

    `counts` is what it adds to the figure, `of` what it adds to the divisor.
    """

    place: Place
    counts: int
    of: int
    measure: Measure | None = None
    agency: Agency | None = None
    status: Status | None = None
    leads: Sequence[Agency] = ()
    received: int = 0
    expected: int = 0


@dataclass(frozen=True)
class Term:
    """A line of a sum: what it adds, or takes away. `measures`: those which it consists of, if few."""

    label: Words
    count: int
    status: Status | None = None
    is_less: bool = False
    measures: Sequence[Measure] = ()


@dataclass(frozen=True)
class Figure:
    """One figure of an edition. `value` is a number, or a status without a divisor.

    `rows` come in the order of `Place`, those that are counted first; a slice reads no others.
    `sizes` says how many there are at each place.
    """

    kind: Kind
    scope: str  # the code's part after the kind; "" for the whole year
    of_what: str  # the scope in words
    value: int | Status
    divisor: int | None
    rows: Sequence[Row]
    sizes: Mapping[Place, int]
    terms: Sequence[Term] = ()
    divisor_terms: Sequence[Term] = ()
    agencies: Sequence[str] = ()  # codes of the records that an agency's figure is of
    filters: Mapping[str, Any] = field(default_factory=dict)  # of the open data that has its rows

    @property
    def code(self) -> str:
        return figure_code(self.kind.code, self.scope)

    @property
    def said(self) -> str:
        """The figure as a sentence's part: `บรรลุแล้ว 11 จาก 33`, `สถานะ อยู่ระหว่างดำเนินการ`."""
        if self.divisor is None:
            shown = self.value.label if isinstance(self.value, Status) else self.value
            return _("%(name)s %(value)s") % {"name": self.kind.name, "value": shown}
        return _("%(name)s %(value)s จาก %(divisor)s") % {
            "name": self.kind.name,
            "value": self.value,
            "divisor": self.divisor,
        }


def figure(code: str, edition: Edition) -> Figure | None:
    """The figure of a code in an edition; None if the edition has no such figure.

    Queries: none for measures, else a fixed number, and one or two for each slice of its rows.
    """
    kind_code, hyphen, scope = code.partition("-")
    kind = KINDS.get(kind_code)
    if kind is None or (hyphen and not scope):
        return None
    year = counted(edition)
    several = year.has_several_forums
    if kind.over is Over.AGENCIES:
        return None if scope else _of_agencies(kind, edition)
    if kind.over is Over.REPORTS and scope:
        return _of_agency(kind, scope, edition, year)
    if kind.over is Over.REPORTS:
        return _of_reports(kind, edition, year)
    of_measures = _of_promises if kind.over is Over.PROMISES else _of_measures
    if not scope:
        if kind.over is Over.STATUS:
            return None
        words = of_all_forums() if several else _the_forum(year)
        return of_measures(kind, scope, words, year.tally, year.measures)
    if kind.over is not Over.STATUS and (forum := _forum(year, scope)):
        part = year.of_forum(forum)
        return of_measures(kind, scope, forum.short_name, part.tally, part.measures)
    parsed = parse_code(scope)
    if parsed is None or str(parsed) != scope or not parsed.year:
        return None
    for each in year.resolutions:
        if each.resolution.full_code == scope:
            words = _named(each.resolution, several=several)
            if kind.over is Over.STATUS:
                return _status_of_resolution(kind, words, each)
            return of_measures(kind, scope, words, each.tally, each.measures)
        if kind.over is Over.STATUS:
            for one in each.measures:
                if one.measure.full_code == scope:
                    return _status_of_measure(kind, one, edition, several=several)
    return None


def counted(edition: Edition) -> YearProgress:
    """The counting of an edition, without the year before it and without its lines."""
    return published.edition_counted(edition)


def listed(edition: Edition) -> Iterator[tuple[str, str, list[Kind]]]:
    """(scope, its name, the kinds of figures) of whole year, forums, and resolutions, for the list."""
    year = counted(edition)
    several = year.has_several_forums
    yield "", of_all_forums() if several else _the_forum(year), _kinds_of("", year)
    if several:
        for forum, part in year.parts:
            yield str(forum.year_be), forum_name(forum), _kinds_of("forum", part)
    for each in year.resolutions:
        words = _named(each.resolution, several=several)
        yield each.resolution.full_code, words, _kinds_of("resolution", each)


def _kinds_of(scope: str, counted: YearProgress | ResolutionProgress) -> list[Kind]:
    """The kinds of a scope; of the rare ones only those that occur."""
    tally, promises = counted.tally, counted.promises
    rare = {Status.UNASSIGNED.value: tally.unassigned, "unused": tally.unused}

    def occurs(kind: Kind) -> bool:
        if kind.over is Over.PROMISES:
            return promises is not None and kind.promised(promises)[0] > 0
        return bool(rare.get(kind.code, 1))

    return [kind for kind in _KINDS if scope in kind.scopes and occurs(kind)]


def _the_forum(year: YearProgress) -> str:
    """The name of a year's only forum."""
    return next((forum.short_name for forum in year.by_forum), "")


def _forum(year: YearProgress, scope: str) -> Forum | None:
    return next((each for each in year.by_forum if str(each.year_be) == scope), None)


def _named(resolution: Resolution, *, several: bool) -> str:
    return _("%(item)s %(title)s") % {
        "item": item_name(resolution, several_forums=several),
        "title": resolution.title,
    }


# Measures -------------------------------------------------------------------------------------


def _row(each: MeasureProgress, place: Place, counts: int, of: int) -> Row:
    answers = each.answers
    return Row(
        place,
        counts,
        of,
        measure=each.measure,
        status=each.status,
        leads=[unit.agency for unit in each.leads_to_name],
        received=answers.leads_reported,
        expected=answers.single_leads,
    )


def _of_measures(
    kind: Kind, scope: str, words: str, tally: Tally, measures: Sequence[MeasureProgress]
) -> Figure:
    by_place: dict[Place, list[Row]] = {place: [] for place in Place}
    for each in measures:
        is_of = kind.of_all or each.is_counted
        place = Place.IN if kind.counts(each) else Place.BESIDE if is_of else Place.OUT
        by_place[place].append(_row(each, place, int(place is Place.IN), int(is_of)))
    terms = [
        Term(status.label, tally.of(status), status) for status in Status if status in kind.statuses
    ]
    less = [
        Term(
            Status.CANCELLED.label,
            tally.cancelled,
            Status.CANCELLED,
            is_less=True,
            measures=[each.measure for each in measures if each.status is Status.CANCELLED],
        ),
        Term(
            _("เชิงดุลพินิจที่ไม่มีการใช้"),
            tally.unused,
            is_less=True,
            measures=[each.measure for each in measures if each.is_unused],
        ),
    ]
    every = [Term(_("มาตรการย่อยทั้งหมด"), tally.total), *less]
    if kind.code == "counted":
        terms = every
    return Figure(
        kind,
        scope,
        words,
        value=kind.value(tally),
        divisor=tally.total if kind.of_all else tally.n,
        rows=[row for place in Place for row in by_place[place]],
        sizes={place: len(rows) for place, rows in by_place.items()},
        terms=terms,
        divisor_terms=every[:1] if kind.of_all else every,
    )


def _of_promises(
    kind: Kind, scope: str, words: str, tally: Tally, measures: Sequence[MeasureProgress]
) -> Figure | None:
    """What lead agencies answered or promised, measure by measure; None if it was not kept then."""
    if promises_of(measures) is None:
        return None
    rows = []
    for each in measures:
        promises = each.answers.promises
        counts, of = kind.promised(promises) if promises and each.is_counted else (0, 0)
        place = Place.IN if counts else Place.BESIDE if of else Place.OUT
        rows.append(_row(each, place, counts, of))
    rows.sort(key=lambda row: list(Place).index(row.place))
    return Figure(
        kind,
        scope,
        words,
        value=sum(row.counts for row in rows),
        divisor=sum(row.of for row in rows),
        rows=rows,
        sizes=_sizes(rows),
    )


def _status_of_resolution(kind: Kind, words: str, each: ResolutionProgress) -> Figure | None:
    if not each.measures:  # all of it is followed up under later forums' measures
        return None
    rows = [
        _row(one, Place.OUT if one.is_unused else Place.IN, int(not one.is_unused), 0)
        for one in each.measures
    ]
    rows.sort(key=lambda row: row.place is Place.OUT)
    return Figure(
        kind,
        each.resolution.full_code,
        words,
        value=each.status,
        divisor=None,
        rows=rows,
        sizes=_sizes(rows),
    )


def _sizes(rows: Sequence[Row]) -> dict[Place, int]:
    return {place: sum(row.place is place for row in rows) for place in Place}


class _Answers(Sequence[Row]):
    """The agencies' answers for a measure, the lead ones first."""

    def __init__(self, edition: Edition, each: MeasureProgress) -> None:
        groups = [unit for unit in each.answers.lead_units if isinstance(unit, GroupLines)]
        self.edition = edition
        self.leading = {unit.assignment.pk for unit in groups}
        deciding = Q(group_id__in=self.leading) | Q(group_id=None, role=Role.LEAD)
        self.rows = (
            edition.rows()
            .filter(measure_id=each.measure.pk)
            .annotate(
                aside=Case(When(deciding, then=0), default=1, output_field=IntegerField()),
            )
            .order_by("aside", "position")
        )
        counts = self.rows.order_by().aggregate(
            every=Count("pk"), deciding=Count("pk", filter=Q(aside=0))
        )
        self.every, self.deciding = counts["every"], counts["deciding"]

    def __len__(self) -> int:
        return int(self.every)

    def __getitem__(self, index: Any) -> Any:
        rows = list(self.rows[index])
        return [
            Row(
                Place.OUT if row.aside else Place.IN,
                int(not row.aside),
                0,
                agency=line.agency,
                status=line.status,
                received=int(row.is_received),
                expected=1,
            )
            for row, line in zip(rows, self.edition.lines(rows), strict=True)
        ]


def _status_of_measure(
    kind: Kind, each: MeasureProgress, edition: Edition, *, several: bool
) -> Figure:
    rows = _Answers(edition, each)
    code = each.measure.full_code
    words = _("มาตรการย่อย %(code)s %(title)s") % {
        "code": shown_code(code, several_forums=several),
        "title": each.measure.title,
    }
    return Figure(
        kind,
        code,
        words,
        value=each.status,
        divisor=None,
        rows=rows,
        sizes={Place.IN: rows.deciding, Place.BESIDE: 0, Place.OUT: rows.every - rows.deciding},
        filters={"measure": code},
    )


# Reports --------------------------------------------------------------------------------------


def _received(kind: Kind, scope: str, words: str, rows: Sequence[Row], **more: Any) -> Figure:
    received, expected = sum(row.counts for row in rows), sum(row.of for row in rows)
    return Figure(
        kind,
        scope,
        words,
        value=received,
        divisor=expected,
        rows=sorted(rows, key=lambda row: row.place is not Place.IN),
        sizes=_sizes(rows),
        **more,
    )


def _report_row(measure: Measure, received: int, expected: int) -> Row:
    place = Place.IN if received else Place.BESIDE
    return Row(place, received, expected, measure, received=received, expected=expected)


def _of_reports(kind: Kind, edition: Edition, year: YearProgress) -> Figure:
    """All reports of a round, measure by measure: one query."""
    counts = {
        measure: (those, every)
        for measure, every, those in edition.rows()
        .order_by()
        .values_list("measure_id")
        .annotate(every=Count("pk"), those=Count("pk", filter=Q(is_received=True)))
    }
    rows = [
        _report_row(measure, *counts[pk])
        for pk, measure in edition.frame.measures.items()
        if pk in counts
    ]
    words = of_all_forums() if year.has_several_forums else _the_forum(year)
    return _received(kind, "", words, rows)


def _of_agency(kind: Kind, scope: str, edition: Edition, year: YearProgress) -> Figure | None:
    """An agency's reports, with those of records that were merged into it since.

    Of a group they are its members', for the measures that are counted.
    """
    same = Agency.objects.filter(Q(code=scope) | Q(merged_into__code=scope)).values("pk")
    kept = PublishedAgency.objects.filter(edition=edition.pk)
    contents = list(kept.filter(Q(agency_id__in=same) | Q(code=scope)).order_by("pk"))
    if not contents:
        return None
    agencies = edition.named([each.agency_id for each in contents])
    own = next((each for each in agencies.values() if each.code == scope), None)
    named = own or agencies[contents[0].agency_id]
    rows = [
        _report_row(each.assignment.measure, each.answered, each.expected)
        for each in published.groups_of(named.pk, year)
    ]
    if not rows:
        lines = edition.rows().filter(agency_id__in=[each.agency_id for each in contents])
        rows = [
            _report_row(edition.frame.measures[measure], int(is_received), 1)
            for measure, is_received in lines.values_list("measure_id", "is_received")
        ]
    if not rows:
        return None
    codes = sorted(each.code for each in contents)
    return _received(kind, scope, named.name, rows, agencies=codes, filters={"agency": scope})


# Agencies -------------------------------------------------------------------------------------


class _AgencyRows(Sequence[Row]):
    """The agencies of a year: those that a figure counts, then the others."""

    def __init__(self, counts: Sequence[AgencyCount], place: Place, size: int) -> None:
        self.counts, self.place, self.size = counts, place, size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: Any) -> Any:
        return [
            Row(
                self.place,
                int(self.place is Place.IN),
                1,
                agency=each.agency,
                received=each.reported,
                expected=each.expected,
            )
            for each in self.counts[index]
        ]


class _Both(Sequence[Row]):
    """Two sequences one after the other; a slice reads only of those that it touches."""

    def __init__(self, first: Sequence[Row], then: Sequence[Row]) -> None:
        self.first, self.then = first, then

    def __len__(self) -> int:
        return len(self.first) + len(self.then)

    def __getitem__(self, index: Any) -> Any:
        start, stop, _step = index.indices(len(self))
        size = len(self.first)
        found = list(self.first[start : min(stop, size)]) if start < size else []
        if stop > size:
            found += self.then[max(0, start - size) : stop - size]
        return found


def _of_agencies(kind: Kind, edition: Edition) -> Figure:
    every = published.agency_counts(edition)
    if kind.reporting:
        those = every.of(kind.reporting)
        others = every.of(*(each for each in Reporting if each is not kind.reporting))
        value = every.reporting[kind.reporting.value]
    else:
        those = published.agency_counts(edition, role=Role.LEAD)
        others = every.without_leads()
        value = every.leading
    rest = len(every) - value
    return Figure(
        kind,
        "",
        "",
        value=value,
        divisor=len(every),
        rows=_Both(_AgencyRows(those, Place.IN, value), _AgencyRows(others, Place.BESIDE, rest)),
        sizes={Place.IN: value, Place.BESIDE: rest, Place.OUT: 0},
    )
