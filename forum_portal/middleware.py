"""What every response needs, whoever answers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import add_never_cache_headers

from forum_portal.problems import wants_problem
from forum_portal.years import YearError, parse_year


class PrivatePagesMiddleware:
    """Keep what a signed-in person sees out of shared caches and out of the browser's back button."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(("/staff/", "/admin/")):
            add_never_cache_headers(response)
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
