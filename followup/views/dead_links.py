"""The links of evidence that can no longer be opened, for the secretariat."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from followup import link_checks
from followup.models import Evidence
from followup.views.paging import Paged, paged
from followup.views.staff import StaffRequest, staff_page

PAGE = 50


@staff_page
def dead_links(request: StaffRequest) -> HttpResponse:
    """The dead links of reports that were sent in, the latest round first."""
    shown: Paged[Evidence] = paged(request, link_checks.dead(), PAGE)
    context = {"pieces": link_checks.mark(shown.rows), "paged": shown}
    return render(request, "staff/dead_links.html", context)
