"""Middleware for signed-in people: when a session ends, and whether it has a second factor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from followup import devices
from followup.accounts import LAST_SEEN, SIGNED_IN, enrolled_at, has_shown_code

Answer = Callable[[HttpRequest], HttpResponse]
#: Seconds between two updates of a session's last use, because not every request should write.
NOTE_EVERY = 60


class SessionEndMiddleware:
    """End a session after SESSION_IDLE_AGE without a request, or after SESSION_COOKIE_AGE.

    The view then sees an anonymous user and redirects to the login, with a way back.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            now = time.time()
            idle = now - request.session.get(LAST_SEEN, 0)
            age = now - request.session.get(SIGNED_IN, 0)
            if idle > settings.SESSION_IDLE_AGE or age > settings.SESSION_COOKIE_AGE:
                logout(request)
                messages.info(request, _("หมดเวลาการใช้งาน เข้าสู่ระบบอีกครั้ง"))
            elif idle > NOTE_EVERY:
                request.session[LAST_SEEN] = now
        response = self.get_response(request)
        devices.send(request, response)
        return response


class TwoFactorMiddleware:
    """If the second factor is required, no view opens before it is enrolled and used.

    It checks every view, so that none can be forgotten. Responses without a view (static files,
    unknown addresses) contain nothing private.
    """

    OPEN = frozenset(["mfa_activate_totp", "account_reauthenticate", "logout"])

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        somebody = request.session.session_key and request.user.is_authenticated
        if not (settings.REQUIRE_TWO_FACTOR and somebody):
            return None
        since = enrolled_at(request.user)
        if since is None:
            request.must_enrol = True  # type: ignore[attr-defined]  # the page then has no menu
            name = request.resolver_match.view_name if request.resolver_match else ""
            return None if name in self.OPEN else redirect("mfa_activate_totp")
        if not has_shown_code(request, since):
            # The session began before this device was enrolled, by password alone or with the old
            # device: from here on the user is anonymous.
            logout(request)
        return None


class OwnPasswordMiddleware:
    """Who has a password that an administrator set may only replace it.

    It follows TwoFactorMiddleware. Public pages open as for a stranger; staff pages, the admin and
    agencies' links do not open, because what is done there is done in a person's name.
    """

    OPEN = TwoFactorMiddleware.OPEN | {
        "login",
        "account_login",
        "mfa_download_recovery_codes",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
        "password_change",
    }
    PERSONAL = ("/staff/", "/admin/", "/r/", "/a/")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        somebody = request.session.session_key and request.user.is_authenticated
        if not (somebody and request.user.must_change_password):  # type: ignore[union-attr]
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in self.OPEN:
            return None
        if request.path.startswith(self.PERSONAL):
            return redirect("password_change")
        request.user = AnonymousUser()
        return None
