"""The list of assignments for staff: grouped by measure, filtered, cut into pages by proposal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from followup.confirmations import Confirmed
from followup.models import (
    Agency,
    AgencyKind,
    Assignment,
    Basis,
    GroupMember,
    Role,
    Round,
    RoundState,
)
from followup.naming import item_name
from forum_portal.thai import match_key
from forum_portal.years import fiscal_year_today
from proposals.models import Forum, Measure, Resolution

if TYPE_CHECKING:
    from followup.models.agencies import AgencyQuerySet, AssignmentQuerySet
    from proposals.models import MeasureQuerySet

#: Rows a page. A proposal is cut only if it has more than `MOST_ROWS`, so that a page may hold more.
PAGE_ROWS = 20
MOST_ROWS = 50

ALL, WAITING, CONFIRMED, NOBODY = "", "waiting", "confirmed", "nobody"
TABS = (ALL, WAITING, CONFIRMED, NOBODY)


@dataclass(frozen=True)
class Group:
    """One measure with its assignments, the lead agencies first."""

    measure: Measure
    rows: Sequence[Assignment]
    #: Whether it has a lead agency, filtered out or not.
    has_lead: bool
    has_anybody: bool
    #: Whether it began on the page before.
    is_continued: bool = False

    @property
    def size(self) -> int:
        return max(1, len(self.rows))


@dataclass(frozen=True)
class Filters:
    """What the page is narrowed to; "" is no filter. `words` name an agency."""

    forum: str = ""  # year, B.E.
    resolution: str = ""  # full code
    role: str = ""
    words: str = ""

    @property
    def is_none(self) -> bool:
        return self == Filters()

    def let_in(self, measure: Measure) -> bool:
        resolution = measure.resolution
        return self.forum in {"", str(resolution.forum.year_be)} and self.resolution in {
            "",
            resolution.full_code,
        }


@dataclass(frozen=True)
class Page:
    """Some whole proposals of one forum, or a part of a long one."""

    groups: Sequence[Group]
    label: str


@dataclass
class Assigned:
    """All assignments that have not ended, and those of them that a page shows."""

    measures: Sequence[Measure]
    rows: Sequence[Assignment]
    filters: Filters = field(default_factory=Filters)
    tab: str = ALL
    #: The keys of the agencies that the filter's words name; None without words.
    agencies: Collection[int] | None = None

    @classmethod
    def load(cls, filters: Filters | None = None, tab: str = ALL) -> Assigned:
        """Three queries, a fourth with words. Measures that nobody follows up any more are left out.

        A group's assignment has `member_count`, and its members' are behind it. Words that name a member
        find its group as well.
        """
        year = first_year_at_work()
        filters = filters or Filters()
        words = match_key(filters.words)
        named = Agency.objects.matching(words) if words else None
        if named is not None:
            groups = GroupMember.objects.filter(agency__in=named).values("group")
            named = Agency.objects.filter(Q(pk__in=named) | Q(pk__in=groups))
        measures = followed_up(year).order_by(
            "-resolution__forum__year_be", "resolution__number", "number"
        )
        rows = (
            Assignment.objects.as_given()
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=year))
            .select_related("agency")
            .annotate(
                member_count=Count(
                    "members",
                    filter=Q(members__valid_to__isnull=True) | Q(members__valid_to__gte=year),
                )
            )
            .order_by("measure_id", "role", "agency__sort_key", "valid_from", "pk")
        )
        return cls(
            list(measures),
            list(rows),
            filters,
            tab,
            None if named is None else set(named.values_list("pk", flat=True)),
        )

    @cached_property
    def by_measure(self) -> dict[int, list[Assignment]]:
        found: dict[int, list[Assignment]] = {each.pk: [] for each in self.measures}
        known = {each.pk: each for each in self.measures}
        for row in self.rows:
            if row.measure_id in known:
                row.measure = known[row.measure_id]
                found[row.measure_id].append(row)
        return found

    @property
    def every(self) -> list[Assignment]:
        return [row for rows in self.by_measure.values() for row in rows]

    @cached_property
    def standing(self) -> Confirmed:
        """Of all of them, whatever the filter."""
        return Confirmed.of(row.basis for row in self.every)

    def _fits(self, row: Assignment) -> bool:
        return self.filters.role in {"", row.role} and (
            self.agencies is None or row.agency_id in self.agencies
        )

    @cached_property
    def _filtered(self) -> list[Group]:
        """The measures with the rows that pass the filters, before the tab."""
        return [
            Group(
                measure,
                [row for row in rows if self._fits(row)],
                any(row.role == Role.LEAD for row in rows),
                bool(rows),
            )
            for measure, rows in (
                (measure, self.by_measure[measure.pk]) for measure in self.measures
            )
            if self.filters.let_in(measure)
        ]

    @cached_property
    def groups(self) -> list[Group]:
        """The measures that the page shows; of a filter by role or agency only those with a row."""
        narrow = bool(self.filters.role or self.agencies is not None)
        found = []
        for each in self._filtered:
            if self.tab == NOBODY:
                if not each.has_lead and not narrow:
                    found.append(each)
                continue
            rows = [row for row in each.rows if self._in_tab(row)]
            if rows or (self.tab == ALL and not narrow):
                found.append(Group(each.measure, rows, each.has_lead, each.has_anybody))
        return found

    def _in_tab(self, row: Assignment) -> bool:
        return self.tab == ALL or row.is_confirmed == (self.tab == CONFIRMED)

    @property
    def counts(self) -> dict[str, int]:
        """Tab -> how many rows it has; for NOBODY how many measures. The filters apply."""
        rows = [row for each in self._filtered for row in each.rows]
        confirmed = sum(row.basis == Basis.CONFIRMED for row in rows)
        narrow = bool(self.filters.role or self.agencies is not None)
        nobodys = 0 if narrow else sum(not each.has_lead for each in self._filtered)
        return {
            ALL: len(rows),
            WAITING: len(rows) - confirmed,
            CONFIRMED: confirmed,
            NOBODY: nobodys,
        }

    @cached_property
    def waiting(self) -> list[Assignment]:
        """The shown assignments that the committee has yet to confirm, of all pages."""
        return waiting_of(self.groups)

    @cached_property
    def pages(self) -> list[Page]:
        """The groups by proposal, as many proposals a page as fit; a page is of one forum.

        A proposal of more than `MOST_ROWS` has pages of its own.
        """
        pages: list[list[Group]] = []
        parts: dict[int, tuple[int, int]] = {}  # place of a page -> which part of how many
        forum: Forum | None = None
        for resolution, few in groupby(self.groups, key=lambda each: each.measure.resolution):
            block = list(few)
            rows = sum(each.size for each in block)
            if rows > MOST_ROWS:
                cut = _cut(block)
                parts |= {len(pages) + n: (n + 1, len(cut)) for n in range(len(cut))}
                pages += cut
                forum = resolution.forum
                continue
            is_full = pages and sum(each.size for each in pages[-1]) + rows > PAGE_ROWS
            is_full = is_full or len(pages) - 1 in parts
            if not pages or is_full or resolution.forum != forum:
                pages.append([])
            forum = resolution.forum
            pages[-1] += block
        return [Page(each, self._label(each, *parts.get(n, ()))) for n, each in enumerate(pages)]

    def _label(self, groups: Sequence[Group], part: int = 1, of: int = 1) -> str:
        shown = _resolutions(groups)
        forum = shown[0].forum
        in_forum = [each for each in _resolutions(self.groups) if each.forum == forum]
        several = len({each.measure.resolution.forum_id for each in self.groups}) > 1
        if shown == in_forum and several and of == 1:
            return _("เวที %(year)s ทั้งหมด") % {"year": forum.year_be}
        name = item_name(shown[0], several_forums=several)
        if of > 1:
            return _("%(name)s ส่วนที่ %(part)s จาก %(of)s") % {"name": name, "part": part, "of": of}
        if len(shown) == 1:
            return name
        return _("%(first)s ถึง %(last)s") % {"first": name, "last": shown[-1].number}

    def page_of(self, measure: Measure, row: Assignment | None = None) -> int | None:
        """The number of the page with this measure and its row, from 1.

        None if the filters leave one of them out.
        """
        for number, page in enumerate(self.pages, start=1):
            for each in page.groups:
                if each.measure == measure and (row is None or row in each.rows):
                    return number
        return None


def _cut(block: Iterable[Group]) -> list[list[Group]]:
    """One proposal's groups in parts of at most `MOST_ROWS`; a long measure goes on in the next."""
    parts: list[list[Group]] = [[]]
    room = MOST_ROWS
    for group in block:
        start = 0
        while start == 0 or start < len(group.rows):
            if not room:
                parts.append([])
                room = MOST_ROWS
            rows = group.rows[start : start + room]
            parts[-1].append(replace(group, rows=rows, is_continued=start > 0))
            room -= max(1, len(rows))
            start += max(1, len(rows))
    return parts


