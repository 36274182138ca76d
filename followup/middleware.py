"""Who has signed in, request by request: until when, and whether with a second factor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from followup.accounts import LAST_SEEN, SIGNED_IN, enrolled_at, has_shown_code

Answer = Callable[[HttpRequest], HttpResponse]
#: A session's last use is written down once in so many seconds, not at every request.
NOTE_EVERY = 60


class SessionEndMiddleware:
    """End a session that was idle for long, or that is a working day old.

    Whoever comes too late is a stranger to the view, which sends them to the login and back.
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
        return self.get_response(request)


class TwoFactorMiddleware:
    """Where the second factor is required, nothing opens before it is there and was shown.

    It asks about every view there is, so that none can be forgotten; what answers without a view
    (static files, addresses that do not exist) has nothing to tell.
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
            # Somebody came in before this phone was enrolled, by password alone or with the old one:
            # a stranger to the view from here on.
            logout(request)
        return None
