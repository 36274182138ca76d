"""The chain of the record: every batch of history and every edition carries the hash of what was before.

An entry lists rows with the digest of each, and its own hash covers the entry before it. A row that is
changed, removed or slipped in afterwards no longer agrees with the chain, and a changed entry breaks the
link to the next one. Whoever keeps the last hash elsewhere also sees that the end was cut off.

An entry is appended at the end of the transaction that writes its rows, one transaction at a time. What
an open door lets pass is in the entry of the door: it replaces what earlier entries said of these rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.db.models import CharField, Model, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges

from followup.models import ChainEntry, RecordEntry, Snapshot, TakenBack
from followup.models.history import Batched

Kind = ChainEntry.Kind
Rows = Mapping[type[Model], Iterable[Any]]  # model -> primary keys

_LOCK = 0x636861696E  # PostgreSQL's advisory lock; SQLite has one writer at a time
_AT_ONCE = 500  # keys in one query


class Broken(Exception):
    """The chain and the rows disagree; the message names the first break."""


@dataclass(frozen=True)
class Whole:
    """What a check of the whole chain has found."""

    entries: int
    rows: int
    erased: int
    begun: int
    head: str


def chained() -> list[type[Model]]:
    """The models whose rows the chain covers."""
    histories = [model for model in apps.get_models() if issubclass(model, HistoricalChanges)]
    return [*histories, Snapshot, RecordEntry, TakenBack]


# Rows -----------------------------------------------------------------------------------------


#: Columns that enter by another one, their SHA-256: a content of many megabytes would keep everybody
#: waiting for the chain. `verify` compares the two.
DIGESTED: Mapping[type[Model], Mapping[str, str]] = {Snapshot: {"content": "digest"}}


def _columns(model: type[Model]) -> list[str]:
    left_out = DIGESTED.get(model, {})
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not field.primary_key and field.attname not in left_out
    ]


def _plain(value: Any) -> Any:
    """A value as JSON has it, the same on both databases."""
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, UUID):
        return value.hex
    raise TypeError(f"no canonical form of {type(value)}")


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digests(
    model: type[Model], keys: Iterable[Any], columns: list[str] | None = None
) -> dict[str, str]:
    """Primary key, as text -> the digest of the stored row; keys without a row are left out."""
    found: dict[str, str] = {}
    wanted, names = list(keys), columns or _columns(model)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = model._base_manager.filter(pk__in=wanted[start : start + _AT_ONCE])
        for key, *values in rows.values_list("pk", *names):
            found[str(key)] = sha256(_json([_plain(each) for each in values]).encode()).hexdigest()
    return found


# Entries --------------------------------------------------------------------------------------


def append(
    kind: ChainEntry.Kind, key: str, rows: Rows, gone: Iterable[tuple[str, str]] = ()
) -> ChainEntry:
    """Append an entry that covers these rows as they are stored now, and tells which are `gone`.

    `gone` are (table, key). The transaction holds the chain until it ends.
    """
    columns, lines = {}, []
    for model, keys in rows.items():
        table = model._meta.db_table
        found = digests(model, keys)
        columns[table] = _columns(model)
        lines += [[table, each, found[each]] for each in sorted(found)]
    lines += [[table, each, ""] for table, each in sorted(gone)]
    content = _json({"columns": columns, "rows": lines})
    with transaction.atomic(savepoint=False):
        lock()
        last = ChainEntry.objects.order_by("-number").values_list("number", "hash").first()
        number, previous = last or (0, "")
        entry = ChainEntry(
            number=number + 1,
            at=timezone.now(),
            kind=kind,
            key=key,
            content=content,
            previous=previous,
        )
        entry.hash = hash_of(entry)
        entry.save(force_insert=True)
    return entry


def lock() -> None:
    """Hold the chain until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def hash_of(entry: ChainEntry) -> str:
    """The hash that an entry must have: of all its content and of the entry before it."""
    parts = [
        entry.number,
        _plain(entry.at),
        str(entry.kind),
        entry.key,
        entry.content,
        entry.previous,
    ]
    return sha256(_json(parts).encode()).hexdigest()


def seal(batch: UUID, covered: Iterable[Model] = ()) -> None:
    """Append the entry of one batch: its history rows, its entries of the record, and what it covers.

    One query finds the rows, one reads each table that has some.
    """
    rows: dict[type[Model], list[Any]] = {}
    of_table: dict[str, type[Model]] = {}
    queries = []
    for model in chained():
        table = model._meta.db_table
        of_table[table] = model
        if issubclass(model, Batched):
            found: Any = model._base_manager.filter(batch=batch)
        elif "history" in {field.name for field in model._meta.concrete_fields}:
            found = model._base_manager.filter(history__batch=batch)  # of a many-to-many field
        else:
            continue
        named = found.order_by().annotate(of=Value(table, output_field=CharField()))
        queries.append(named.values_list("of", "pk"))
    for table, key in queries[0].union(*queries[1:], all=True):
        rows.setdefault(of_table[table], []).append(key)
    for each in covered:
        rows.setdefault(type(each), []).append(each.pk)
    if rows:
        append(Kind.BATCH, str(batch), rows)


def cover_loose(history_instance: Any, **kwargs: Any) -> None:
    """Append an entry for a history row that belongs to no batch (a receiver of simple_history)."""
    if not isinstance(history_instance, Batched) or history_instance.batch is not None:
        return
    model = type(history_instance)
    rows: dict[type[Model], Iterable[Any]] = {model: [history_instance.pk]}
    for other in chained():
        fields = {field.name: field for field in other._meta.concrete_fields}
        if "history" in fields and fields["history"].related_model is model:
            rows[other] = list(
                other._base_manager.filter(history=history_instance).values_list("pk", flat=True)
            )
    append(Kind.ROW, f"{model._meta.db_table}:{history_instance.pk}", rows)


