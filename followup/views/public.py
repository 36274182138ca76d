"""Public pages: only published rounds, no names of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import corrections as correcting
from followup import feedback, published
from followup.charts import stacked_bar, trends
from followup.confirmations import current_assignments
from followup.duty import duty
from followup.grades import Grade
from followup.models import (
    Agency,
    AgencyKind,
    Answering,
    Assignment,
    GroupMember,
    Role,
    Round,
    Snapshot,
    SourceCorrection,
    TakenBack,
)
from followup.neighbours import neighbours_of
from followup.opendata.registry import Queried
from followup.progress import (
    GroupLines,
    Independent,
    IndependentTally,
    Line,
    MeasureProgress,
    Promise,
    ResolutionProgress,
    Unmoved,
    YearProgress,
    independent_tally,
    unique,
    unmoved_in,
)
from followup.published import AgencyCount, AgencyCounts, Edition, Reporting, duty_years
from followup.relations import relations_of
from followup.responses import Response
from followup.source_text import annotate
from followup.status import INDEPENDENT_RULES, OF_REPORTS, Change, Status
from followup.succession import handed_over
from followup.targets import Due
from followup.views.chosen_forum import ForumLine, chosen_forum, chosen_forum_of_years
from followup.views.paging import Joined, Paged, paged
from followup.views.year_grid import Grid, grid_of, grid_of_answers, window
from followup.views.years import YearChoice, chosen_year, published_round
from forum_portal.costly import costly
from forum_portal.languages import is_english
from forum_portal.page_cache import public_page, vouch
from forum_portal.row_ids import read_id
from forum_portal.version import VERSION
from forum_portal.years import fiscal_year_today
from proposals.models import Forum, Measure, MeasureKind, Resolution

CHANGES_ON_HOME = 8  # more improvements are on a linked page; all deteriorations are shown
AGENCIES_A_PAGE = 80
FORUMS_A_PAGE = 2  # whose proposals are listed in full
FORUMS_IN_BRIEF = 3  # of a year in the list of years; its own page has all of them
LINES_A_PAGE = 20  # reports in full
ANSWERS_A_PAGE = 50  # reports in brief
GROUPS_A_PAGE = 10  # measures of a group, with its first members
NAMES = 20  # agencies named in a sentence; more are in the list of agencies
CORRECTIONS_A_PAGE = 10
CHANGES_IN_BRIEF = 20  # of a correction among others
CHANGES_A_PAGE = 50  # of one correction by itself
MATRIX_ROWS = 60  # agencies a page of the matrix, at most
MATRIX_UNITS = 120  # chips a page of it, about: fewer agencies where each answers for much
MATRIX_COLUMNS = 18  # columns that fit the full width; with more, the list is shown at every width


def page(request: HttpRequest, template: str, choice: YearChoice, **context: Any) -> HttpResponse:
    """Render a public page with the year it shows."""
    return render(request, f"public/{template}.html", {"choice": choice, **context})


def progress_of(choice: YearChoice, **only: Any) -> YearProgress | None:
    """The counting of the year that a page shows, without the lines of its measures."""
    if choice.round is None:
        return None
    return published.year_progress(
        choice.round, previous=choice.previous, known=choice.editions, **only
    )


def named_by(measures: Iterable[MeasureProgress]) -> list[int]:
    """The assignments of those who are named at measures, for `current_assignments`."""
    return [
        unit.assignment.pk
        for each in measures
        for unit in (*each.leads_to_name, *each.supports_to_name)
    ]


def parts_without_round() -> list[tuple[Forum, list[Resolution]]]:
    """Each forum, the newest first, with its resolutions, before the first publication.

    The resolutions come with their measures and proposed leads.
    """
    leads = Assignment.objects.as_given().filter(role=Role.LEAD).select_related("agency")
    measures = Measure.objects.prefetch_related(
        Prefetch("assignments", queryset=leads, to_attr="leads")
    )
    resolutions = list(
        Resolution.objects.for_display().prefetch_related(Prefetch("measures", queryset=measures))
    )
    for resolution in resolutions:
        resolution.lead_agencies = unique(
            lead.agency for measure in resolution.measures.all() for lead in measure.leads
        )
    every: dict[Forum, list[Resolution]] = {}
    for resolution in resolutions:
        every.setdefault(resolution.forum, []).append(resolution)
    return list(every.items())[::-1]


class Watched(NamedTuple):
    """Measures that the overview counts above its rows, with the place further down that lists them."""

    symbol: str
    label: str
    anchor: str
    measures: Sequence[MeasureProgress]
    status: str = ""  # whose colours it has


def watched(progress: YearProgress, stays: Mapping[int, Unmoved]) -> list[Watched]:
    """What to keep an eye on, worse first. In the first year nothing is worse, and nothing has not moved.

    What has not moved is that of which there are reports; silence is counted by itself.
    """
    found = [
        Watched(
            f"s-{each.value}", str(each.label), each.value, progress.with_status(each), each.value
        )
        for each in (Status.ON_HOLD, Status.NO_REPORT)
    ]
    if progress.before:
        still = [each for each in progress.measures if is_still(stays.get(each.measure.pk))]
        found.insert(0, Watched("c-down", _("แย่ลงจากปีก่อน"), "worse", progress.worse))
        found.append(Watched("c-stay", _("ไม่ขยับมา 3 รอบขึ้นไป"), "still", still))
    return found


def is_still(stay: Unmoved | None) -> bool:
    """Whether a status that agencies report has not moved for so long that it is worth watching."""
    return stay is not None and stay.is_long and not stay.is_silent


@public_page("year", "forum")
def home(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    every = progress_of(choice)
    chosen = chosen_forum(request, every) if every else None
    if every is None or chosen is None:
        return page(request, "home_empty", choice, parts=parts_without_round())
    progress = every.of_forum(chosen.forum)
    stays = unmoved_of(choice)
    return page(
        request,
        "home",
        choice,
        chosen=chosen,
        progress=progress,
        others=[
            ForumLine.of(forum, part) for forum, part in every.parts[::-1] if forum != chosen.forum
        ],
        bar=stacked_bar(progress.tally),
        bar_before=stacked_bar(progress.before.tally) if progress.before else None,
        better=progress.better[: max(0, CHANGES_ON_HOME - len(progress.worse))],
        on_hold=published.with_lines(
            progress, progress.with_status(Status.ON_HOLD), known=choice.editions
        ),
        no_report=progress.with_status(Status.NO_REPORT),
        watched=watched(progress, stays),
        still=[
            (each, stays[each.measure.pk])
            for each in progress.measures
            if is_still(stays.get(each.measure.pk))
        ],
        lead=Role.LEAD,
        outside=[each for each in progress.measures if not each.is_counted],
    )


@public_page("year", "page")
def resolution_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    progress = progress_of(choice)
    if progress is None:
        return page(request, "resolution_list_empty", choice, parts=parts_without_round())
    forums = paged(request, progress.parts[::-1], FORUMS_A_PAGE)
    return page(
        request, "resolution_list", choice, progress=progress, parts=forums.rows, paged=forums
    )


@public_page("year", "to")
def resolution_detail(request: HttpRequest, forum_year: int, number: int) -> HttpResponse:
    resolution = get_object_or_404(
        Resolution.objects.select_related("forum").prefetch_related(
            "sdg_targets", "editor_notes", "measures"
        ),
        forum__year_be=forum_year,
        number=number,
    )
    choice = chosen_year(request)
    progress = progress_of(choice, resolution=resolution)
    shown = progress.resolutions[0] if progress and progress.resolutions else None
    measures = (
        published.with_lines(progress, shown.measures, known=choice.editions)
        if progress and shown
        else []
    )
    voices = voices_of(choice, [each.measure.pk for each in measures])
    promised = promises_of(choice, measures)
    stays = unmoved_of(choice)
    keys = {measure.pk for measure in resolution.measures.all()}
    related = relations_of(keys, choice.rounds, choice.round, choice.editions)
    asked = feedback.counts_of(keys)
    neighbours = {
        each.number: each
        for each in resolution.forum.resolutions.select_related("forum").filter(
            number__in=[number - 1, number + 1]
        )
    }
    assigned: dict[int, list[Assignment]] = {}
    if shown is None:
        for each in (
            Assignment.objects.as_given()
            .filter(measure__resolution=resolution)
            .select_related("agency")
            .order_by("role", "agency__sort_key")
        ):
            assigned.setdefault(each.measure_id, []).append(each)
    return page(
        request,
        "resolution",
        choice,
        resolution=resolution,
        summary=resolution.summary_en if is_english() else "",
        progress=shown,
        measures=[
            (
                each,
                related.get(each.measure.pk, ()),
                voices.get(each.measure.pk, ()),
                asked.get(each.measure.pk, 0),
                stays.get(each.measure.pk),
                promised.get(each.measure.pk, ()),
            )
            for each in measures
        ],
        has_voices=bool(voices),
        independent=independent_of(choice, measures),
        grid=_grid_of_resolution(request, choice, resolution),
        confirmations=current_assignments(named_by(measures)),
        replaced=[(each, related.get(each.pk, ())) for each in shown.replaced] if shown else [],
        followed=[each for each in choice.rounds if resolution.forum.is_followed_in(each.year_be)],
        text=annotate(resolution),
        named=Agency.objects.named(resolution.named_parties),
        unreported=[
            (
                measure,
                assigned.get(measure.pk, []),
                related.get(measure.pk, ()),
                asked.get(measure.pk, 0),
            )
            for measure in resolution.measures.all()
        ],
        previous=neighbours.get(number - 1),
        next=neighbours.get(number + 1),
    )


def voices_of(choice: YearChoice, measures: Collection[int]) -> Mapping[int, Sequence[Independent]]:
    """What independent organisations say of measures in the year shown, by measure's key."""
    if choice.edition is None:
        return {}
    return published.independent_voices(choice.edition, measures)


