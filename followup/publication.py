"""The next edition of a round, made outside of any write.

Of 30,000 reports it takes many seconds to read, to compare and to describe an edition. So `prepare` does
this without a lock, as of one moment, and notes what it was made of (`ground_of`). The verb that stores
it then compares this under its locks, in one short transaction: whoever saved in between is not left out.
"""

from __future__ import annotations

import copy
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db.models import Count, Max, Model, QuerySet, Sum
from django.utils import timezone

from followup import corrections, snapshots
from followup.annual_report import store
from followup.annual_report.store import StoredPage
from followup.models import (
    Agency,
    Assessment,
    AssessmentAnswer,
    AssessmentEvidence,
    Assignment,
    Evidence,
    Letter,
    Narrative,
    Organisation,
    Printed,
    Province,
    Round,
    RoundState,
    Ruling,
    SentMail,
    Snapshot,
    StatusReport,
    TakenBack,
)
from forum_portal.one_moment import one_moment
from proposals.models import Forum, Measure, Resolution


@dataclass(frozen=True)
class Prepared:
    """What publishing a round will store, and the ground on which it was made.

    `edition` is not stored yet; it is None if nothing differs from what the public reads. `report` is
    the content of its annual report, as stored, and `pages` are those that the web shows of it.
    """

    ground: str
    at: datetime
    edition: Snapshot | None
    report: bytes = b""
    pages: Sequence[StoredPage] = ()

    def keep(self, *, round_: Round, by: Any) -> Snapshot | None:
        """Store the edition with its report, inside the caller's transaction; returns it."""
        if self.edition is None:
            return None
        self.edition.round, self.edition.made_by = round_, by
        snapshots.keep(self.edition)
        store.keep_printed(self.edition, Printed.DOCUMENT, self.report)
        store.keep_pages(self.edition, self.pages)
        return self.edition


def prepare(round_: Round, *, meeting_ref: str, meeting_on: date | None) -> Prepared:
    """Make the edition that publishing this round now would give, with the meeting that took note of it.

    Nothing is stored and nothing locked. Deleted meanwhile, the round gives what it has in memory: the
    comparison of the ground then tells.
    """
    try:
        prepared = _prepared(round_, meeting_ref, meeting_on)
    finally:
        # The rows of the edition refer to each other. Their memory is needed to store its text.
        gc.collect()
    if prepared.edition is None:
        return prepared
    return replace(prepared, pages=store.pages_of(prepared.report))


def _prepared(round_: Round, meeting_ref: str, meeting_on: date | None) -> Prepared:
    with one_moment():
        ground = ground_of(round_)
        at = timezone.now()
        stored = Round.objects.filter(pk=round_.pk).first() or copy.copy(round_)
        first = _first_edition_reason(stored)
        stored.state = RoundState.PUBLISHED
        stored.meeting_ref, stored.meeting_on = meeting_ref, meeting_on
        stored.published_at = stored.published_at or at
        content = snapshots.freeze(stored, timezone.localdate(at))
        now = snapshots.thaw(content)
        edition = snapshots.made(round_=stored, content=content, at=at, reason=first or "")
        effects: dict[int, Sequence[corrections.Effect]] = {}
        listed = list(stored.snapshots.corrections().order_by("number"))
        if first is None:
            published = snapshots.latest([stored])[stored.pk]
            pending = corrections.changes_between(published, now)
            if pending.is_none:
                return Prepared(ground, at, None)
            edition.reason, edition.changes = stored.reopen_reason, list(pending.changes)
            listed.append(edition)
            effects = {edition.number: pending.effects}
        report = store.built(
            stored,
            now,
            edition=edition.number,
            digest=edition.digest,
            made_at=at,
            corrections=listed,
            effects=store.effects_by_number([each for each in listed if each.pk]) | effects,
        )
        return Prepared(ground, at, edition, store.as_stored(report))


def _first_edition_reason(round_: Round) -> str | None:
    """The reason of an edition that corrects none: "", or the note of the publication that was taken
    back, whose number goes on. None if the public reads an edition."""
    if round_.snapshots.standing().exists():
        return None
    taken = TakenBack.objects.filter(snapshot__round=round_).first()
    return taken.note if taken else ""


# The ground -----------------------------------------------------------------------------------


def ground_of(round_: Round) -> str:
    """A digest by which a change of anything that an edition is made of shows.

    Small tables enter whole. Of the large ones it takes the number of rows, and of the rows of their
    history, which is only added to: every write to them leaves one. So it costs a quarter of a second
    for 30,000 reports, and may be asked while everybody else waits.
    """
    taken = sha256()
    for part in _parts(round_):
        taken.update(repr(part).encode())
    return taken.hexdigest()


def _parts(round_: Round) -> Iterator[Any]:
    reports = StatusReport.objects.filter(round=round_)
    yield reports.order_by().aggregate(Count("pk"), Max("pk"), Sum("version"))
    yield _grown(StatusReport.history.filter(round=round_.pk))
    evidence = Evidence.objects.filter(report__round=round_)
    yield evidence.order_by().aggregate(Count("pk"), Max("pk"))
    yield _grown(Evidence.history.filter(report__round=round_.pk))
    assessments = Assessment.objects.filter(round=round_)
    yield assessments.order_by().aggregate(Count("pk"), Max("pk"), Sum("version"))
    yield _grown(Assessment.history.filter(round=round_.pk))
    for part in (AssessmentEvidence, AssessmentAnswer):
        yield _grown(part.history.filter(assessment__in=assessments.values("pk")))
    yield Assignment.objects.order_by().aggregate(Count("pk"), Max("pk"))
    yield _grown(Assignment.history.all())
    yield from Snapshot.objects.order_by("pk").values_list("pk", "digest")
    yield from TakenBack.objects.order_by("pk").values_list("pk")
    small: Iterable[QuerySet[Any]] = (
        Round.objects.all(),
        Ruling.objects.filter(round=round_),
        Narrative.objects.filter(round=round_),
        *(
            model.objects.all()
            for model in (Forum, Resolution, Measure, Agency, Province, Organisation)
        ),
        Letter.objects.filter(round=round_),
        SentMail.objects.filter(round=round_),
    )
    for rows in small:
        yield rows.model._meta.label
        yield from rows.order_by("pk").values_list().iterator(chunk_size=2000)


def _grown(history: QuerySet[Model]) -> Mapping[str, int]:
    """How far a history has grown. The number is needed too: a lower key may be committed later."""
    return history.order_by().aggregate(Count("history_id"), Max("history_id"))
