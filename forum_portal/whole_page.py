"""What a page says about itself can be read from it once it is whole: its sections, its description."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from django.utils.html import escape, strip_tags

#: Where the list of sections, the description, and the title and description of a link to the page go.
JUMPS, DESCRIPTION, SHARED = "<!--jumps-->", "<!--description-->", "<!--shared-->"
FEWEST = 3  # sections for which a list is worth its place
SHORTEST, LONGEST = 50, 160  # characters of a description; search engines cut a longer one
_HEADING = re.compile(r"<h2\b([^>]*)>(.*?)</h2>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_PARAGRAPH = re.compile(r"<p\b([^>]*)>(.*?)</p>", re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_BEFORE_SITE = " | "  # between a page's title and the site's name
_UNSEEN = re.compile(
    r'<svg\b.*?</svg>|<span class="sr">.*?</span>|<a class="span__n".*?</a>', re.DOTALL
)
_LANGUAGE = re.compile(r'<html\b[^>]*\blang="([^"]+)"')
_QUOTED = re.compile(r'<blockquote\b[^>]*\blang="([^"]+)".*?</blockquote>', re.DOTALL)
_SPEAKS = re.compile(r'\blang="([^"]+)"')


class Place(NamedTuple):
    """A section: the id of its heading, and its words."""

    id: str
    words: str


def sections_of(html: str) -> list[Place]:
    """The sections after the place of their list: headings of the second level that are seen."""
    found = []
    for attributes, inner in _HEADING.findall(html.partition(JUMPS)[2]):
        place = _ID.search(attributes)
        if place and 'class="sr"' not in attributes:
            found.append(Place(place[1], _words(inner)))
    return found if len(found) >= FEWEST else []


def description_of(html: str) -> str:
    """The first paragraph of the main part that is long enough to describe it, cut at a space.

    A paragraph with words of another language than the page's describes nothing: a description
    cannot say whose language it is in. "" if there is none.
    """
    own = _LANGUAGE.search(html)
    language = own[1] if own else ""
    main = html.partition("<main")[2]
    if language:
        main = _QUOTED.sub(lambda quoted: quoted[0] if quoted[1] == language else "", main)
    for found in _PARAGRAPH.finditer(main):
        attributes, inner = found.groups()
        words = _words(inner)
        if (
            len(words) >= SHORTEST
            and not re.search(r'\brole=|class="(?:sr|kicker|meta)\b', attributes)
            and not (language and {*_SPEAKS.findall(found[0])} - {language})
        ):
            return _cut(words)
    return ""


def finished(html: str, jumps: str, default: str) -> str:
    """The page with its list of sections and its description; `default` describes one without words."""
    html = html.replace(JUMPS, jumps)
    said = escape(description_of(html) or default)
    html = html.replace(DESCRIPTION, f'<meta name="description" content="{said}">', 1)
    shared = (
        f'<meta property="og:title" content="{escape(title_of(html))}">'
        f'<meta property="og:description" content="{said}">'
    )
    return html.replace(SHARED, shared, 1)


def title_of(html: str) -> str:
    """The page's title without the site's name."""
    found = _TITLE.search(html)
    words = _words(found[1]) if found else ""
    return words.rpartition(_BEFORE_SITE)[0] or words


def _words(inner: str) -> str:
    return " ".join(unescape(strip_tags(_UNSEEN.sub("", inner))).split())


def _cut(words: str) -> str:
    if len(words) <= LONGEST:
        return words
    start = words[: LONGEST - 1]
    place = start.rfind(" ")
    return f"{start[:place] if place >= SHORTEST else start}…"
