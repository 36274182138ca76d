"""The list of assignments for staff: grouped by measure, filtered, cut into pages by proposal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
MOST_ROWS = 30

ALL, WAITING, CONFIRMED, NOBODY = "", "waiting", "confirmed", "nobody"
TABS = (ALL, WAITING, CONFIRMED, NOBODY)


@dataclass(frozen=True)
class Group:
    """One measure with some of its assignments, the lead agencies first.

    `rows` are there for the page that is shown (`Assigned.groups_of`); of other pages their number is.
    """

    measure: Measure
    count: int
    #: Whether it has a lead agency, filtered out or not.
    has_lead: bool
    has_anybody: bool
    #: The place of the first row among the measure's that the list shows, from 0.
    start: int = 0
    rows: Sequence[Assignment] = ()

    @property
    def is_continued(self) -> bool:
        """Whether it began on the page before."""
        return self.start > 0

    @property
    def size(self) -> int:
        return max(1, self.count)


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
    """Some whole proposals of one forum, or one of the parts of a long one."""

    groups: Sequence[Group]
    of_list: Assigned = field(repr=False, compare=False)
    part: int = 1
    parts: int = 1

    @property
    def label(self) -> str:
        every = self.of_list.groups
        shown = _resolutions(self.groups)
        forum = shown[0].forum
        in_forum = [each for each in _resolutions(every) if each.forum == forum]
        several = len({each.measure.resolution.forum_id for each in every}) > 1
        if shown == in_forum and several and self.parts == 1:
            return _("เวที %(year)s ทั้งหมด") % {"year": forum.year_be}
        name = item_name(shown[0], several_forums=several)
        if self.parts > 1:
            part = {"name": name, "part": self.part, "of": self.parts}
            return _("%(name)s ส่วนที่ %(part)s จาก %(of)s") % part
        if len(shown) == 1:
            return name
        return _("%(first)s ถึง %(last)s") % {"first": name, "last": shown[-1].number}


@dataclass(frozen=True)
class _Counts:
    """The numbers of a measure's assignments: all of them, and those that the filters let in."""

    total: int = 0
    leads: int = 0
    confirmed: int = 0
    proposed: int = 0
    fitting: int = 0
    fitting_confirmed: int = 0


