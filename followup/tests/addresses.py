"""Every address of the portal, the admin's included, with something put in."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver

SAMPLES = {
    "id": "1",
    "number": "1",
    "agency": "CODI",
    "province": "TH-40",
    "project": "0413670001",
    "path": "1",
    "object_id": "1",
    "slug": "x",
    "year": "2569",
    "round": "2569",
    "edition": "2568-1",
    "figure": "achieved",
    "subject": "2565-3",
    "str": "x",
    "ticket": "F-2569-0001",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def addresses(patterns: Any, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """(name, address) of every pattern there is, the admin's included, with something put in."""
    for each in patterns:
        written = str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, prefix + written)
            continue
        filled = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: SAMPLES[m[1] or "str"], written)
        filled = re.sub(r"\(\?P<\w+>[^)]*\)|\\Z|\$", "", filled)
        yield each.name or "", prefix + filled


EVERY = sorted(set(addresses(get_resolver().url_patterns)))
