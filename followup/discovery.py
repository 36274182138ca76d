"""What a public page tells search engines and sites that show a link to it: one address, one picture.

A page's canonical address is the one that shows the same content with the fewest parameters: without the
year, the forum or the page that it shows unasked, and of a filtered list the whole list's. What a reader
searched for is no content, so such a page asks not to be listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse, translate_url

from followup import pictures
from followup.figures import edition_code
from followup.models import Round
from followup.published import Edition
from forum_portal.addresses import absolute
from forum_portal.languages import language
from forum_portal.page_cache import WHOLE_QUERY, mark_of
from proposals.models import Forum, Measure, Resolution

#: Public pages that are an answer to one reader, and not to be listed.
UNLISTED = frozenset({"follow-sent"})
#: Pages whose year is only that of their links.
TIMELESS = frozenset({"about", "privacy", "accessibility", "corrections", "follow-up"})
#: Parameters that a canonical address keeps; others filter or arrange what the page has.
KEPT = ("year", "forum", "from", "to", "edition", "page")
#: The language in OpenGraph's form.
LOCALES = {"th": "th_TH", "en": "en_GB"}


@dataclass(frozen=True)
class Version:
    """The canonical address in a language; `code` is `x-default` for readers of any other one."""

    code: str
    address: str


@dataclass(frozen=True)
class Shared:
    """The head of a page for those who list it or show a link to it.

    `is_listed`: whether search engines may list it; if not, nothing else counts. `image` is the
    address of its picture, and `told` what that says.
    """

    is_listed: bool
    canonical: str = ""
    versions: Sequence[Version] = ()
    kind: str = "article"
    locale: str = ""
    other_locales: Sequence[str] = ()
    image: str = ""
    told: str = ""
    width: int = pictures.WIDTH
    height: int = pictures.HEIGHT


def shared(request: HttpRequest, context: Context) -> Shared | None:
    """The head of a page that a view with the mark `public_page` renders; None for all others."""
    mark, match = mark_of(request), request.resolver_match
    if mark is None or match is None or WHOLE_QUERY in mark.params:
        return None
    name = match.url_name or ""
    if name in UNLISTED or any(request.GET.get(each) for each in mark.never_with):
        return Shared(is_listed=False)
    address = request.path + _query(request, name, mark.params, context)
    addresses = {code: translate_url(address, code) for code, _name in settings.LANGUAGES}
    whole = {code: absolute(each, request) for code, each in addresses.items()}
    versions = [Version(code, each) for code, each in whole.items()]
    image, told = _picture(request, name, context)
    here = language()
    return Shared(
        is_listed=True,
        canonical=whole[here],
        versions=[*versions, Version("x-default", whole[settings.LANGUAGE_CODE])],
        kind="website" if name == "home" else "article",
        locale=LOCALES[here],
        other_locales=[LOCALES[code] for code in whole if code != here],
        image=absolute(image, request),
        told=told,
    )


def _query(request: HttpRequest, name: str, params: Sequence[str], context: Context) -> str:
    """The parameters without which the page would show something else."""
    vouched: set[str] = getattr(request, "vouched", set())
    asked = {
        each: request.GET[each] for each in params if each in vouched and request.GET.get(each)
    }
    kept = {each: asked[each] for each in KEPT if each in asked}
    if "year" in params:
        kept.pop("year", None)
        choice = context.get("choice")
        if choice and choice.query and name not in TIMELESS:
            kept = {"year": choice.round.code, **kept}
    chosen = context.get("chosen")
    if "forum" in kept and (chosen is None or chosen.is_default):
        del kept["forum"]
    if name != "compare" or context["pair"].is_default:  # elsewhere `to` is the last year of a grid
        kept.pop("from", None)
        kept.pop("to", None)
    if name in {"report", "report-part"} and not context["asked"]:  # the edition is the last one
        kept.pop("edition", None)
    filtered = asked.keys() - {*KEPT}
    if kept.get("page") == "1" or filtered:  # the second page of some is not that of all
        kept.pop("page", None)
    return f"?{urlencode(kept)}" if kept else ""


def _picture(request: HttpRequest, name: str, context: Context) -> tuple[str, str]:
    """The address of the page's picture, and what it says; the portal's own where no edition is shown."""
    choice = context.get("choice")
    round_ = choice.round if choice else None
    # Only of an edition that the page has read anyway: a picture is worth no query.
    edition = vars(choice).get("editions", {}).get(round_) if choice else None
    if round_ is not None and edition is not None:
        for subject in _subjects(name, context, edition):
            if found := pictures.picture(subject, round_, edition):
                return picture_address(round_, edition, subject), found.told
    return f"{reverse('picture-portal')}?v={pictures.look()}", pictures.portal().told


def _subjects(name: str, context: Context, edition: Edition) -> Sequence[str]:
    """What a page's picture may be of, the best first: one that the edition follows up is taken."""
    measure: Measure | None = context.get("measure") if name == "measure" else None
    resolution: Resolution | None = context.get("resolution") if name == "resolution" else None
    if measure is not None:
        resolution = measure.resolution
    chosen = context.get("chosen")
    forum: Forum | None = context.get("forum") if name == "forum" else None
    if resolution is not None:
        forum = resolution.forum
    elif chosen is not None:
        forum = chosen.forum
    found = []
    if measure is not None:
        found.append(measure.full_code)
    if resolution is not None:
        found.append(resolution.full_code)
    if forum is not None:
        found.append(pictures.subject_of(forum.year_be))
    years = {each.forum.year_be for each in edition.frame.resolutions.values()}
    return [*found, *(pictures.subject_of(year) for year in sorted(years, reverse=True)[:1])]


def picture_address(round_: Round, edition: Edition, subject: str) -> str:
    """The address of a picture in the thread's language; what it shows never changes.

    It has the edition in it, and the version of the drawing.
    """
    code = edition_code(round_.code, edition.number)
    return f"{reverse('picture', args=[code, subject])}?v={pictures.look()}"
