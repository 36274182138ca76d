"""The history: every write, as sentences."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from followup import history
from followup.models import Round, User
from followup.views.staff import StaffRequest, get_report, staff_page
from followup.views.years import chosen_round


@staff_page
def history_list(request: StaffRequest) -> HttpResponse:
    """Every write, the latest first, as sentences."""
    person = User.objects.filter(username=request.GET.get("by", "").replace("\0", "")).first()
    rounds = list(Round.objects.all())
    round_ = chosen_round(request, rounds, None)
    found, more = history.entries(
        by=person, round_=round_, before=parse_moment(request.GET.get("before", ""))
    )
    return render(
        request,
        "staff/history.html",
        {
            "entries": found,
            "more": more,
            "people": User.objects.order_by("display_name", "username"),
            "person": person,
            "rounds": rounds,
            "round": round_,
        },
    )


@staff_page
def report_history(request: StaffRequest, pk: int) -> HttpResponse:
    """Every write to one report and its evidence."""
    record = get_report(pk)
    found, more = history.entries(report=record, before=parse_moment(request.GET.get("before", "")))
    return render(
        request, "staff/report_history.html", {"report": record, "entries": found, "more": more}
    )


def parse_moment(text: str) -> datetime | None:
    """An ISO datetime from an address; None for an invalid one."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
