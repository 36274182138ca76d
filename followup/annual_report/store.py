"""The annual report of each edition, stored when it is published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from hashlib import sha256
from typing import Any

from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from followup.annual_report import content
from followup.annual_report.blocks import Report
from followup.duty import duty
from followup.models import Printed, RenderedReport, Round, Snapshot
from followup.progress import YearProgress, progress_by_year
from followup.snapshots import Frozen, freeze, thaw
from forum_portal.errors import is_full
from proposals.models import Forum, Measure, Relation


def draft(round_: Round) -> Report:
    """The report that publishing the round now would give."""
    return _built(
        round_,
        freeze(round_),
        made_at=start_of_day(),
        corrections=round_.snapshots.corrections(),
    )


def start_of_day() -> datetime:
    """A draft's creation time: the same content gives the same file for a whole day."""
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))


def counted_now(round_: Round) -> YearProgress:
    """The counting of a round as it would be published now, compared with the published year before."""
    return _counted(round_, thaw(freeze(round_)))


def document(snapshot: Snapshot) -> dict[str, Any]:
    """An edition's report. It is built once, at publication."""
    content_ = printed(snapshot, Printed.DOCUMENT)
    if content_ is None:
        report = _built(
            snapshot.round,
            snapshot.content,
            edition=snapshot.number,
            made_at=snapshot.made_at,
            corrections=snapshot.round.snapshots.corrections().filter(number__lte=snapshot.number),
        )
        made = json.dumps(report.as_data(), ensure_ascii=False).encode()
        try:
            content_ = keep_printed(snapshot, Printed.DOCUMENT, made)
        except OperationalError as error:
            if not is_full(error):
                raise
            content_ = made  # a full disk keeps nobody from reading; it is stored another time
    kept: dict[str, Any] = json.loads(content_)
    return kept


def printed(snapshot: Snapshot, kind: str) -> bytes | None:
    """The stored file of an edition; None if it has not been printed."""
    kept = RenderedReport.objects.filter(snapshot=snapshot, kind=kind).first()
    return bytes(kept.content) if kept else None


def keep_printed(snapshot: Snapshot, kind: str, made: bytes) -> bytes:
    """Store a printed file for good. Of two simultaneous prints, the first one's bytes are kept."""
    kept, _new = RenderedReport.objects.get_or_create(
        snapshot=snapshot,
        kind=kind,
        defaults={"content": made, "digest": sha256(made).hexdigest()},
    )
    return bytes(kept.content)


def _built(
    round_: Round,
    frozen: str,
    *,
    made_at: datetime,
    corrections: QuerySet[Snapshot],
    edition: int | None = None,
) -> Report:
    thawed = thaw(frozen)
    progress = _counted(round_, thawed)
    followed = [forum.pk for forum, _year in progress.parts]
    return content.build(
        progress,
        forums=Forum.objects.filter(pk__in=followed),
        successors=successors(progress),
        duty=duty(),
        narratives=thawed.narratives or {},
        edition=edition,
        made_at=made_at,
        corrections=list(corrections.order_by("number")),
    )


def successors(progress: YearProgress) -> Mapping[int, Sequence[Measure]]:
    """Key of a replaced measure -> the later forums' measures under which it is followed up."""
    replaced = [one.pk for each in progress.resolutions for one in each.replaced]
    found: dict[int, list[Measure]] = {}
    if replaced:
        later = Measure.objects.filter(relation=Relation.REPLACES, earlier__in=replaced)
        for each in later.filter(resolution__forum__followed_from__lte=progress.round.year_be):
            found.setdefault(each.earlier_id, []).append(each)
    return found


def _counted(round_: Round, frozen: Frozen) -> YearProgress:
    before = Round.objects.published().filter(year_be__lt=round_.year_be).first()
    rounds = [before, round_] if before else [round_]
    return progress_by_year(rounds, editions={round_.pk: frozen})[-1]
