"""The verbs on a forum that is being entered: begin, save, remove, publish, open again, correct."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import forum_file, forum_marks, permissions
from followup.actions.base import Conflict, Refused, action, require
from followup.actions.rounds import refresh_open_rounds
from followup.history import note_write
from followup.models import ForumDraft, RecordEntry, SourceCorrection, User
from followup.source_words import is_inside_cluster
from forum_portal.compare_and_set import compare_and_set
from forum_portal.years import YEAR_MAX, YEAR_MIN
from proposals.models import Forum, Measure, Resolution

#: The longest short title of a measure that the pages take, in characters.
TITLE_LIMIT = 80
#: The longest source text, in characters.
SOURCE_LIMIT = 200_000


@action
def begin_forum(*, by: User, year: int) -> ForumDraft:
    """Begin the draft of a year's forum. Raises `Refused` if there is a forum or a draft of that year."""
    require(permissions.may_administer(by))
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise Refused(
            {
                "year": _("ปีต้องเป็น พ.ศ. ระหว่าง %(min)s ถึง %(max)s")
                % {"min": YEAR_MIN, "max": YEAR_MAX}
            }
        )
    if Forum.objects.filter(year_be=year).exists():
        raise Refused({"year": _("มีเวทีปี %(year)s อยู่แล้ว") % {"year": year}})
    already = {"year": _("มีร่างเวทีปี %(year)s อยู่แล้ว เปิดร่างจากรายการด้านล่าง") % {"year": year}}
    if ForumDraft.objects.filter(year_be=year).exists():
        raise Refused(already)
    try:
        with transaction.atomic():
            draft = ForumDraft.objects.create(
                year_be=year, content=forum_marks.empty(year), created_by=by
            )
    except IntegrityError as error:  # somebody else began it at the same time
        raise Refused(already) from error
    _note(RecordEntry.Act.ADDED, draft)
    return draft


@action
def save_forum(
    *,
    draft: ForumDraft,
    by: User,
    version: int,
    content: forum_file.Content,
    source: str | None = None,
    source_name: str = "",
) -> ForumDraft:
    """Store a draft's content, complete or not; with `source` its source text as well.

    Raises `Conflict` if somebody has saved the draft since this version, `Refused` if it was removed or
    published meanwhile.
    """
    require(permissions.may_administer(by))
    stored = _locked(draft, version)
    values: dict[str, Any] = {"content": content, "changed_at": timezone.now(), "changed_by": by}
    if source is not None:
        if len(source) > SOURCE_LIMIT:
            raise Refused({"source": source_too_long(len(source))})
        values |= {"source_text": source, "source_name": source_name[:200]}
    if not compare_and_set(
        stored,
        expected={"version": version, "published_at__isnull": True},
        version=version + 1,
        **values,
    ):
        raise Conflict(ForumDraft.objects.get(pk=draft.pk))
    _note(RecordEntry.Act.CHANGED, stored)
    return stored


def source_too_long(length: int) -> str:
    """The sentence for a source text over the limit."""
    return _("ข้อความยาว %(length)s อักขระ เกินกำหนด %(limit)s อักขระ นำส่วนที่ไม่ใช่ข้อเสนอออกแล้ววางใหม่") % {
        "length": f"{length:,}",
        "limit": f"{SOURCE_LIMIT:,}",
    }


@action
def remove_forum_draft(*, draft: ForumDraft, by: User, version: int) -> None:
    """Remove a draft. A forum that is published stays as it is. Raises `Conflict` and `Refused`."""
    require(permissions.may_administer(by))
    stored = _locked(draft, version)
    _note(RecordEntry.Act.REMOVED, stored)
    stored.delete()


