"""A status's colours and shape for media without our style sheet: PDF, DOCX, images, other sites.

Colours are read from the style sheet and shapes from the sprite, so that each is defined once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from followup.status import Status

_STYLE = settings.ROOT / "static" / "css" / "portal.css"
_SPRITE = settings.ROOT / "templates" / "components" / "sprite.html"
_RULE = re.compile(r"^\.st-(\w+)\s*\{([^}]*)\}", re.MULTILINE)
_SYMBOL = re.compile(r'<symbol id="s-(\w+)" viewBox="0 0 24 24">(.*?)</symbol>')
_PATTERN = re.compile(r'<pattern id="p-(\w+)".*?</pattern>')
# The insides of symbols follow the scheme of colours on a page; other media are on white.
_WHITE = (
    ('class="sy-in"', 'fill="#fff"'),
    ('class="sy-dot"', 'fill="#fff"'),
    ('class="sy-on"', 'stroke="#fff"'),
    ('class="sy-pat"', 'stroke="#fff"'),
)
_COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Colours:
    """The colours of a status: text, background, bar."""

    ink: str
    tint: str
    fill: str


@cache
def colours() -> dict[Status, Colours]:
    """The colours in the style sheet's `.st-<code>` rules. Raises KeyError for a missing rule."""
    rules = {
        code: {name.removeprefix("st-"): value for name, value in _COLOUR.findall(rule)}
        for code, rule in _RULE.findall(_STYLE.read_text("utf-8"))
    }
    return {status: Colours(**rules[status.value]) for status in Status}


@cache
def token(name: str) -> str:
    """A colour token of the style sheet that is not a status's, such as `ink`."""
    return dict(_COLOUR.findall(_STYLE.read_text("utf-8").partition(".st-")[0]))[name]


@cache
def symbols() -> dict[Status, SafeString]:
    """The shape of each status, drawn in a square of 24; what the style sheet colours is white."""
    found = dict(_SYMBOL.findall(_sprite()))
    return {status: mark_safe(found[status.value]) for status in Status}  # noqa: S308 - our own


@cache
def patterns() -> dict[Status, SafeString]:
    """The SVG pattern `p-<code>` that fills each status's part of a bar, with its own colours."""
    found = {each[1]: each[0] for each in _PATTERN.finditer(_sprite())}
    return {
        status: mark_safe(  # noqa: S308 - our own
            found[status.value]
            .replace('class="fill"', f'fill="{colours()[status].fill}"')
            .replace('class="nobody"', f'stroke="{colours()[status].fill}"')
        )
        for status in Status
    }


@cache
def _sprite() -> str:
    sprite = re.sub(r"\s*\n\s*", " ", _SPRITE.read_text("utf-8")).replace("> <", "><")
    for style, value in _WHITE:
        sprite = sprite.replace(style, value)
    return sprite
