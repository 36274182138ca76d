"""The base of the secretariat's pages: access, posted data, rounds."""

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
from followup.models import StatusReport, User
from forum_portal.bodies import SMALL, TYPED, form_bytes, takes_body, upload_bytes

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request that `staff_page` has let through: somebody is signed in."""

    user: User


def staff_page(view: View) -> View:
    """Decorate a page for the secretariat: other signed-in people get a 403, visitors the login."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not permissions.may_work(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    page = require_http_methods(["GET", "HEAD", "POST"])(guarded)
    return takes_body(getattr(view, "body_limit", form_of_staff))(page)


def form_of_staff(request: HttpRequest, **kwargs: Any) -> int:
    """The largest form of the secretariat, in bytes; strangers send nothing large."""
    return form_bytes() if permissions.may_work(request.user) else SMALL


def upload_of_staff(request: HttpRequest, **kwargs: Any) -> int:
    """The largest form with files of the secretariat, in bytes."""
    return upload_bytes() if permissions.may_work(request.user) else SMALL


def report_of_staff(request: HttpRequest, **kwargs: Any) -> int:
    """The same for a report; who is signed out gets the text back, so that it has to be read."""
    return upload_bytes() if permissions.may_work(request.user) else TYPED


def posted(request: StaffRequest) -> QueryDict | None:
    """The data to bind a form to: those of a POST, even empty ones, else None."""
    return request.POST if request.method == "POST" else None


def get_report(pk: int) -> StatusReport:
    return get_object_or_404(
        StatusReport.objects.with_context().select_related(
            "updated_by", "submitted_by", "approved_by"
        ),
        pk=pk,
    )
