"""Middleware for every response: cache headers of private pages, one address for each year."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import add_never_cache_headers

from forum_portal.languages import without_language
from forum_portal.problems import wants_problem
from forum_portal.years import YearError, parse_year

#: Pages whose address itself is a key: of a link for an agency or an organisation, and of the mails to
#: subscribers.
BY_KEY = ("/r/", "/a/", "/follow/confirm/", "/follow/change/", "/follow/leave/")


class PrivatePagesMiddleware:
    """Keep private pages (/staff/, /admin/, BY_KEY) out of caches and the browser's history cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        path = without_language(request.path)
        if path.startswith(("/staff/", "/admin/", *BY_KEY)):
            add_never_cache_headers(response)
        if path.startswith(BY_KEY):
            # The address itself is the key, so other sites must not see it. `no-referrer` would
            # make browsers send `Origin: null` with a form, and the CSRF check refuses that.
            response["Referrer-Policy"] = "strict-origin"
            response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response


#: Parameters that name a year; other pages have other words in some of them, which are no years.
YEARS = ("year", "from", "to")


class CanonicalYearMiddleware:
    """Redirect `?year=2024` to `?year=2567`, so that a page has one address and one era.

    The API is not redirected: it reads both eras and answers directly.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"} and not wants_problem(request):
            buddhist = {}
            for name in YEARS:
                try:
                    year = parse_year(request.GET.get(name, ""))
                except YearError:
                    continue  # the page shows the error
                if year.era == "ce":
                    buddhist[name] = str(year.be)
            if buddhist:
                query = request.GET.copy()
                for name, be in buddhist.items():
                    query[name] = be
                return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        return self.get_response(request)