@action
def publish_forum(*, draft: ForumDraft, by: User, version: int) -> Forum:
    """Make a draft a forum that everybody sees, or put its changes into the forum that it came from.

    Open rounds then expect its reports. Raises `Refused` for a draft with a fault, and for changes of a
    forum whose reports are expected meanwhile; `Conflict` if somebody has saved the draft since.
    """
    require(permissions.may_administer(by))
    stored = _locked(draft, version)
    content = forum_marks.to_file(stored.content)
    forum = Forum.objects.select_for_update(no_key=True).filter(year_be=stored.year_be).first()
    again = forum is not None and stored.content.get("stored") == forum.pk
    known = forum_file.Known.load()
    faults = forum_file.check(
        content, stored.source_text, known, again=again, title_limit=TITLE_LIMIT
    )
    if faults:
        raise Refused(
            _("ยังเผยแพร่ไม่ได้ ต้องแก้ %(count)s จุด ดูที่ขั้นตรวจความครบถ้วน") % {"count": len(faults)}
        )
    if not compare_and_set(
        stored,
        expected={"version": version, "published_at__isnull": True},
        version=version + 1,
        published_at=timezone.now(),
    ):
        raise Conflict(ForumDraft.objects.get(pk=draft.pk))
    if again and forum is not None:
        if sentence := settled_message(forum):
            raise Refused(sentence)
        forum_file.replace(
            forum, stored.content, forum_marks.without_places(content), stored.source_text, known
        )
        note_write(RecordEntry.Act.CHANGED, Forum, {forum.pk: {"forum_year": forum.year_be}})
    else:
        try:
            with transaction.atomic():
                forum = forum_file.store(
                    forum_marks.without_places(content), stored.source_text, known
                )
        except IntegrityError as error:  # it was loaded from a file at the same time
            raise Refused(_("มีเวทีปี %(year)s อยู่แล้ว") % {"year": stored.year_be}) from error
        note_write(RecordEntry.Act.ADDED, Forum, {forum.pk: {"forum_year": forum.year_be}})
    refresh_open_rounds()
    return forum


@action
def reopen_forum(*, forum: Forum, by: User) -> ForumDraft:
    """Open the draft of a published forum again, with what is stored; an open one stays as it is.

    Raises `Refused` once a round expects reports of it: then its texts change by a correction only.
    """
    require(permissions.may_administer(by))
    forum = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    if sentence := settled_message(forum):
        raise Refused(sentence)
    draft, made = ForumDraft.objects.get_or_create(
        year_be=forum.year_be, defaults={"created_by": by, "published_at": timezone.now()}
    )
    draft = ForumDraft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if draft.published_at is None:
        return draft
    file = forum_file.export(forum)
    content = forum_marks.from_file(file, forum.source_text)
    content["stored"] = forum.pk
    forum_file.remember_keys(forum, content)
    compare_and_set(
        draft,
        expected={"version": draft.version},
        version=draft.version + 1,
        content=content,
        source_text=forum.source_text,
        source_name=forum.source_file,
        published_at=None,
        changed_at=timezone.now(),
        changed_by=by,
    )
    _note(RecordEntry.Act.ADDED if made else RecordEntry.Act.CHANGED, draft)
    return draft


#: What a correction may change besides the source document: the titles and the facts that are words.
_CORRECTED = {
    Forum: ("name_th", "short_name_th", "theme_th", "organiser_th", "objective_th", "name_en"),
    Resolution: ("title_th", "title_en"),
    Measure: ("title_th", "title_en", "suggested_evidence_th"),
}
SOURCE_TEXT = "source_text"


def correctable(forum: Forum) -> dict[str, tuple[Model, str]]:
    """What a correction may change: name of a form's choice -> row and field. Three queries.

    `source_text` is the source document itself, with the proposals and measures that are parts of it.
    """
    resolutions = list(forum.resolutions.order_by("number"))
    measures = Measure.objects.filter(resolution__forum=forum).order_by(
        "resolution__number", "number"
    )
    rows: list[tuple[str, Model]] = [(str(forum.year_be), forum)]
    rows += [(each.full_code, each) for each in resolutions]
    rows += [(each.full_code, each) for each in measures]
    found: dict[str, tuple[Model, str]] = {SOURCE_TEXT: (forum, SOURCE_TEXT)}
    for about, row in rows:
        found |= {f"{about}:{name}": (row, name) for name in _CORRECTED[type(row)]}
    return found


