"""Where the work is, as it is reported: the map of the provinces, and one province."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from followup.charts import percent
from followup.mentions import Piece, mentioned
from followup.models import Province, StatusReport
from followup.progress import FEW_PROVINCES, Line, Places
from followup.province_map import drawing, province_map
from followup.published import Edition, PublishedPlace, named_places, naming_agencies
from followup.status import Status
from followup.views.paging import paged
from followup.views.public import page, progress_of
from followup.views.years import chosen_year
from forum_portal.languages import listed
from forum_portal.page_cache import public_page, vouch
from forum_portal.years import as_typed
from proposals.models import Forum

MOST_NAMED = 5  # provinces beside the map
NONE_NAMED = 10  # provinces without a report that are named; more are folded
REPORTS_A_PAGE = 20
AGENCIES = 20  # that name a province; of more the page says how many
SORTS = ("count", "name")


class ProvinceRow(NamedTuple):
    """A province with the reports that name it, and those of them that name few."""

    province: Province
    reports: int
    few: int
    bar: str  # an SVG length: the share of the largest count


class Region(NamedTuple):
    name: str
    rows: Sequence[ProvinceRow]

    @property
    def named(self) -> int:
        return sum(bool(row.reports) for row in self.rows)


@public_page("year", "sort")
def area_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    if choice.edition is None:
        return page(request, "area_list", choice)
    every = list(Province.objects.all())
    parts = _parts(choice.edition)
    places = Places.sum([part for _forum, part in parts])
    sort = request.GET.get("sort", "")
    if sort in SORTS:
        vouch(request, "sort")
    rows = [_row(each, places) for each in every]
    by_count = sorted(rows, key=lambda row: -row.reports)  # equal ones stay by name
    regions: dict[str, list[ProvinceRow]] = {}
    for row in rows if sort == "name" else by_count:
        regions.setdefault(row.province.region, []).append(row)
    frame = choice.edition.frame
    most = [row for row in by_count[:MOST_NAMED] if row.reports]
    year = f"year={choice.round.code}&" if choice.round and choice.query else ""
    return page(
        request,
        "area_list",
        choice,
        places=places,
        parts=parts if len(parts) > 1 else [],
        total=len(rows),
        named=sum(bool(row.reports) for row in rows),
        map=province_map({row.province.iso: row.reports for row in rows}),
        most=most,
        most_named=listed(f"{row.province.name} {row.reports}" for row in most),
        without=[row.province for row in rows if not row.reports],
        none_named=NONE_NAMED,
        regions=[
            Region(name, found)
            for name, found in sorted(
                regions.items(), key=lambda each: max(row.province.pk for row in each[1])
            )
        ],
        widest=[(frame.measures[measure], named) for measure, named in places.widest],
        few=FEW_PROVINCES,
        sort="name" if sort == "name" else "count",
        by_count=f"?{year}sort=count",
        by_name=f"?{year}sort=name",
    )


def _parts(edition: Edition) -> list[tuple[Forum, Places]]:
    """Each forum of an edition, the newest first, with what its reports name."""
    forums = {each.forum_id: each.forum for each in edition.frame.resolutions.values()}
    newest_first = sorted(edition.places, key=lambda pk: -forums[pk].year_be)
    return [(forums[pk], edition.places[pk]) for pk in newest_first]


def _row(province: Province, places: Places) -> ProvinceRow:
    count = places.counts.get(province.pk, 0)
    return ProvinceRow(province, count, places.few.get(province.pk, 0), percent(count, places.most))


class Report(NamedTuple):
    """A report that names the province: its line, the measure's own status, how many it names, and
    the passage of its results with the name."""

    line: Line
    status: Status
    named: int
    passage: Sequence[Piece]


class AreaYear(NamedTuple):
    code: str
    label: str
    reports: int
    received: int
    bar: str


@public_page("year", "page")
def area_detail(request: HttpRequest, code: str) -> HttpResponse:
    every = list(Province.objects.all())
    place = next((nth for nth, each in enumerate(every) if each.iso == code), None)
    if place is None:
        return _other_spelling(request, every, code)
    province = every[place]
    choice = chosen_year(request)
    shapes = {"drawing": drawing(), "province": province}
    beside = {
        "previous": every[place - 1] if place else None,
        "next": every[place + 1] if place + 1 < len(every) else None,
    }
    edition, progress = choice.edition, progress_of(choice)
    if edition is None or progress is None or choice.round is None:
        return page(request, "area", choice, **shapes, **beside)
    places = Places.sum(list(edition.places.values()))
    reports = paged(request, named_places(edition, province.pk), REPORTS_A_PAGE)
    told = _reports(edition, reports.rows, province, progress.status_of)
    agencies, more = naming_agencies(edition, province.pk, AGENCIES)
    years = {
        round_: Places.sum(list(each.places.values())) for round_, each in choice.editions.items()
    }
    most = max(each.counts.get(province.pk, 0) for each in years.values())
    count, few = places.counts.get(province.pk, 0), places.few.get(province.pk, 0)
    return page(
        request,
        "area",
        choice,
        **shapes,
        **beside,
        places=places,
        parts=[
            (forum, part.counts.get(province.pk, 0), part.received)
            for forum, part in _parts(edition)
        ]
        if len(edition.places) > 1
        else [],
        count=count,
        few_count=few,
        wide_count=count - few,
        few=FEW_PROVINCES,
        paged=reports,
        few_reports=[each for each in told if each.named <= FEW_PROVINCES],
        wide_reports=[each for each in told if each.named > FEW_PROVINCES],
        agencies=agencies,
        more_agencies=more,
        years=[
            AreaYear(
                round_.code,
                round_.label,
                named,
                each.received,
                percent(named, most),
            )
            for round_, each in years.items()
            for named in [each.counts.get(province.pk, 0)]
        ],
    )


def _other_spelling(request: HttpRequest, every: Sequence[Province], code: str) -> HttpResponse:
    """The page of a code that is written in another way. Raises Http404 for one that is none."""
    meant = code.upper()
    for each in every:
        if meant in {each.iso, each.pk}:
            address = reverse("area", args=[each.iso])
            query = request.GET.urlencode()
            return redirect(f"{address}?{query}" if query else address, permanent=True)
    raise Http404(_("ไม่มีจังหวัดที่ใช้รหัส “%(code)s” เลือกจังหวัดได้จากหน้าพื้นที่") % {"code": as_typed(code)})


def _reports(
    edition: Edition,
    rows: Sequence[PublishedPlace],
    province: Province,
    status_of: dict[int, Status],
) -> list[Report]:
    """The reports at some places, in their order. Two queries at most."""
    positions = [row.line_position for row in rows]
    kept = list(edition.rows().filter(position__in=positions))
    lines = {row.position: line for row, line in zip(kept, edition.lines(kept), strict=True)}
    names = [province.name_th, *province.aliases_th]
    return [
        Report(
            line,
            status_of[line.assignment.measure_id],
            row.named,
            _passage(line.report, names),
        )
        for row in rows
        for line in [lines[row.line_position]]
        if line.report is not None
    ]


def _passage(report: StatusReport, names: Sequence[str]) -> Sequence[Piece]:
    """The passage of what was reported that has the name; else the beginning of the results."""
    texts = [report.results, report.obstacles, report.next_steps]
    passages = [mentioned(text, names) for text in texts if text]
    with_name = (each for each in passages if any(piece.is_hit for piece in each))
    return next(with_name, passages[0] if passages else ())
