"""Tables that only grow: the history, the editions with their printed files, and the logs.

Triggers in the database refuse UPDATE and DELETE on them, whoever sends it. Two doors exist, both named
here by their `RecordEntry.Act`: the erasure of personal data, and the removal of the demo data. A door is
open inside one transaction, as a row of `OpenDoor` that nobody else can see; what passes is listed by the
triggers, and `open_door` leaves an entry that says what passed.

SQLite drops a table's triggers when a migration rebuilds the table, so `install` also runs after every
`migrate`. A migration that must change such rows opens the door itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, models, transaction
from django.db.models import Model, UniqueConstraint
from simple_history.models import HistoricalChanges

from followup import chain
from followup.models import ChainEntry, DoorPass, OpenDoor, RecordEntry
from followup.triggers import Trigger, Triggers

#: Besides every table of the history.
ALSO = (
    "followup.Snapshot",
    "followup.RenderedReport",
    "followup.LinkUse",
    "followup.RecordEntry",
    "followup.TakenBack",
    "followup.ChainEntry",
    "admin.LogEntry",
)
DOOR, PASSES = OpenDoor._meta.db_table, DoorPass._meta.db_table
MESSAGE = "rows of the record are neither changed nor deleted"


def histories() -> list[type[Model]]:
    """Every model of the history, those of many-to-many fields included."""
    return [model for model in apps.get_models() if issubclass(model, HistoricalChanges)]


def guarded() -> list[type[Model]]:
    """Every model whose rows are only added."""
    return [*histories(), *(apps.get_model(name) for name in ALSO)]


# Triggers -------------------------------------------------------------------------------------


def _all(vendor: str) -> dict[str, Trigger]:
    return {name: each for model in guarded() for name, each in _wanted(vendor, model).items()}


def _wanted(vendor: str, model: type[Model]) -> dict[str, Trigger]:
    """The triggers of one table, by name."""
    table, key = model._meta.db_table, str(model._meta.pk.column)
    if vendor == "postgresql":
        made = {
            f"record_rows_{table}": (
                f'CREATE TRIGGER "record_rows_{table}" BEFORE UPDATE OR DELETE ON "{table}" '
                f"FOR EACH ROW EXECUTE FUNCTION record_guard('{key}')"
            ),
            f"record_truncate_{table}": (
                f'CREATE TRIGGER "record_truncate_{table}" BEFORE TRUNCATE ON "{table}" '
                f"FOR EACH STATEMENT EXECUTE FUNCTION record_guard('{key}')"
            ),
        }
        return {name: Trigger(table, sql) for name, sql in made.items()}
    shut = f'NOT EXISTS (SELECT 1 FROM "{DOOR}")'  # noqa: S608
    made = {}
    for act in ("update", "delete"):
        made[f"record_{act}_{table}"] = (
            f'CREATE TRIGGER "record_{act}_{table}" BEFORE {act.upper()} ON "{table}" WHEN {shut} '
            f"BEGIN SELECT RAISE(ABORT, '{table}: {MESSAGE}'); END"
        )
        made[f"record_{act}_pass_{table}"] = (
            f'CREATE TRIGGER "record_{act}_pass_{table}" AFTER {act.upper()} ON "{table}" '  # noqa: S608
            f'BEGIN INSERT INTO "{PASSES}" (table_name, row_key, act) '
            f"VALUES ('{table}', OLD.\"{key}\", '{act}'); END"
        )
    # INSERT OR REPLACE deletes the row in its way without any trigger for the deletion. The message is
    # the one that an ordinary INSERT gets there.
    for columns in [[key], *_unique(model)]:
        name = f"record_replace_{table}_{'_'.join(columns)}"
        same = " AND ".join(f'"{column}" = NEW."{column}"' for column in columns)
        message = "UNIQUE constraint failed: " + ", ".join(f"{table}.{each}" for each in columns)
        made[name] = (
            f'CREATE TRIGGER "{name}" BEFORE INSERT ON "{table}" '  # noqa: S608
            f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {same}) '
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
    return {name: Trigger(table, sql) for name, sql in made.items()}


def _unique(model: type[Model]) -> list[list[str]]:
    """The columns of each unique constraint of a table, besides its key."""
    column_of = {field.name: str(field.column) for field in model._meta.concrete_fields}
    columns = [
        [column_of[name] for name in constraint.fields]
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    single = [
        [str(field.column)]
        for field in model._meta.concrete_fields
        if isinstance(field, models.Field) and field.unique and not field.primary_key
    ]
    return columns + single


_FUNCTION = f"""
CREATE OR REPLACE FUNCTION record_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM "{DOOR}") THEN
        RAISE EXCEPTION '%: {MESSAGE}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        RETURN NULL;
    END IF;
    INSERT INTO "{PASSES}" (table_name, row_key, act)
    VALUES (TG_TABLE_NAME, to_jsonb(OLD) ->> TG_ARGV[0], lower(TG_OP));
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$guard$
"""  # noqa: S608 - our own names


_triggers = Triggers("record_", _all, frozenset({DOOR, PASSES}), [_FUNCTION])


def install(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Create the triggers that are missing (a receiver of post_migrate). Idempotent."""
    _triggers.install(using)


