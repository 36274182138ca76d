"""The history: groups its rows by write, and words them as sentences.

django-simple-history stores a row for every write; the application never changes one. This module
reads rows as entries: one entry for each write to each record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import chain
from followup.grades import Grade
from followup.models import (
    Agency,
    Assessment,
    AssessmentAnswer,
    AssessmentEvidence,
    Assignment,
    ChainEntry,
    Evidence,
    Feedback,
    GroupMember,
    Letter,
    Narrative,
    Organisation,
    PublicAnswer,
    RecordEntry,
    Round,
    RoundState,
    Ruling,
    SentMail,
    Snapshot,
    StatusReport,
    User,
)
from followup.models.history import Batched
from followup.report_fields import FIELDS, Writer, columns_of, of_assessment, written_by
from followup.status import Status
from forum_portal.thai import format_date

_batch: ContextVar[UUID | None] = ContextVar("history_batch", default=None)
_writer: ContextVar[User | None] = ContextVar("history_writer", default=None)
_via: ContextVar[str] = ContextVar("history_via", default="")
_why: ContextVar[str] = ContextVar("history_why", default="")
#: Whether the current batch has rows, and its rows without history: for its entry in the chain.
_has_rows: ContextVar[bool] = ContextVar("history_has_rows", default=False)
_covered: ContextVar[tuple[Model, ...]] = ContextVar("history_covered", default=())


@contextmanager
def one_batch(by: User | None = None, *, why: str = "") -> Iterator[None]:
    """Context manager: all writes inside are one write by one person; a nested one joins the outer.

    `why` is the change reason of rows that have none of their own. At its end the batch gets its entry
    in the chain, so that it belongs at the end of a transaction.
    """
    if _batch.get() is not None:
        yield
        return
    name = uuid4()
    batch, writer, reason = _batch.set(name), _writer.set(by), _why.set(why)
    has_rows, covered = _has_rows.set(False), _covered.set(())
    try:
        yield
        if _has_rows.get() or _covered.get():
            chain.seal(name, _covered.get())
    finally:
        _batch.reset(batch)
        _writer.reset(writer)
        _why.reset(reason)
        _has_rows.reset(has_rows)
        _covered.reset(covered)


def cover_edition(edition: Snapshot) -> None:
    """Put a new edition into the chain: with the current batch, or alone."""
    if _batch.get() is None:
        chain.append(ChainEntry.Kind.EDITION, str(edition.pk), {Snapshot: [edition.pk]})
    else:
        cover(edition)


def cover(row: Model) -> None:
    """Put a new row without history into the chain, with the current batch; for `chain.chained`."""
    _covered.set((*_covered.get(), row))


def writer() -> User | None:
    """The current writer; for bulk writes, which send no signal."""
    return _writer.get()


def of_this_batch() -> dict[str, Any]:
    """The columns of the current write's history rows; for bulk writes, which send no signal."""
    _has_rows.set(True)
    return {"batch": _batch.get()}


@contextmanager
def written_via(who: str) -> Iterator[None]:
    """Context manager: name the writer if nobody is signed in (an agency's link, a command)."""
    token = _via.set(who)
    try:
        yield
    finally:
        _via.reset(token)


def stamp(history_instance: Any, **kwargs: Any) -> None:
    """Set the batch of a new history row (a receiver of `pre_create_historical_record`)."""
    if isinstance(history_instance, Batched):
        _has_rows.set(True)
        # The action names the user, so that it is correct without a request too.
        history_instance.history_user = _writer.get() or history_instance.history_user  # type: ignore[attr-defined]
        history_instance.batch = _batch.get()
        history_instance.via = _via.get()
        if _why.get() and not history_instance.history_change_reason:  # type: ignore[attr-defined]
            history_instance.history_change_reason = _why.get()  # type: ignore[attr-defined]
        if history_instance.via:
            # A user who is signed in in the same browser is not the writer.
            history_instance.history_user = None  # type: ignore[attr-defined]


def note_write(act: RecordEntry.Act, model: type[Model], about: dict[Any, dict[str, Any]]) -> None:
    """Record a write to rows that have no history: key -> what it was about, without any content.

    `about` names fields and keys of other rows, never what a person typed or is called.
    """
    _has_rows.set(True)
    RecordEntry.objects.bulk_create(
        RecordEntry(
            batch=_batch.get(),
            by=_writer.get(),
            via=_via.get(),
            act=act,
            model=model._meta.label_lower,
            key=str(key),
            about=what,
        )
        for key, what in about.items()
    )


