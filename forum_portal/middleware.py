"""What every response needs, whoever answers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import add_never_cache_headers

from forum_portal.problems import wants_problem
from forum_portal.years import YearError, parse_year


class PrivatePagesMiddleware:
    """Keep what a signed-in person, or an agency with its link, sees out of caches and out of the
    browser's back button."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(("/staff/", "/admin/", "/r/")):
            add_never_cache_headers(response)
        if request.path.startswith("/r/"):
            # The address itself is the key. `no-referrer` would make browsers send `Origin: null`
            # with a form, which the check against forged forms refuses.
            response["Referrer-Policy"] = "strict-origin"
            response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response


class CanonicalYearMiddleware:
    """Lead `?year=2024` to `?year=2567`: one address for one page, and no era to guess.

    The API answers at once: a program asked for data, not for a way to it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.method in {"GET", "HEAD"}
            and not wants_problem(request)
            and "year" in request.GET
        ):
            try:
                year = parse_year(request.GET["year"])
            except YearError:
                pass  # the page says what it could not understand
            else:
                if year.era == "ce":
                    query = request.GET.copy()
                    query["year"] = str(year.be)
                    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        return self.get_response(request)
