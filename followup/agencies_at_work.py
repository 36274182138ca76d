"""The staff's list of agencies: how far each is in a round, filtered, and cut into pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Exists, OuterRef

from followup import permissions
from followup.assigned import first_year_at_work
from followup.models import Agency, AgencyKind, AgencyLink, Assignment, FocalPoint, Round
from followup.workload import NOTHING, Standing, standing_by_agency

#: Rows a page.
PAGE_ROWS = 30

MINE, NOBODY = "mine", "nobody"  # of `Filters.caretaker`


@dataclass(frozen=True)
class Row:
    """An agency in a round; `link` is the one that works now."""

    agency: Agency
    numbers: Standing
    contacts: Sequence[FocalPoint]
    link: AgencyLink | None

    @property
    def main(self) -> FocalPoint | None:
        return next((each for each in self.contacts if each.is_main), None)


#: The states by which the list is narrowed -> whether a row is in it. Those of reports and links are of
#: agencies of which the round expects something.
STATES: Mapping[str, Callable[[Row], bool]] = {
    "untouched": lambda row: bool(row.numbers.expected) and row.numbers.is_silent,
    "due": lambda row: row.numbers.to_do > 0,
    "done": lambda row: row.numbers.expected > 0 and not row.numbers.to_do,
    "no_contact": lambda row: not row.contacts,
    "no_link": lambda row: bool(row.numbers.expected) and row.link is None,
}


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; "" is no filter.

    `words` name agencies; `caretaker` is MINE or NOBODY; `state` is one of STATES.
    """

    words: str = ""
    kind: str = ""
    caretaker: str = ""
    state: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Filters:
        """Of an address: what nobody can have meant is no filter."""

        def one_of(name: str, known: Sequence[str]) -> str:
            value = str(asked.get(name, ""))
            return value if value in known else ""

        return cls(
            words=str(asked.get("q", "")).replace("\0", "").strip()[:100],
            kind=one_of("kind", AgencyKind.values),
            caretaker=MINE
            if asked.get("mine") == "1"  # as earlier addresses say it
            else one_of("caretaker", (MINE, NOBODY)),
            state=one_of("state", tuple(STATES)),
        )


@dataclass
class AgenciesAtWork:
    """Every agency with an assignment, and those of them that the filters let in."""

    round: Round | None
    rows: Sequence[Row]
    filters: Filters
    #: The key of the person who looks, for MINE.
    person: int
    #: The keys of the agencies that the filter's words name; None without words.
    named: set[int] | None = field(default=None)

    @classmethod
    def load(cls, round_: Round | None, filters: Filters, *, person: int) -> AgenciesAtWork:
        """Five queries, a sixth with words."""
        numbers = standing_by_agency(round_)
        links: dict[int, AgencyLink] = {}
        if round_:
            for link in AgencyLink.objects.filter(round=round_, revoked_at=None):
                link.round = round_
                if permissions.link_works(link):
                    links[link.agency_id] = link
        agencies = (
            Agency.objects.answering()
            .filter(Exists(Assignment.objects.filter(agency=OuterRef("pk"))))
            .exclude(pk__in=Agency.objects.ended_before(first_year_at_work()))
            .select_related("caretaker")
            .prefetch_related("focal_points")
        )
        named = None
        if filters.words:
            named = set(Agency.objects.matching(filters.words).values_list("pk", flat=True))
        rows = [
            Row(
                each,
                numbers.get(each.pk, NOTHING),
                list(each.focal_points.all()),
                links.get(each.pk),
            )
            for each in agencies
        ]
        return cls(round_, rows, filters, person, named)

    def _is_in(self, row: Row) -> bool:
        """Whether the filters other than the state let a row in."""
        wanted, caretaker = self.filters, row.agency.caretaker_id
        return (
            (self.named is None or row.agency.pk in self.named)
            and wanted.kind in {"", row.agency.kind}
            and (wanted.caretaker != MINE or caretaker == self.person)
            and (wanted.caretaker != NOBODY or caretaker is None)
        )

    @cached_property
    def _filtered(self) -> list[Row]:
        return [row for row in self.rows if self._is_in(row)]

    @cached_property
    def shown(self) -> list[Row]:
        """The rows of all pages."""
        state = STATES.get(self.filters.state)
        return [row for row in self._filtered if state is None or state(row)]

    @property
    def counts(self) -> dict[str, int]:
        """State -> how many agencies are in it, "" for all; the other filters apply."""
        return {"": len(self._filtered)} | {
            name: sum(map(is_in, self._filtered)) for name, is_in in STATES.items()
        }

    @property
    def mine(self) -> int:
        return sum(row.agency.caretaker_id == self.person for row in self.rows)

    @property
    def without_caretaker(self) -> int:
        return sum(row.agency.caretaker_id is None for row in self.rows)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The kinds of the listed agencies with their words."""
        there = {row.agency.kind for row in self.rows}
        return [(each.value, str(each.label)) for each in AgencyKind if each.value in there]

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.shown) // PAGE_ROWS))

    def page(self, number: int) -> list[Row]:
        """The rows of a page, from 1."""
        return self.shown[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
