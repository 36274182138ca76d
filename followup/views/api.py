"""The API: read-only JSON of the datasets. Every error is a problem document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from followup.opendata import openapi
from followup.opendata.datasets import DATASETS
from followup.opendata.examples import Examples
from followup.opendata.files import JSON_TYPE, json_row
from followup.opendata.filters import (
    FILTERS,
    PAGE,
    PAGE_SIZE_MAX,
    SIZE,
    YEAR,
    ParameterError,
    filters_of,
    page_of,
    read_query,
    refuse_all,
)
from followup.opendata.registry import Dataset, Source
from followup.views.years import published_round
from forum_portal.addresses import absolute
from forum_portal.costly import costly
from forum_portal.errors import not_found
from forum_portal.page_cache import WHOLE_QUERY, public_page, vouch
from forum_portal.problems import open_to_all, problem
from forum_portal.years import HALF_YEAR, YearError, parse_year, round_code
from proposals.models import Forum

METHODS = "GET, HEAD, OPTIONS"
MAX_AGE = 60  # seconds for which a cached copy may be used without revalidation

View = Callable[..., HttpResponse]


def read_only(view: View) -> View:
    """Decorate a view under /api/: methods other than GET and HEAD get a problem document (405)."""

    @csrf_exempt  # nothing is written here, and other methods must get a 405, not a CSRF error
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            response = open_to_all(HttpResponse(status=204))
            del response["Content-Type"]
            response["Allow"] = response["Access-Control-Allow-Methods"] = METHODS
            response["Access-Control-Allow-Headers"] = "*"
            response["Access-Control-Max-Age"] = "86400"
            return response
        if request.method not in {"GET", "HEAD"}:
            response = problem(405, _("API นี้อ่านได้อย่างเดียว ใช้ GET, HEAD หรือ OPTIONS"))
            response["Allow"] = METHODS
            return response
        try:
            return view(request, *args, **kwargs)
        except ParameterError as error:
            return problem(error.status, str(error), parameter=error.parameter)
        except Http404 as error:  # caught here, so that it is a problem document with DEBUG as well
            return not_found(request, error)

    return guarded


def shared(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A document that is the same for everybody and that any site may read; 304 if unchanged."""
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    set_response_etag(response)
    answer = get_conditional_response(request, response["ETag"], response=response)
    answer = open_to_all(answer or response)
    answer["Access-Control-Expose-Headers"] = "ETag"
    return answer


def as_json(document: Any, content_type: str = JSON_TYPE) -> HttpResponse:
    return HttpResponse(json.dumps(document, ensure_ascii=False), content_type=content_type)


def source_of(round_code: str | None) -> Source:
    """The source for one round, or for all years. Raises Http404, which names the published rounds."""
    if round_code is None:
        return Source()
    choice = published_round(round_code)
    return Source(choice.round, choice.previous)


def dataset_of(name: str) -> Dataset:
    """The dataset of this name. Raises Http404, which names all datasets."""
    if name not in DATASETS:
        raise Http404(_("ไม่มีชุดข้อมูลนี้ ที่มีคือ %(names)s") % {"names": ", ".join(DATASETS)})
    return DATASETS[name]


@public_page(WHOLE_QUERY)
@read_only
@costly
def rows(request: HttpRequest, name: str) -> HttpResponse:
    """A page of a dataset's rows."""
    dataset = dataset_of(name)
    query = read_query(dataset, request.GET)
    try:
        source = source_of(query.year)
    except Http404 as error:
        raise ParameterError(YEAR.name, str(error), status=404) from error
    found = dataset.rows(source, query.wanted)
    shown, pages = page_of(found, query)
    if shown:  # else a filter may name what there is not
        vouch(request, WHOLE_QUERY)

    def link(page: int) -> str | None:
        if not 1 <= page <= pages:
            return None
        parameters = request.GET.copy()
        parameters["page"] = str(page)
        return absolute(f"{request.path}?{parameters.urlencode()}", request)

    return shared(
        request,
        as_json(
            {
                "count": len(found),
                "page": query.page,
                "pages": pages,
                "page_size": query.page_size,
                "links": {
                    "self": link(query.page),
                    "first": link(1),
                    "previous": link(query.page - 1),
                    "next": link(query.page + 1),
                    "last": link(pages),
                },
                "results": [json_row(row) for row in shown],
            }
        ),
    )


@public_page(WHOLE_QUERY)
@read_only
def row(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One row of a dataset by its key."""
    dataset = dataset_of(name)
    refuse_all(request.GET)
    for source in _sources_for(dataset, key):
        if found := dataset.find(source, key):
            return shared(request, as_json(json_row(found)))
    raise Http404(_("ไม่มีแถวรหัสนี้ในชุดข้อมูล %(name)s") % {"name": dataset.name})


def _sources_for(dataset: Dataset, key: str) -> Iterable[Source]:
    """The sources for one key: keys of a round's rows begin with the year, so only it is read.

    An interim round's rows are found too. Raises Http404 for a year without a published round.
    """
    if not dataset.by_year or "year_be" not in dataset.names:
        return [Source()]
    try:
        year = parse_year(key.partition("-")[0]).be
    except YearError:
        return [Source()]
    state = source_of(round_code(year))
    interim = round_code(year, HALF_YEAR)
    has_more = state.round and not state.round.is_interim and f"{key}-".startswith(f"{interim}-")
    return [state, source_of(interim)] if has_more else [state]


@public_page(WHOLE_QUERY)
@read_only
def description(request: HttpRequest) -> HttpResponse:
    refuse_all(request.GET)
    server = absolute(reverse("api"), request)
    return shared(request, as_json(openapi.description(server, list(Forum.objects.all()))))


@public_page()
@read_only
def readable(request: HttpRequest) -> HttpResponse:
    """The API's documentation for people. It is not `shared`, because it shows who is signed in."""
    examples = Examples()
    return render(
        request,
        "public/api.html",
        {
            "base": absolute(reverse("api"), request),
            "datasets": [
                (each, filters_of(each), examples[each.example]) for each in DATASETS.values()
            ],
            "parameters": [(each, examples[each.name]) for each in (YEAR, *FILTERS, PAGE, SIZE)],
            "examples": examples,
            "page_size_max": PAGE_SIZE_MAX,
        },
    )
