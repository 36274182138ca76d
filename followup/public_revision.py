"""The stamp of what the public reads, which stored pages are kept under (`forum_portal.page_cache`).

The table `public_revision` has one row with a random stamp. Triggers replace it in the transaction that
writes a public table, whoever writes: the admin, a bulk update, another program. The stamp is random,
because a counter repeats after a restore.

On SQLite each row that is written replaces the stamp. On PostgreSQL the first statement of a transaction
leaves a row in `public_touch`, and a deferred trigger on that replaces the stamp at the commit. So the
stamp's row is always the last lock that a transaction takes: writers do not queue for it while they
work, and it is part of no deadlock.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

from followup.models import PublicRevision, PublicTouch
from followup.triggers import Trigger, Triggers
from forum_portal.side_reads import SideRead

#: The models that public addresses read, besides all of `proposals`. Their many-to-many tables belong to
#: them. Not status reports nor evidence: the public reads editions.
MODELS = (
    "followup.Agency",
    "followup.AgencyAlias",
    "followup.Assignment",
    "followup.GroupMember",
    "followup.Province",
    "followup.PublicAnswer",
    "followup.PublishedEdition",
    "followup.RenderedReport",
    "followup.Round",
    "followup.Snapshot",
    "followup.SourceCorrection",
    "followup.TakenBack",
)
#: The rows of `PublishedEdition`. They are added before their edition is read (it has `ready_at` then),
#: and some thousands of them while people read: so adding them is no change, and all else is. Pages
#: that read the texts of a search are not kept.
ROWS = (
    "followup.PublishedAgency",
    "followup.PublishedAssessment",
    "followup.PublishedCell",
    "followup.PublishedEvidence",
    "followup.PublishedLine",
    "followup.PublishedMeasure",
    "followup.PublishedPlace",
    "followup.PublishedProject",
    "followup.PublishedRequest",
    "followup.SearchText",
)
#: Models of which the public reads a few columns: a write of the others is none of its business. The
#: banner of the demo data is shown while there are demo users, and a sign-in writes to their table.
COLUMNS = {
    "followup.User": ("is_demo",),
    "followup.LinkCheck": ("state", "since", "moved_to", "checked_at"),
}

_ROW, _TOUCH = PublicRevision._meta.db_table, PublicTouch._meta.db_table

stamp = SideRead(f'SELECT stamp FROM "{_ROW}" WHERE id = 1')  # noqa: S608 - our own name


def public_models() -> list[type[Model]]:
    """Every model of MODELS, ROWS and `proposals` without its history, with the many-to-many ones."""
    named = [apps.get_model(label) for label in (*MODELS, *ROWS)]
    resolved = [
        model
        for model in apps.get_app_config("proposals").get_models()
        if not model.__name__.startswith("Historical")
    ]
    every = [*named, *resolved]
    through: list[Any] = [
        field.remote_field.through for model in every for field in model._meta.local_many_to_many
    ]
    return [*every, *(model for model in through if model._meta.auto_created)]


def tables() -> dict[str, tuple[str, ...]]:
    """Public table -> the columns that are public, or () for all of them."""
    whole: dict[str, tuple[str, ...]] = {model._meta.db_table: () for model in public_models()}
    return whole | {
        apps.get_model(label)._meta.db_table: columns for label, columns in COLUMNS.items()
    }


def events(table: str, of: tuple[str, ...]) -> list[str]:
    """Of a database's kinds of writes those that change what the public reads of a table."""
    of_rows = {apps.get_model(label)._meta.db_table for label in ROWS}
    return [each for each in of if each != "INSERT" or table not in of_rows]


def _made(vendor: str) -> dict[str, Trigger]:
    return _of_postgresql() if vendor == "postgresql" else _of_sqlite()


def _of_sqlite() -> dict[str, Trigger]:
    # Not INSERT OR REPLACE: the conflict rule of the statement outside would stand for this one.
    new = "lower(hex(randomblob(16)))"
    act = (
        f'UPDATE "{_ROW}" SET stamp = {new} WHERE id = 1; '  # noqa: S608
        f'INSERT INTO "{_ROW}" (id, stamp) SELECT 1, {new} '
        f'WHERE NOT EXISTS (SELECT 1 FROM "{_ROW}" WHERE id = 1);'
    )
    made = {}
    for table, columns in tables().items():
        for event in events(table, ("INSERT", "UPDATE", "DELETE")):
            name = f"public_{event.lower()}_{table}"
            sql = (
                f'CREATE TRIGGER "{name}" AFTER {event}{_of(event, columns)} ON "{table}" '
                f"BEGIN {act} END"
            )
            made[name] = Trigger(table, sql)
    return made


def _of_postgresql() -> dict[str, Trigger]:
    made = {
        "public_stamped": Trigger(
            _TOUCH,
            f'CREATE CONSTRAINT TRIGGER "public_stamped" AFTER INSERT ON "{_TOUCH}" '
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public_stamped()",
        )
    }
    for table, columns in tables().items():
        for event in events(table, ("INSERT", "UPDATE", "DELETE", "TRUNCATE")):
            name = f"public_{event.lower()}_{table}"
            sql = (
                f'CREATE TRIGGER "{name}" AFTER {event}{_of(event, columns)} ON "{table}" '
                "FOR EACH STATEMENT EXECUTE FUNCTION public_touched()"
            )
            made[name] = Trigger(table, sql)
    return made


def _of(event: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f" OF {names}" if event == "UPDATE" and columns else ""


# The setting is local to the transaction, and a savepoint that is rolled back takes it along.
_TOUCHED = f"""
CREATE OR REPLACE FUNCTION public_touched() RETURNS trigger LANGUAGE plpgsql AS $touched$
BEGIN
    IF coalesce(current_setting('portal.touched', true), '') = '' THEN
        PERFORM set_config('portal.touched', 'yes', true);
        INSERT INTO "{_TOUCH}" DEFAULT VALUES;
    END IF;
    RETURN NULL;
END
$touched$
"""
_STAMPED = f"""
CREATE OR REPLACE FUNCTION public_stamped() RETURNS trigger LANGUAGE plpgsql AS $stamped$
BEGIN
    DELETE FROM "{_TOUCH}" WHERE id = NEW.id;
    INSERT INTO "{_ROW}" (id, stamp) VALUES (1, replace(gen_random_uuid()::text, '-', ''))
    ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;
    RETURN NULL;
END
$stamped$
"""  # noqa: S608 - our own names

triggers = Triggers("public_", _made, frozenset({_ROW, _TOUCH}), [_TOUCHED, _STAMPED])


def install(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Create the triggers that are missing, and a new stamp (a receiver of post_migrate)."""
    triggers.install(using)
    if triggers.needs <= set(connections[using].introspection.table_names()):
        new = {"stamp": secrets.token_hex(16)}
        PublicRevision.objects.using(using).update_or_create(id=1, defaults=new)