# Reading ----------------------------------------------------------------------------------------

#: The fields of each model whose changes are shown; the others are bookkeeping.
TOLD: dict[type[Model], tuple[str, ...]] = {
    StatusReport: (
        *columns_of(written_by(Writer.AGENCY)),
        *columns_of(of_assessment()),
        "state",
        "return_reason",
        "withdrawn_reason",
    ),
    Evidence: (
        "title",
        "kind",
        "dated_on",
        "issuer",
        "url",
        "file_name",
        "is_public",
        "is_ground",
    ),
    Assignment: (
        "role",
        "basis",
        "confirmed_ref",
        "confirmed_on",
        "valid_from",
        "valid_to",
        "replaced_reason",
    ),
    Round: ("state", "due_on", "due_reason", "meeting_ref", "meeting_on", "reopen_reason"),
    Ruling: ("status", "meeting_ref", "meeting_on", "note"),
    Narrative: ("text",),
    Letter: (
        "number",
        "attempt",
        "sent_on",
        "answer_by",
        "answered_on",
        "explanation",
        "note",
    ),
    GroupMember: ("valid_from", "valid_to"),
    Organisation: ("name_th", "name_en", "registration_number", "website", "ended_on"),
    Assessment: ("status", "reason", "state", "return_ground", "return_reason"),
    AssessmentAnswer: ("text", "meeting_ref"),
}
#: Histories that no page tells: a draft is its organisation's alone, and so is its evidence.
UNTOLD = frozenset({AssessmentEvidence})
#: Rows that are part of another record, which its entries name: its model, and the column of its key.
PART_OF: dict[type[Model], tuple[type[Model], str]] = {
    Evidence: (StatusReport, "report_id"),
    AssessmentAnswer: (Assessment, "assessment_id"),
}
#: Rows of each table read for one page of the history; grouping makes fewer entries of them.
ROWS = 200


@dataclass
class Changed:
    """One changed field: its label, and its values before and after as text."""

    label: str
    before: str
    after: str


@dataclass
class Entry:
    """One write to one record: time, writer, sentence, changed fields, reason."""

    at: datetime
    who: str
    sentence: str
    subject: str
    url: str
    reason: str
    changes: list[Changed] = field(default_factory=list)


