"""What colour a status has on paper: the style sheet's, which is the one place that says."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings

_RULE = re.compile(r"^\.st-(\w+)\s*\{[^}]*--st-ink: (#\w+);[^}]*--st-fill: (#\w+);", re.MULTILINE)


@cache
def status_colours() -> dict[str, dict[str, str]]:
    """Of each status: the colour of its bar (`fill`) and of words on paper (`ink`)."""
    style = (settings.ROOT / "static" / "css" / "portal.css").read_text("utf-8")
    return {status: {"ink": ink, "fill": fill} for status, ink, fill in _RULE.findall(style)}
