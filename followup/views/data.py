"""Open data as files, the feed, and embeds for other sites. Catalogues: `catalogues`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from followup.models import Round
from followup.opendata import embeds, feed, package
from followup.opendata.datasets import DATASETS
from followup.opendata.files import FORMATS, content
from followup.opendata.filters import YEAR, ParameterError, read_query
from followup.opendata.licences import licence
from followup.opendata.registry import Dataset, Source
from followup.views.api import MAX_AGE, dataset_of, shared, source_of
from followup.views.downloads import attachment
from followup.views.years import YearChoice, chosen_year, published_years
from forum_portal.addresses import absolute, absolute_in
from forum_portal.costly import costly
from forum_portal.kept_files import KeptFile, code_version, kept, serve
from forum_portal.page_cache import public_page
from forum_portal.problems import open_to_all
from proposals.models import Forum, Resolution

logger = logging.getLogger(__name__)

SVG_TYPE = "image/svg+xml; charset=utf-8"
CARD_SIZE = (360, 330)  # pixels that the card needs


def published(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view whose document any site may read and cache for a minute."""

    @require_safe
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return shared(request, view(request, *args, **kwargs))

    return served


@public_page("year")
@require_safe
def data_page(request: HttpRequest) -> HttpResponse:
    """Every dataset with its files, its citation and its embeds."""
    choice = chosen_year(request)
    chosen = choice if request.GET.get("year") else YearChoice(choice.rounds, None)
    source = Source(chosen.round, chosen.previous)
    resolution = Resolution.objects.for_display().first()
    forums = list(Forum.objects.all())
    return render(
        request,
        "public/data.html",
        {
            "choice": chosen,
            "datasets": [
                (each, each.count(source), each.by_year and bool(chosen.round))
                for each in DATASETS.values()
            ],
            "kinds": list(FORMATS),
            "latest": choice.rounds[0] if choice.rounds else None,
            "citation": package.citation(
                forums,
                choice.rounds[0] if choice.rounds else None,
                absolute(request.path, request),
            ),
            "license": licence(),
            "metadata": package.metadata(forums),
            "example": resolution,
            "site": absolute("", request),
            "card_size": CARD_SIZE,
        },
    )


@public_page()
@require_safe
def dictionary(request: HttpRequest) -> HttpResponse:
    """The data dictionary: the meaning of every column."""
    return render(request, "public/data_dictionary.html", {"datasets": DATASETS.values()})


@require_safe
@costly
def data_file(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """A dataset as a file, complete or narrowed by the API's filters."""
    if kind not in FORMATS:
        raise Http404
    dataset = dataset_of(name)
    try:
        query = read_query(dataset, request.GET, in_pages=False)
    except ParameterError as error:
        if error.parameter == YEAR.name:
            years = published_years(list(Round.objects.published()))
            raise Http404(f"{error} {years}") from error
        raise BadRequest(str(error)) from error
    source = source_of(query.year)
    stamp = "" if query.wanted else public_stamp()
    sent = _kept(request, dataset, kind, source, stamp) if stamp else None
    if sent is None:
        rows = dataset.rows(source, query.wanted)
        content_type, parts = content(dataset, kind, rows)
        sent = StreamingHttpResponse(parts, content_type=content_type)
    return to_keep(sent, f"{name}{query.name}.{kind}")


def to_keep(response: HttpResponseBase, name: str) -> HttpResponse:
    """A file to be downloaded by everybody and every site, and cached for a minute."""
    response = attachment(response, name)
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return open_to_all(response)


def public_stamp() -> str:
    """What changes with everything that the public reads; "" if it is not known."""
    if not (settings.KEEPS_DATA_FILES and settings.PUBLIC_STAMP):
        return ""
    return import_string(settings.PUBLIC_STAMP)() or ""


def _kept(
    request: HttpRequest, dataset: Dataset, kind: str, source: Source, stamp: str
) -> HttpResponseBase | None:
    """A complete dataset, or a year of it, from disk; None if the disk takes no file.

    The stamp was read before the rows. So a file never has rows that are older than its stamp.
    """
    content_type, _write = FORMATS[kind]
    try:
        return serve(request, lambda: kept_file(dataset, kind, source, stamp), content_type)
    except OSError:
        logger.warning("a data file could not be kept on disk", exc_info=True)
        return None


def kept_file(dataset: Dataset, kind: str, source: Source, stamp: str) -> KeptFile:
    """A complete dataset, or a year of it, on disk. Raises OSError if the disk takes no file."""
    year = source.round.code if source.round else "all"
    key = f"{stamp} {code_version()} {get_language()}"

    def make() -> Iterable[bytes]:
        return content(dataset, kind, dataset.rows(source))[1]

    return kept(f"data-{dataset.name}-{year}", key, kind, make, packed=kind != "xlsx")


@public_page()
@published
def atom(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        feed.atom(absolute_in(request)), content_type="application/atom+xml; charset=utf-8"
    )


# For other sites ------------------------------------------------------------------------------


def _embed(forum_year: int, number: int) -> embeds.Embed:
    resolutions = Resolution.objects.select_related("forum")
    return embeds.embed(get_object_or_404(resolutions, forum__year_be=forum_year, number=number))


@public_page()
@published
def badge(request: HttpRequest, forum_year: int, number: int) -> HttpResponse:
    """A proposal's status as a picture."""
    what = _embed(forum_year, number)
    return render(
        request,
        "embed/badge.svg",
        {"what": what, "badge": embeds.badge(what)},
        content_type=SVG_TYPE,
    )


@public_page()
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@published
def card(request: HttpRequest, forum_year: int, number: int) -> HttpResponse:
    """A proposal's status for an iframe on any site: no script, no cookie."""
    what = _embed(forum_year, number)
    address = reverse("resolution", args=[forum_year, number])
    return render(request, "embed/card.html", {"what": what, "address": address})
