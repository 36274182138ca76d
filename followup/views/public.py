"""Public pages: only published rounds, no names of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import corrections as correcting
from followup.charts import stacked_bar
from followup.duty import duty
from followup.models import (
    Agency,
    AgencyKind,
    Assignment,
    GroupMember,
    Role,
    Round,
    Snapshot,
    SourceCorrection,
    TakenBack,
)
from followup.progress import (
    AgencyRow,
    Reporting,
    ResolutionProgress,
    YearProgress,
    agency_rows,
    agency_years,
    duty_years,
    group_years,
    progress_by_year,
    unique,
    year_progress,
)
from followup.relations import relations_of
from followup.source_text import annotate
from followup.status import OF_REPORTS, Change, Status
from followup.succession import handed_over
from followup.views.chosen_forum import ForumLine, chosen_forum
from followup.views.paging import Paged, paged
from followup.views.years import YearChoice, chosen_year, published_round
from forum_portal.costly import costly
from forum_portal.years import fiscal_year_today
from proposals.models import Forum, Measure, MeasureKind, Resolution

CHANGES_ON_HOME = 8  # more improvements are on a linked page; all deteriorations are shown
AGENCIES_A_PAGE = 80
MATRIX_ROWS = 60  # agencies a page of the matrix
MATRIX_COLUMNS = 18  # columns that fit the full width; with more, the list is shown at every width


def page(request: HttpRequest, template: str, choice: YearChoice, **context: Any) -> HttpResponse:
    """Render a public page with the year it shows."""
    return render(request, f"public/{template}.html", {"choice": choice, **context})


def progress_of(choice: YearChoice, **only: Any) -> YearProgress | None:
    return year_progress(choice.round, previous=choice.previous, **only) if choice.round else None


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


def home(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    every = progress_of(choice)
    chosen = chosen_forum(request, every) if every else None
    if every is None or chosen is None:
        return page(request, "home_empty", choice, parts=parts_without_round())
    progress = every.of_forum(chosen.forum)
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
        on_hold=progress.with_status(Status.ON_HOLD),
        no_report=progress.with_status(Status.NO_REPORT),
        outside=[each for each in progress.measures if not each.is_counted],
    )


def resolution_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    progress = progress_of(choice)
    if progress is None:
        return page(request, "resolution_list_empty", choice, parts=parts_without_round())
    return page(request, "resolution_list", choice, progress=progress, parts=progress.parts[::-1])


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
    keys = {measure.pk for measure in resolution.measures.all()}
    related = relations_of(keys, choice.rounds, choice.round)
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
        progress=shown,
        measures=[(each, related.get(each.measure.pk, ())) for each in shown.measures]
        if shown
        else [],
        replaced=[(each, related.get(each.pk, ())) for each in shown.replaced] if shown else [],
        followed=[each for each in choice.rounds if resolution.forum.is_followed_in(each.year_be)],
        text=annotate(resolution),
        named=Agency.objects.named(resolution.named_parties),
        unreported=[
            (measure, assigned.get(measure.pk, []), related.get(measure.pk, ()))
            for measure in resolution.measures.all()
        ],
        previous=neighbours.get(number - 1),
        next=neighbours.get(number + 1),
    )


@costly(when=lambda request: "q" in request.GET)
def agency_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    progress = progress_of(choice)
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    kind = _one_of(request.GET.get("kind", ""), AgencyKind.values)
    role = _one_of(request.GET.get("role", ""), Role.values)
    reported = _one_of(request.GET.get("reported", ""), ["yes", "no"])
    agencies = Agency.objects.matching(words)
    if kind:
        agencies = agencies.filter(kind=kind)
    rows, others = [], list(agencies)
    if progress:
        # Members of a group are behind its row, unless they are looked for.
        rows = agency_rows(progress, role=role, only=others, grouped=not (words or kind))
        if words or kind:
            groups = [each for each in others if each.is_group]
            rows += agency_rows(progress, role=role, only=groups, grouped=True)
        rows = Reporting.of(rows).rows
        if reported:
            rows = [row for row in rows if (row.silent == 0) == (reported == "yes")]
        assigned = {row.agency for row in agency_rows(progress)}
        assigned |= {row.agency for row in agency_rows(progress, grouped=True)}
        others = [agency for agency in others if agency not in assigned]
        if not words:  # whoever looks for one by name finds its page
            ended = Agency.objects.ended_before(progress.round.year_be)
            gone = set(ended.values_list("pk", flat=True))
            others = [agency for agency in others if agency.pk not in gone]
    # A published edition still names a record that was merged since; no other list does.
    others = [agency for agency in others if agency.merged_into_id is None]
    if role or reported:
        others = []
    shown: Paged[AgencyRow | Agency] = paged(request, [*rows, *others], AGENCIES_A_PAGE)
    below = Agency.objects.divisions()
    answers = _measures_by_agency(progress)
    for agency in (*(row.agency for row in rows), *others):
        found = set().union(*(answers.get(pk, set()) for pk in below.get(agency.pk, ())))
        agency.divisions_answer_for = len(found)  # type: ignore[attr-defined]
    return page(
        request,
        "agency_list",
        choice,
        paged=shown,
        rows=[row for row in shown.rows if isinstance(row, AgencyRow)],
        others=[each for each in shown.rows if isinstance(each, Agency)],
        assigned_count=len(rows),
        others_count=len(others),
        words=words,
        kind=kind,
        role=role,
        reported=reported,
        kinds=AgencyKind.choices,
        roles=Role.choices,
        found=shown.total,
        filtered=bool(words or kind or role or reported),
    )


def _measures_by_agency(progress: YearProgress | None) -> dict[int, set[int]]:
    """Agency pk -> pks of the measures assigned to it, in the year shown or, without one, ever."""
    pairs: Iterable[tuple[int, int]] = (
        ((line.agency.pk, each.measure.pk) for each in progress.measures for line in each.lines)
        if progress
        else Assignment.objects.values_list("agency_id", "measure_id")
    )
    found: dict[int, set[int]] = {}
    for agency, measure in pairs:
        found.setdefault(agency, set()).add(measure)
    return found


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
    years = agency_years(agency, choice.rounds, also=[each.pk for each in agency.duplicates.all()])
    groups = group_years(agency, choice.rounds) if agency.is_group else []
    this_year = next((year for year in years if year.round == choice.round), None)
    below = Agency.objects.divisions().get(agency.pk, set())
    taken, given = handed_over(agency)
    progress = progress_of(choice) if below else None
    assignments: list[Assignment] = []
    if below or not this_year:
        assignments += (
            Assignment.objects.filter(agency__in={agency.pk, *below})
            .select_related("measure__resolution__forum", "agency", "of_group__agency")
            .order_by(
                "measure__resolution__forum__year_be",
                "measure__resolution__number",
                "measure__number",
            )
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
        group_year=next((year for year in groups if year.round == choice.round), None),
        members=list(_members_of(agency, choice)) if agency.is_group else [],
        lines=[
            (line, [(each.round.label, each.status_of(line.assignment)) for each in years])
            for line in (this_year.lines if this_year else [])
        ],
        complete=sum(year.is_complete for year in years),
        assignments=[each for each in assignments if each.agency_id == agency.pk],
        divisions=agency_rows(progress, only=Agency.objects.filter(pk__in=below))
        if progress
        else [],
        assigned_below=[each for each in assignments if each.agency_id != agency.pk],
    )


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


def matrix(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    every = progress_of(choice)
    progress, chosen = every, None
    if every and every.has_several_forums:
        # With more columns than fit, one forum at a time; all of them only in the list.
        fits = len(every.resolutions) <= MATRIX_COLUMNS
        asked = request.GET.get("forum", "")
        if asked != "all" and (asked or not fits) and (chosen := chosen_forum(request, every)):
            progress = every.of_forum(chosen.forum)
    # Lead agencies are the default; supporting ones are shown on request.
    role = "" if request.GET.get("role") == "all" else Role.LEAD
    kind = _one_of(request.GET.get("kind", ""), AgencyKind.values)
    rows = agency_rows(progress, grouped=True) if progress else []
    shown = agency_rows(progress, role=role, kind=kind, grouped=True) if progress else []
    by_forum = _by_forum(progress.resolutions if progress else [])
    reporting = Reporting.of(shown)
    rows_shown = paged(request, reporting.rows, MATRIX_ROWS)
    return page(
        request,
        "matrix",
        choice,
        progress=progress,
        chosen=chosen,
        forums=[forum for forum, _part in every.parts[::-1]] if every else [],
        paged=rows_shown,
        sections=_matrix_sections(reporting, rows_shown),
        by_forum=by_forum,
        columns=[
            MatrixHead(each, opens_forum=bool(place and not nth))
            for place, (_forum, resolutions) in enumerate(by_forum)
            for nth, each in enumerate(resolutions)
        ],
        has_room=sum(len(resolutions) for _forum, resolutions in by_forum) <= MATRIX_COLUMNS,
        leading=sum(row.leads > 0 for row in rows),
        involved=len(rows),
        nobodys=[each.measure for each in progress.measures if not each.lines] if progress else [],
        role=role,
        kind=kind,
        kinds=[
            (value, label)
            for value, label in AgencyKind.choices
            if value in {row.agency.kind for row in rows}
        ],
        key=OF_REPORTS,
    )


@dataclass(frozen=True)
class MatrixSection:
    """The agencies of a page that reported alike; `total` of them are on all pages."""

    symbol: str
    label: str
    rows: Sequence[AgencyRow]
    total: int


def _matrix_sections(reporting: Reporting, shown: Paged[AgencyRow]) -> list[MatrixSection]:
    """The parts of `reporting` that have rows on the page."""
    here = {row.agency for row in shown.rows}
    parts = (
        ("s-no_report", _("ไม่มีรายงานเลย"), reporting.silent),
        ("c-gap", _("รายงานบางข้อ"), reporting.partial),
        ("i-tick", _("รายงานครบ"), reporting.complete),
    )
    return [
        MatrixSection(symbol, label, rows, len(every))
        for symbol, label, every in parts
        if (rows := [row for row in every if row.agency in here])
    ]


def _by_forum(resolutions: Sequence[ResolutionProgress]) -> list[tuple[Forum, list[Resolution]]]:
    every = [each.resolution for each in resolutions]
    return [(forum, list(few)) for forum, few in groupby(every, key=lambda each: each.forum)]


def year_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    years = reversed(progress_by_year(choice.rounds))
    return page(
        request,
        "year_list",
        choice,
        years=[
            (year, [ForumLine.of(forum, part) for forum, part in year.parts[::-1]])
            for year in years
        ],
    )


def year_detail(request: HttpRequest, round_code: str) -> HttpResponse:
    choice = published_round(round_code)
    progress = progress_of(choice)
    assert progress is not None  # noqa: S101  published_round has found one or raised
    rows = agency_rows(progress, grouped=True)
    return page(
        request,
        "year",
        choice,
        progress=progress,
        lines=[ForumLine.of(forum, part) for forum, part in progress.parts[::-1]],
        reporting=Reporting.of(rows),
        involved=len(rows),
    )


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


def corrections(request: HttpRequest) -> HttpResponse:
    """The changes after publication: the reason, the old and the new value."""
    choice = chosen_year(request)
    editions = list(
        Snapshot.objects.corrections()
        .filter(round__published_at__isnull=False)
        .select_related("round")
        .defer("content")
    )
    effects, several = correcting.effects_of(editions), Forum.objects.are_several()
    return page(
        request,
        "corrections",
        choice,
        editions=[
            (each, effects[each.pk], correcting.describe(each, several_forums=several))
            for each in editions
        ],
        several_forums=several,
        sources=[(each, correcting.source_label(each)) for each in SourceCorrection.objects.all()],
        taken_back=TakenBack.objects.select_related("snapshot__round"),
        reopened=[each for each in choice.rounds if each.is_reopened],
        agencies=dict(Agency.objects.values_list("code", "name_th")),
    )


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
        changes=list(Change),
    )


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon at the fixed address that browsers request, whatever the page declares."""
    from django.shortcuts import redirect
    from django.templatetags.static import static

    return redirect(static("img/icon.svg"), permanent=True)


def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", f"Disallow: {reverse('staff-queue')}", "Disallow: /admin/"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def _one_of(value: str, allowed: list[str]) -> str:
    """The filter's value if the page offers it, else "" (no filter)."""
    return value if value in allowed else ""