def independent_of(
    choice: YearChoice, measures: Iterable[MeasureProgress]
) -> IndependentTally | None:
    """What they say of measures, counted apart; None if they assessed none of them. No query.

    Readers see it beside the committee's figure, and never in it.
    """
    if choice.edition is None:
        return None
    counted = independent_tally(measures, choice.edition.independent)
    return counted if counted.assessed or counted.differing else None


def promises_of(
    choice: YearChoice, measures: Sequence[MeasureProgress]
) -> Mapping[int, Sequence[Promise]]:
    """What the lead agencies of measures answer and promise in the year shown, by measure's key."""
    return published.promises(choice.edition, measures) if choice.edition else {}


def unmoved_of(choice: YearChoice) -> dict[int, Unmoved]:
    """Measure pk -> how long its status has not moved, up to the year that a page shows."""
    if choice.round is None:
        return {}
    return published.unmoved(choice.round, choice.rounds, choice.editions)


def _grid_of_resolution(
    request: HttpRequest, choice: YearChoice, resolution: Resolution
) -> Grid | None:
    """The measures of a resolution in the published years that followed it up."""
    years = [
        year
        for year in published.progress_by_year(choice.rounds, known=choice.editions)
        if any(each.resolution == resolution for each in year.resolutions)
    ]
    shown = window(request, [year.round for year in years])
    return grid_of(years[: len(shown.upto)], shown, resolution=resolution) if years else None


