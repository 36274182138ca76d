"""What a measure is to one of an earlier forum, told at both ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from followup.models import Round
from followup.progress import YearProgress
from followup.published import Known, progress_by_year
from followup.status import Status
from proposals.models import Measure, Relation

#: At the later measure: what it is to the earlier one.
_TO_EARLIER = {
    Relation.REPEATS: _l("เคยเสนอในเวที %(year)s"),
    Relation.CONTINUES: _l("ต่อเนื่องจากข้อของเวที %(year)s"),
    Relation.REPLACES: _l("แทนที่ข้อของเวที %(year)s"),
}
#: At the earlier measure: what became of it.
_TO_LATER = {
    Relation.REPEATS: _l("เสนอซ้ำในเวที %(year)s"),
    Relation.CONTINUES: _l("ต่อเนื่องในเวที %(year)s"),
    Relation.REPLACES: _l("ติดตามต่อภายใต้ข้อของเวที %(year)s"),
}


@dataclass(frozen=True)
class Related:
    """The other end of a relation, with its status in a published round if there is one.

    An earlier measure has the status of the time when the later forum began to be followed up; a later
    one that of the round shown.
    """

    measure: Measure
    words: str
    is_earlier: bool
    status: Status | None
    round: Round | None


def relations_of(
    measures: Collection[int],
    rounds: Iterable[Round],
    shown: Round | None,
    known: Known | None = None,
) -> dict[int, list[Related]]:
    """Measure pk -> its relations, to earlier forums first; measures without any are left out.

    `rounds`: the published ones; `shown`: the one that the page shows. One query, and one more for the
    editions if there is any relation.
    """
    links = list(
        Measure.objects.filter(Q(pk__in=measures) | Q(earlier__in=measures), earlier__isnull=False)
        .select_related("earlier__resolution__forum")
        .order_by("resolution__forum__year_be", "resolution__number", "number")
    )
    if not links:
        return {}
    years = progress_by_year(rounds, known=known)
    found: dict[int, list[Related]] = {}
    for later in links:
        earlier, relation = later.earlier, Relation(later.relation)
        assert earlier is not None  # noqa: S101  as selected
        if later.pk in measures:
            found.setdefault(later.pk, []).append(to_earlier(later, earlier, relation, years))
        if earlier.pk in measures:
            now = [each for each in years if each.round == shown]
            found.setdefault(earlier.pk, []).append(
                _related(later, str(_TO_LATER[relation]), now, is_earlier=False)
            )
    return found


def to_earlier(
    later: Measure, earlier: Measure, relation: Relation, years: list[YearProgress]
) -> Related:
    """The earlier end, as the later measure's page shows it; `years`: the published ones.

    `later` may be a row that is not stored, of a draft."""
    first = later.resolution.forum.followed_from
    then = [each for each in years if each.round.year_be <= first]
    return _related(earlier, str(_TO_EARLIER[relation]), then, is_earlier=True)


def _related(other: Measure, words: str, years: list[YearProgress], *, is_earlier: bool) -> Related:
    """The other end, with its status in the last of the years that counts it."""
    words %= {"year": other.resolution.forum.year_be}
    for year in reversed(years):
        if other.pk in year.status_of:
            return Related(other, words, is_earlier, year.status_of[other.pk], year.round)
    return Related(other, words, is_earlier, None, None)
