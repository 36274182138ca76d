"""Which agency continues another one's measures, told at both ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from followup.models import Agency, Assignment
from proposals.models import Measure


@dataclass
class Handed:
    """What went from one agency to another from a fiscal year (B.E.) on."""

    other: Agency  # at the other end
    first_year: int
    measures: list[Measure] = field(default_factory=list)


def handed_over(agency: Agency) -> tuple[list[Handed], list[Handed]]:
    """(what this agency continues, what others continue of it), the earliest first. One query.

    An assignment that was never in force handed nothing over.
    """
    taken: dict[tuple[int, int], Handed] = {}
    given: dict[tuple[int, int], Handed] = {}
    rows = (
        Assignment.objects.filter(Q(agency=agency) | Q(predecessor__agency=agency))
        .filter(predecessor__valid_to__gte=F("predecessor__valid_from"))
        .exclude(valid_to__lt=F("valid_from"))
        .select_related("agency", "predecessor__agency", "measure__resolution__forum")
        .order_by(
            "valid_from",
            "measure__resolution__forum__year_be",
            "measure__resolution__number",
            "measure__number",
        )
    )
    for row in rows:
        before: Any = row.predecessor
        is_here = row.agency_id == agency.pk
        other, found = (before.agency, taken) if is_here else (row.agency, given)
        key = other.pk, row.valid_from
        found.setdefault(key, Handed(other, row.valid_from)).measures.append(row.measure)
    return list(taken.values()), list(given.values())
