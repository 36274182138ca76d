"""The changes made by a correction: values field by field, and the resulting figures.

The stored rows of a correction list the changed values. The figures depend on all values together,
so they are counted from both editions, by the same functions as on every page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from followup import snapshots
from followup.history import label_of
from followup.models import (
    Assessment,
    Assignment,
    Evidence,
    ReportState,
    Role,
    Round,
    Snapshot,
    SourceCorrection,
    StatusReport,
)
from followup.models.annual import slot_label
from followup.naming import item_name
from followup.progress import (
    MeasureProgress,
    ResolutionProgress,
    Tally,
    YearProgress,
    edition_progress,
    tally,
)
from followup.published import edition_progress_of
from followup.report_fields import FIELDS, Kind, ReportField, Writer, statuses_first
from followup.snapshots import Frozen
from followup.status import WORSE, Change, Status
from forum_portal.thai import format_date
from forum_portal.years import shown_year
from proposals.codes import Code, anchor_of, parse_code
from proposals.models import Forum, Measure, Resolution

# Values ---------------------------------------------------------------------------------------

#: The fields of a report that are compared, in the order in which a correction lists them.
_COMPARED = [each for each in statuses_first() if each.is_public and each.is_compared]
#: Fields whose text is shown as it is stored.
_PLAIN = {
    "of_group",
    "ruling_meeting_ref",
    "ruling_note",
    "round_meeting_ref",
    "withdrawn_reason",
    "independent_organisation",
    "independent_reason",
    "independent_evidence",
    "independent_answer",
    "independent_answer_meeting",
}
#: The compared fields of the round itself: the meeting that took note of it.
_OF_ROUND = ("meeting_ref", "meeting_on")
_OF_RULING = ("status", "meeting_ref", "meeting_on", "note")
_NARRATIVE = "narrative_"
_WITHDRAWN = "withdrawn_reason"
_LETTER = "letter_"  # and the number of the attempt
_MAILS = "mails"


#: A day as editions store it.
_ISO_DAY = re.compile(r"(?<![0-9/-])[12][0-9]{3}-[01][0-9]-[0-3][0-9](?![0-9/-])")

#: The subject of a change: an assignment, a measure or a resolution, by primary key.
_Row = tuple[type[Model], int | None]


@dataclass(frozen=True)
class _Told:
    """The compared values of one report or ruling, by the field names that a change uses."""

    measure: str  # full code; of a ruling it may be a resolution's
    agency: str  # code; of a ruling and of an assessment ""
    fields: Mapping[str, str]
    organisation: str = ""  # the name of who made an independent assessment


def differences(before: Frozen, after: Frozen) -> list[dict[str, str]]:
    """The changes between two editions: {measure, agency, field, before, after}, all text.

    `measure` is a full code, so that the change names its forum. Statuses and roles are codes. A list
    has one line for each item. A missing value is "". An assignment that was added or removed is a
    change of its `state`. A change of an independent assessment names its `organisation` as well, and
    its field begins with `independent_`. A ruling has no agency and may be on a resolution. The round's
    own values, its meeting and the texts of its annual report, have no measure either.
    """
    old, new = _told_of(before), _told_of(after)
    changes = _round_differences(before, after) + _letter_differences(before, after)
    for key in dict.fromkeys((*old, *new)):
        line = old.get(key) or new[key]
        was = old[key].fields if key in old else _withdrawn(before, key)
        now = new[key].fields if key in new else _withdrawn(after, key)
        changes += [
            {
                "measure": line.measure,
                "agency": line.agency,
                "field": name,
                "before": was.get(name, ""),
                "after": now.get(name, ""),
            }
            | ({"organisation": line.organisation} if line.organisation else {})
            for name in line.fields
            if was.get(name, "") != now.get(name, "")
        ]
    return changes


def _withdrawn(frozen: Frozen, key: _Row) -> Mapping[str, str]:
    """The values of an assignment without a report in an edition: why it was withdrawn, if it was."""
    model, pk = key
    reason = frozen.withdrawn.get(pk) if model is Assignment and pk is not None else None
    return {"state": ReportState.WITHDRAWN.value, _WITHDRAWN: reason} if reason else {}


def _round_differences(before: Frozen, after: Frozen) -> list[dict[str, str]]:
    if before.narratives is None or after.narratives is None:
        return []  # an edition from before these were stored
    was, now = (
        {f"round_{name}": _text(getattr(each.round, name)) for name in _OF_ROUND}
        | {f"{_NARRATIVE}{slot}": text for slot, text in (each.narratives or {}).items()}
        for each in (before, after)
    )
    return [
        {
            "measure": "",
            "agency": "",
            "field": name,
            "before": was.get(name, ""),
            "after": now.get(name, ""),
        }
        for name in dict.fromkeys((*was, *now))
        if was.get(name, "") != now.get(name, "")
    ]


def _letter_differences(before: Frozen, after: Frozen) -> list[dict[str, str]]:
    """The letters, and the days of e-mails, that one edition has and the other has not."""
    if before.letters is None or after.letters is None:
        return []  # an edition from before these were stored
    codes = {
        report.assignment.agency_id: report.assignment.agency.code
        for each in (before, after)
        for report in each.reports
    }
    was, now = (_sent(each) for each in (before, after))
    return [
        {
            "measure": "",
            "agency": codes.get(agency, ""),
            "field": name,
            "before": was.get((agency, name), ""),
            "after": now.get((agency, name), ""),
        }
        for agency, name in sorted({*was, *now})
        if was.get((agency, name)) != now.get((agency, name))
    ]


def _sent(frozen: Frozen) -> dict[tuple[int, str], str]:
    """(agency, field) -> the number and the dates of a letter, or the days of e-mails."""
    found = {
        (each["agency_id"], f"{_LETTER}{each['attempt']}"): " · ".join(
            str(each[name])
            for name in ("number", "sent_on", "answer_by", "answered_on", "explanation")
            if each[name]
        )
        for each in frozen.letters or ()
    }
    for each in frozen.mails:
        key = each["agency_id"], _MAILS
        found[key] = " · ".join(filter(None, [found.get(key, ""), str(each["sent_on"])]))
    return found


def now_and_then(round_: Round) -> tuple[Frozen | None, Frozen | None]:
    """A reopened round's last edition and its would-be next one; None and None before the first."""
    published = snapshots.latest([round_]).get(round_.pk)
    return (published, snapshots.thaw(snapshots.freeze(round_))) if published else (None, None)


