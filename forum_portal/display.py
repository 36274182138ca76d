"""How a reader wants pages shown: size of text, scheme of colours, digits; remembered in one cookie.

The cookie's value is canonical, "large.dark.thai": of all that a browser may send, only the values below
change a page, so that the page cache keeps at most `len(EVERY)` pages of an address. ADR 20.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from http.cookies import SimpleCookie
from itertools import product

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from forum_portal.thai import to_thai_digits

#: Each choice with its values; the first is what a page is for those who chose nothing.
SIZES = ("normal", "large", "larger")
SCHEMES = ("device", "light", "dark")
DIGITS = ("arabic", "thai")
MAX_AGE = 365 * 24 * 60 * 60  # seconds


@dataclass(frozen=True)
class Display:
    """One reader's choices."""

    size: str = SIZES[0]
    scheme: str = SCHEMES[0]
    digits: str = DIGITS[0]

    @property
    def value(self) -> str:
        """The cookie's value; "" for those who chose nothing but what a page is anyway."""
        return "" if self == Display() else f"{self.size}.{self.scheme}.{self.digits}"

    @property
    def dark_media(self) -> str:
        """The media for which the dark style sheet applies; "" for none.

        Never paper, and never with forced colours, which are the reader's own.
        """
        own = "screen and (forced-colors: none)"
        return {
            "device": f"{own} and (prefers-color-scheme: dark)",
            "light": "",
            "dark": own,
        }[self.scheme]


NAMES = tuple(each.name for each in fields(Display))
EVERY = {
    each.value: each for each in (Display(*values) for values in product(SIZES, SCHEMES, DIGITS))
}


def display_of(request: HttpRequest) -> Display:
    """What the request's cookie says; of anything else the ordinary display."""
    return EVERY.get(request.COOKIES.get(settings.DISPLAY_COOKIE_NAME, ""), Display())


def value_in(cookies: str) -> str:
    """The canonical value in a Cookie header; "" if it has none that changes a page."""
    name = settings.DISPLAY_COOKIE_NAME
    if f"{name}=" not in cookies:
        return ""
    for part in cookies.split(";"):
        key, _equals, value = part.partition("=")
        if key.strip() == name and value.strip() in EVERY:
            return value.strip()
    return ""


def cookie_header(value: str) -> str:
    """A Cookie header with the value and nothing else."""
    return SimpleCookie({settings.DISPLAY_COOKIE_NAME: value}).output(header="", sep=";").strip()


def remember(response: HttpResponse, display: Display) -> None:
    """Set the cookie, or take it back if nothing is chosen."""
    if not display.value:
        response.delete_cookie(settings.DISPLAY_COOKIE_NAME, samesite="Lax")
        if settings.SESSION_COOKIE_SECURE:  # else a browser ignores the answer for `__Host-`
            response.cookies[settings.DISPLAY_COOKIE_NAME]["secure"] = True
        return
    response.set_cookie(
        settings.DISPLAY_COOKIE_NAME,
        display.value,
        max_age=MAX_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,  # no script reads it
        samesite="Lax",
    )


# Thai digits ------------------------------------------------------------------------------------

#: On the root of a page whose digits follow the choice: a public one.
MARK = 'data-digits="thai"'
#: Elements whose text stays as it is: programs read it, somebody types it, or it is an address.
_AS_WRITTEN = frozenset({"script", "style", "textarea", "code", "kbd", "pre"})
_TAG = re.compile(
    r"""<!--.*?-->|<!(?:"[^"]*"|'[^']*'|[^'">])*>"""
    r"""|<(?P<close>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:"[^"]*"|'[^']*'|[^'">])*)>""",
    re.DOTALL,
)
_RAW = {each: re.compile(rf"</{each}\s*>", re.I) for each in ("script", "style", "textarea")}
#: A run without a space: a number, a code, an address, a reference such as `&#x27;`.
_RUN = re.compile(r"&#?\w+;|[A-Za-z0-9_./:@#%?=+~,-]*[0-9][A-Za-z0-9_./:@#%?=+~,-]*")
_CODE = re.compile(r"\d{1,2}\.\d{1,2}\.?|.*\d-\d.*|.*[A-Za-z_@=~].*|.*//.*")
#: After a number with a point: a time, a size, an amount; no code of a measure.
_UNIT = re.compile(r"\s*(?:น\.|(?:กิโล|เมกะ|จิกะ)?ไบต์|ล้าน|บาท|%)")
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr", "source", "col", "base"})


def in_thai_digits(html: str) -> str:
    """A page with ๐–๙ in what it says itself.

    Codes of measures, addresses, attributes, what is typed, and elements with `data-as-written` (the
    source, what agencies wrote) keep their digits: who copies or looks them up needs them as they are.
    """
    out: list[str] = []
    kept: list[str] = []  # the open elements from the outermost one that is as written
    place = 0
    while place < len(html):
        found = _TAG.search(html, place)
        end = found.start() if found else len(html)
        text = html[place:end]
        out.append(text if kept else _text(text))
        if found is None:
            break
        out.append(found[0])
        place = found.end()
        name = (found["name"] or "").lower()
        if not name or name in _VOID or found["rest"].endswith("/"):
            continue
        if found["close"]:
            if kept and kept[-1] == name:
                kept.pop()
        elif kept or name in _AS_WRITTEN or "data-as-written" in found["rest"]:
            if name in _RAW and (close := _RAW[name].search(html, place)):
                out.append(html[place : close.end()])
                place = close.end()
            else:
                kept.append(name)
    return "".join(out)


def _text(text: str) -> str:
    def run(found: re.Match[str]) -> str:
        word = found[0]
        if word.startswith("&"):
            return word
        is_code = _CODE.fullmatch(word) and not (
            "-" not in word and _UNIT.match(text, found.end()) and not re.search("[A-Za-z]", word)
        )
        return word if is_code else to_thai_digits(word)

    return _RUN.sub(run, text)


class ThaiDigitsMiddleware:
    """Write pages that carry `data-digits="thai"` with Thai digits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if display_of(request).digits != "thai" or response.streaming:
            return response
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        page = response.content.decode(response.charset)
        if MARK in page[:1000]:
            response.content = in_thai_digits(page).encode(response.charset)
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response
