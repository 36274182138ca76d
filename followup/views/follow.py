"""Following: feeds of one thing, the calendar, and news by e-mail with the pages of its links.

The forms here need no CSRF token: nobody is signed in for them, and the page that asks is kept and the
same for everybody. What protects strangers is the confirmation and its limits; what protects a subscriber
is the key in the address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from followup import actions, news
from followup.forms.fields import error_list
from followup.forms.follow import FollowForm, Options, Wanted
from followup.models import Agency, Province, Subscriber
from followup.movements import Kind, Subject
from followup.opendata import calendar as ics
from followup.opendata import feed
from followup.views import public
from followup.views.api import shared
from followup.views.data import published
from followup.views.years import chosen_year
from forum_portal import security_log
from forum_portal.addresses import absolute, absolute_in
from forum_portal.client import hashed_address
from forum_portal.page_cache import public_page, vouch
from forum_portal.security_log import Event
from proposals.models import Forum, Resolution

logger = logging.getLogger(__name__)

ATOM_TYPE = "application/atom+xml; charset=utf-8"
#: Requests that one client may make, and the window in seconds. A whole office may share an address.
CLIENT_LIMIT, CLIENT_SECONDS = 10, 60 * 60

View = Callable[..., HttpResponse]


# Feeds and the calendar ------------------------------------------------------------------------


@public_page()
@published
def resolution_feed(request: HttpRequest, forum_year: int, number: int) -> HttpResponse:
    resolutions = Resolution.objects.select_related("forum")
    row = get_object_or_404(resolutions, forum__year_be=forum_year, number=number)
    return _feed(request, row)


@public_page()
@require_safe
def agency_feed(request: HttpRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Agency.objects.select_related("merged_into"), code=code)
    if row.merged_into:
        return redirect("agency-feed", row.merged_into.code, permanent=True)
    return shared(request, _feed(request, row))


@public_page()
@published
def area_feed(request: HttpRequest, code: str) -> HttpResponse:
    return _feed(request, get_object_or_404(Province, iso=code))


def _feed(request: HttpRequest, row: Resolution | Agency | Province) -> HttpResponse:
    return HttpResponse(feed.atom(absolute_in(request), Subject.of(row)), content_type=ATOM_TYPE)


@public_page()
@published
def calendar(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ics.calendar(absolute_in(request)), content_type=ics.CONTENT_TYPE)


# Asking ----------------------------------------------------------------------------------------


@public_page("resolution", "agency", "area")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """How to follow, and the form for news by e-mail. `?resolution=`, `?agency=`, `?area=` are chosen."""
    if request.method == "POST":
        return _take(request)
    wanted = Wanted.of(request.GET)
    if not wanted.unknown:
        vouch(request, "resolution", "agency", "area")
    notice = " ".join(wanted.unknown)
    if not (wanted.rows or wanted.everything):
        wanted.everything = True
    return _page(request, FollowForm(), wanted, notice=notice)


def _page(
    request: HttpRequest,
    form: FollowForm,
    wanted: Wanted,
    *,
    errors: list[tuple[str, str]] | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    several = Forum.objects.are_several()
    chosen = [Subject.of(each) for each in wanted.rows] if not errors else []
    response = public.page(
        request,
        "follow",
        chosen_year(request),
        form=form,
        options=Options.of(wanted),
        errors=errors or [],
        notice=notice,
        feeds=[
            (each.name(several_forums=several), absolute(each.feed_path, request))
            for each in [Subject(Kind.ALL), *chosen]
        ],
        calendar=absolute(reverse("calendar"), request),
        kept=actions.CONFIRM_WITHIN.days,
    )
    response.status_code = status
    return response


def _take(request: HttpRequest) -> HttpResponse:
    form, wanted = FollowForm(request.POST), Wanted.of(request.POST)
    is_sound = form.is_valid()
    errors = error_list(form) + [("what", sentence) for sentence in wanted.unknown]
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        # Another site's page made this browser send it: perhaps without its reader's knowledge.
        errors.append(("", _("แบบฟอร์มนี้ส่งมาจากเว็บไซต์อื่น ตรวจข้อมูล แล้วส่งอีกครั้งจากหน้านี้")))
    if errors or not is_sound:
        return _page(request, form, wanted, errors=errors, status=422)
    if form.is_trapped:
        return redirect("follow-sent")  # as if it had worked
    try:
        _count(request)
        row = actions.ask_to_follow(email=form.cleaned_data["email"], choice=wanted.choice)
    except actions.TooMany as error:
        security_log.write(Event.THROTTLED, outcome="follow")
        response = _page(request, form, wanted, errors=[("", error.messages[""])], status=429)
        response["Retry-After"] = str(error.seconds)
        return response
    except actions.Refused as error:
        return _page(request, form, wanted, errors=list(error.messages.items()), status=422)
    try:
        news.ask_to_confirm(row, _names(row))
    except Exception as error:
        logger.error("a confirmation was not sent: %s", type(error).__name__)
        actions.forget_request(subscriber=row)
        sentence = _("ส่งอีเมลไปที่อยู่นี้ไม่ได้ ตรวจตัวสะกด หรือลองใหม่ในอีกสักครู่")
        return _page(
            request, form, wanted, errors=[(form["email"].id_for_label, sentence)], status=503
        )
    return redirect("follow-sent")


def _count(request: HttpRequest) -> None:
    """Count a request of this client. Raises `TooMany` over the limit."""
    key = f"follow:{hashed_address(request)}"
    cache.add(key, 0, CLIENT_SECONDS)
    try:
        tried = cache.incr(key)
    except ValueError:  # it expired during this request
        tried = 1
    if tried > CLIENT_LIMIT:
        sentence = _("มีผู้ขอติดตามจากเครือข่ายนี้หลายครั้ง ข้อความที่กรอกยังอยู่ ส่งอีกครั้งในอีก %(m)d นาที")
        raise actions.TooMany(sentence % {"m": CLIENT_SECONDS // 60}, CLIENT_SECONDS)


def _names(subscriber: Subscriber) -> list[str]:
    """What a subscriber follows, in words."""
    several = Forum.objects.are_several()
    wanted = Wanted.by(subscriber)
    subjects = [Subject(Kind.ALL)] if wanted.everything else []
    subjects += [Subject.of(each) for each in wanted.rows]
    return [each.name(several_forums=several) for each in subjects]


@public_page()
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """After the form, whatever became of it: nobody learns from it whether an address is known."""
    return public.page(
        request, "follow_sent", chosen_year(request), days=actions.CONFIRM_WITHIN.days
    )


# The pages of a mail's links -------------------------------------------------------------------


def _by_key(view: View) -> View:
    """Decorate a page behind a key. A GET changes nothing: programs that check mails open every link."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        return view(request, token)

    return guarded


