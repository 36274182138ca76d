"""The search: its page, its rows in the API and its feed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from followup.models import Agency, Role, Round
from followup.opendata import feed
from followup.opendata import found as as_rows
from followup.opendata.filters import YEAR, ParameterError
from followup.search import (
    COUNT_LIMIT,
    INSIDE,
    Asked,
    Group,
    Search,
    group_labels,
)
from followup.search_words import QUERY_LIMIT, read_words
from followup.status import Status
from followup.views.api import as_json, read_only, shared
from followup.views.paging import paged
from followup.views.public import page
from followup.views.years import YearChoice, chosen_year, published_round
from forum_portal.addresses import absolute, absolute_in
from forum_portal.costly import costly
from forum_portal.languages import is_english
from forum_portal.page_cache import WHOLE_QUERY, public_page, vouch
from forum_portal.years import YearError, as_typed, parse_year
from proposals.models import Forum, Resolution

IN_BRIEF = 5  # hits of a group among others
A_PAGE = 20  # hits of one group
EXAMPLES = 4  # of each kind, on the page without a query


def _is_asked(request: HttpRequest) -> bool:
    return bool(request.GET.get("q", "").strip())


def _asked(request: HttpRequest, choice: YearChoice) -> tuple[Asked, list[str]]:
    """What the address asks for, and a sentence for each part of it that names nothing."""
    notices = []
    round_ = None
    if typed := request.GET.get("year", ""):
        # Pages fall back to the newest year; a search without a year is of all of them.
        if choice.round and (not choice.notice or typed == choice.round.code):
            round_ = choice.round
        else:
            years = ", ".join(each.label for each in reversed(choice.rounds)) or "–"
            notices.append(
                _("ไม่มีผลที่เผยแพร่ของปี “%(typed)s” จึงค้นทุกปี ปีที่เผยแพร่แล้ว: %(years)s")
                % {"typed": as_typed(typed), "years": years}
            )
    forum = None
    if typed := request.GET.get("forum", ""):
        try:
            forum = Forum.objects.filter(year_be=parse_year(typed).be).first()
        except YearError:
            forum = None
        if forum and typed == str(forum.year_be):
            vouch(request, "forum")
        if forum is None:
            years = ", ".join(map(str, Forum.objects.sizes()))
            notices.append(
                _("ไม่มีเวที “%(typed)s” จึงค้นทุกเวที เวทีที่มี: %(years)s")
                % {"typed": as_typed(typed), "years": years}
            )
    status = None
    if typed := request.GET.get("status", ""):
        if typed in Status.values:
            status = Status(typed)
            vouch(request, "status")
        else:
            notices.append(_("ไม่มีสถานะ “%(typed)s” จึงค้นทุกสถานะ") % {"typed": as_typed(typed)})
    words = read_words(request.GET.get("q", ""))
    if words.is_cut:
        notices.append(
            _("คำค้นยาวเกินไป จึงค้นเฉพาะ %(max)s อักขระแรก ไม่เกิน 8 คำ") % {"max": QUERY_LIMIT}
        )
    if words.typed and not words.terms:
        notices.append(_("พิมพ์คำที่มีตัวอักษรหรือตัวเลขอย่างน้อยหนึ่งตัว"))
    return Asked(words, forum, round_, status), notices


@public_page("year", "forum", "status", never_with=("q", "group", "page"))
@require_safe
@costly(when=_is_asked)
def search(request: HttpRequest) -> HttpResponse:
    """The form, and what is found: every group in brief, or one of them page by page."""
    choice = chosen_year(request)
    asked, notices = _asked(request, choice)
    forums = list(Forum.objects.order_by("-year_be"))
    context = {
        "asked": asked,
        "words": asked.words.typed,
        "search_words": asked.words.typed,
        "notices": notices,
        "forums": forums,
        "statuses": list(Status),
        "limit": QUERY_LIMIT,
        "filters": _filters(asked),
    }
    if not asked.words.terms:
        return page(request, "search", choice, examples=_examples(choice), **context)
    made = Search(asked)
    groups: Sequence[Group]
    pages = None
    labels = group_labels()
    kind = request.GET.get("group", "")
    if kind in labels:
        keys = made.keys(kind)
        pages = paged(request, keys[:COUNT_LIMIT], A_PAGE)
        groups = [Group(kind, labels[kind], len(keys), made.hits_of(pages.rows))] if keys else []
    else:
        kind = ""
        groups = made.groups(IN_BRIEF)
    return page(
        request,
        "search",
        choice,
        groups=groups,
        whole=kind,
        paged=pages,
        found=sum(each.counted for each in groups if each.kind != INSIDE or kind),
        is_more=any(each.is_more for each in groups),
        inside=INSIDE,
        count_limit=COUNT_LIMIT,
        suggestions=[] if groups else made.suggestions(),
        query=_query(asked),
        feed_path=f"{reverse('search-feed')}?{_query(asked)}",
        api_path=f"{reverse('api-search')}?{_query(asked)}",
        **context,
    )


def _filters(asked: Asked) -> dict[str, str]:
    every = {
        "forum": str(asked.forum.year_be) if asked.forum else "",
        "year": asked.round.code if asked.round else "",
        "status": asked.status.value if asked.status else "",
    }
    return {name: value for name, value in every.items() if value}


def _query(asked: Asked) -> str:
    """The query of an address that asks for the same."""
    return urlencode({"q": asked.words.typed, **_filters(asked)})


def _examples(choice: YearChoice) -> list[str]:
    """Queries that find something: words of titles, a code, an abbreviation and a year."""
    found = []
    newest = Resolution.objects.for_display().order_by("-forum__year_be", "number")
    few = list(newest.prefetch_related("measures")[:EXAMPLES])
    for each in () if is_english() else few[1:]:  # an English title has no phrases
        found.append(each.phrases[0].strip())
    for each in few[:1]:
        found += [measure.full_code for measure in each.measures.all()][:1]
    abbr = "abbr_en" if is_english() else "abbr_th"
    leading = Agency.objects.standing().filter(assignments__role=Role.LEAD).exclude(**{abbr: ""})
    found += leading.order_by("sort_key").distinct().values_list(abbr, flat=True)[:2]
    if choice.rounds:
        found.append(str(choice.rounds[0].year_be))
    return list(dict.fromkeys(found))


# For programs ---------------------------------------------------------------------------------


@public_page(WHOLE_QUERY)
@read_only
@costly
def found(request: HttpRequest) -> HttpResponse:
    """What is found as JSON; readers type the words, so that no answer is kept."""

    def published(code: str) -> Round:
        try:
            choice = published_round(code)
        except Http404 as error:
            raise ParameterError(YEAR.name, str(error), status=404) from error
        assert choice.round is not None  # noqa: S101  published_round has found one or raised
        return choice.round

    asked, kind, number, size = as_rows.read_asked(request.GET, published)
    made = Search(asked)
    wanted = [*as_rows.kinds(kind), *([] if kind else [INSIDE])]
    keys = {each: made.keys(each)[:COUNT_LIMIT] for each in wanted}
    every = [(key, each == INSIDE) for each, several in keys.items() for key in several]
    total = len(every)
    pages = max(1, -(-total // size))
    if number > pages:
        raise ParameterError(
            "page",
            _("ไม่มีหน้า %(page)s มีทั้งหมด %(pages)s หน้า") % {"page": number, "pages": pages},
            status=404,
        )
    few = every[(number - 1) * size : number * size]
    inside = {key for key, is_inside in few if is_inside}
    hits = made.hits_of([key for key, _inside in few])
    address = absolute_in(request)

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
                "count": total,
                "page": number,
                "pages": pages,
                "page_size": size,
                "links": {
                    "self": link(number),
                    "first": link(1),
                    "previous": link(number - 1),
                    "next": link(number + 1),
                    "last": link(pages),
                },
                "results": [
                    as_rows.row_of(hit, address, inside=hit.row.pk in inside) for hit in hits
                ],
            }
        ),
    )


@public_page("year", "forum", "status", never_with=("q",))
@require_safe
@costly(when=_is_asked)
def atom(request: HttpRequest) -> HttpResponse:
    """The feed of a search: the newest published reports and corrections that have its words."""
    asked, _notices = _asked(request, chosen_year(request))
    path = f"{reverse('search')}?{_query(asked)}"
    content = feed.atom_of_search(Search(asked), path, absolute_in(request))
    return shared(
        request, HttpResponse(content, content_type="application/atom+xml; charset=utf-8")
    )
