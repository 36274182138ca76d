"""Two published years side by side: every measure whose status is another, by kind of change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from followup import published
from followup.models import Round
from followup.progress import Compared, Comparison, MeasureProgress, YearProgress
from followup.published import Edition
from followup.status import Difference, Status
from followup.views.chosen_forum import forum_among
from followup.views.paging import Paged, paged
from followup.views.public import page
from followup.views.years import YearChoice, YearPair, chosen_pair
from forum_portal.page_cache import public_page
from proposals.models import Forum

MEASURES_A_PAGE = 40  # with the words of both years


@dataclass(frozen=True)
class Kind:
    """What became of some measures: how many they are, and the address of the first one."""

    difference: Difference
    count: int
    address: str  # "" if there is none


@dataclass(frozen=True)
class Section:
    """The measures of one kind on this page, of `total`."""

    difference: Difference
    rows: Sequence[Compared]
    total: int


@public_page("from", "to", "forum", "page")
def compare(request: HttpRequest) -> HttpResponse:
    pair = chosen_pair(request)
    known = published.editions({*pair.rounds, *(each for each in (pair.before, pair.now) if each)})
    latest = pair.rounds[0] if pair.rounds else None
    choice = YearChoice(pair.rounds, pair.now or latest)
    if not pair.is_comparable or pair.before is None or pair.now is None:
        return page(request, "compare", choice, pair=pair)
    rounds = [pair.before, *pair.between, pair.now]
    years = published.progress_by_year(rounds, known=known)
    beside = published.year_progress(pair.now, previous=pair.before, known=known)
    both = _forums_of_both(years)
    if not both:
        return page(request, "compare", choice, pair=pair, no_forum=True)
    heard = (forum for forum in both if beside.of_forum(forum).is_heard)
    chosen = forum_among(
        request,
        both,
        next(heard, both[0]),
        _("สองปีนี้ไม่ได้ติดตามเวที %(asked)s ทั้งสองปี จึงแสดงเวที %(shown)s"),
    )
    of_forum = [year.of_forum(chosen.forum) for year in years]
    compared = Comparison.of([*of_forum[:-1], beside.of_forum(chosen.forum)])
    rows = paged(request, compared.told, MEASURES_A_PAGE)
    return page(
        request,
        "compare",
        choice,
        pair=pair,
        chosen=chosen,
        compared=compared,
        kinds=_kinds(request, compared, rows),
        sections=_sections(compared, _with_words(rows.rows, pair, beside, known)),
        paged=rows,
        is_last=rows.number == rows.pages,
        totals=(compared.before, compared.now),
        statuses=_statuses(compared),
        transitions=_transitions(compared),
    )


def _forums_of_both(years: Sequence[YearProgress]) -> list[Forum]:
    """The forums that the first and the last year followed up, the newest first."""
    first, last = years[0].by_forum, years[-1].by_forum
    return sorted((each for each in last if each in first), key=lambda forum: -forum.year_be)


def _kinds(request: HttpRequest, compared: Comparison, rows: Paged[Compared]) -> list[Kind]:
    """Each kind with the address of its section, which may be on another page."""
    found, before = [], 0
    for difference, measures in compared.by_difference.items():
        is_same = difference is Difference.SAME  # they stand after all pages of the others
        number = rows.pages if is_same else before // MEASURES_A_PAGE + 1
        before += 0 if is_same else len(measures)
        query = ""
        if number != rows.number:
            parameters = request.GET.copy()
            parameters["page"] = str(number)
            query = f"?{parameters.urlencode()}"
        address = f"{query}#k-{difference.value}" if measures else ""
        found.append(Kind(difference, len(measures), address))
    return found


def _sections(compared: Comparison, rows: Sequence[Compared]) -> list[Section]:
    return [
        Section(difference, list(few), len(compared.by_difference[difference]))
        for difference, few in groupby(rows, key=lambda row: row.difference)
    ]


def _with_words(
    rows: Sequence[Compared],
    pair: YearPair,
    beside: YearProgress,
    known: Mapping[Round, Edition],
) -> list[Compared]:
    """The measures of a page with the lines of both years: a fixed number of queries for all."""
    followed = [row.now for row in rows if row.now]
    gone = [row.before for row in rows if row.before and not row.now]
    lines = _by_measure(published.with_lines(beside, followed, known=known))
    earlier: dict[int, MeasureProgress] = {}
    if gone and beside.before:
        earlier = _by_measure(published.with_lines(beside.before, gone, known=known))
    found = []
    for row in rows:
        now = lines.get(row.measure.pk)
        before = now.before if now else earlier.get(row.measure.pk)
        found.append(replace(row, before=before, now=now))
    return found


def _by_measure(measures: Sequence[MeasureProgress]) -> dict[int, MeasureProgress]:
    return {each.measure.pk: each for each in measures}


def _statuses(compared: Comparison) -> list[Status]:
    """The statuses of either year, most done first: the columns of the table."""
    here = {status for pair in compared.transitions for status in pair}
    return [status for status in Status if status in here]


def _transitions(
    compared: Comparison,
) -> list[tuple[Status, list[tuple[int, bool]], int]]:
    """(status before, (count, whether it is unchanged) of each status now, sum) of the table's rows."""
    columns, counts = _statuses(compared), compared.transitions
    rows = []
    for before in columns:
        cells = [
            (counts[before, now], Difference.between(before, now) is Difference.SAME)
            for now in columns
        ]
        if total := sum(count for count, _same in cells):
            rows.append((before, cells, total))
    return rows
