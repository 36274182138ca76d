"""The public page of disagreements: where an independent organisation says another status."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from followup.progress import Independent, independent_tally
from followup.status import STEPS
from followup.views.paging import Paged, paged
from followup.views.public import page, progress_of
from followup.views.years import chosen_year
from forum_portal.page_cache import public_page

PAGE = 30  # assessments a page


@public_page("year", "page")
def disagreement_list(request: HttpRequest) -> HttpResponse:
    """The assessments of a year that differ from the published status, furthest below it first."""
    choice = chosen_year(request)
    progress = progress_of(choice)
    shown: Paged[object] | None = None
    found: list[Independent] = []
    counts = None
    if choice.edition and progress:
        shown = paged(request, choice.edition.disagreements(), PAGE)
        found = choice.edition.voices(shown.rows)  # type: ignore[arg-type]
        counts = [
            (forum, independent_tally(part.measures, choice.edition.independent), part.tally)
            for forum, part in progress.parts[::-1]
        ]
    return page(
        request,
        "disagreements",
        choice,
        progress=progress,
        paged=shown,
        found=found,
        counts=counts,
        steps=STEPS,
    )
