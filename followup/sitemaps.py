"""The sitemap: every public page that search engines may list, in both languages, by sections.

An address here is canonical (`followup.discovery`): the pages of the year that is shown unasked, and each
published year's own. A page's date is that of the last edition, or the last one taken back, that its
figures come from; a page that shows none has no date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from django.utils import timezone

from followup import published
from followup.figures import edition_code
from followup.models import Agency, Printed, Province, RenderedReport, Round, Snapshot
from proposals.models import Forum, Measure, Resolution

#: Pages without arguments -> whether they show figures of an edition.
PAGES = {
    "home": True,
    "resolutions": True,
    "agencies": True,
    "matrix": True,
    "forums": True,
    "years": True,
    "compare": True,
    "disagreements": True,
    "areas": True,
    "projects": True,
    "follow-up": True,
    "silence": True,
    "corrections": True,
    "data": True,
    "data-dictionary": False,
    "api": False,
    "search": False,
    "feedback": False,
    "follow": False,
    "about": False,
    "privacy": False,
    "accessibility": False,
}
MOST = 10_000  # addresses of a file; the protocol allows 50,000, and 50 MB


class Page(NamedTuple):
    """A page by the name of its address, its arguments, and when its figures changed."""

    name: str
    args: tuple[str | int, ...] = ()
    changed: datetime | None = None


class Section(Sitemap):
    """A part of the sitemap. `base`: the portal's own address, with which every whole one begins."""

    i18n = True
    alternates = True
    x_default = True
    limit = MOST

    def __init__(self, pages: Sequence[Page], base: str) -> None:
        self.pages, self.base = pages, urlsplit(base)

    def items(self) -> Sequence[Page]:
        return self.pages

    def location(self, item: Page) -> str:
        return reverse(item.name, args=item.args)

    def lastmod(self, item: Page) -> datetime | None:
        return item.changed

    @property
    def changed(self) -> datetime | None:
        return max((each.changed for each in self.pages if each.changed), default=None)

    def urls(self, page: int) -> list[dict[str, Any]]:
        """The addresses of a file of this section. Raises InvalidPage."""
        site: Any = SimpleNamespace(domain=self.base.netloc)
        return self.get_urls(page=page, site=site, protocol=self.base.scheme)


class _Edition(NamedTuple):
    """The standing edition of a public round."""

    round: Round
    code: str
    made_at: datetime
    digest: str


def sections(base: str) -> Mapping[str, Section]:
    """Every section with a page, by name. Eight queries."""
    moments: list[tuple[int, datetime]] = []
    standing: dict[int, tuple[int, datetime, str]] = {}
    rows = Snapshot.objects.order_by("number").values_list(
        "round_id", "round__year_be", "number", "made_at", "taken_back__at", "digest"
    )
    for round_id, year, number, made_at, taken_back_at, digest in rows:
        moments += [(year, _local(each)) for each in (made_at, taken_back_at) if each]
        if taken_back_at is None:
            standing[round_id] = number, _local(made_at), digest
    last = max((moment for _year, moment in moments), default=None)
    editions = [
        _Edition(each, edition_code(each.code, number), made_at, digest)
        for each in Round.objects.public()
        if each.pk in standing
        for number, made_at, digest in [standing[each.pk]]
    ]
    found = {
        "pages": [Page(name, (), last if shows else None) for name, shows in PAGES.items()],
        "years": _years(editions),
        "agencies": [
            Page("agency", (code,), last)
            for code in Agency.objects.standing().order_by("code").values_list("code", flat=True)
        ],
        "areas": [Page("area", (each.iso,), last) for each in Province.objects.all()],
        "projects": [
            Page("project", (key,), last)
            for key in published.every_project_key([each.digest for each in editions])
        ],
        **_forums(moments),
    }
    return {name: Section(pages, base) for name, pages in found.items() if pages}


def _years(editions: Sequence[_Edition]) -> list[Page]:
    """The pages of each published round: its figures, its report with the parts, its receipts."""
    stored = RenderedReport.objects.filter(
        snapshot__taken_back__isnull=True, kind=Printed.PAGE, part__gt=0
    )
    parts: dict[tuple[int, int], set[int]] = {}
    for round_id, number, part in stored.values_list(
        "snapshot__round_id", "snapshot__number", "part"
    ).distinct():
        parts.setdefault((round_id, number), set()).add(part)
    found = []
    for each in editions:
        code, number = each.round.code, int(each.code.rpartition("-")[2])
        found += [
            Page("year", (code,), each.made_at),
            Page("report", (code,), each.made_at),
            *(
                Page("report-part", (code, part), each.made_at)
                for part in sorted(parts.get((each.round.pk, number), ()))
            ),
            Page("receipts", (each.code,), each.made_at),
        ]
    return found


def _forums(moments: Sequence[tuple[int, datetime]]) -> dict[str, list[Page]]:
    """A section for each forum: the forum, its resolutions and its measures."""
    found: dict[str, list[Page]] = {}
    changed: dict[int, datetime | None] = {}
    for forum in Forum.objects.order_by("-year_be"):
        followed = (moment for year, moment in moments if forum.is_followed_in(year))
        changed[forum.year_be] = max(followed, default=None)
        found[_named(forum.year_be)] = [Page("forum", (forum.year_be,), changed[forum.year_be])]
    resolutions = Resolution.objects.order_by("forum__year_be", "number")
    for year, number in resolutions.values_list("forum__year_be", "number"):
        found[_named(year)].append(Page("resolution", (year, number), changed[year]))
    measures = Measure.objects.order_by("resolution__number", "number")
    for year, number, clause in measures.values_list(
        "resolution__forum__year_be", "resolution__number", "number"
    ):
        found[_named(year)].append(Page("measure", (year, number, clause), changed[year]))
    return found


def _named(year: int) -> str:
    return f"forum-{year}"


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)
