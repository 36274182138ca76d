"""The ledger of silence: who was asked for reports, by which letter, and what came."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from followup import silence
from followup.duty import duty
from followup.models import Agency
from followup.published import DutyYear, duty_years
from followup.views.paging import paged
from followup.views.public import page, progress_of
from followup.views.years import chosen_year
from forum_portal.page_cache import public_page, vouch

AGENCIES_A_PAGE = 20
LATE_TOLD = 50  # of more the page says how many


class OwnYear(NamedTuple):
    """A published year of the committee's own duty; `days` from the end of the year to publication."""

    year: DutyYear
    days: int


@public_page("year", "agency", "page")
def ledger(request: HttpRequest) -> HttpResponse:
    choice = chosen_year(request)
    edition, progress = choice.edition, progress_of(choice)
    if edition is None or progress is None or choice.round is None:
        return page(request, "silence", choice)
    found = {each.agency: each for each in silence.silences(choice.round, choice.editions)}
    agency = _asked_agency(request)
    keys = [agency.pk] if agency else list(found)
    shown = paged(request, keys, AGENCIES_A_PAGE)
    late, late_left = silence.late(edition, LATE_TOLD)
    return page(
        request,
        "silence",
        choice,
        edition=edition,
        asked=silence.asked(edition),
        missing=edition.expected - edition.received,
        parts=progress.parts,
        agency=agency,
        silent=len(found),
        has_letters=silence.has_letters(edition),
        paged=shown,
        entries=silence.entries(edition, shown.rows, found),
        late=late,
        late_left=late_left,
        duty=duty(),
        years=[
            OwnYear(each, (timezone.localdate(published_at) - each.round.ends_on).days)
            for each in duty_years(choice.rounds, ())
            if each.round and (published_at := each.round.published_at)
        ],
    )


def _asked_agency(request: HttpRequest) -> Agency | None:
    """The agency whose entry alone is asked for; None for all, and for one that there is not."""
    found = Agency.objects.filter(code=request.GET.get("agency", "").replace("\0", "")).first()
    if found:
        vouch(request, "agency")
    return found
