"""An agency beside those of its ministry and of its kind: what each was asked in a year, and what came.

Every number stands beside the agency's own denominator. Nothing is ranked and nothing is added up: a
missing report does not mean that nothing was done, and agencies were asked different things.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from followup.models import Agency, AgencyKind, PublishedAgency, PublishedLine
from followup.models.agencies import label_of_choice
from followup.published import Edition
from followup.status import ACHIEVED

#: Of more agencies a page names none: the open data has them.
MOST = 100
#: What neighbours have in common.
MINISTRY, PARENT, KIND, GROUP = "ministry", "parent", "kind", "group"


@dataclass(frozen=True)
class AgencyFigures:
    """One agency in one edition, in numbers of its assignments: those asked, and some of those.

    `answered`: a report was approved. `on_time`: of these, the report's day is not after the day on which
    the edition's round was due; a report without a day is not counted there. `achieved`: of these, the
    counted status of its own report is completed or continuous.
    """

    agency: Agency
    asked: int
    answered: int
    on_time: int
    achieved: int

    def plus(self, other: AgencyFigures) -> AgencyFigures:
        """Both together, under this one's name."""
        return AgencyFigures(
            self.agency,
            self.asked + other.asked,
            self.answered + other.answered,
            self.on_time + other.on_time,
            self.achieved + other.achieved,
        )


@dataclass(frozen=True)
class Neighbours:
    """Agencies to be compared with one of them, by name; none if they are more than `MOST`.

    `key` is unique on a page. `what` says what they have in common. Of a group's members the first row
    is the group itself.
    """

    key: str
    title: str
    what: str
    rows: Sequence[AgencyFigures]
    total: int

    @property
    def is_cut(self) -> bool:
        return not self.rows


def asked_agencies(edition: Edition) -> QuerySet[PublishedAgency]:
    """The agencies that were asked for anything in an edition, by name; of a group its members."""
    asked = PublishedLine.objects.filter(
        edition=OuterRef("edition"), agency_id=OuterRef("agency_id")
    )
    rows = PublishedAgency.objects.filter(Exists(asked), edition=edition.pk)
    return rows.order_by("sort_key", "agency_id")


def figures_of(
    edition: Edition, agencies: Collection[int], lines: Q | None = None
) -> list[AgencyFigures]:
    """The figures of agencies that were asked in an edition, in their order; of some of its lines.

    Two queries at most.
    """
    received = Q(is_received=True)
    on_time = received & Q(reported_on__lte=edition.frame.round.due_on)
    counted = (
        edition.rows()
        .filter(lines or Q(), agency_id__in=agencies)
        .order_by()
        .values_list("agency_id")
        .annotate(
            asked=Count("pk"),
            answered=Count("pk", filter=received),
            on_time=Count("pk", filter=on_time),
            achieved=Count("pk", filter=received & Q(status__in=[each.value for each in ACHIEVED])),
        )
    )
    numbers = {pk: rest for pk, *rest in counted}
    named = edition.named(agencies)
    return [AgencyFigures(named[pk], *numbers[pk]) for pk in agencies]