def _own_page(
    request: HttpRequest, name: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(
        request, f"follow/{name}.html", {"choice": chosen_year(request), **context}, status=status
    )


def _dead(request: HttpRequest) -> HttpResponse:
    return _own_page(request, "dead", status=404)


@_by_key
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The button that confirms a request, and what is followed then."""
    row = actions.find_request(token)
    if row is None:
        return _dead(request)
    if not row.confirmed_at:
        if request.method != "POST":
            return _own_page(request, "confirm", names=_names(row), email=row.email)
        try:
            row = actions.confirm_following(subscriber=row)
        except actions.Refused:  # another process was faster
            return _dead(request)
    return _own_page(request, "confirmed", names=_names(row), links=news.links_of(row))


@_by_key
def change(request: HttpRequest, token: str) -> HttpResponse:
    """What a subscriber follows, to be changed."""
    row = actions.find_subscriber(token)
    if row is None:
        if actions.is_own_token(token):
            return _own_page(request, "left")
        return _dead(request)
    errors: list[tuple[str, str]] = []
    is_saved = False
    wanted = Wanted.by(row)
    if request.method == "POST":
        wanted = Wanted.of(request.POST)
        errors = [("what", sentence) for sentence in wanted.unknown]
        if not errors:
            try:
                actions.change_following(subscriber=row, choice=wanted.choice)
                is_saved = True
            except actions.Refused as error:
                errors = list(error.messages.items())
    return _own_page(
        request,
        "change",
        options=Options.of(wanted),
        errors=errors,
        is_saved=is_saved,
        email=row.email,
        links=news.links_of(row),
        status=422 if errors else 200,
    )


@_by_key
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """End the news: a button for people, the POST of mail programs (RFC 8058). Both may come twice."""
    if not actions.is_own_token(token):
        return _dead(request)
    row = actions.find_subscriber(token)
    if row is None:
        return _own_page(request, "left")
    if request.method != "POST":
        return _own_page(
            request, "leave", names=_names(row), email=row.email, links=news.links_of(row)
        )
    actions.leave(subscriber=row)
    return _own_page(request, "left")