@public_page("year", "page")
def measure_detail(request: HttpRequest, forum_year: int, number: int, clause: int) -> HttpResponse:
    """What each of many agencies answers for one measure."""
    measure = get_object_or_404(
        Measure.objects.select_related("resolution__forum"),
        resolution__forum__year_be=forum_year,
        resolution__number=number,
        number=clause,
    )
    choice = chosen_year(request)
    progress = progress_of(choice, resolution=measure.resolution)
    counted = (each for each in progress.measures if each.measure == measure) if progress else ()
    shown = next(iter(counted), None)
    lines: Paged[Any] | None = None
    if shown and choice.edition:
        rows = choice.edition.rows().filter(measure_id=measure.pk)
        lines = paged(request, rows, ANSWERS_A_PAGE)
    return page(
        request,
        "measure",
        choice,
        measure=measure,
        each=shown,
        stay=unmoved_of(choice).get(measure.pk) if shown else None,
        paged=lines,
        lines=choice.edition.lines(lines.rows) if lines and choice.edition else [],
        independent=voices_of(choice, [measure.pk]).get(measure.pk, ()) if shown else (),
        questions=feedback.shown_of(measure=measure.pk),
    )


@public_page("year", "kind", "role", "reported", "page", never_with=("q",))
@costly(when=lambda request: "q" in request.GET)
def agency_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    kind = _one_of(request, "kind", AgencyKind.values)
    role = _one_of(request, "role", Role.values)
    reports = _of_reported()
    reported = _one_of(request, "reported", list(reports))
    agencies = Agency.objects.matching(words)
    if kind:
        agencies = agencies.filter(kind=kind)
    # A published edition still names a record that was merged since; no other list does.
    others = agencies.filter(merged_into=None)
    rows: Sequence[AgencyCount] = ()
    # Members of a group are behind its row, unless they are looked for.
    answering = tuple(Answering) if words or kind else published.GROUPED
    if choice.round and choice.edition:
        counts = published.agency_counts(
            choice.edition, answering=answering, role=role, only=agencies if words or kind else None
        )
        rows = counts.of(*reports[reported][1]) if reported else counts
        others = others.exclude(pk__in=counts.edition.assigned())
        if not words:  # whoever looks for one by name finds its page
            others = others.exclude(pk__in=Agency.objects.ended_before(choice.round.year_be))
    if role or reported:
        others = others.none()
    unassigned = Queried(others)
    shown: Paged[AgencyCount | Agency] = paged(request, Joined(rows, unassigned), AGENCIES_A_PAGE)
    here = [each for each in shown.rows if isinstance(each, AgencyCount)]
    if choice.edition:
        here = published.with_cells(here, choice.edition, answering=answering)
    rest = [each for each in shown.rows if isinstance(each, Agency)]
    _count_divisions([*(row.agency for row in here), *rest], choice.edition)
    return page(
        request,
        "agency_list",
        choice,
        paged=shown,
        rows=here,
        others=rest,
        assigned_count=len(rows),
        others_count=len(unassigned),
        words=words,
        kind=kind,
        role=role,
        reported=reported,
        reports=[(value, label) for value, (label, _kinds) in reports.items()],
        kinds=AgencyKind.choices,
        roles=Role.choices,
        found=shown.total,
        filtered=bool(words or kind or role or reported),
    )


