"""The language of an answer, which its address decides: below /en/ English, everywhere else Thai.

A reader's browser or cookie decides nothing, so an address has one page, and caches may keep it. Only the
public's pages have English addresses (`followup.public_urls`); staff and agencies work in Thai.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import translate_url
from django.utils import translation

ENGLISH = "en"
#: Each language by its own name, which no page translates.
LANGUAGES = {"th": "ไทย", ENGLISH: "English"}


def language_of(path: str) -> str:
    """The language of a path as the URLconf sees it (`path_info`)."""
    return ENGLISH if path.startswith(f"/{ENGLISH}/") else str(settings.LANGUAGE_CODE)


def without_language(path: str) -> str:
    """The address of the page in the portal's own language, of a path in any of them."""
    return path.removeprefix(f"/{ENGLISH}") if language_of(path) == ENGLISH else path


def language() -> str:
    """The language of the answer that is being made."""
    return ENGLISH if is_english() else str(settings.LANGUAGE_CODE)


def is_english() -> bool:
    """Whether the answer that is being made is in English."""
    return translation.get_language() == ENGLISH


def localised(row: Any, name: str, english: str | None = None) -> str:
    """A text that a row has in both languages, `title_th` and `title_en`, in the page's language.

    Thai where there is no English one: a page says so by `lang="th"`, see `thai.glue`. `english`: the
    English text, if it is not in the column of that name.
    """
    if not is_english():
        return str(getattr(row, f"{name}_th"))
    return str(
        (getattr(row, f"{name}_en") if english is None else english) or getattr(row, f"{name}_th")
    )


def listed(items: Iterable[str]) -> str:
    """Things one after the other: Thai parts them with a space, English with a comma."""
    return (", " if is_english() else " ").join(items)


class PathLanguageMiddleware:
    """Makes an answer in the language of its path, and says so in Content-Language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request.path_info)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


@dataclass(frozen=True)
class Version:
    """A page in one language: its address, and the language's own name."""

    code: str
    name: str
    address: str
    is_shown: bool


def versions(request: HttpRequest) -> list[Version]:
    """The page in each language, the portal's own first; none of a page that has only one language."""
    here = request.get_full_path()
    addresses = {code: translate_url(here, code) for code, _name in settings.LANGUAGES}
    if len(set(addresses.values())) == 1:
        return []
    shown = translation.get_language()
    return [
        Version(code, LANGUAGES[code], address, code == shown)
        for code, address in addresses.items()
    ]