def _told_of(frozen: Frozen) -> dict[_Row, _Told]:
    """The compared values of an edition, by their subject."""
    lines: dict[_Row, _Told] = {}
    for report in frozen.reports:
        lines[Assignment, report.assignment_id] = _Told(
            report.measure.full_code,
            report.assignment.agency.code,
            {
                "role": report.assignment.role,
                "of_group": report.assignment.of_group.agency.code
                if report.assignment.of_group
                else "",
                "state": report.state,
                _WITHDRAWN: "",  # a report of an edition never is; listed for those that went
                **{field.name: _compared(report, field) for field in _COMPARED},
            },
        )
    resolved: dict[_Row, str] = {}
    for each in frozen.resolutions:
        resolved[Resolution, each.pk] = each.full_code
        resolved |= {(Measure, one.pk): one.full_code for one in each.measures.all()}
    for ruling in frozen.rulings:
        key: _Row = (Resolution, ruling.resolution_id)
        if ruling.measure_id:
            key = (Measure, ruling.measure_id)
        lines[key] = _Told(
            resolved[key],
            "",
            {f"ruling_{name}": _text(getattr(ruling, name)) for name in _OF_RULING},
        )
    for voice in frozen.assessments:
        answer = voice.answered
        lines[Assessment, voice.pk] = _Told(
            voice.measure.full_code,
            "",
            {
                "independent_organisation": voice.organisation.name_th,
                "independent_status": voice.status,
                "independent_reason": voice.reason,
                "independent_evidence": "\n".join(
                    f"{piece.title} {piece.url}" for piece in voice.pieces
                ),
                "independent_answer": answer.text if answer else "",
                "independent_answer_meeting": answer.meeting_ref if answer else "",
            },
            voice.organisation.name_th,
        )
    return lines


