"""Bulk writes of an import and its undo: reports with their links and provinces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Field, Model
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from followup.history import of_this_batch
from followup.models import Evidence, Province, StatusReport, User
from followup.report_fields import FIELDS
from followup.snapshots import loaded, prefetched
from followup.spreadsheets.values.links import described

BATCH = 1000  # rows a statement; SQLite accepts at most 32,766 values at once
Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)

#: The columns of a report that an import may change, and its undo must restore: all but those that
#: identify the report, and those that every write sets.
KEPT = tuple(
    field.attname
    for field in StatusReport._meta.concrete_fields
    if field.name not in {"id", "round", "assignment", "version", "updated_by", "updated_at"}
)
_COLUMNS = [
    field.name
    for field in StatusReport._meta.concrete_fields
    if field.name not in {"id", "round", "assignment"}
]


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def make(rows: Sequence[Row], model: type[Row], *, by: User | None, reason: str) -> list[Row]:
    """Store new rows with one statement a batch, and a history row for each; returns them."""
    made: list[Row] = bulk_create_with_history(
        rows,
        model,
        batch_size=BATCH,
        default_user=by,
        default_change_reason=reason,
        custom_historical_attrs=of_this_batch(),
    )
    return made


def locked(pks: Iterable[int]) -> dict[int, StatusReport]:
    """Reports by primary key, locked until the transaction ends, with their evidence and provinces.

    These are set here: Django's own prefetching builds a query for each report, and takes twice as long.
    """
    reports = {
        report.pk: report
        for report in StatusReport.objects.select_for_update()
        .filter(pk__in=list(pks))
        .order_by("pk")
    }
    evidence: dict[int, list[Evidence]] = {}
    for piece in Evidence.objects.filter(report__in=list(reports)):
        evidence.setdefault(piece.report_id, []).append(piece)
    provinces: dict[int, list[Province]] = {}
    through = StatusReport.provinces.through.objects.filter(statusreport__in=list(reports))
    for link in through.select_related("province"):
        provinces.setdefault(link.statusreport_id, []).append(link.province)
    for pk, report in reports.items():
        prefetched(
            report,
            evidence=loaded(Evidence, evidence.get(pk, [])),
            provinces=loaded(Province, provinces.get(pk, [])),
        )
    return reports


def as_it_was(report: StatusReport) -> dict[str, Any]:
    """The values needed to restore a report exactly, as JSON values."""
    kept: dict[str, Any] = {}
    for name in KEPT:
        value = getattr(report, name)
        if name in FIELDS:
            value = FIELDS[name].plain(value)
        elif value is not None and not isinstance(value, bool | int | str):
            value = value.isoformat()
        kept[name] = value
    kept["evidence"] = [
        [
            piece.title,
            piece.url,
            piece.is_public,
            piece.position,
            piece.given_by_id,
            described(piece),
        ]
        for piece in report.evidence.all()
        if not piece.file
    ]
    kept["grounds"] = [_ground_key(piece) for piece in report.evidence.all() if piece.is_ground]
    kept["provinces"] = sorted(each.pk for each in report.provinces.all())
    return kept


def _ground_key(piece: Evidence) -> list[str]:
    """What identifies a piece of a report's evidence, which an undo stores anew."""
    return [piece.title, piece.url, piece.sha256]


def revive(report: StatusReport, kept: dict[str, Any]) -> None:
    """Restore a report's kept values; dates and money are kept as text."""
    for name in KEPT:
        if name not in kept:  # an import from before the report had this field
            continue
        value = kept[name]
        if value is not None and not isinstance(value, bool | int):
            field: Field[Any, Any] = StatusReport._meta.get_field(name.removesuffix("_id"))  # type: ignore[assignment]
            value = field.to_python(value)
        setattr(report, name, value)


def touch(report: StatusReport, by: User | None) -> None:
    report.version += 1
    report.updated_by = by


def store(reports: Sequence[StatusReport], by: User | None, reason: str) -> None:
    """Write all columns with one statement a batch, and a history row for each report."""
    if not reports:
        return
    StatusReport.objects.bulk_create(
        reports,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_COLUMNS,
        batch_size=BATCH,
    )
    entries = StatusReport.history.bulk_history_create(
        reports,
        batch_size=BATCH,
        update=True,
        default_user=by,
        default_change_reason=reason,
        custom_historical_attrs=of_this_batch(),
    )
    # The library's bulk method skips many-to-many fields.
    entry_of = {entry.id: entry for entry in entries}
    kept = apps.get_model("followup", "HistoricalStatusReport_provinces")
    links = StatusReport.provinces.through.objects.filter(statusreport__in=list(entry_of))
    kept.objects.bulk_create(
        [
            kept(
                id=link.pk,
                history=entry_of[link.statusreport_id],
                statusreport_id=link.statusreport_id,
                province_id=link.province_id,
            )
            for link in links
        ],
        batch_size=BATCH,
    )


