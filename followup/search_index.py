"""The searched texts of the record: forums, proposals, measures, agencies and corrections.

`SearchText` is derived from what the public reads, and never the source of it. Its rows stay true in two
ways:

- The texts of reports are rows of a published edition. `published.write` makes them with the others, from
  the approved reports of its content, and they go with it. Readers take those of standing editions.
- All else is compared with the record, and what differs is written, by `refresh`. Signals of the models
  that it is made from (`connect`) note what a transaction changes, and refresh just that once the
  transaction is committed, so that nothing is found before it is public. So every writer is followed
  that saves rows: verbs, the admin, imports, `load_forum`. `refresh` as a whole runs after every
  `migrate`, which each start of the portal does, and by `manage.py refresh_search`: after a process
  that ended between its commit and the refresh, a restored backup, or rows written past Django.

A GET writes nothing. Corrections are judged once more as they are read, see `search.public`.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.utils import translation

from followup import corrections
from followup.models import (
    Agency,
    AgencyAlias,
    SearchKind,
    SearchText,
    Snapshot,
    SourceCorrection,
    TakenBack,
)
from followup.search_words import heads, normal_lines
from proposals.models import Forum, Measure, Resolution

logger = logging.getLogger(__name__)

#: `SearchText.part` of proposals and corrections; those of reports are the fields' names.
RESOLUTION, MEASURE, SOURCE, NAMES = "resolution", "measure", "source", "names"
REASON, CHANGE, OF_TEXT = "reason", "change", "text"
TRIGRAMS = "search_text_trigrams"  # the name of PostgreSQL's index
KEY = 25650016  # of the advisory lock: any number, the same in every process
CHUNK = 500
_COMPARED = [each.attname for each in SearchText._meta.concrete_fields if not each.primary_key]
_ONE_OF = ("kind", "part", "subject_id", "position")

Keys = Collection[int] | None  # None: all of them


# What there should be --------------------------------------------------------------------------


def _row(names: Iterable[str], text: str = "", before: str = "", **fields: Any) -> SearchText:
    """A row of the record that is found by its names and its texts."""
    names = [name for name in names if name]
    called = normal_lines(*names)
    return SearchText(
        text=text,
        before=before,
        names="\n".join(["", *called, ""]) if called else "",
        normal="\n".join([*called, *normal_lines(text, before)]),
        heads=heads(*names, text, before),
        **fields,
    )


def _of_forums(keys: Keys) -> Iterator[SearchText]:
    """Forums, the newest first, with their proposals and measures, and the corrections of their texts."""
    forums = Forum.objects.all() if keys is None else Forum.objects.filter(pk__in=keys)
    for forum in forums.prefetch_related("resolutions__measures", "source_corrections"):
        newest = f"{9999 - forum.year_be:04}"
        told = (
            forum.theme_th,
            forum.objective_th,
            forum.organiser_th,
            *forum.partners_th,
            forum.quotation_th,
            forum.preamble_th,
            forum.background_th,
        )
        yield _row(
            [forum.short_name_th, forum.name_th, forum.name_en, str(forum.year_be)],
            "\n".join(str(each) for each in told if each),
            kind=SearchKind.FORUM,
            part=NAMES,
            subject_id=forum.pk,
            forum_id=forum.pk,
            code=str(forum.year_be),
            title=forum.short_name_th,
            sort=newest,
        )
        for resolution in forum.resolutions.all():
            resolution.forum = forum
            place = f"{newest}{resolution.number:05}"
            yield _row(
                [resolution.title_th, resolution.title_en],
                kind=SearchKind.PROPOSAL,
                part=RESOLUTION,
                subject_id=resolution.pk,
                forum_id=forum.pk,
                code=resolution.full_code,
                title=resolution.title_th,
                sort=f"{place}{0:05}",
            )
            yield _row(
                [],
                resolution.text,
                kind=SearchKind.SOURCE,
                part=SOURCE,
                subject_id=resolution.pk,
                forum_id=forum.pk,
                code=resolution.full_code,
                title=resolution.title_th,
                sort=place,
            )
            for measure in resolution.measures.all():
                measure.resolution = resolution
                yield _row(
                    [measure.title_th, measure.title_en],
                    measure.span,
                    kind=SearchKind.PROPOSAL,
                    part=MEASURE,
                    subject_id=measure.pk,
                    forum_id=forum.pk,
                    measure_id=measure.pk,
                    code=measure.full_code,
                    title=measure.title_th,
                    sort=f"{place}{measure.number:05}",
                )
        for each in forum.source_corrections.all():
            yield _row(
                [str(corrections.source_label(each)), each.reason],
                each.after,
                each.before,
                kind=SearchKind.CORRECTION,
                part=OF_TEXT,
                subject_id=each.pk,
                forum_id=forum.pk,
                code=each.about,
                title=each.reason,
                sort=_latest(each.made_at.timestamp()),
            )


def _latest(seconds: float, place: int = 0) -> str:
    """The place of a correction: the latest first, then in its edition's order."""
    return f"{10**11 - int(seconds):012}{place:08}"