@action
def correct_forum(
    *, forum: Forum, by: User, target: str, old: str, new: str, reason: str
) -> SourceCorrection:
    """Correct words of a forum whose texts are settled, with a public reason; `/corrections/` tells it.

    `target` is a key of `correctable`. In the source document `old` is replaced where it stands, once;
    elsewhere `old` is the whole text that the person has seen. Published editions stay as they are.
    Raises `Refused`: {field: sentence}.
    """
    require(permissions.may_administer(by))
    forum = Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    if not permissions.texts_are_settled(forum):
        raise Refused(_("ยังไม่มีรอบที่ต้องรายงานผลของเวทีนี้ แก้ข้อความในร่างได้โดยไม่ต้องแจ้งการแก้ไข"))
    wrong = {}
    if not reason.strip():
        wrong["reason"] = _("ระบุเหตุผล ซึ่งจะแสดงต่อสาธารณะ")
    if not new.strip():
        wrong["new"] = _("ระบุข้อความที่ถูกต้อง")
    choices = correctable(forum)
    if target not in choices:
        wrong["target"] = _("เลือกสิ่งที่จะแก้จากรายการ")
    elif old == new:
        wrong["new"] = _("ข้อความใหม่เหมือนเดิม ไม่มีอะไรต้องแก้")
    if wrong:
        raise Refused(wrong)
    row, name = choices[target]
    if name == SOURCE_TEXT:
        about = _correct_source(forum, old, new)
    else:
        about = target.partition(":")[0]
        field: Any = row._meta.get_field(name)
        if getattr(row, name) != old:
            raise Refused(
                {"old": _("ข้อความเดิมเปลี่ยนไปแล้ว ขณะนี้คือ “%(text)s”") % {"text": getattr(row, name)}}
            )
        if field.max_length and len(new) > field.max_length:
            raise Refused(
                {
                    "new": _("ยาว %(length)s อักขระ เกินกำหนด %(limit)s อักขระ ตัดให้สั้นลง")
                    % {"length": len(new), "limit": field.max_length}
                }
            )
        setattr(row, name, new)
        row.save(update_fields=[name])
    made = SourceCorrection.objects.create(
        forum=forum, about=about, name=name, before=old, after=new, reason=reason, made_by=by
    )
    note_write(RecordEntry.Act.CHANGED, Forum, {forum.pk: {"forum_year": forum.year_be}})
    return made


def _correct_source(forum: Forum, old: str, new: str) -> str:
    """Replace words of the source document, and of what is a part of it; returns what they belong to.

    Raises `Refused` for words that stand nowhere or more than once, or across the edge of a mark.
    """
    source = forum.source_text
    places = source.count(old) if old.strip() else 0
    if not places:
        raise Refused({"old": forum_file.not_in_source(source, old)})
    if places > 1:
        raise Refused(
            {
                "old": _("คำนี้มี %(count)s แห่งในต้นฉบับ พิมพ์ให้ยาวขึ้นจนเหลือแห่งเดียว ทั้งคำเดิมและคำใหม่")
                % {"count": places}
            }
        )
    start = source.index(old)
    end, more = start + len(old), len(new) - len(old)
    about = str(forum.year_be)
    for resolution in forum.resolutions.prefetch_related("measures"):
        at = source.index(resolution.text)
        last = at + len(resolution.text)
        if end <= at or last <= start:
            continue
        if not (at <= start and end <= last):
            raise Refused({"old": _across(resolution.full_code)})
        about = resolution.full_code
        resolution.text = resolution.text[: start - at] + new + resolution.text[end - at :]
        for measure in resolution.measures.all():
            first, until = at + measure.start, at + measure.end
            if end <= first:
                measure.start, measure.end = measure.start + more, measure.end + more
            elif first <= start and end <= until:
                measure.end += more
                about = measure.full_code
            elif start < until:
                raise Refused({"old": _across(measure.full_code)})
            if is_inside_cluster(resolution.text, measure.start) or is_inside_cluster(
                resolution.text, measure.end
            ):
                raise Refused({"new": _across(measure.full_code)})
            measure.save(update_fields=["start", "end"])
        resolution.save(update_fields=["text"])
    forum.source_text = source[:start] + new + source[end:]
    forum.save(update_fields=["source_text"])
    return about


def _across(code: str) -> str:
    return _("คำนี้คร่อมขอบของ %(code)s แก้ทีละส่วน คือส่วนในข้อกับส่วนนอกข้อ") % {"code": code}


def settled_message(forum: Forum) -> str:
    """Why a forum's texts no longer change in its draft; "" while they may."""
    if not permissions.texts_are_settled(forum):
        return ""
    return _("มีรอบที่ต้องรายงานผลของเวที %(year)s แล้ว ข้อความจึงแก้ในร่างไม่ได้") % {"year": forum.year_be}


def _locked(draft: ForumDraft, version: int) -> ForumDraft:
    """The stored draft, locked, if it still is the version that the person has seen."""
    stored = ForumDraft.objects.select_for_update(no_key=True).filter(pk=draft.pk).first()
    if stored is None:
        raise Refused(_("ร่างนี้มีผู้ลบไปแล้ว คัดลอกข้อความที่ต้องการเก็บไว้ แล้วเปิดหน้าใหม่"))
    if stored.published_at is not None:
        raise Refused(_("ร่างนี้เผยแพร่แล้ว คัดลอกข้อความที่ต้องการเก็บไว้ แล้วเปิดหน้าใหม่"))
    if stored.version != version:
        raise Conflict(stored)
    return stored


def _note(act: RecordEntry.Act, draft: ForumDraft) -> None:
    note_write(act, ForumDraft, {draft.pk: {"forum_year": draft.year_be}})