def begin(why: str = "") -> ChainEntry:
    """Append an entry that covers all rows as they are: the first one, or after columns were dropped."""
    rows = {
        model: list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        for model in chained()
    }
    return append(Kind.BEGIN, why[:60], rows)


def begin_if_empty(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Begin the chain where there is none yet (a receiver of post_migrate)."""
    if using != DEFAULT_DB_ALIAS:
        return
    try:
        with transaction.atomic():
            if not ChainEntry.objects.exists():
                begin()
    except DatabaseError:  # migrated to an earlier state: some tables are not there
        return


# The check --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Expected:
    number: int  # of the entry that says so
    digest: str  # "" if the row went through a door
    columns: tuple[str, ...]


def verify(known_head: str = "") -> Whole:
    """Check every entry and every row. Raises `Broken` with the first break.

    `known_head` is a hash that the chain had earlier; it must still be one of its entries.
    """
    with transaction.atomic():
        lock()  # so that no writer is between its rows and its entry
        expected, whole, heads = _walk()
        if known_head and known_head not in heads:
            raise Broken(_("โซ่ไม่มีค่าแฮชที่เคยมี %(hash)s: ท้ายโซ่ถูกตัดหรือเขียนใหม่") % {"hash": known_head})
        _compare(expected)
    return whole


def _walk() -> tuple[dict[tuple[str, str], _Expected], Whole, set[str]]:
    """Read the chain from its beginning: what it says of each row. Raises `Broken`."""
    expected: dict[tuple[str, str], _Expected] = {}
    number, previous, begun, heads = 0, "", 0, set()
    for entry in ChainEntry.objects.order_by("number").iterator():
        if entry.number != number + 1:
            raise Broken(_("โซ่ขาดลำดับที่ %(number)s") % {"number": number + 1})
        if entry.previous != previous:
            raise Broken(
                _("โซ่ลำดับที่ %(number)s ไม่ต่อจากลำดับที่ %(before)s")
                % {"number": entry.number, "before": number}
            )
        if entry.hash != hash_of(entry):
            raise Broken(_("โซ่ลำดับที่ %(number)s ถูกแก้ไข") % {"number": entry.number})
        number, previous = entry.number, entry.hash
        begun += entry.kind == Kind.BEGIN
        heads.add(entry.hash)
        content = json.loads(entry.content)
        columns = {table: tuple(names) for table, names in content["columns"].items()}
        for table, key, digest in content["rows"]:
            expected[table, key] = _Expected(number, digest, columns.get(table, ()))
    if not number:
        raise Broken(_("โซ่ยังไม่มีลำดับใดเลย"))
    erased = sum(not each.digest for each in expected.values())
    return expected, Whole(number, len(expected) - erased, erased, begun, previous), heads


def _compare(expected: Mapping[tuple[str, str], _Expected]) -> None:
    """Compare what the chain says with the stored rows. Raises `Broken` with the first break."""
    breaks: list[tuple[int, str]] = []
    strangers: list[str] = []
    for model in chained():
        table = model._meta.db_table
        present = set(map(str, model._base_manager.values_list("pk", flat=True)))
        groups: dict[tuple[str, ...], list[str]] = {}
        for (of, key), each in expected.items():
            if of != table:
                continue
            if key in present and each.digest:
                groups.setdefault(each.columns, []).append(key)
            elif key not in present and each.digest:
                what = _("โซ่ลำดับที่ %(number)s: แถว %(row)s หายไป")
                breaks.append(
                    (each.number, what % {"number": each.number, "row": f"{table} {key}"})
                )
        for columns, keys in groups.items():
            try:
                found = digests(model, keys, list(columns))
            except FieldError as error:
                raise Broken(_unreadable(table)) from error
            found |= dict.fromkeys(_not_as_digested(model, keys), "")
            for key in keys:
                each = expected[table, key]
                if found[key] != each.digest:
                    what = _("โซ่ลำดับที่ %(number)s: แถว %(row)s ถูกแก้ไข")
                    breaks.append(
                        (each.number, what % {"number": each.number, "row": f"{table} {key}"})
                    )
        covered = {key for (of, key), each in expected.items() if of == table and each.digest}
        strangers += [
            _("แถว %(row)s ไม่อยู่ในโซ่") % {"row": f"{table} {key}"}
            for key in sorted(present - covered, key=lambda each: (len(each), each))
        ]
    if breaks:
        raise Broken(min(breaks)[1])
    if strangers:
        raise Broken(strangers[0])


def _not_as_digested(model: type[Model], keys: Sequence[str]) -> Iterator[str]:
    """The keys of rows with a column that its digest does not fit."""
    for name, digest in DIGESTED.get(model, {}).items():
        for start in range(0, len(keys), _AT_ONCE):
            rows = model._base_manager.filter(pk__in=keys[start : start + _AT_ONCE])
            for key, text, kept in rows.values_list("pk", name, digest).iterator(chunk_size=1):
                if sha256(text.encode()).hexdigest() != kept:
                    yield str(key)


def _unreadable(table: str) -> str:
    return _(
        "ตาราง %(table)s ไม่มีคอลัมน์ที่โซ่บันทึกไว้แล้ว หลังการปรับโครงสร้างให้เริ่มโซ่ใหม่ด้วย verify_record --begin"
    ) % {"table": table}