def _of_agencies(keys: Keys) -> Iterator[SearchText]:
    """Agencies with all their names; one that was merged is found under the one that it is in now."""
    agencies = Agency.objects.standing()
    if keys is not None:
        merged = Agency.objects.filter(pk__in=keys).values("merged_into")
        agencies = agencies.filter(Q(pk__in=keys) | Q(pk__in=merged))
    for agency in agencies.prefetch_related("aliases", "duplicates__aliases"):
        own = [agency.name_th, agency.abbr_th, agency.name_en, agency.abbr_en]
        others = [each.name for each in agency.aliases.all()]
        for duplicate in agency.duplicates.all():
            others += [duplicate.name_th, duplicate.abbr_th, duplicate.name_en, duplicate.abbr_en]
            others += [duplicate.code, *(each.name for each in duplicate.aliases.all())]
        shown = dict.fromkeys(name for name in (*own[1:], *others) if name)
        yield _row(
            [*own, agency.code, *others],
            "\n".join(shown),
            kind=SearchKind.AGENCY,
            part=NAMES,
            subject_id=agency.pk,
            agency_id=agency.pk,
            code=agency.code,
            title=agency.name_th,
            sort=agency.sort_key,
        )


def _of_editions(keys: Keys) -> Iterator[SearchText]:
    """What the corrections of some rounds changed, and why."""
    editions = Snapshot.objects.corrections().defer("content")
    if keys is not None:
        editions = editions.filter(round__in=keys)
    forums = {str(year): pk for pk, year in Forum.objects.values_list("pk", "year_be")}
    for edition in editions:
        same: dict[str, Any] = {
            "kind": SearchKind.CORRECTION,
            "subject_id": edition.pk,
            "round_id": edition.round_id,
        }
        made = edition.made_at.timestamp()
        yield _row([edition.reason], part=REASON, sort=_latest(made), title=edition.reason, **same)
        told = corrections.describe(edition, several_forums=True)
        for place, each in enumerate(told, start=1):
            yield _row(
                [each.label],
                each.after,
                each.before,
                part=CHANGE,
                position=place,
                forum_id=forums.get(each.measure.partition("-")[0]),
                code=each.measure,
                title=each.label,
                sort=_latest(made, place),
                **same,
            )


# Writing what differs --------------------------------------------------------------------------


def _stored(topic: str, keys: Keys) -> Q:
    """The rows of one topic in the table."""
    of_text = Q(kind=SearchKind.CORRECTION, part=OF_TEXT)
    match topic:
        case "forums":
            found = Q(kind__in=(SearchKind.FORUM, SearchKind.PROPOSAL, SearchKind.SOURCE)) | of_text
            return found if keys is None else found & Q(forum_id__in=keys)
        case "agencies":
            found = Q(kind=SearchKind.AGENCY)
            if keys is None:
                return found
            merged = Agency.objects.filter(pk__in=keys).values("merged_into")
            return found & (Q(subject_id__in=keys) | Q(subject_id__in=merged))
    found = Q(kind=SearchKind.CORRECTION) & ~of_text
    return found if keys is None else found & Q(round_id__in=keys)


TOPICS = {"forums": _of_forums, "agencies": _of_agencies, "editions": _of_editions}


def refresh(changed: Mapping[str, Keys] | None = None, using: str = DEFAULT_DB_ALIAS) -> int:
    """Compare the rows of the record with it, and write what differs; how many rows were written.

    `changed`: of which forums, agencies and rounds (TOPICS); None: of all. One process at a time.
    """
    if changed is None:
        changed = dict.fromkeys(TOPICS)
    written = 0
    # The labels of corrections are indexed as the record's own language has them.
    with transaction.atomic(using=using), translation.override("th"):
        if connections[using].vendor == "postgresql":
            with connections[using].cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
        for topic, keys in changed.items():
            written += _write(_stored(topic, keys), TOPICS[topic](keys))
    return written


