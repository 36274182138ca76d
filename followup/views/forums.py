"""The forums: all of them with their counts for a year, and each one's own page."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from followup.charts import cohort_axis, cohort_lines
from followup.progress import Cohort, cohorts
from followup.published import progress_by_year
from followup.relations import relations_of
from followup.views.chosen_forum import ForumLine, forum_of
from followup.views.paging import paged
from followup.views.public import page
from followup.views.years import chosen_year
from forum_portal.page_cache import public_page
from proposals.models import Forum

FORUMS_A_PAGE = 4


class ForumRow(NamedTuple):
    """A forum in the list; `line` is None if no published round up to the chosen one followed it up."""

    forum: Forum
    line: ForumLine | None
    is_ended: bool  # concluded before the chosen year: the line is of its last round


@public_page("year", "page")
def forum_list(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    years = progress_by_year(choice.rounds, known=choice.editions)
    this_year = next((each for each in years if each.round == choice.round), None)
    parts = dict(this_year.parts) if this_year else {}
    every = cohorts(years)
    last = {each.forum: each.years[-1] for each in every}
    counted = Forum.objects.annotate(
        size=Count("resolutions", distinct=True), measure_count=Count("resolutions__measures")
    )
    forums = {forum.pk: forum for forum in counted.order_by("-year_be")}
    rows = []
    for forum in forums.values():
        ended = bool(
            choice.round and forum.concluded_after and forum.concluded_after < choice.round.year_be
        )
        part = last.get(forum) if ended else parts.get(forum)
        rows.append(ForumRow(forum, ForumLine.of(forum, part) if part else None, ended))
    steps = max((len(each.years) for each in every), default=0)
    return page(
        request,
        "forum_list",
        choice,
        paged=paged(request, rows, FORUMS_A_PAGE),
        total=this_year.tally if this_year and len(parts) > 1 else None,
        cohorts=[
            (forums[each.forum.pk], [*each.years, *[None] * (steps - len(each.years))])
            for each in every
        ],
        steps=range(1, steps + 1),
        axis=cohort_axis(every),
        lines=cohort_lines(every),
    )


@public_page("year")
def forum_detail(request: HttpRequest, year: int) -> HttpResponse:
    forum = forum_of(year, Forum.objects.prefetch_related("editor_notes__resolution"))
    choice = chosen_year(request)
    years = progress_by_year(choice.rounds, known=choice.editions)
    cohort = next((each for each in cohorts(years) if each.forum == forum), Cohort(forum, []))
    part = next((each for each in cohort.years if each.round == choice.round), None)
    resolutions = list(forum.resolutions.prefetch_related("measures"))
    progress_of = {each.resolution: each for each in part.resolutions} if part else {}
    measures = {each.pk: each for one in resolutions for each in one.measures.all()}
    related = relations_of(measures.keys(), choice.rounds, choice.round, choice.editions)
    ends = [(measures[pk], each) for pk, several in related.items() for each in several]
    return page(
        request,
        "forum",
        choice,
        forum=forum,
        resolutions=[(each, progress_of.get(each)) for each in resolutions],
        measures=len(measures),
        rounds=[each.round for each in cohort.years],
        line=ForumLine.of(forum, part) if part else None,
        earlier=[pair for pair in ends if pair[1].is_earlier],
        later=[pair for pair in ends if not pair[1].is_earlier],
    )
