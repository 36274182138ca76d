"""How a status looks where no style sheet reaches: on paper, in a picture, on somebody else's page.

Colours are read from the style sheet and shapes from the sprite, so that a status has each of them in
one place.
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
_COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Colours:
    """Of a status: its text, its ground, its bar."""

    ink: str
    tint: str
    fill: str


@cache
def colours() -> dict[Status, Colours]:
    """What the style sheet says under `.st-<code>`. Raises KeyError where a status has no rule."""
    rules = {
        code: {name.removeprefix("st-"): value for name, value in _COLOUR.findall(rule)}
        for code, rule in _RULE.findall(_STYLE.read_text("utf-8"))
    }
    return {status: Colours(**rules[status.value]) for status in Status}


@cache
def token(name: str) -> str:
    """A colour of the style sheet's that belongs to no status, such as `ink`."""
    return dict(_COLOUR.findall(_STYLE.read_text("utf-8").partition(".st-")[0]))[name]


@cache
def symbols() -> dict[Status, SafeString]:
    """The shape of each status, drawn in a square of 24."""
    found = dict(_SYMBOL.findall(_SPRITE.read_text("utf-8")))
    return {status: mark_safe(found[status.value]) for status in Status}  # noqa: S308 - our own