def _of_reported() -> dict[str, tuple[str, tuple[Reporting, ...]]]:
    """Value of `?reported=` -> (its label, the agencies that it keeps)."""
    return {
        "yes": (_("รายงานครบ"), (Reporting.COMPLETE,)),
        "no": (_("ยังไม่ครบ"), (Reporting.SILENT, Reporting.PARTIAL)),
        "none": (_("ไม่มีรายงานเลย"), (Reporting.SILENT,)),
        "some": (_("รายงานบางข้อ"), (Reporting.PARTIAL,)),
    }


def _count_divisions(agencies: Sequence[Agency], edition: Edition | None) -> None:
    """Set `divisions_answer_for`: for how many measures an agency's divisions answer, in the year shown
    or, without one, ever. Two queries."""
    below = Agency.objects.divisions()
    every: QuerySet[Any] = edition.counted_rows() if edition else Assignment.objects.all()
    counts = every.order_by().aggregate(
        **{
            f"of_{each.pk}": Count(
                "measure_id", distinct=True, filter=Q(agency_id__in=below[each.pk])
            )
            for each in agencies
            if each.pk in below
        }
    )
    for each in agencies:
        each.divisions_answer_for = counts.get(f"of_{each.pk}", 0)  # type: ignore[attr-defined]


@public_page("year", "to", "page")
def agency_detail(request: HttpRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(
        Agency.objects.select_related(
            "parent", "successor", "merged_into", "province"
        ).prefetch_related("aliases", "children", "duplicates"),
        code=code,
    )
    if agency.merged_into:
        address = reverse("agency", args=[agency.merged_into.code])
        query = request.GET.urlencode()
        return redirect(f"{address}?{query}" if query else address, permanent=True)
    choice = chosen_year(request)
    keys = {agency.pk, *(each.pk for each in agency.duplicates.all())}
    years = published.agency_years(keys, choice.rounds, choice.editions)
    this_year = next((year for year in years if year.round == choice.round), None)
    below = Agency.objects.divisions().get(agency.pk, set())
    taken, given = handed_over(agency)
    lines = _lines_of(request, choice.edition, keys, below) if choice.edition else None
    own = [line for line in lines.rows if line.agency.pk in keys] if lines else []
    of_divisions = [line for line in lines.rows if line.agency.pk in below] if lines else []
    progress = progress_of(choice) if agency.is_group else None
    groups = published.groups_of(agency.pk, progress) if progress else []
    shown_groups = paged(request, groups, GROUPS_A_PAGE)
    if choice.edition:
        shown_groups = replace(
            shown_groups, rows=published.with_members(shown_groups.rows, choice.edition)
        )
    statuses = published.statuses(
        [line.assignment.pk for line in own], choice.rounds, choice.editions
    )
    assigned: QuerySet[Assignment] = Assignment.objects.none()
    if not (this_year or groups or of_divisions):
        assigned = Assignment.objects.filter(agency__in={agency.pk, *below})
    assignments: Paged[Assignment] = paged(
        request,
        assigned.select_related(
            "measure__resolution__forum", "agency", "of_group__agency"
        ).order_by(
            *_own_first(agency.pk),
            "measure__resolution__forum__year_be",
            "measure__resolution__number",
            "measure__number",
        ),
        ANSWERS_A_PAGE,
    )
    return page(
        request,
        "agency",
        choice,
        agency=agency,
        taken=taken,
        given=given,
        years=years,
        this_year=this_year,
        groups=shown_groups,
        grid=_grid_of_agency(request, choice, own, statuses, agency, shown_groups.rows),
        group_answered=sum(each.answered for each in groups),
        group_expected=sum(each.expected for each in groups),
        members=list(_members_of(agency, choice)) if agency.is_group else [],
        paged=lines or assignments,
        lines=[
            (line, [(each.label, status) for each, status in statuses[line.assignment.pk]])
            for line in own
        ],
        confirmations=current_assignments(
            [
                *(line.assignment.pk for line in own),
                *(each.assignment.pk for each in shown_groups.rows),
            ]
        ),
        complete=sum(year.is_complete for year in years),
        assignments=[each for each in assignments.rows if each.agency_id == agency.pk],
        divisions=_by_division(of_divisions, choice.edition) if choice.edition else [],
        assigned_below=[each for each in assignments.rows if each.agency_id != agency.pk],
        neighbours=neighbours_of(agency, choice.edition) if choice.edition else [],
        questions=feedback.shown_of(agencies=keys),
    )


def _grid_of_agency(
    request: HttpRequest,
    choice: YearChoice,
    own: Sequence[Line],
    statuses: Mapping[int, Sequence[tuple[Round, Status]]],
    agency: Agency,
    groups: Sequence[GroupLines],
) -> Grid | None:
    """What an agency answered for the measures of this page, or a group's members in its place, by year.

    Of a measure that it got twice, the later assignment has the later years.
    """
    histories: dict[int, tuple[Measure, dict[int, Status]]] = {}
    for line in own:
        measure = line.assignment.measure
        _measure, by_round = histories.setdefault(measure.pk, (measure, {}))
        by_round |= {round_.pk: status for round_, status in statuses[line.assignment.pk]}
    wanted = {unit.assignment.measure_id for unit in groups}
    for year in published.progress_by_year(choice.rounds, known=choice.editions) if groups else ():
        for unit in published.groups_of(agency.pk, year):
            if unit.assignment.measure_id in wanted:
                measure = unit.assignment.measure
                _measure, by_round = histories.setdefault(measure.pk, (measure, {}))
                by_round[year.round.pk] = unit.status
    shown = window(request, choice.rounds[::-1])
    return grid_of_answers(histories.values(), shown) if histories else None


def _own_first(agency: int) -> tuple[Any, ...]:
    """The order of an agency's rows before those of its divisions, which follow by name."""
    own = Case(When(agency_id=agency, then=0), default=1, output_field=IntegerField())
    return own, "agency__sort_key"


def _lines_of(
    request: HttpRequest, edition: Edition, keys: Collection[int], below: Collection[int]
) -> Paged[Line]:
    """An agency's lines in an edition, then those of its divisions, an agency after the other."""
    rows = edition.of_agencies(keys, below)
    shown: Paged[Any] = paged(request, rows, LINES_A_PAGE)
    return replace(shown, rows=edition.lines(shown.rows))


class Division(NamedTuple):
    """A division's lines on a page, and how many reports were expected of it, and received."""

    agency: Agency
    expected: int
    reported: int
    lines: Sequence[Line]


def _by_division(lines: Sequence[Line], edition: Edition) -> list[Division]:
    by_agency: dict[Agency, list[Line]] = {}
    for line in lines:
        by_agency.setdefault(line.agency, []).append(line)
    counts = published.counts_of([each.pk for each in by_agency], edition)
    return [Division(each, *counts[each.pk], found) for each, found in by_agency.items()]


def _members_of(group: Agency, choice: YearChoice) -> QuerySet[GroupMember]:
    """The group's members of the year shown or, before the first publication, of this fiscal year."""
    year = choice.round.year_be if choice.round else fiscal_year_today()
    return group.memberships.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=year), valid_from__lte=year
    ).select_related("agency")