def entries(
    *,
    report: StatusReport | None = None,
    assessment: Assessment | None = None,
    by: User | None = None,
    round_: Round | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> tuple[list[Entry], datetime | None]:
    """The entries, the latest first, and where the next page starts (None if this is the last).

    Optionally limited to one report with its evidence, to one independent assessment, to one person or
    to one round. Two queries a table, for any number of rows. Writes without history come from the
    record and the admin's log.
    """
    rows: list[tuple[Any, Any]] = []
    whole = report or assessment
    parts = [model for model, (of, _column) in PART_OF.items() if whole and of is type(whole)]
    for model in [type(whole), *parts] if whole else TOLD:
        rows += _rows(model, whole=whole, by=by, round_=round_, before=before)
    subjects = _subjects([row for row, _earlier in rows])
    if whole is None:
        noted = _noted(by=by, round_=round_, before=before)
        subjects |= _subjects_noted(noted)
        rows += [(row, None) for row in noted]
    rows.sort(key=lambda pair: (pair[0].history_date, pair[0].history_id), reverse=True)
    groups: dict[Any, list[tuple[Any, Any]]] = {}
    more = None
    for row, earlier in rows:
        key = _key(row)
        if key not in groups and len(groups) == limit:
            more = next(reversed(groups.values()))[-1][0].history_date
            break
        groups.setdefault(key, []).append((row, earlier))
    return [_entry(group, subjects) for group in groups.values()], more


def _rows(
    model: type[Model],
    *,
    whole: StatusReport | Assessment | None,
    by: User | None,
    round_: Round | None,
    before: datetime | None,
) -> list[tuple[Any, Any]]:
    """(row, the same record's row before it) of one table's history, the latest first."""
    history = model.history  # type: ignore[attr-defined]
    rows = history.select_related("history_user").order_by("-history_date", "-history_id")
    if model is Assessment:
        rows = rows.exclude(history_change_reason="draft")  # a draft is its organisation's alone
    if whole:
        column = PART_OF[model][1] if model in PART_OF else "id"
        rows = rows.filter(**{column: whole.pk})
    if by:
        rows = rows.filter(history_user=by)
    if before:
        rows = rows.filter(history_date__lt=before)
    if round_:
        path = {
            Round: "id",
            Evidence: "report__round",
            Assignment: "",
            GroupMember: "",
            Organisation: "",
            AssessmentAnswer: "assessment__round",
        }.get(model, "round")
        if not path:
            return []
        rows = rows.filter(**{path: round_.pk})
    earlier = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    rows = rows.annotate(
        earlier_id=Subquery(earlier.order_by("-history_id").values("history_id")[:1])
    )
    found = list(rows[:ROWS])
    earlier_rows = history.in_bulk([row.earlier_id for row in found if row.earlier_id])
    return [(row, earlier_rows.get(row.earlier_id)) for row in found]


def _noted(*, by: User | None, round_: Round | None, before: datetime | None) -> list[Any]:
    """Entries of the record, and of the admin's log on rows without history, the latest first.

    What a verb notes in the admin's log is in the record as well, so that it is left out here.
    """
    entries = RecordEntry.objects.select_related("by").order_by("-at", "-pk")
    logged = (
        LogEntry.objects.select_related("user", "content_type")
        .filter(
            Q(change_message="")
            | Q(change_message__startswith="[")
            | Q(change_message__endswith=" through import_export")
        )
        .exclude(content_type__in=ContentType.objects.get_for_models(*TOLD).values())
        .order_by("-action_time", "-pk")
    )
    if by:
        entries, logged = entries.filter(by=by), logged.filter(user=by)
    if before:
        entries, logged = entries.filter(at__lt=before), logged.filter(action_time__lt=before)
    if round_:
        entries, logged = entries.filter(about__round=round_.pk), logged.none()
    found: list[Any] = []
    for entry in entries[:ROWS]:
        entry.history_date, entry.history_id = entry.at, entry.pk  # type: ignore[attr-defined]
        found.append(entry)
    for line in logged[:ROWS]:
        line.history_date, line.history_id = line.action_time, line.pk  # type: ignore[attr-defined]
        found.append(line)
    return found


def _subjects_noted(rows: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """What each entry is about: its agency, organisation, message or user. At most four queries."""
    agencies: dict[Any, int] = {}
    messages: dict[Any, int] = {}
    people: dict[Any, int] = {}
    organisations: dict[Any, int] = {}
    named: dict[Any, tuple[str, str]] = {}
    for row in rows:
        if isinstance(row, LogEntry):
            named[_record(row)] = row.object_repr, ""
        elif row.model == User._meta.label_lower:
            people[_record(row)] = int(row.key)
        elif row.model == Agency._meta.label_lower:
            agencies[_record(row)] = int(row.key)
        elif row.model == Feedback._meta.label_lower:
            messages[_record(row)] = int(row.key)
        elif row.model == PublicAnswer._meta.label_lower:
            messages[_record(row)] = row.about["feedback"]
        elif "forum_year" in row.about:
            name = _("เวที %(year)s") % {"year": row.about["forum_year"]}
            named[_record(row)] = name, reverse("staff-forums")
        elif "agency" in row.about:
            agencies[_record(row)] = row.about["agency"]
        elif "organisation" in row.about:
            organisations[_record(row)] = row.about["organisation"]
    of_agency = Agency.objects.in_bulk(set(agencies.values()))
    for key, pk in agencies.items():
        if pk in of_agency:
            named[key] = str(of_agency[pk]), reverse("staff-agency", args=[of_agency[pk].code])
    of_organisation = Organisation.objects.in_bulk(set(organisations.values()))
    for key, pk in organisations.items():
        if pk in of_organisation:
            address = reverse("staff-organisation", args=[pk])
            named[key] = str(of_organisation[pk]), address
    of_message = Feedback.objects.in_bulk(set(messages.values())) if messages else {}
    for key, pk in messages.items():
        if pk in of_message:
            named[key] = str(of_message[pk]), reverse("staff-feedback-message", args=[pk])
    of_user = User.objects.in_bulk(set(people.values()))
    for key, pk in people.items():
        named[key] = (str(of_user[pk]) if pk in of_user else gone_user(pk)), ""
    return named


def gone_user(pk: int) -> str:
    """The words for a user whose account was deleted."""
    return _("ผู้ใช้ที่ลบแล้ว (รหัส %(key)s)") % {"key": pk}


def noted_by(entry: RecordEntry) -> str:
    """Who made an entry of the record; the account's key if it was deleted since."""
    if entry.by_id is None:
        return entry.via or _("ระบบ")
    return str(entry.by) if entry.by else gone_user(entry.by_id)


def _record(row: Any) -> tuple[Any, Any]:
    """The record of a history row, as (model, pk); evidence belongs to its report."""
    if isinstance(row, RecordEntry | LogEntry):
        return type(row), row.pk
    model = type(row).instance_type
    if model in PART_OF:
        whole, column = PART_OF[model]
        return whole, getattr(row, column)
    return model, row.id


def _key(row: Any) -> Any:
    """The grouping key: rows of one write to one record share it.

    Bulk writes of early imports have no batch; their reason (the number of the import) replaces it.
    """
    if isinstance(row, RecordEntry | LogEntry):
        return _record(row)
    return _record(row), row.batch or row.history_change_reason or row.history_id


def _subjects(rows: Iterable[Any]) -> dict[tuple[type[Model], int], tuple[str, str]]:
    """(name, address) of each record; one query for each model. A deleted record has no address."""
    wanted: dict[type[Model], set[int]] = {}
    for row in rows:
        model, pk = _record(row)
        wanted.setdefault(model, set()).add(pk)
    related: dict[type[Model], tuple[str, ...]] = {
        StatusReport: ("round", "assignment__agency", "assignment__measure__resolution__forum"),
        Assignment: ("agency", "measure__resolution__forum"),
        Ruling: ("round", "measure__resolution__forum", "resolution__forum"),
        Narrative: ("round",),
        Letter: ("round", "agency"),
        GroupMember: ("group", "agency"),
        Assessment: ("round", "organisation", "measure__resolution__forum"),
    }
    named = {}
    for model, keys in wanted.items():
        found = model._default_manager.select_related(*related.get(model, ())).in_bulk(keys)
        for pk, record in found.items():
            url = ""
            if isinstance(record, StatusReport):
                url = reverse("staff-report", args=[pk])
            elif isinstance(record, Round):
                url = reverse("staff-round", args=[record.code])
            elif isinstance(record, Assessment):
                url = reverse("staff-assessment", args=[pk])
            elif isinstance(record, Organisation):
                url = reverse("staff-organisation", args=[pk])
            named[model, pk] = str(record), url
    return named


def _entry(
    group: list[tuple[Any, Any]], subjects: dict[tuple[type[Model], int], tuple[str, str]]
) -> Entry:
    first = group[0][0]
    if isinstance(first, RecordEntry | LogEntry):
        subject, url = subjects.get(_record(first), ("", ""))
        return Entry(
            at=first.history_date,  # type: ignore[union-attr]
            who=str(first.user) if isinstance(first, LogEntry) else noted_by(first),
            sentence=_noted_sentence(first),
            subject=subject,
            url=url,
            reason="",
        )
    # The record's own rows give the sentence, as one change from the first to the last; rows of its
    # evidence only add changes.
    own = [pair for pair in group if type(pair[0]).instance_type is not Evidence]
    main, earlier = (own[0][0], own[-1][1]) if own else group[0]
    changes = _changes(main, earlier) if own else []
    for row, before in reversed(group):
        if (row, before) not in own:
            changes += _changes(row, before)
    subject, url = subjects.get(_record(main), ("", ""))
    return Entry(
        at=group[-1][0].history_date,
        who=str(main.history_user) if main.history_user else main.via or _("ระบบ"),
        sentence=_sentence(main, earlier),
        subject=subject or _("รายการที่ลบไปแล้ว"),
        url=url,
        reason=_reason(main),
        changes=changes,
    )


def _noted_sentence(row: RecordEntry | LogEntry) -> str:
    """A write without history as a Thai sentence without its subject, and without any content."""
    if isinstance(row, LogEntry):
        of: Any = row.content_type
        model = of.model_class() if of else None
        what = model._meta.verbose_name if model else ""
        verbs = {ADDITION: _("เพิ่ม%(what)s"), DELETION: _("ลบ%(what)s")}
        return verbs.get(row.action_flag, _("แก้ไข%(what)s")) % {"what": what}
    act = RecordEntry.Act(row.act)
    if act == RecordEntry.Act.FACTOR_RESET:
        return _("ล้างการยืนยันตัวตนสองขั้นของ")
    if act == RecordEntry.Act.HANDED_OVER:
        return _("ส่งต่อการดูแลหน่วยงาน")
    if act == RecordEntry.Act.DEMO_REMOVED:
        return _("ลบข้อมูลตัวอย่าง พร้อมประวัติของข้อมูลนั้น")
    if act == RecordEntry.Act.ERASED:
        return _("ลบข้อมูลส่วนบุคคล")
    if row.model == SentMail._meta.label_lower:
        return _("ส่งอีเมลถึงผู้ประสานงานของหน่วยงาน")
    try:
        model = apps.get_model(row.model)
    except (LookupError, ValueError):  # a table that is no more
        return f"{act.label}{row.model}"
    what = model._meta.verbose_name
    if row.about.get("fields") == ["merged_into"]:
        return _("รวมเข้ากับหน่วยงานอื่น")
    if fields := row.about.get("fields"):
        names = ", ".join(label_of(model, name) for name in fields)
        return _("%(act)s%(what)s (%(fields)s)") % {
            "act": act.label,
            "what": what,
            "fields": names,
        }
    return f"{act.label}{what}"


def _changes(row: Any, before: Any) -> list[Changed]:
    model = type(row).instance_type
    changes = []
    for name in TOLD[model]:
        was = _words(before, name) if before else ""
        now = "" if row.history_type == "-" else _words(row, name)
        if was != now:
            label = label_of(model, name)
            if model is Evidence:
                label = _("หลักฐาน: %(field)s") % {"field": label}
            changes.append(Changed(label, was, now))
    return changes


def label_of(model: type[Model], name: str) -> str:
    """The Thai name of a field."""
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def in_words(model: type[Model], name: str, value: Any) -> str:
    """A field's value as text for people; "" for a missing value."""
    if model is StatusReport and name in FIELDS:
        return FIELDS[name].in_words(value)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("ใช่") if value else ""
    if isinstance(value, date):
        return format_date(value, "medium")
    if model in {Ruling, Assessment} and name == "status":
        return str(Status(value).label)
    choices = model._meta.get_field(name).choices  # type: ignore[union-attr]
    return str(dict(choices).get(value, value)) if choices else str(value)


def _words(row: Any, name: str) -> str:
    if name == "is_ground":  # says which piece
        return row.title if row.is_ground else ""
    return in_words(type(row).instance_type, name, getattr(row, name))


def _reason(row: Any) -> str:
    """The reason that a person gave in words; the sentence covers the actions' own marks."""
    if row.history_change_reason == "extended":
        return row.due_reason
    if isinstance(row, Round.history.model) and row.state == RoundState.OPEN:
        return row.reopen_reason
    if row.history_change_reason == "return":  # of a report, or of an assessment
        return row.return_reason
    if row.history_change_reason == "withdraw":
        return row.withdrawn_reason
    return ""


def _sentence(row: Any, before: Any) -> str:
    """The write as a Thai sentence without its subject."""
    model = type(row).instance_type
    if row.history_type == "-":
        done = _("ลบ%(what)s") % {"what": model._meta.verbose_name}
        mark = row.history_change_reason or ""
        if mark == "withdrawn":
            return _("ถอน%(what)s") % {"what": model._meta.verbose_name}
        if mark.startswith("undo import"):
            number = mark.rpartition(" ")[2]
            return _("%(done)s ตามการย้อนการนำเข้าที่ %(number)s") % {"done": done, "number": number}
        return done
    if model is StatusReport:
        return _report_sentence(row, before)
    if model in {Assessment, Organisation} and (row.history_change_reason or "") in _OF_ASSESSING:
        return str(_OF_ASSESSING[row.history_change_reason])
    if model is Round and row.history_change_reason in _OF_ROUND:
        return str(_OF_ROUND[row.history_change_reason])
    if model is Round and before and before.state != row.state:
        return _("เปลี่ยนขั้นของรอบจาก “%(before)s” เป็น “%(after)s”") % {
            "before": _words(before, "state"),
            "after": _words(row, "state"),
        }
    if model is Assignment and (said := _assignment_sentence(row)):
        return said
    if model is GroupMember and row.history_change_reason:
        return {
            "joined": _("เพิ่มหน่วยงานเข้ากลุ่ม"),
            "left": _("กำหนดปีสุดท้ายในกลุ่ม"),
        }.get(row.history_change_reason, _("แก้ไขสมาชิกกลุ่มหน่วยงาน"))
    verb = _("เพิ่ม%(what)s") if row.history_type == "+" else _("แก้ไข%(what)s")
    return verb % {"what": model._meta.verbose_name}


#: What a verb did to a round, by the mark that it leaves.
_OF_ROUND = {
    "unopened": _l("นำรอบที่เปิดโดยยังไม่มีผู้บันทึกกลับไปเตรียมการ"),
    "extended": _l("เลื่อนกำหนดส่งรายงาน"),
    "taken back": _l("ถอนการเผยแพร่ฉบับล่าสุด"),
}


#: What a verb did to an assessment or an organisation, by the mark that it leaves.
_OF_ASSESSING = {
    "submit": _l("ส่งการประเมิน"),
    "withdraw": _l("ดึงการประเมินกลับ"),
    "accept": _l("รับการประเมิน"),
    "return": _l("ส่งการประเมินกลับ"),
    "ended": _l("สิ้นสุดการเป็นองค์กรผู้ประเมิน"),
    "resumed": _l("ให้องค์กรกลับมาเป็นผู้ประเมิน"),
}


def _assignment_sentence(row: Any) -> str:
    """What a verb did to an assignment; "" for a write of another kind."""
    said = {
        "confirmed": _("ยืนยันการมอบหมาย"),
        "unconfirmed": _("ถอนการยืนยันการมอบหมาย"),
        "role": _("เปลี่ยนบทบาทในการมอบหมาย"),
        "ended": _("กำหนดปีสุดท้ายของการมอบหมาย"),
        "member": _("มอบหมายหน่วยงานในกลุ่ม ตามการมอบหมายของกลุ่ม"),
        "replaced": _("สิ้นสุดการมอบหมาย เพราะหน่วยงานอื่นรับช่วง"),
        "merged": _("ย้ายการมอบหมาย เพราะรวมสองหน่วยงาน"),
        "continues": _("รับช่วงการมอบหมายจากหน่วยงานอื่น"),
    }
    return said.get(row.history_change_reason or "", "")


def _report_sentence(row: Any, before: Any) -> str:
    mark = row.history_change_reason or ""
    number = mark.rpartition(" ")[2]
    if mark.startswith("undo import"):
        return _("ย้อนการนำเข้าที่ %(number)s") % {"number": number}
    if mark.startswith("import"):
        done = _("นำเข้าจากสเปรดชีต การนำเข้าที่ %(number)s") % {"number": number}
    else:
        done = {
            "demo": _("โหลดข้อมูลตัวอย่าง"),
            "expected": _("เปิดรายการให้รายงาน"),
            "draft": _("บันทึกร่าง"),
            "submit": _("ส่งตรวจ"),
            "recall": _("ดึงรายงานที่ส่งแล้วกลับมาแก้ไข"),
            "approve": _("รับรอง"),
            "return": _("ส่งกลับแก้ไข"),
            "reply": _("ชี้แจงผลการประเมิน"),
            "merged": _("ย้ายไปหน่วยงานที่รวมแล้ว"),
            "withdraw": _("ถอนออกจากรอบ"),
            "restore": _("นำกลับเข้ารอบ"),
            "evidence": _("แนบหลักฐานเดียวกับรายการอื่น"),
            "joint": _("ปรับข้อความตามรายงานที่รายงานร่วม"),
        }.get(mark, _("แก้ไขรายงาน"))
    for name in ("assessed_status", "reported_status"):
        was, now = _words(before, name) if before else "", _words(row, name)
        if was and now and was != now:
            return _("%(done)s และเปลี่ยนสถานะจาก “%(before)s” เป็น “%(after)s”") % {
                "done": done,
                "before": was,
                "after": now,
            }
    return done


def last_decided(report: StatusReport) -> Any:
    """The last version that a reviewer decided on, as its history row; None if there is none."""
    return (
        StatusReport.history.filter(id=report.pk, history_change_reason__in=["return", "approve"])
        .order_by("-history_id")
        .first()
    )


def last_ground(report: StatusReport) -> tuple[Grade, list[str]] | None:
    """(the grade, the titles of the named evidence) of its last approval; None without one, or a grade.

    Two queries at most.
    """
    approved = (
        StatusReport.history.filter(id=report.pk, history_change_reason="approve")
        .order_by("-history_id")
        .first()
    )
    if approved is None or not approved.assessed_grade:
        return None
    # Grounds are cleared whenever a report is taken up again, so the approval has marked each of them.
    named = Evidence.history.filter(report_id=report.pk, batch=approved.batch, is_ground=True)
    titles = named.order_by("position", "id").values_list("title", flat=True)
    return Grade(approved.assessed_grade), list(titles)


def compare(older: Any, newer: StatusReport) -> list[Changed]:
    """The differences of the agency's fields from an older version (a history row)."""
    return [
        Changed(label_of(StatusReport, name), was, now)
        for name in columns_of(written_by(Writer.AGENCY))
        if (was := _words(older, name))
        != (now := in_words(StatusReport, name, getattr(newer, name)))
    ]