def _compared(report: StatusReport, field: ReportField) -> str:
    """A field's value as editions compare it."""
    if field.kind is Kind.PROVINCES:
        return "\n".join(each.name_th for each in report.provinces.all())
    if field.kind is Kind.EVIDENCE:
        return "\n".join(map(_of_piece, report.public_evidence))
    if field.writer is not Writer.AGENCY and not (report.voices_differ or field.stands_alone):
        return ""  # pages show the assessment only if its status differs
    return _text(field.plain(getattr(report, field.name)))


def _of_piece(piece: Evidence) -> str:
    """A piece of evidence as editions compare it: what it is, and the content of its file."""
    where = [piece.url, piece.sha256] if piece.is_copied_link else [piece.url or piece.sha256]
    used = [_("คสป. ใช้ประเมิน")] if piece.is_ground else []
    return " · ".join([" ".join([piece.title, *where]), *piece.described, *used])


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


@dataclass(frozen=True)
class Difference:
    """One difference in words, for a page."""

    measure: str  # full code
    agency: str
    label: str
    before: str
    after: str
    organisation: str = ""

    @property
    def code(self) -> Code | None:
        """The parsed code of the subject. None for the round itself, and for an old short code that
        fits several forums, so that nothing can be linked."""
        code = parse_code(self.measure)
        return code if code and code.year else None

    @property
    def anchor(self) -> str:
        """The measure's anchor on its resolution's page; "" for a resolution."""
        return anchor_of(self.measure) if self.code and self.code.clause else ""


def describe(snapshot: Snapshot, *, several_forums: bool) -> list[Difference]:
    """The changes of a correction in Thai words; labels name the forum if there are several."""
    return told(snapshot.changes, several_forums=several_forums)


def told(changes: Iterable[Mapping[str, str]], *, several_forums: bool) -> list[Difference]:
    """Some changes of a correction in Thai words, as `describe` tells all."""
    names = {
        "role": _("บทบาท"),
        "of_group": _("ตอบในฐานะสมาชิกกลุ่ม"),
        "state": _("การรับรายงาน"),
        _WITHDRAWN: label_of(StatusReport, _WITHDRAWN),
        "ruling_status": _("มติ คสป. ที่กำหนดสถานะ"),
        "ruling_meeting_ref": _("การประชุมที่มีมติ"),
        "ruling_meeting_on": _("วันที่ประชุมที่มีมติ"),
        "ruling_note": _("เหตุผลของมติ"),
        "round_meeting_ref": label_of(Round, "meeting_ref"),
        "round_meeting_on": label_of(Round, "meeting_on"),
        "independent_organisation": _("ภาคประชาสังคมประเมิน: องค์กร"),
        "independent_status": _("ภาคประชาสังคมประเมิน: สถานะ"),
        "independent_reason": _("ภาคประชาสังคมประเมิน: เหตุผล"),
        "independent_evidence": _("ภาคประชาสังคมประเมิน: หลักฐาน"),
        "independent_answer": _("คสป. ตอบภาคประชาสังคม"),
        "independent_answer_meeting": _("คสป. ตอบภาคประชาสังคม: การประชุม"),
        _MAILS: _("วันที่ส่งอีเมลถึงหน่วยงาน"),
    }
    return [
        Difference(
            row["measure"],
            row["agency"],
            names.get(row["field"]) or _label(row["field"], several_forums=several_forums),
            _value(row["field"], row["before"]),
            _value(row["field"], row["after"]),
            row.get("organisation", ""),
        )
        for row in changes
    ]


def _label(name: str, *, several_forums: bool) -> str:
    if name.startswith(_NARRATIVE):
        slot = slot_label(name.removeprefix(_NARRATIVE), several_forums=several_forums)
        return _("รายงานประจำปี: %(slot)s") % {"slot": slot}
    if name.startswith(_LETTER):
        return _("หนังสือติดตามครั้งที่ %(attempt)s") % {"attempt": name.removeprefix(_LETTER)}
    return str(FIELDS[name].label)


