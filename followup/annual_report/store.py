"""The annual report of each edition: the Thai one stored when it is published, the English one when it
is first asked for. Each function takes and gives the report in the language of the thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from followup import published
from followup.annual_report import content
from followup.annual_report.blocks import Report
from followup.annual_report.web_pages import WebPage, web_pages
from followup.corrections import Effect, effects_of
from followup.duty import duty
from followup.models import Printed, RenderedReport, Round, Snapshot
from followup.progress import YearProgress, brief_material, progress_by_year
from followup.snapshots import Frozen, freeze, thaw
from forum_portal import kept_files
from forum_portal.errors import is_full
from forum_portal.kept_files import KeptFile
from forum_portal.languages import language
from proposals.models import Forum, Measure, Relation


def draft(round_: Round) -> Report:
    """The report that publishing the round now would give."""
    corrected = list(round_.snapshots.corrections().order_by("number"))
    return built(
        round_,
        thaw(freeze(round_)),
        made_at=start_of_day(),
        corrections=corrected,
        effects=effects_by_number(corrected),
    )


def start_of_day() -> datetime:
    """A draft's creation time: the same content gives the same file for a whole day."""
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))


def counted_now(round_: Round) -> YearProgress:
    """The counting of a round as it would be published now, compared with the published year before."""
    return _counted(round_, thaw(freeze(round_)))


def counted_in_brief(round_: Round) -> YearProgress:
    """The same without any report and without names: counted by the database, in a few queries."""
    before = Round.objects.published().filter(year_be__lt=round_.year_be).first()
    return published.with_next(before, round_, brief_material(round_))


def document(snapshot: Snapshot) -> dict[str, Any]:
    """An edition's report. It is built once, at publication."""
    content_ = printed(snapshot, Printed.DOCUMENT)
    if content_ is None:
        corrected = snapshot.round.snapshots.corrections().filter(number__lte=snapshot.number)
        corrections = list(corrected.order_by("number"))
        made = as_stored(
            built(
                snapshot.round,
                thaw(snapshot.content),
                edition=snapshot.number,
                digest=snapshot.digest,
                made_at=snapshot.made_at,
                corrections=corrections,
                effects=effects_by_number(corrections),
            )
        )
        try:
            content_ = keep_printed(snapshot, Printed.DOCUMENT, made)
            keep_pages(snapshot, pages_of(content_))
        except OperationalError as error:
            if not is_full(error):
                raise
            content_ = made  # a full disk keeps nobody from reading; it is stored another time
    kept: dict[str, Any] = json.loads(content_)
    return kept


def as_stored(report: Report) -> bytes:
    """A report as the content of an edition's `Printed.DOCUMENT`."""
    return json.dumps(report.as_data(), ensure_ascii=False).encode()


def web_page(
    snapshot: Snapshot, part: int = 0, page: int = 0
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """(an edition's beginning, a page of it or None): see `web_pages`. One query.

    The pages are stored at publication; those of an older edition are made here, at the first request.
    """
    wanted = [(0, 0), (part, page)]
    rows = _rows(snapshot, Printed.PAGE).filter(Q(part=0, page=0) | Q(part=part, page=page))
    kept = {(row.part, row.page): bytes(row.content) for row in rows}
    if wanted[0] not in kept:
        made = [_stored(each) for each in web_pages(document(snapshot))]
        kept = {(each.part, each.number): each.content for each in made}
        try:
            keep_pages(snapshot, made)
        except OperationalError as error:
            if not is_full(error):
                raise
    shown = kept.get(wanted[1])
    return json.loads(kept[wanted[0]]), json.loads(shown) if shown else None


@dataclass(frozen=True)
class StoredPage:
    """A page of the web as it is stored: its content is JSON in UTF-8."""

    part: int
    number: int
    content: bytes


def pages_of(report: bytes) -> list[StoredPage]:
    """The pages of a report that is stored so, ready to be stored themselves."""
    return [_stored(each) for each in web_pages(json.loads(report))]


def _stored(page: WebPage) -> StoredPage:
    content_ = json.dumps(page.content, ensure_ascii=False).encode()
    return StoredPage(page.part, page.number, content_)


def keep_pages(snapshot: Snapshot, pages: Iterable[StoredPage]) -> None:
    """Store an edition's pages; of two processes that do, the first one's are kept."""
    with suppress(IntegrityError), transaction.atomic():
        RenderedReport.objects.bulk_create(
            (
                RenderedReport(
                    snapshot=snapshot,
                    kind=Printed.PAGE,
                    language=language(),
                    part=each.part,
                    page=each.number,
                    content=each.content,
                    digest=sha256(each.content).hexdigest(),
                )
                for each in pages
            ),
            batch_size=100,
        )


def _rows(snapshot: Snapshot, kind: str) -> QuerySet[RenderedReport]:
    return RenderedReport.objects.filter(snapshot=snapshot, kind=kind, language=language())


def printed(snapshot: Snapshot, kind: str) -> bytes | None:
    """The stored file of an edition; None if it has not been printed."""
    kept = _rows(snapshot, kind).first()
    return bytes(kept.content) if kept else None


def printed_file(snapshot: Snapshot, kind: str) -> KeptFile | None:
    """The stored file of an edition, on this machine's disk; None if it has not been printed."""
    row = _rows(snapshot, kind)
    digest = row.values_list("digest", flat=True).first()
    if digest is None:
        return None

    def content_() -> list[bytes]:
        return [bytes(row.values_list("content", flat=True).get())]

    name = f"report-{snapshot.pk}-{language()}-{kind}"
    return kept_files.kept(name, digest, kind, content_, packed=False)


def keep_printed(snapshot: Snapshot, kind: str, made: bytes) -> bytes:
    """Store a printed file for good. Of two simultaneous prints, the first one's bytes are kept."""
    kept, _new = RenderedReport.objects.get_or_create(
        snapshot=snapshot,
        kind=kind,
        language=language(),
        defaults={"content": made, "digest": sha256(made).hexdigest()},
    )
    return bytes(kept.content)


def effects_by_number(editions: Sequence[Snapshot]) -> dict[int, Sequence[Effect]]:
    """Number of a round's correction -> its effect on the figures."""
    effects = effects_of(editions)
    return {each.number: effects.get(each.pk, ()) for each in editions}


def built(
    round_: Round,
    thawed: Frozen,
    *,
    made_at: datetime,
    corrections: Sequence[Snapshot],
    effects: Mapping[int, Sequence[Effect]],
    edition: int | None = None,
    digest: str = "",
) -> Report:
    """The report of a round's content. `corrections` are its editions to list, stored or not yet,
    `effects` is what each did to the figures, by its number."""
    progress = _counted(round_, thawed)
    followed = [forum.pk for forum, _year in progress.parts]
    return content.build(
        progress,
        forums=Forum.objects.filter(pk__in=followed),
        successors=successors(progress),
        assessments=thawed.assessments,
        duty=duty(),
        narratives=thawed.narratives or {},
        edition=edition,
        digest=digest,
        made_at=made_at,
        corrections=corrections,
        effects=effects,
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
