"""The pictures that other sites show with a link to a page: kept files, drawn when first asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from followup import pictures
from followup.discovery import picture_address
from followup.figures import parse_edition
from followup.models import Snapshot
from followup.views.api import MAX_AGE
from followup.views.years import published_round
from forum_portal import kept_files
from forum_portal.costly import costly
from forum_portal.kept_files import code_version, kept, serve
from forum_portal.languages import language
from forum_portal.problems import open_to_all

logger = logging.getLogger(__name__)

FOREVER = 365 * 24 * 60 * 60  # seconds; nobody is asked for longer (RFC 9111)


@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    """The portal's own picture, for pages that show no edition."""
    return _served(request, "portal", "", pictures.portal)


@require_safe
def picture(request: HttpRequest, edition: str, subject: str) -> HttpResponse:
    """A forum's, a resolution's or a measure's, in an edition.

    An edition that was corrected or taken back leads to the one that the public reads in its place, so
    that a figure which stands no more is not shown with an old link.
    """
    parsed = parse_edition(edition)
    choice = published_round(parsed[0] if parsed else edition)
    round_, standing = choice.round, choice.edition
    if parsed is None or round_ is None or standing is None or round_.code != parsed[0]:
        raise Http404
    what = pictures.picture(subject, round_, standing)
    if what is None:
        raise Http404
    if standing.number != parsed[1]:
        if not Snapshot.objects.filter(round=round_, number=parsed[1]).exists():
            raise Http404
        return redirect(picture_address(round_, standing, subject))
    key = f"{standing.digest} {standing.made_at} {round_.is_demo}"
    return _served(request, f"{edition}-{subject.replace('.', '_')}", key, lambda: what)


def _served(
    request: HttpRequest, name: str, key: str, what: Callable[[], pictures.Picture]
) -> HttpResponse:
    """The picture from disk. Only one that has to be drawn is among the costly requests."""
    name = f"picture-{name}-{language()}"
    key = f"{key} {pictures.look()} {code_version()}"
    view = _answer if kept_files.find(name, key, "png") else costly(_answer)
    response: HttpResponse = view(request, name, key, what)
    if response.status_code == 429:
        return response
    if request.GET.get("v") == pictures.look():
        patch_cache_control(response, public=True, max_age=FOREVER, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=MAX_AGE)
    return open_to_all(response)


def _answer(request: HttpRequest, name: str, key: str, what: Callable[[], pictures.Picture]) -> Any:
    def made() -> list[bytes]:
        return [pictures.drawn(what())]

    try:
        return serve(request, lambda: kept(name, key, "png", made, packed=False), pictures.PNG_TYPE)
    except OSError:
        logger.warning("a picture could not be kept on disk", exc_info=True)
        return HttpResponse(b"".join(made()), content_type=pictures.PNG_TYPE)