def neighbours_of(agency: Agency, edition: Edition) -> list[Neighbours]:
    """Those of its ministry, and those of its kind; of a group its members. Five queries at most.

    Left out where it would stand alone, and where it was not asked for anything. Names and kinds are
    those of the edition. What belongs to a ministry is not in editions: it is as the record has it
    today, and so is which records were merged into one.
    """
    if agency.is_group:
        return _members(agency, edition)
    asked = dict(asked_agencies(edition).values_list("agency_id", "kind"))  # in order
    every = _every()
    now = {pk: (every[pk].merged_into or pk) if pk in every else pk for pk in asked}
    kinds = {kind for pk, kind in asked.items() if now[pk] == agency.pk}
    if not kinds:
        return []
    key, title, head = _ministry_of(agency, every)
    of_ministry = {pk for pk in now.values() if head in _heads(pk, every, key)}
    of_kind = {now[pk] for pk, kind in asked.items() if kind in kinds}
    found = [
        Neighbours(
            key, title, _name_of(head) if len(of_ministry) > 1 else "", (), len(of_ministry)
        ),
        Neighbours(
            KIND,
            _("เทียบกับหน่วยงานประเภทเดียวกัน"),
            ", ".join(label_of_choice(AgencyKind, kind) for kind in sorted(kinds)),
            (),
            len(of_kind),
        ),
    ]
    sets = (of_ministry, of_kind)
    wanted = {pk for each in sets if len(each) <= MOST for pk in each}
    rows = figures_of(edition, [pk for pk in asked if now[pk] in wanted])
    figures = _joined(rows, now)
    if agency.pk in figures:
        figures[agency.pk] = replace(figures[agency.pk], agency=agency)  # also if it was merged
    return [
        replace(each, rows=[row for pk, row in figures.items() if pk in members])
        if each.total <= MOST
        else each
        for each, members in zip(found, sets, strict=True)
        if each.total > 1
    ]


# The record as it is today --------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """Where an agency stands today."""

    parent: int | None
    kind: str
    merged_into: int | None


def _every() -> dict[int, _Place]:
    rows = Agency.objects.values_list("pk", "parent_id", "kind", "merged_into_id")
    return {pk: _Place(parent, kind, merged) for pk, parent, kind, merged in rows}


def _above(pk: int, every: Mapping[int, _Place]) -> list[int]:
    """An agency and what it belongs to, the nearest first. A cycle, an error in the data, ends it."""
    found: list[int] = []
    here: int | None = pk
    while here is not None and here in every and here not in found:
        found.append(here)
        here = every[here].parent
    return found


def _ministry_of(agency: Agency, every: Mapping[int, _Place]) -> tuple[str, str, int | None]:
    """(key, title, key of its head) of what an agency is compared in: its ministry.

    That is the topmost agency above it that is one; without one its parent, if it has any.
    """
    above = _above(agency.pk, every)
    ministries = [pk for pk in above if every[pk].kind == AgencyKind.MINISTRY]
    if ministries:
        return MINISTRY, _("เทียบกับหน่วยงานในกระทรวงเดียวกัน"), ministries[-1]
    return PARENT, _("เทียบกับหน่วยงานในสังกัดเดียวกัน"), agency.parent_id


def _heads(pk: int, every: Mapping[int, _Place], key: str) -> list[int]:
    """What an agency is compared in: what it belongs to at any height, or its parent alone."""
    above = _above(pk, every)
    return above if key == MINISTRY else above[1:2]


def _name_of(pk: int | None) -> str:
    return Agency.objects.get(pk=pk).name if pk else ""


# Beside each other ----------------------------------------------------------------------------


def _joined(rows: Iterable[AgencyFigures], now: Mapping[int, int]) -> dict[int, AgencyFigures]:
    """Agency -> its figures, in order; records that were merged into one since are one."""
    found: dict[int, AgencyFigures] = {}
    for row in rows:
        pk = now[row.agency.pk]
        found[pk] = found[pk].plus(row) if pk in found else row
    return found


def _members(group: Agency, edition: Edition) -> list[Neighbours]:
    """A group, and below it each member with what it answers in the group's place."""
    own = [pk for pk, row in edition.groups.items() if row["agency_id"] == group.pk]
    lines = Q(group_id__in=own)
    of_group = edition.rows().filter(lines).values("agency_id")
    asked = asked_agencies(edition).filter(agency_id__in=of_group)
    keys = list(asked.values_list("agency_id", flat=True))
    title = _("เทียบกับหน่วยงานในกลุ่มเดียวกัน")
    if len(keys) < 2 or len(keys) > MOST:
        return [Neighbours(GROUP, title, group.name, (), len(keys))] if len(keys) > MOST else []
    members = figures_of(edition, keys, lines)
    whole = replace(reduce(AgencyFigures.plus, members), agency=group)
    return [Neighbours(GROUP, title, group.name, [whole, *members], len(members))]
