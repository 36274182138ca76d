"""The page where a reader chooses size of text, scheme of colours and digits (ADR 20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from forum_portal.display import DIGITS, SCHEMES, SIZES, Display, display_of, remember

#: Where a request may come from to be remembered; "none" is the reader's own, by address or bookmark.
OURS = frozenset({"same-origin", "none"})
LONGEST = 2000  # characters of an address that the page leads back to


@dataclass(frozen=True)
class Choice:
    """One group of options: (value, label) pairs, and the value that is chosen."""

    name: str
    label: str
    hint: str
    options: list[tuple[str, str]]
    chosen: str
    is_bad: bool


@never_cache
@require_safe
def display(request: HttpRequest) -> HttpResponse:
    """Show the form, or remember what it says and lead back to where the reader came from.

    The form is sent with GET: the portal keeps nothing, and a token would need a cookie of its own.
    What another site sends on its readers' behalf is shown, not remembered.
    """
    way_back = _local(request.GET.get("next", ""))
    now = vars(display_of(request))
    said = {name: request.GET.get(name) or value for name, value in now.items()}
    if not any(name in request.GET for name in now):
        return _form(request, said, way_back)
    chosen = Display(**said)
    if chosen.value and not _is_known(chosen):
        return _form(request, said, way_back, status=422)
    if request.headers.get("Sec-Fetch-Site", "none") not in OURS:
        return _form(request, said, way_back)
    response = HttpResponseRedirect(way_back or reverse("display"))
    remember(response, chosen)
    return response


def _is_known(chosen: Display) -> bool:
    return chosen.size in SIZES and chosen.scheme in SCHEMES and chosen.digits in DIGITS


def _local(address: str) -> str:
    """An address of this portal, with its query; "" for anything else."""
    is_ours = (
        address.startswith("/")
        and address.isprintable()
        and len(address) <= LONGEST
        and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    )
    return address if is_ours else ""


def _form(
    request: HttpRequest, said: Mapping[str, str], way_back: str, status: int = 200
) -> HttpResponse:
    choices = _choices(said)
    errors = [
        (f"id_{each.name}", _("หัวข้อ “%(what)s”: เลือกจากตัวเลือกที่มี") % {"what": each.label})
        for each in choices
        if each.is_bad
    ]
    context = {"choices": choices, "next": way_back, "errors": errors}
    return render(request, "public/display.html", context, status=status)


def _choices(said: Mapping[str, str]) -> list[Choice]:
    every = [
        (
            "size",
            _("ขนาดตัวอักษร"),
            _("ปรับเพิ่มได้อีกด้วยการขยายหน้าของเบราว์เซอร์"),
            {"normal": _("ปกติ"), "large": _("ใหญ่"), "larger": _("ใหญ่มาก")},
        ),
        (
            "scheme",
            _("โทนสี"),
            "",
            {"device": _("ตามเครื่อง"), "light": _("สว่าง"), "dark": _("มืด")},
        ),
        (
            "digits",
            _("ตัวเลข"),
            _("รหัสมาตรการ ข้อความต้นฉบับ ข้อความของหน่วยงาน และที่อยู่เว็บคงตัวเลขตามที่เขียนไว้"),
            {"arabic": _("อารบิก (0 1 2 3)"), "thai": _("ไทย (๐ ๑ ๒ ๓)")},
        ),
    ]
    return [
        Choice(name, label, hint, list(options.items()), said[name], said[name] not in options)
        for name, label, hint, options in every
    ]