def _write(stored: Q, wanted: Iterable[SearchText]) -> int:
    there = {
        tuple(getattr(row, name) for name in _ONE_OF): row
        for row in SearchText.objects.filter(stored, edition=None)
    }
    new, differ = [], []
    for row in wanted:
        old = there.pop(tuple(getattr(row, name) for name in _ONE_OF), None)
        if old is None:
            new.append(row)
        elif any(getattr(old, name) != getattr(row, name) for name in _COMPARED):
            row.pk = old.pk
            differ.append(row)
    SearchText.objects.bulk_create(new, batch_size=CHUNK)
    SearchText.objects.bulk_update(differ, _COMPARED, batch_size=CHUNK)
    gone = [row.pk for row in there.values()]
    for at in range(0, len(gone), CHUNK):
        SearchText.objects.filter(pk__in=gone[at : at + CHUNK]).delete()
    return len(new) + len(differ) + len(gone)


def after_migrations(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Refresh everything, and make PostgreSQL's index (a receiver of post_migrate)."""
    if using != DEFAULT_DB_ALIAS:
        return
    # To an earlier state, some tables are not there; and the first start has nothing to do.
    with suppress(DatabaseError), transaction.atomic(using=using):
        refresh(using=using)
    install(using)


def install(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Create PostgreSQL's index of trigrams, if this role may; whether it is there. Idempotent.

    Without it the same queries read the whole table.
    """
    database = connections[using]
    if database.vendor != "postgresql":
        return False
    table = SearchText._meta.db_table
    with database.cursor() as cursor:
        if table not in database.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [TRIGRAMS])
        if cursor.fetchone()[0]:
            return True
    try:
        with transaction.atomic(using=using), database.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(
                f'CREATE INDEX "{TRIGRAMS}" ON "{table}" USING gin (normal gin_trgm_ops)'
            )
    except DatabaseError:
        logger.info("pg_trgm is not available to this role: searches read the whole table")
        return False
    return True


# When the record is written --------------------------------------------------------------------


@dataclass
class _Later:
    """What one transaction changes; called once it is committed."""

    using: str
    changed: dict[str, set[int]] = field(default_factory=dict)

    def __call__(self) -> None:
        refresh(self.changed, using=self.using)


def _note(topic: str, key: int | None, using: str) -> None:
    """Refresh the rows of a subject after the commit; several of one transaction together."""
    if key is None or using != DEFAULT_DB_ALIAS:
        return
    database = connections[using]
    if database.run_on_commit:
        sids, waiting = database.run_on_commit[-1][:2]
        # In the same savepoint, so that both are rolled back together.
        if isinstance(waiting, _Later) and sids == set(database.savepoint_ids):
            waiting.changed.setdefault(topic, set()).add(key)
            return
    transaction.on_commit(_Later(using, {topic: {key}}), using=using, robust=True)


def _written(sender: Any, instance: Any, using: str, **kwargs: Any) -> None:
    """A receiver of post_save and post_delete of the models that the rows are made from."""
    match instance:
        case Forum():
            _note("forums", instance.pk, using)
        case Resolution():
            _note("forums", instance.forum_id, using)
        case Measure():
            _note("forums", instance.resolution.forum_id, using)
        case SourceCorrection():
            _note("forums", instance.forum_id, using)
        case Agency():
            _note("agencies", instance.pk, using)
        case AgencyAlias():
            _note("agencies", instance.agency_id, using)
        case Snapshot():
            _note("editions", instance.round_id, using)
        case TakenBack():
            _note("editions", instance.snapshot.round_id, using)


def connect() -> None:
    """Follow what is written to the record."""
    for model in (
        Forum,
        Resolution,
        Measure,
        SourceCorrection,
        Agency,
        AgencyAlias,
        Snapshot,
        TakenBack,
    ):
        post_save.connect(_written, sender=model, dispatch_uid=f"search {model.__name__} saved")
        post_delete.connect(_written, sender=model, dispatch_uid=f"search {model.__name__} deleted")