def _value(name: str, text: str) -> str:
    if not text or name in _PLAIN or name.startswith(_NARRATIVE):
        return text
    if name == _MAILS or name.startswith(_LETTER):
        return _ISO_DAY.sub(lambda match: format_date(date.fromisoformat(match[0])), text)
    if name in {"round_meeting_on", "ruling_meeting_on"}:
        return format_date(date.fromisoformat(text))
    if name == "role":
        return str(Role(text).label)
    if name == "state" and text == ReportState.WITHDRAWN:
        return str(ReportState.WITHDRAWN.label)
    if name == "state":
        received = text == ReportState.APPROVED
        return str(ReportState.APPROVED.label if received else Status.NO_REPORT.label)
    if name in {"ruling_status", "independent_status"}:
        return str(Status(text).label)
    field = FIELDS[name]
    if not field.is_column:
        return text
    column: Any = StatusReport._meta.get_field(name)
    return field.in_words(column.to_python(text))


# Figures --------------------------------------------------------------------------------------

Key = tuple[int, str]  # of an edition: its pk and digest


@dataclass(frozen=True)
class Count:
    """One figure that changed."""

    label: str
    before: int
    after: int


@dataclass(frozen=True)
class Moved:
    """A measure or a resolution whose status changed. `before` is None if it is new in the edition,
    `after` if it is no longer in it."""

    what: Measure | Resolution
    before: Status | None
    after: Status | None

    @property
    def is_resolution(self) -> bool:
        return isinstance(self.what, Resolution)

    @property
    def change(self) -> Change | None:
        if self.before is None or self.after is None:
            return None
        return Change.between(self.before, self.after)


@dataclass(frozen=True)
class Effect:
    """The effect of a correction on one forum's figures. The denominator is each edition's own `n`."""

    forum: Forum
    before: Tally
    after: Tally
    moved: Sequence[Moved]

    @property
    def is_none(self) -> bool:
        return not (self.moved or self.counts or self.before.n != self.after.n)

    @property
    def counts(self) -> list[Count]:
        """The counts by status that changed, in the vocabulary's order."""
        every = [
            *((str(each.label), self.before.of(each), self.after.of(each)) for each in Status),
            (str(Status.CANCELLED.label), self.before.cancelled, self.after.cancelled),
            (_("ใช้ดุลพินิจแล้วไม่ใช้"), self.before.unused, self.after.unused),
        ]
        return [Count(label, was, now) for label, was, now in every if was != now]

    @property
    def achieved(self) -> str:
        """`บรรลุแล้ว 16 → 15 จาก 43`, with both denominators if they differ."""
        figures = {
            "a": self.before.achieved,
            "b": self.after.achieved,
            "n": self.before.n,
            "m": self.after.n,
        }
        if self.before.n != self.after.n:
            return _("บรรลุแล้ว %(a)s จาก %(n)s → %(b)s จาก %(m)s") % figures
        if self.before.achieved != self.after.achieved:
            return _("บรรลุแล้ว %(a)s → %(b)s จาก %(n)s") % figures
        return _("บรรลุแล้วคงเดิม %(a)s จาก %(n)s") % figures


def effects_of(editions: Iterable[Snapshot]) -> dict[int, Sequence[Effect]]:
    """Snapshot pk -> the correction's effects on the figures of each forum.

    One query, and one for each edition whose content this process has not read yet.
    """
    wanted = {each.pk for each in editions}
    found: dict[int, Sequence[Effect]] = {}
    last: dict[int, Key] = {}
    rounds = Round.objects.filter(snapshots__in=wanted)
    for round_id, pk, digest in (
        Snapshot.objects.standing()
        .filter(round__in=rounds)
        .order_by("round", "number")
        .values_list("round_id", "pk", "digest")
    ):
        if pk in wanted and round_id in last:
            found[pk] = _between(last[round_id], (pk, digest))
        last[round_id] = pk, digest
    return found


@lru_cache(maxsize=256)
def _between(before: Key, after: Key) -> Sequence[Effect]:
    """The digests are part of the cache key, because another database may use the same pks."""
    return effects(edition_progress_of(*before), edition_progress_of(*after))


