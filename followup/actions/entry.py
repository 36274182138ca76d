"""The verbs on a forum that is being entered: begin, save, remove, publish, open again."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import forum_file, forum_marks, permissions
from followup.actions.base import Conflict, Refused, action, require
from followup.actions.rounds import refresh_open_rounds
from followup.history import note_write
from followup.models import ForumDraft, RecordEntry, User
from forum_portal.compare_and_set import compare_and_set
from forum_portal.years import YEAR_MAX, YEAR_MIN
from proposals.models import Forum

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
