"""What an edition's annual report is, kept from its publication on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django.utils import timezone

from followup.annual_report import content, pdf, word
from followup.annual_report.blocks import Report
from followup.models import Printed, RenderedReport, Round, Snapshot
from followup.progress import YearProgress, progress_by_year
from followup.snapshots import freeze, thaw
from proposals.models import Forum

WRITERS: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {
    Printed.PDF: pdf.write,
    Printed.DOCX: word.write,
}


def draft(round_: Round) -> Report:
    """The report as it would be if the round were published now."""
    return content.build(
        standing(round_),
        forums=_forums(round_),
        narratives=_narratives(round_),
        edition=None,
        made_at=timezone.now(),
        corrections=list(round_.snapshots.filter(number__gt=1).order_by("number")),
    )


def standing(round_: Round) -> YearProgress:
    """A round as publishing it now would freeze it, beside the published year before."""
    return _counted(round_, freeze(round_))


def document(snapshot: Snapshot) -> dict[str, Any]:
    """An edition's report. Made at publication, and never made again."""
    kept: dict[str, Any] = json.loads(_kept(snapshot, Printed.DOCUMENT, _document))
    return kept


def printed(snapshot: Snapshot, kind: str) -> bytes:
    """An edition's file: the bytes of its first printing. Raises `pdf.PrintingFailed`."""
    return _kept(snapshot, kind, lambda edition: WRITERS[kind](document(edition)))


def _document(snapshot: Snapshot) -> bytes:
    round_ = snapshot.round
    report = content.build(
        _counted(round_, snapshot.content),
        forums=_forums(round_),
        narratives=_narratives(round_),
        edition=snapshot.number,
        made_at=snapshot.made_at,
        corrections=list(
            round_.snapshots.filter(number__range=(2, snapshot.number)).order_by("number")
        ),
    )
    return json.dumps(report.as_data(), ensure_ascii=False).encode()


def _kept(snapshot: Snapshot, kind: str, make: Callable[[Snapshot], bytes]) -> bytes:
    kept = RenderedReport.objects.filter(snapshot=snapshot, kind=kind).first()
    if kept is None:
        made = make(snapshot)
        # Two who ask at once: the first one's bytes are everybody's.
        kept, _new = RenderedReport.objects.get_or_create(
            snapshot=snapshot,
            kind=kind,
            defaults={"content": made, "digest": sha256(made).hexdigest()},
        )
    return bytes(kept.content)


def _counted(round_: Round, frozen: str) -> YearProgress:
    before = Round.objects.published().filter(year_be__lt=round_.year_be).first()
    rounds = [before, round_] if before else [round_]
    return progress_by_year(rounds, editions={round_.pk: thaw(frozen)})[-1]


def _forums(round_: Round) -> list[Forum]:
    return list(Forum.objects.filter(year_be__lte=round_.year_be))


def _narratives(round_: Round) -> dict[str, str]:
    return dict(round_.narratives.values_list("slot", "text"))
