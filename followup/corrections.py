"""What a correction did to the figures: the counts and the statuses of two editions, side by side.

The rows of a correction tell which words changed. Whether a citizen reads other figures than before
follows from all of them together, so it is counted from both editions, as every page is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from followup import snapshots
from followup.models import Round, Snapshot
from followup.naming import item_name
from followup.progress import (
    MeasureProgress,
    ResolutionProgress,
    Tally,
    YearProgress,
    edition_progress,
    tally,
)
from followup.status import WORSE, Change, Status
from proposals.models import Forum, Measure, Resolution

Key = tuple[int, str]  # of an edition: its number and digest


@dataclass(frozen=True)
class Count:
    """One figure that changed."""

    label: str
    before: int
    after: int


@dataclass(frozen=True)
class Moved:
    """A measure or a resolution whose status changed. `before` or `after` is None where it is new
    in the edition, or no longer in it."""

    what: Measure | Resolution
    before: Status | None
    after: Status | None

    @property
    def is_resolution(self) -> bool:
        return isinstance(self.what, Resolution)

    @property
    def change(self) -> Change | None:
        if self.before is None or self.after is None:
            return None
        return Change.between(self.before, self.after)


@dataclass(frozen=True)
class Effect:
    """What a correction did to one forum's figures. Every count is out of the edition's own `n`."""

    forum: Forum
    before: Tally
    after: Tally
    moved: Sequence[Moved]

    @property
    def is_none(self) -> bool:
        return not (self.moved or self.counts or self.before.n != self.after.n)

    @property
    def counts(self) -> list[Count]:
        """The counts by status that changed, in the vocabulary's order."""
        every = [
            *((str(each.label), self.before.of(each), self.after.of(each)) for each in Status),
            (str(Status.CANCELLED.label), self.before.cancelled, self.after.cancelled),
            (_("ใช้ดุลพินิจแล้วไม่ใช้"), self.before.unused, self.after.unused),
        ]
        return [Count(label, was, now) for label, was, now in every if was != now]

    @property
    def achieved(self) -> str:
        """`บรรลุแล้ว 16 → 15 จาก 43`, with both denominators where they differ."""
        figures = {
            "a": self.before.achieved,
            "b": self.after.achieved,
            "n": self.before.n,
            "m": self.after.n,
        }
        if self.before.n != self.after.n:
            return _("บรรลุแล้ว %(a)s จาก %(n)s → %(b)s จาก %(m)s") % figures
        if self.before.achieved != self.after.achieved:
            return _("บรรลุแล้ว %(a)s → %(b)s จาก %(n)s") % figures
        return _("บรรลุแล้วคงเดิม %(a)s จาก %(n)s") % figures


def effects_of(editions: Iterable[Snapshot]) -> dict[int, Sequence[Effect]]:
    """What each of some corrections did to the figures of each forum, by the edition's number.

    One query, and one for each edition's content that this process has not read yet.
    """
    wanted = {each.pk for each in editions}
    found: dict[int, Sequence[Effect]] = {}
    last: dict[int, Key] = {}
    rounds = Round.objects.filter(snapshots__in=wanted)
    for round_id, pk, digest in (
        Snapshot.objects.filter(round__in=rounds)
        .order_by("round", "number")
        .values_list("round_id", "pk", "digest")
    ):
        if pk in wanted and round_id in last:
            found[pk] = _between(last[round_id], (pk, digest))
        last[round_id] = pk, digest
    return found


@lru_cache(maxsize=256)
def _between(before: Key, after: Key) -> Sequence[Effect]:
    """By digest as well, since a number may come again in another database."""
    return effects(
        edition_progress(snapshots.edition(*before)), edition_progress(snapshots.edition(*after))
    )


@dataclass(frozen=True)
class Pending:
    """What publishing a reopened round now would change for the public."""

    changes: Sequence[Mapping[str, str]]
    effects: Sequence[Effect]

    @property
    def is_none(self) -> bool:
        """Nothing: figures can change without any report, as where a forum came or a measure's kind
        changed, and the public is told of that as well."""
        return not (self.changes or self.effects)


def pending(round_: Round) -> Pending:
    """Counted as the public would read it; nothing for a round that was never published."""
    published, now = snapshots.now_and_then(round_)
    if published is None or now is None:
        return Pending((), ())
    return Pending(
        snapshots.differences(published, now),
        effects(edition_progress(published), edition_progress(now)),
    )


def effects(before: YearProgress, after: YearProgress) -> Sequence[Effect]:
    """The effect on each forum, the earliest first; forums whose figures stayed are left out."""
    old = {forum.pk: resolutions for forum, resolutions in before.by_forum.items()}
    new = {forum.pk: resolutions for forum, resolutions in after.by_forum.items()}
    forums = {forum.pk: forum for forum in (*before.by_forum, *after.by_forum)}
    every = [
        Effect(
            forum,
            _tally(old.get(pk, ())),
            _tally(new.get(pk, ())),
            _moved(old.get(pk, ()), new.get(pk, ())),
        )
        for pk, forum in sorted(forums.items(), key=lambda item: item[1].year_be)
    ]
    return [each for each in every if not each.is_none]


def _tally(resolutions: Iterable[ResolutionProgress]) -> Tally:
    return tally(measure for each in resolutions for measure in each.measures)


def _moved(
    before: Iterable[ResolutionProgress], after: Iterable[ResolutionProgress]
) -> list[Moved]:
    """Resolutions and measures whose status differs, worse first, then in the order of the clauses."""
    old, new = _judged(before), _judged(after)
    moved = []
    for key in dict.fromkeys((*new, *old)):
        was, now = old.get(key), new.get(key)
        status = was.status if was else None, now.status if now else None
        if status[0] != status[1]:
            moved.append(Moved(_what(now or old[key]), *status))
    return sorted(moved, key=lambda each: each.change not in WORSE)


def _judged(
    resolutions: Iterable[ResolutionProgress],
) -> dict[tuple[type, int], ResolutionProgress | MeasureProgress]:
    """What has a status in an edition, by primary key: each resolution before its measures."""
    found: dict[tuple[type, int], ResolutionProgress | MeasureProgress] = {}
    for each in resolutions:
        found[Resolution, each.resolution.pk] = each
        found |= {(Measure, one.measure.pk): one for one in each.measures}
    return found


def _what(each: ResolutionProgress | MeasureProgress) -> Measure | Resolution:
    return each.measure if isinstance(each, MeasureProgress) else each.resolution


def in_words(told: Iterable[Effect], *, several_forums: bool) -> str:
    """The effects as text, a line each, for where no page is: what became of counts and statuses."""
    lines = []
    for effect in told:
        if several_forums:
            lines.append(_("เวที %(year)s:") % {"year": effect.forum.year_be})
        lines.append(effect.achieved)
        lines += [f"{each.label} {each.before} → {each.after}" for each in effect.counts]
        for each in effect.moved:
            name = (
                item_name(each.what, several_forums=several_forums)
                if isinstance(each.what, Resolution)
                else each.what.shown_code(several_forums=several_forums)
            )
            was, now = (str(one.label) if one else "–" for one in (each.before, each.after))
            lines.append(f"{name}: {was} → {now}")
    return "\n".join(lines) or _("จำนวนนับและสถานะของทุกมาตรการย่อยคงเดิม")
