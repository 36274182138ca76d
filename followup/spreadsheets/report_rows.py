"""The rows that an import and its undoing write: reports with their links and provinces, in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Field, Model
from simple_history.utils import bulk_create_with_history

from followup.history import of_this_batch
from followup.models import Evidence, StatusReport, User
from followup.spreadsheets.lookup import money_text

BATCH = 1000  # rows a statement; SQLite takes at most 32,766 values at once
Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)

#: The fields of a report that an import may change, and so has to be able to put back.
KEPT = (
    "reported_status",
    "results",
    "obstacles",
    "next_steps",
    "meeting_ref",
    "budget_received",
    "budget_spent",
    "no_change",
    "state",
    "source",
    "return_reason",
    "reported_on",
    "assessed_status",
    "assessed_note",
    "assessed_meeting",
    "agency_reply",
    "submitted_at",
    "submitted_by_id",
    "approved_at",
    "approved_by_id",
)
_COLUMNS = [
    field.name
    for field in StatusReport._meta.concrete_fields
    if field.name not in {"id", "round", "assignment"}
]


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def make(rows: Sequence[Row], model: type[Row], *, by: User, reason: str) -> list[Row]:
    """Store new rows in one statement a batch, and a history row for each; returns them."""
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
    """Reports by number, kept from others until the transaction ends."""
    return {
        report.pk: report
        for report in StatusReport.objects.select_for_update()
        .filter(pk__in=list(pks))
        .order_by("pk")
        .prefetch_related("evidence", "provinces")
    }


def as_it_was(report: StatusReport) -> dict[str, Any]:
    """What is needed to put a report back exactly, as JSON holds it."""
    kept: dict[str, Any] = {}
    for name in KEPT:
        value = getattr(report, name)
        if isinstance(value, Decimal):
            value = money_text(value)
        elif value is not None and not isinstance(value, bool | int | str):
            value = value.isoformat()
        kept[name] = value
    kept["evidence"] = [
        [piece.title, piece.url, piece.is_public, piece.position]
        for piece in report.evidence.all()
        if piece.url
    ]
    kept["provinces"] = sorted(each.pk for each in report.provinces.all())
    return kept


def revive(report: StatusReport, kept: dict[str, Any]) -> None:
    """Give a report its kept values again; dates and money were kept as text."""
    for name in KEPT:
        value = kept[name]
        if value is not None and not isinstance(value, bool | int):
            field: Field[Any, Any] = StatusReport._meta.get_field(name.removesuffix("_id"))  # type: ignore[assignment]
            value = field.to_python(value)
        setattr(report, name, value)


def touch(report: StatusReport, by: User) -> None:
    report.version += 1
    report.updated_by = by


def store(reports: Sequence[StatusReport], by: User, reason: str) -> None:
    """Write whole rows in one statement a batch, and a history row for each."""
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
    # The library's bulk call leaves out many-to-many fields.
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
    wanted: Sequence[tuple[StatusReport, Sequence[Sequence[Any]]]], *, by: User, reason: str
) -> None:
    """Make each report's links the list given: (title, url), or what `as_it_was` kept of them.

    A link that is there already stays as it is. Files stay: no table holds them.
    """
    new: list[Evidence] = []
    gone: list[int] = []
    for report, pieces in wanted:
        stored = {(piece.title, piece.url): piece for piece in report.evidence.all() if piece.url}
        keys = [(piece[0], piece[1]) for piece in pieces]
        if list(stored) == keys:
            continue
        gone += [piece.pk for key, piece in stored.items() if key not in keys]
        for place, (title, url, *rest) in enumerate(pieces):
            if (title, url) in stored:
                continue
            # Imports before the order was kept know only whether a link is public.
            is_public = rest[0] if rest else True
            position = rest[1] if len(rest) > 1 else place
            new.append(
                Evidence(
                    report=report, title=title, url=url, is_public=is_public, position=position
                )
            )
    if gone:
        Evidence.objects.filter(pk__in=gone).delete()
    if new:
        make(new, Evidence, by=by, reason=reason)


def set_provinces(wanted: Sequence[tuple[StatusReport, Sequence[str]]]) -> None:
    """Make each report's provinces the list given."""
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
    """What people can change of a record, as JSON holds it: to tell whether somebody has."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.editable and not field.primary_key
    }