@dataclass
class Assigned:
    """All assignments that have not ended, in numbers by measure, and the pages that they make.

    The rows of a page are read when they are asked for: no list is longer than the measures are many.
    """

    year: int
    measures: Sequence[Measure]
    filters: Filters
    tab: str
    #: Measure pk -> numbers; measures without any assignment are left out.
    numbers: Mapping[int, _Counts]
    #: What the filters let in.
    fitting: Q

    @classmethod
    def load(cls, filters: Filters | None = None, tab: str = ALL) -> Assigned:
        """Three queries. Measures that nobody follows up any more are left out.

        Words that name a member find its group as well.
        """
        year = first_year_at_work()
        filters = filters or Filters()
        fitting = Q(pk__isnull=False)
        if filters.role:
            fitting &= Q(role=filters.role)
        if words := match_key(filters.words):
            named = Agency.objects.matching(words)
            groups = GroupMember.objects.filter(agency__in=named.values("pk")).values("group")
            fitting &= Q(agency__in=named.values("pk")) | Q(agency__in=groups)
        measures = (
            followed_up(year)
            .order_by("-resolution__forum__year_be", "resolution__number", "number")
            .defer(*_NOT_SHOWN)
        )
        confirmed = Q(basis=Basis.CONFIRMED)
        counted = (
            ongoing(year)
            .order_by()
            .values_list("measure")
            .annotate(
                total=Count("pk"),
                leads=Count("pk", filter=Q(role=Role.LEAD)),
                confirmed=Count("pk", filter=confirmed),
                proposed=Count("pk", filter=Q(basis=Basis.PROPOSED)),
                fitting=Count("pk", filter=fitting),
                fitting_confirmed=Count("pk", filter=fitting & confirmed),
            )
        )
        numbers = {measure: _Counts(*row) for measure, *row in counted}
        return cls(year, list(measures), filters, tab, numbers, fitting)

    def _of(self, measure: Measure) -> _Counts:
        return self.numbers.get(measure.pk, _Counts())

    @cached_property
    def standing(self) -> Confirmed:
        """Of all of them, whatever the filter."""
        every = [self._of(measure) for measure in self.measures]
        return Confirmed(
            sum(each.confirmed for each in every),
            sum(each.proposed for each in every),
            sum(each.total for each in every),
        )

    @property
    def _is_narrow(self) -> bool:
        return bool(self.filters.role or match_key(self.filters.words))

    @cached_property
    def _let_in(self) -> list[Measure]:
        return [measure for measure in self.measures if self.filters.let_in(measure)]

    def _count_of(self, measure: Measure) -> int:
        """How many rows of a measure the list shows."""
        of = self._of(measure)
        waiting = of.fitting - of.fitting_confirmed
        return {WAITING: waiting, CONFIRMED: of.fitting_confirmed}.get(self.tab, of.fitting)

    @cached_property
    def groups(self) -> list[Group]:
        """The measures that the list shows; of a filter by role or agency only those with a row."""
        found = []
        for measure in self._let_in:
            of, count = self._of(measure), self._count_of(measure)
            if self.tab == NOBODY:
                is_shown = not of.leads and not self._is_narrow
            else:
                is_shown = count > 0 or (self.tab == ALL and not self._is_narrow)
            if is_shown:
                found.append(Group(measure, count, of.leads > 0, of.total > 0))
        return found

    @property
    def counts(self) -> dict[str, int]:
        """Tab -> how many rows it has; for NOBODY how many measures. The filters apply."""
        every = [self._of(measure) for measure in self._let_in]
        fitting, confirmed = (
            sum(each.fitting for each in every),
            sum(each.fitting_confirmed for each in every),
        )
        return {
            ALL: fitting,
            WAITING: fitting - confirmed,
            CONFIRMED: confirmed,
            NOBODY: 0 if self._is_narrow else sum(not each.leads for each in every),
        }

    @property
    def waiting(self) -> int:
        """How many of all pages the committee has yet to confirm."""
        if self.tab == CONFIRMED:
            return 0
        every = [self._of(group.measure) for group in self.groups]
        return sum(each.fitting - each.fitting_confirmed for each in every)

    def _rows(self, measures: Iterable[Measure]) -> AssignmentQuerySet:
        """The rows of some measures, in the order of the list."""
        rows = ongoing(self.year).filter(self.fitting, measure__in=[each.pk for each in measures])
        if self.tab in {WAITING, CONFIRMED}:
            is_confirmed = Q(basis=Basis.CONFIRMED)
            rows = rows.filter(is_confirmed if self.tab == CONFIRMED else ~is_confirmed)
        return rows.order_by("measure_id", "role", "agency__sort_key", "valid_from", "pk")

    def waiting_rows(self) -> AssignmentQuerySet:
        """Those of all pages that the committee has yet to confirm; as many as there are."""
        rows = self._rows(group.measure for group in self.groups)
        return rows.exclude(basis=Basis.CONFIRMED).order_by("pk")

    def groups_of(self, page: Page) -> list[Group]:
        """The groups of a page with their rows. One query.

        A group's assignment has `member_count`, and its members' are behind it.
        """
        goes_on = Q(members__valid_to__isnull=True) | Q(members__valid_to__gte=self.year)
        rows = (
            self._rows(group.measure for group in page.groups)
            .select_related("agency")
            .annotate(member_count=Count("members", filter=goes_on))
        )
        of_measure: dict[int, list[Assignment]] = {}
        if len(page.groups) == 1:  # a part of a long measure perhaps: the others are not read
            [group] = page.groups
            rows = rows[group.start : group.start + group.count]
        for row in rows:
            of_measure.setdefault(row.measure_id, []).append(row)
        found = []
        for group in page.groups:
            every = of_measure.get(group.measure.pk, [])
            start = group.start if len(page.groups) > 1 else 0
            for row in every:
                row.measure = group.measure
            found.append(replace(group, rows=every[start : start + group.count]))
        return found

    @cached_property
    def pages(self) -> list[Page]:
        """The groups by proposal, as many proposals a page as fit; a page is of one forum.

        A proposal of more than `MOST_ROWS` has pages of its own.
        """
        pages: list[Page] = []
        forum: Forum | None = None
        is_full = True  # no page takes the next proposal
        for resolution, few in groupby(self.groups, key=lambda each: each.measure.resolution):
            block = list(few)
            rows = sum(each.size for each in block)
            if rows > MOST_ROWS:
                cut = _cut(block)
                pages += [
                    Page(each, self, part, len(cut)) for part, each in enumerate(cut, start=1)
                ]
                is_full = True
                continue
            if not is_full:
                size = sum(each.size for each in pages[-1].groups)
                is_full = size + rows > PAGE_ROWS or resolution.forum != forum
            if is_full:
                pages.append(Page([], self))
            pages[-1] = replace(pages[-1], groups=[*pages[-1].groups, *block])
            forum, is_full = resolution.forum, False
        return pages

    def page_of(self, measure: Measure, row: Assignment | None = None) -> int | None:
        """The number of the page with this measure and its row, from 1. One query with a row.

        None if the filters leave one of them out.
        """
        place = 0
        if row is not None:
            keys = list(self._rows([measure]).values_list("pk", flat=True))
            if row.pk not in keys:
                return None
            place = keys.index(row.pk)
        for number, page in enumerate(self.pages, start=1):
            for each in page.groups:
                if each.measure == measure and (
                    row is None or each.start <= place < each.start + each.count
                ):
                    return number
        return None


#: What the list shows of no measure: long texts, and columns of JSON to be parsed.
_NOT_SHOWN = tuple(
    f"resolution__{name}"
    for name in (
        "text",
        "summary_en",
        "legal_references",
        "named_parties",
        "forum__source_text",
        "forum__background_th",
        "forum__preamble_th",
        "forum__objective_th",
        "forum__quotation_th",
        "forum__legal_basis",
        "forum__partners_th",
        "forum__participant_groups_th",
        "forum__not_stated",
    )
)


def _cut(block: Iterable[Group]) -> list[list[Group]]:
    """One proposal's groups in parts of at most `MOST_ROWS`; a long measure goes on in the next."""
    parts: list[list[Group]] = [[]]
    room = MOST_ROWS
    for group in block:
        start = 0
        while start == 0 or start < group.count:
            if not room:
                parts.append([])
                room = MOST_ROWS
            count = min(room, group.count - start)
            parts[-1].append(replace(group, start=start, count=count))
            room -= max(1, count)
            start += max(1, count)
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
