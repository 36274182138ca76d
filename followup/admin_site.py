"""The admin, in Thai, for administrators only."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from followup.permissions import may_administer
from forum_portal.bodies import SMALL, takes_body, upload_bytes


class PortalAdminSite(AdminSite):
    """Entry by right, not by the `is_staff` tick: adding somebody to the group is enough.

    The portal has one door, its own login page. Who is signed in and has no right here gets a 403.
    """

    site_header = _("จัดการระบบ")
    site_title = _("ระบบติดตามผลข้อเสนอ CSOs Forum")
    index_title = _("ข้อมูลและผู้ใช้")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may_administer(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        admit = super().admin_view(view, cacheable)

        @wraps(admit)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return turn_away(request, request.get_full_path())
            try:
                return admit(request, *args, **kwargs)
            except (
                ValidationError
            ) as error:  # a key in the address that can be none of this model's
                raise Http404 from error

        return takes_body(self.largest_body)(guarded)

    def largest_body(self, request: HttpRequest, **kwargs: Any) -> int:
        """The largest form with a spreadsheet, in bytes; strangers send nothing large."""
        return upload_bytes() if self.has_permission(request) else SMALL

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        return turn_away(request, request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")


def turn_away(request: HttpRequest, target: str) -> HttpResponse:
    """Strangers to the login page, which knows where they were going; everybody else out."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(target)