uninstall = _triggers.uninstall
triggers = _triggers.present
wanted = _triggers.wanted


# Doors ----------------------------------------------------------------------------------------


@contextmanager
def open_door(act: RecordEntry.Act, *, by: Any = None, subject: str = "") -> Iterator[None]:
    """Context manager: let rows of the record be changed or deleted, and leave an entry that says so.

    `by` is who does it, `subject` whom or what it concerns, as a key. A door inside an open door is
    part of it. Raises `TransactionManagementError` outside a transaction.
    """
    is_outermost = opened(act, subject=subject)
    yield  # an error rolls the door back with everything that passed it
    if is_outermost:
        closed(by=by)


def opened(act: RecordEntry.Act, *, subject: str = "") -> bool:
    """Open the door; False if it is open already. For `open_door`, and receivers of signals."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a door opens inside a transaction only")
    if OpenDoor.objects.exists():
        return False
    DoorPass.objects.all().delete()
    OpenDoor.objects.create(act=act, subject=subject)
    return True


def closed(*, by: Any = None) -> RecordEntry:
    """Close the door, and leave the entry: what was done, by whom, and how many rows of each table."""
    door = OpenDoor.objects.get()
    passes = list(DoorPass.objects.order_by("pk"))
    OpenDoor.objects.all().delete()
    DoorPass.objects.all().delete()
    # A row that was changed and then deleted is deleted.
    last = {(each.table_name, each.row_key): each.act for each in passes}
    counts = Counter(f"{table} {act}" for (table, _key), act in last.items())
    model, _colon, key = door.subject.partition(":")
    entry = RecordEntry.objects.create(
        by=by, act=door.act, model=model, key=key, about={"rows": dict(sorted(counts.items()))}
    )
    _chain_door(entry, last)
    return entry


def _chain_door(entry: RecordEntry, passed: Mapping[tuple[str, str], str]) -> None:
    """Say in the chain what went through the door: rows as they are now, and rows that are gone."""
    rows: dict[type[Model], list[Any]] = {RecordEntry: [entry.pk]}
    gone = []
    for model in chain.chained():
        table = model._meta.db_table
        of_table = {key: act for (name, key), act in passed.items() if name == table}
        gone += [(table, key) for key, act in of_table.items() if act == "delete"]
        if changed := [key for key, act in of_table.items() if act == "update"]:
            rows[model] = [*rows.get(model, []), *changed]
    chain.append(ChainEntry.Kind.DOOR, str(entry.pk), rows, gone)


# A user's account -----------------------------------------------------------------------------


def let_user_go(instance: Any, **kwargs: Any) -> None:
    """Before a user is deleted: keep their admin log by key, and let the record lose the name.

    Deleting an account is an erasure of personal data: the rows stay and their user becomes empty.
    """
    LogEntry = apps.get_model("admin.LogEntry")
    opened(RecordEntry.Act.ERASED, subject=f"{instance._meta.label_lower}:{instance.pk}")
    kept = RecordEntry.objects.bulk_create(
        RecordEntry(
            at=each.action_time,
            by_id=instance.pk,
            act=_OF_ADMIN[each.action_flag],
            model=".".join(each.content_type.natural_key()) if each.content_type else "",
            key=(each.object_id or "")[:40],
        )
        for each in LogEntry.objects.filter(user=instance).select_related("content_type")
    )
    if kept:
        key = f"followup.user:{instance.pk}"
        chain.append(ChainEntry.Kind.ROW, key, {RecordEntry: [each.pk for each in kept]})


def user_is_gone(instance: Any, **kwargs: Any) -> None:
    """After a user was deleted: close the door that their deletion opened."""
    from simple_history.models import HistoricalRecords

    subject = f"{instance._meta.label_lower}:{instance.pk}"
    if OpenDoor.objects.filter(subject=subject).exists():
        request = getattr(HistoricalRecords.context, "request", None)
        by = getattr(request, "user", None)
        closed(by=by if by is not None and by.is_authenticated and by != instance else None)


_OF_ADMIN = {1: RecordEntry.Act.ADDED, 2: RecordEntry.Act.CHANGED, 3: RecordEntry.Act.REMOVED}