@dataclass(frozen=True)
class Pending:
    """The changes that the public would see if a reopened round were published now."""

    changes: Sequence[Mapping[str, str]]
    effects: Sequence[Effect]

    @property
    def is_none(self) -> bool:
        """Whether nothing changes, values or figures.

        Figures can change without any report, for example after a new forum or a changed kind of
        measure. Such a change is published as well.
        """
        return not (self.changes or self.effects)


def pending(round_: Round) -> Pending:
    """The pending changes, counted from public content; none for a round never published."""
    return changes_between(*now_and_then(round_))


def changes_between(published: Frozen | None, now: Frozen | None) -> Pending:
    """The changes from the edition that the public reads to the next one; none without either."""
    if published is None or now is None:
        return Pending((), ())
    return Pending(
        differences(published, now),
        effects(edition_progress(published), edition_progress(now)),
    )


def effects(before: YearProgress, after: YearProgress) -> Sequence[Effect]:
    """The effect on each forum, the earliest first; forums with unchanged figures are left out."""
    old = {forum.pk: resolutions for forum, resolutions in before.by_forum.items()}
    new = {forum.pk: resolutions for forum, resolutions in after.by_forum.items()}
    forums = {forum.pk: forum for forum in (*before.by_forum, *after.by_forum)}
    every = [
        Effect(
            forum,
            _tally(old.get(pk, ())),
            _tally(new.get(pk, ())),
            _moved(old.get(pk, ()), new.get(pk, ())),
        )
        for pk, forum in sorted(forums.items(), key=lambda item: item[1].year_be)
    ]
    return [each for each in every if not each.is_none]


def _tally(resolutions: Iterable[ResolutionProgress]) -> Tally:
    return tally(measure for each in resolutions for measure in each.measures)


def _moved(
    before: Iterable[ResolutionProgress], after: Iterable[ResolutionProgress]
) -> list[Moved]:
    """Resolutions and measures whose status differs: worse first, then in clause order."""
    old, new = _judged(before), _judged(after)
    moved = []
    for key in dict.fromkeys((*new, *old)):
        was, now = old.get(key), new.get(key)
        status = was.status if was else None, now.status if now else None
        if status[0] != status[1]:
            moved.append(Moved(_what(now or old[key]), *status))
    return sorted(moved, key=lambda each: each.change not in WORSE)


def _judged(
    resolutions: Iterable[ResolutionProgress],
) -> dict[tuple[type, int], ResolutionProgress | MeasureProgress]:
    """Everything with a status in an edition, by primary key; each resolution before its measures."""
    found: dict[tuple[type, int], ResolutionProgress | MeasureProgress] = {}
    for each in resolutions:
        found[Resolution, each.resolution.pk] = each
        found |= {(Measure, one.measure.pk): one for one in each.measures}
    return found


def _what(each: ResolutionProgress | MeasureProgress) -> Measure | Resolution:
    return each.measure if isinstance(each, MeasureProgress) else each.resolution


def effects_text(effects: Iterable[Effect], *, several_forums: bool) -> str:
    """The effects on counts and statuses as plain text, a line each, for use outside of pages."""
    lines = []
    for effect in effects:
        if several_forums:
            lines.append(_("เวที %(year)s:") % {"year": shown_year(effect.forum.year_be)})
        lines.append(effect.achieved)
        lines += [f"{each.label} {each.before} → {each.after}" for each in effect.counts]
        for each in effect.moved:
            name = (
                item_name(each.what, several_forums=several_forums)
                if isinstance(each.what, Resolution)
                else each.what.shown_code(several_forums=several_forums)
            )
            was, now = (str(one.label) if one else "–" for one in (each.before, each.after))
            lines.append(f"{name}: {was} → {now}")
    return "\n".join(lines) or _("จำนวนนับและสถานะของทุกมาตรการย่อยคงเดิม")


def source_label(correction: SourceCorrection) -> str:
    """The Thai name of the field that a correction of a forum's texts changed."""
    models: dict[str, type[Model]] = {"-": Resolution, ".": Measure}
    kind = "." if "." in correction.about else "-" if "-" in correction.about else ""
    model = Forum if correction.name == "source_text" else models.get(kind, Forum)
    return str(model._meta.get_field(correction.name).verbose_name)  # type: ignore[union-attr]