class MatrixHead(NamedTuple):
    """A resolution at the head of the matrix."""

    resolution: Resolution
    opens_forum: bool  # the first column of its forum, after another forum's last


@public_page("year", "forum", "role", "kind", "page")
def matrix(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    every = progress_of(choice)
    progress, chosen = every, None
    if every and every.has_several_forums:
        # With more columns than fit, one forum at a time; all of them only in the list.
        fits = len(every.resolutions) <= MATRIX_COLUMNS
        is_all = bool(_one_of(request, "forum", ["all"]))
        asked = request.GET.get("forum", "")
        if not is_all and (asked or not fits) and (chosen := chosen_forum(request, every)):
            progress = every.of_forum(chosen.forum)
    # Lead agencies are the default; supporting ones are shown on request.
    role = "" if _one_of(request, "role", ["all", Role.LEAD]) == "all" else Role.LEAD
    kind = _one_of(request, "kind", AgencyKind.values)
    forum = chosen.forum if chosen else None
    by_forum = _by_forum(progress.resolutions if progress else [])
    every_agency: AgencyCounts | None = None
    rows_shown, sections = None, []
    if choice.edition:
        every_agency = published.agency_counts(choice.edition, forum=forum)
        counts = published.agency_counts(choice.edition, forum=forum, role=role, kind=kind)
        rows_shown = paged(request, counts, _matrix_rows(counts))
        here = published.with_cells(rows_shown.rows, choice.edition, forum=forum)
        sections = _matrix_sections(here, counts.reporting)
    return page(
        request,
        "matrix",
        choice,
        progress=progress,
        chosen=chosen,
        forums=[forum for forum, _part in every.parts[::-1]] if every else [],
        paged=rows_shown,
        sections=sections,
        by_forum=by_forum,
        columns=[
            MatrixHead(each, opens_forum=bool(place and not nth))
            for place, (_forum, resolutions) in enumerate(by_forum)
            for nth, each in enumerate(resolutions)
        ],
        has_room=sum(len(resolutions) for _forum, resolutions in by_forum) <= MATRIX_COLUMNS,
        leading=every_agency.leading if every_agency else 0,
        involved=len(every_agency or ()),
        nobodys=[each.measure for each in progress.measures if each.answers.is_nobodys]
        if progress
        else [],
        role=role,
        kind=kind,
        kinds=[
            (value, label)
            for value, label in AgencyKind.choices
            if every_agency and value in every_agency.kinds
        ],
        key=OF_REPORTS,
    )


def _matrix_rows(counts: AgencyCounts) -> int:
    """How many agencies a page of the matrix has; the same on all its pages."""
    fitting = MATRIX_UNITS * len(counts) // max(1, counts.units)
    return max(1, min(MATRIX_ROWS, fitting))


@dataclass(frozen=True)
class MatrixSection:
    """The agencies of a page that reported alike; `total` of them are on all pages."""

    symbol: str
    label: str
    rows: Sequence[AgencyCount]
    total: int


def reporting_labels() -> list[tuple[Reporting, str, str]]:
    """(kind, symbol, label) of agencies by the share of expected reports received."""
    return [
        (Reporting.SILENT, "s-no_report", _("ไม่มีรายงานเลย")),
        (Reporting.PARTIAL, "i-part", _("รายงานบางข้อ")),
        (Reporting.COMPLETE, "i-tick", _("รายงานครบ")),
    ]


def _matrix_sections(here: Sequence[AgencyCount], totals: Mapping[str, int]) -> list[MatrixSection]:
    """The agencies of a page by how they reported."""
    return [
        MatrixSection(symbol, label, rows, totals[kind])
        for kind, symbol, label in reporting_labels()
        if (rows := [each for each in here if each.reporting is kind])
    ]


def _by_forum(resolutions: Sequence[ResolutionProgress]) -> list[tuple[Forum, list[Resolution]]]:
    every = [each.resolution for each in resolutions]
    return [(forum, list(few)) for forum, few in groupby(every, key=lambda each: each.forum)]


@public_page("year", "forum", "to")
def year_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    every = published.progress_by_year(choice.rounds, known=choice.editions)
    chosen = chosen_forum_of_years(request, every)
    followed = [
        part for year in every for forum, part in year.parts if chosen and forum == chosen.forum
    ]
    shown = window(request, [year.round for year in followed])
    upto = followed[: len(shown.upto)]
    here = upto[len(upto) - len(shown.rounds) :]
    stays = unmoved_in(upto)
    return page(
        request,
        "year_list",
        choice,
        chosen=chosen,
        shown=shown,
        trends=trends(here),
        here=here if len(here) > 1 else (),
        latest=upto[-1] if upto else None,
        stays=sorted(
            (
                (each, stays[each.measure.pk])
                for each in (upto[-1].measures if upto else ())
                if each.measure.pk in stays and stays[each.measure.pk].is_long
            ),
            key=lambda row: -row[1].rounds,
        ),
        grid=grid_of(upto, shown) if upto else None,
        years=[
            (
                year,
                [ForumLine.of(forum, part) for forum, part in year.parts[::-1][:FORUMS_IN_BRIEF]],
                len(year.parts),
            )
            for year in reversed(every)
        ],
    )


@public_page("page")
def year_detail(request: HttpRequest, round_code: str) -> HttpResponse:
    choice = published_round(round_code)
    progress = progress_of(choice)
    assert progress is not None  # noqa: S101  published_round has found one or raised
    assert choice.edition is not None  # noqa: S101
    counts = published.agency_counts(choice.edition)
    lines = [ForumLine.of(forum, part) for forum, part in progress.parts[::-1]]
    forums = paged(request, lines, FORUMS_A_PAGE)
    return page(
        request,
        "year",
        choice,
        progress=progress,
        lines=lines,
        shown=forums.rows,
        paged=forums,
        involved=len(counts),
        compare_query=_compared_with_another(choice),
        reporting=counts.reporting,
        agencies={kind: counts.of(kind)[:NAMES] for kind in Reporting},
        independent=[
            (forum, found, part.tally)
            for forum, part in progress.parts[::-1]
            if (found := independent_of(choice, part.measures))
        ],
    )


def _compared_with_another(choice: YearChoice) -> str:
    """The query of the comparison with the year before or, of the first year, with the one after it."""
    assert choice.round is not None  # noqa: S101
    if choice.previous:
        return f"?{urlencode({'from': choice.previous.code, 'to': choice.round.code})}"
    later = [each for each in choice.rounds if each.order > choice.round.order]
    other = later[-1] if later else choice.interim
    return f"?{urlencode({'from': choice.round.code, 'to': other.code})}" if other else ""


@public_page("year")
def follow_up(request: HttpRequest) -> HttpResponse:
    """The committee's own duty: when each year's round was opened and published.

    It began in the year after the forum of the resolution that obliges it, or after the first forum.
    """
    choice = chosen_year(request)
    obliged_by = duty()
    first = obliged_by.forum if obliged_by else Forum.objects.order_by("year_be").first()
    ended = range(first.year_be + 1, fiscal_year_today()) if first else ()
    years = duty_years(Round.objects.all(), ended)
    return page(
        request,
        "follow_up",
        choice,
        years=years,
        due=len(ended),
        published=sum(
            each.year in ended
            and bool(each.round and each.round.is_public and not each.round.is_interim)
            for each in years
        ),
        duty=obliged_by,
    )


class Corrected(NamedTuple):
    """A correction with the changes of it that a page shows, of `total`; `address` has all of them."""

    edition: Snapshot
    effects: Sequence[correcting.Effect]
    changes: Sequence[correcting.Difference]
    total: int
    address: str


@public_page("year", "edition", "page")
def corrections(request: HttpRequest) -> HttpResponse:
    """The changes after publication: the reason, the old and the new value.

    Of a correction with many changes the first are here, and all, page by page, under `?edition=`.
    """
    choice = chosen_year(request)
    every = (
        Snapshot.objects.corrections()
        .filter(round__published_at__isnull=False)
        .select_related("round")
        .defer("content")
    )
    whole = _asked_correction(request, every) if "edition" in request.GET else None
    pages: Paged[Any]
    if whole:
        pages = paged(request, whole.changes, CHANGES_A_PAGE)
        shown = [(whole, pages.rows)]
    else:
        pages = paged(request, every, CORRECTIONS_A_PAGE)
        shown = [(each, each.changes[:CHANGES_IN_BRIEF]) for each in pages.rows]
    effects = correcting.effects_of(each for each, _rows in shown)
    several = Forum.objects.are_several()
    is_first = whole is None and pages.number == 1
    named = {row["agency"] for _each, rows in shown for row in rows}
    return page(
        request,
        "corrections",
        choice,
        whole=whole,
        paged=pages,
        editions=[
            Corrected(
                each,
                effects[each.pk],
                correcting.told(rows, several_forums=several),
                len(each.changes),
                f"{reverse('corrections')}?edition={each.pk}#c{each.pk}",
            )
            for each, rows in shown
        ],
        several_forums=several,
        sources=[(each, correcting.source_label(each)) for each in SourceCorrection.objects.all()]
        if is_first
        else [],
        taken_back=TakenBack.objects.select_related("snapshot__round").defer(
            "snapshot__content", "snapshot__changes"
        )
        if is_first
        else [],
        reopened=[each for each in choice.rounds if each.is_reopened],
        agencies=dict(Agency.objects.filter(code__in=named).values_list("code", "name_th")),
    )


def _asked_correction(request: HttpRequest, every: QuerySet[Snapshot]) -> Snapshot:
    """The correction that `?edition=` names by its key. Raises Http404 for an unknown one."""
    asked = request.GET["edition"]
    if found := every.filter(pk=read_id(asked) or 0).first():
        if asked == str(found.pk):
            vouch(request, "edition")
        return found
    raise Http404(_("ไม่มีการแก้ไขนี้ ดูการแก้ไขทั้งหมดได้ที่หน้าการแก้ไขหลังเผยแพร่"))


@public_page("year")
def about(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    forums = list(Forum.objects.prefetch_related("editor_notes__resolution"))
    measures = list(Measure.objects.all())
    return page(
        request,
        "about",
        choice,
        forum=forums[0] if forums else None,
        forums=forums[::-1],
        duty=duty(),
        measures=list(Counter(each.resolution.forum for each in measures).items()),
        discretionary=[each for each in measures if each.kind == MeasureKind.DISCRETIONARY],
        statuses=list(Status),
        responses=list(Response),
        dues=list(Due),
        grades=list(Grade),
        changes=list(Change),
        independent_rules=INDEPENDENT_RULES,
        version=VERSION,
        source_url=settings.SOURCE_URL,
    )


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon at the fixed address that browsers request, whatever the page declares."""
    from django.shortcuts import redirect
    from django.templatetags.static import static

    return redirect(static("img/icon.svg"), permanent=True)


def _one_of(request: HttpRequest, name: str, allowed: list[str]) -> str:
    """The value of a filter if the page offers it, else "" (no filter)."""
    value = request.GET.get(name, "")
    if value not in allowed:
        return ""
    vouch(request, name)
    return value
