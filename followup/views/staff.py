"""What every page of the secretariat starts from: who may, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from followup import permissions
from followup.models import Round, RoundState, StatusReport, User

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request that `staff_page` has let through: somebody is signed in."""

    user: User


def staff_page(view: View) -> View:
    """For those who log reports; others who are signed in get a 403, strangers the login page."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not permissions.may_work(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(guarded)


def posted(request: StaffRequest) -> QueryDict | None:
    """What a form is bound to: a POST, even an empty one, or nothing."""
    return request.POST if request.method == "POST" else None


def get_report(pk: int) -> StatusReport:
    return get_object_or_404(
        StatusReport.objects.with_context().select_related(
            "updated_by", "submitted_by", "approved_by"
        ),
        pk=pk,
    )


def get_round(year: int) -> Round:
    return get_object_or_404(Round, year_be=year)


def last_reports(round_: Round) -> dict[int, StatusReport]:
    """The approved reports of the round before, by assignment."""
    before = Round.objects.filter(year_be__lt=round_.year_be).order_by("-year_be").first()
    if before is None:
        return {}
    return {
        report.assignment_id: report
        for report in before.reports.received().select_related("round").prefetch_related("evidence")
    }


def rounds_at_work() -> list[Round]:
    """The rounds that staff work on: the earliest open one first, those being corrected last."""
    rounds = Round.objects.filter(state=RoundState.OPEN).order_by("year_be")
    return sorted(rounds, key=lambda each: each.is_reopened)