def _resolutions(groups: Iterable[Group]) -> list[Resolution]:
    return list(dict.fromkeys(each.measure.resolution for each in groups))


def waiting_of(groups: Iterable[Group]) -> list[Assignment]:
    return [row for each in groups for row in each.rows if not row.is_confirmed]


def followed_up(year: int) -> MeasureQuerySet:
    """The measures of forums that go on in a fiscal year (B.E.), but for those that were replaced."""
    going_on = Forum.objects.filter(Q(concluded_after__isnull=True) | Q(concluded_after__gte=year))
    replaced = Measure.objects.replaced_in(year)
    found: MeasureQuerySet = Measure.objects.filter(resolution__forum__in=going_on)
    return found.exclude(pk__in=replaced.values("pk"))


def ongoing(year: int) -> AssignmentQuerySet:
    """The assignments to these measures that a person has made and that have not ended by then."""
    return Assignment.objects.as_given().filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=year), measure__in=followed_up(year).values("pk")
    )


def answering(rows: AssignmentQuerySet) -> AgencyQuerySet:
    """The agencies that answer for some assignments; for a group's its members do."""
    own = rows.filter(agency=OuterRef("pk"))
    as_member = Assignment.objects.filter(agency=OuterRef("pk"), of_group__in=rows.values("pk"))
    return Agency.objects.exclude(kind=AgencyKind.GROUP).filter(Exists(own) | Exists(as_member))


def first_year_at_work() -> int:
    """The earliest fiscal year (B.E.) whose round takes reports, or this fiscal year."""
    taking = Round.objects.filter(state=RoundState.OPEN).order_by("year_be")
    return min([*taking.values_list("year_be", flat=True)[:1], fiscal_year_today()])
