"""What programs that list the web read first: robots.txt and the sitemap."""

from __future__ import annotations

from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from followup import sitemaps
from followup.opendata.files import FORMATS
from forum_portal.addresses import absolute
from forum_portal.languages import LANGUAGES
from forum_portal.page_cache import public_page, vouch

XML_TYPE = "application/xml"
#: Beginnings of addresses that are keys: opening one of them is somebody's act.
KEYS = ("/r/", "/a/")


@public_page()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers leave alone: the work, keys, searches, and files that need much and list nothing."""
    # The form of a message is the same for each measure and agency, and display leads back to any page.
    closed = [reverse("staff-queue"), "/admin/", *KEYS]
    for language in LANGUAGES:
        with translation.override(language):
            closed += [reverse("feedback-new"), reverse("display"), f"{reverse('feedback')}F-"]
            closed += [f"{reverse('follow')}{each}/" for each in ("confirm", "change", "leave")]
    closed += ["/*?q=", "/*&q=", reverse("search-feed"), reverse("api-search")]
    data = reverse("data")
    closed += [f"{data}*.{kind}$" for kind in FORMATS if kind != "json"]
    closed += [reverse("data-everything")]
    lines = [
        "User-agent: *",
        *(f"Disallow: {each}" for each in closed),
        "",
        f"Sitemap: {absolute(reverse('sitemap'), request)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@public_page()
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the sitemap's files."""
    files = []
    for name, section in sitemaps.sections(absolute("", request)).items():
        address = absolute(reverse("sitemap-section", args=[name]), request)
        files += [
            {
                "location": f"{address}?p={page}" if page > 1 else address,
                "last_mod": section.changed,
            }
            for page in section.paginator.page_range
        ]
    return render(request, "sitemap_index.xml", {"sitemaps": files}, content_type=XML_TYPE)


@public_page("p")
@require_safe
def sitemap_section(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the sitemap. An unknown section or page is a 404."""
    section = sitemaps.sections(absolute("", request)).get(name)
    page = request.GET.get("p") or "1"
    if section is None or not page.isdecimal():
        raise Http404
    try:
        urls = section.urls(int(page))
    except InvalidPage as error:
        raise Http404 from error
    vouch(request, "p")
    return render(request, "sitemap.xml", {"urlset": urls}, content_type=XML_TYPE)
