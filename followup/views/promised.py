"""The dates that agencies promised: past due, and near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from followup import promised
from followup.models import Agency, StatusReport
from followup.views.paging import Paged, paged
from followup.views.staff import StaffRequest, staff_page

if TYPE_CHECKING:
    from followup.models.reports import StatusReportQuerySet

PAGE = 50  # promises a page

#: In the order of the tabs, with the query of each.
TABS = {
    "past": (_l("เลยกำหนด"), promised.past_due),
    "soon": (_l("ใกล้ถึงกำหนด"), promised.coming),
}


def of_caretaker(request: StaffRequest, reports: StatusReportQuerySet) -> StatusReportQuerySet:
    return reports.filter(assignment__agency__caretaker=request.user)


@staff_page
def promised_list(request: StaffRequest) -> HttpResponse:
    """The promises that are past due, the oldest first, or near: of all agencies, one or one's own."""
    today = timezone.localdate()
    tab = request.GET.get("state", "")
    tab = tab if tab in TABS else next(iter(TABS))
    code = request.GET.get("agency", "")
    is_mine = request.GET.get("mine") == "1"
    every = {name: query(today) for name, (_label, query) in TABS.items()}
    of_tab = every[tab].filter(assignment__agency=OuterRef("pk"))
    agencies = Agency.objects.filter(Exists(of_tab)).order_by("sort_key", "pk")
    if is_mine:
        every = {name: of_caretaker(request, reports) for name, reports in every.items()}
    if code:
        known = code if code.isprintable() else ""
        every = {
            name: reports.filter(assignment__agency__code=known) for name, reports in every.items()
        }
    shown: Paged[StatusReport] = paged(request, promised.loaded(every[tab]), PAGE)
    return render(
        request,
        "staff/promised.html",
        {
            "today": today,
            "soon_days": promised.SOON_DAYS,
            "counts": promised.counts(today),
            "tabs": [
                (
                    name,
                    label,
                    shown.total if name == tab else every[name].count(),
                )
                for name, (label, _query) in TABS.items()
            ],
            "tab": tab,
            "agencies": agencies.only("code", "name_th", "abbr_th"),
            "agency": code,
            "mine": is_mine,
            "filtered": bool(code or is_mine),
            "paged": shown,
            "promises": promised.promises(shown.rows, today),
        },
    )