def set_evidence(
    wanted: Sequence[tuple[StatusReport, Sequence[Sequence[Any]]]], *, by: User | None, reason: str
) -> None:
    """Set each report's links to the given list: pieces of a cell, or the values kept by `as_it_was`.

    An existing link stays, at its new position, and keeps what it says of itself if the list is silent
    about that. Files stay, also those that are copies of links, because no table contains them.
    """
    new: list[Evidence] = []
    moved: list[Evidence] = []
    gone: list[int] = []
    for report, pieces in wanted:
        stored = {
            (piece.title, piece.url): piece for piece in report.evidence.all() if not piece.file
        }
        keys = [(piece[0], piece[1]) for piece in pieces]
        same_order = list(stored) == keys
        gone += [piece.pk for key, piece in stored.items() if key not in keys]
        for place, (title, url, *rest) in enumerate(pieces):
            about = _about(rest.pop()) if rest and isinstance(rest[-1], list | tuple) else {}
            # Imports from before the order was kept have only `is_public`.
            is_public = rest[0] if rest else True
            position = rest[1] if len(rest) > 1 else place
            if known := stored.get((title, url)):
                now = about if same_order else about | {"position": position}
                if any(getattr(known, name) != value for name, value in now.items()):
                    for name, value in now.items():
                        setattr(known, name, value)
                    moved.append(known)
                continue
            given_by = rest[2] if len(rest) > 2 else None
            new.append(
                Evidence(
                    report=report,
                    title=title,
                    url=url,
                    is_public=is_public,
                    position=position,
                    given_by_id=given_by,
                    **about,
                )
            )
    if gone:
        Evidence.objects.filter(pk__in=gone).delete()
    if new:
        make(new, Evidence, by=by, reason=reason)
    if moved:
        bulk_update_with_history(
            moved,
            Evidence,
            ["position", *Evidence.DESCRIBED],
            batch_size=BATCH,
            default_user=by,
            default_change_reason=reason,
            custom_historical_attrs=of_this_batch(),
        )


def set_grounds(
    wanted: Sequence[tuple[StatusReport, Sequence[Sequence[str]]]], *, by: User | None, reason: str
) -> None:
    """Mark as grounds of each report's assessment the pieces that `as_it_was` kept, and no others.

    One query, and one statement if a piece changes.
    """
    of = {report.pk: [list(each) for each in pieces] for report, pieces in wanted}
    changed = []
    for piece in Evidence.objects.filter(report__in=list(of)):
        if piece.is_ground != (_ground_key(piece) in of[piece.report_id]):
            piece.is_ground = not piece.is_ground
            changed.append(piece)
    if changed:
        bulk_update_with_history(
            changed,
            Evidence,
            ["is_ground"],
            batch_size=BATCH,
            default_user=by,
            default_change_reason=reason,
            custom_historical_attrs=of_this_batch(),
        )


def _about(said: Sequence[str]) -> dict[str, Any]:
    """What a piece of a cell says of itself, as the fields of Evidence."""
    kind, day, issuer = said
    return {"kind": kind, "dated_on": date.fromisoformat(day) if day else None, "issuer": issuer}


def set_provinces(wanted: Sequence[tuple[StatusReport, Sequence[str]]]) -> None:
    """Set each report's provinces to the given list."""
    through = StatusReport.provinces.through
    changed = [
        (report, codes)
        for report, codes in wanted
        if sorted(each.pk for each in report.provinces.all()) != sorted(codes)
    ]
    if changed:
        through.objects.filter(statusreport__in=[report.pk for report, _codes in changed]).delete()
        through.objects.bulk_create(
            [
                through(statusreport_id=report.pk, province_id=code)
                for report, codes in changed
                for code in codes
            ],
            batch_size=BATCH,
        )


def as_made(row: Model) -> dict[str, Any]:
    """The values of a record that people can change, as JSON values, to detect changes."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.editable and not field.primary_key
    }
