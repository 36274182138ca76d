"""The verbs on people: an agency's focal points, its caretaker, a lost second factor, an erasure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.accounts import encrypted_anew
from followup.actions.base import Refused, action, locked_as_seen, require
from followup.append_only import open_door
from followup.history import gone_user, note_write
from followup.models import (
    Agency,
    Digest,
    FocalPoint,
    RecordEntry,
    SpreadsheetImport,
    StatusReport,
    User,
)
from forum_portal import security_log
from forum_portal.security_log import Event

_Act = RecordEntry.Act

FOCAL_POINT_FIELDS = ("name", "position", "email", "phone", "is_main")


@action
def save_focal_point(
    *,
    by: User,
    agency: Agency,
    fields: Mapping[str, Any],
    focal_point: FocalPoint | None = None,
    seen: str = "",
) -> FocalPoint:
    """Save a focal point. A new main one replaces the old one, who becomes an alternate.

    `seen`: the `version_of` FOCAL_POINT_FIELDS of the stored one that the person has seen; another one
    raises `Conflict`. Raises `Refused` without a name, or without both e-mail and telephone.
    """
    require(permissions.may_work(by))
    if not fields["name"]:
        raise Refused({"name": _("ระบุชื่อผู้ประสานงาน")})
    if not (fields["email"] or fields["phone"]):
        raise Refused({"email": _("ระบุอีเมลหรือโทรศัพท์อย่างน้อยหนึ่งอย่าง")})
    # Lock the agency, so that two people who set a main one at the same time do not collide.
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    person = (
        locked_as_seen(focal_point, FOCAL_POINT_FIELDS, seen)
        if focal_point
        else FocalPoint(agency=agency)
    )
    changed = [name for name in FOCAL_POINT_FIELDS if getattr(person, name) != fields[name]]
    is_new = person.pk is None
    for name in FOCAL_POINT_FIELDS:
        setattr(person, name, fields[name])
    if person.is_main:
        former = agency.focal_points.filter(is_main=True).exclude(pk=person.pk)
        about = {"agency": agency.pk, "fields": ["is_main"]}
        note_write(
            _Act.CHANGED, FocalPoint, dict.fromkeys(former.values_list("pk", flat=True), about)
        )
        former.update(is_main=False)
    person.save()
    note_write(
        _Act.ADDED if is_new else _Act.CHANGED,
        FocalPoint,
        {person.pk: {"agency": agency.pk} | ({} if is_new else {"fields": changed})},
    )
    return person


@action
def remove_focal_point(*, by: User, focal_point: FocalPoint, seen: str) -> None:
    """Delete a focal point: it is personal data and has no history. `seen`: see `save_focal_point`.

    The record keeps that it was removed, without its content.
    """
    require(permissions.may_work(by))
    _forget_contact(by, locked_as_seen(focal_point, FOCAL_POINT_FIELDS, seen))


@action
def purge_focal_point(*, focal_point: FocalPoint) -> None:
    """Delete a focal point whose agency has ended: as `remove_focal_point`, by nobody."""
    person = FocalPoint.objects.select_for_update(no_key=True).filter(pk=focal_point.pk).first()
    if person is not None:
        _forget_contact(None, person)


def _forget_contact(by: User | None, person: FocalPoint) -> None:
    """Delete a contact, and its name from entries that the admin's log had before it left names out."""
    note_write(_Act.REMOVED, FocalPoint, {person.pk: {"agency": person.agency_id}})
    named = _renamed(person) + _inlines_renamed(person.agency_id)
    if named:
        with open_door(_Act.ERASED, by=by, subject=f"{person._meta.label_lower}:{person.pk}"):
            LogEntry.objects.bulk_update(named, ["object_repr", "change_message"])
    person.delete()


@action
def hand_over(
    *, by: User, agencies: Collection[int], from_: User | None, to: User
) -> QuerySet[Agency]:
    """Give agencies (by key) of one caretaker, or without one, to another member of the secretariat.

    Raises `Refused` if the receiver is not active staff, or an agency's caretaker has changed since.
    """
    require(permissions.may_work(by))
    if not agencies:
        raise Refused({"agencies": _("เลือกอย่างน้อยหนึ่งหน่วยงาน")})
    if to == from_:
        raise Refused({"to": _("เลือกผู้รับงานที่ไม่ใช่ผู้ส่งต่อ")})
    if not permissions.may_work(to):
        raise Refused({"to": _("ผู้รับงานต้องเป็นเจ้าหน้าที่ที่ใช้งานระบบอยู่")})
    chosen = Agency.objects.filter(pk__in=agencies)
    if chosen.select_for_update().filter(caretaker=from_).count() != len(set(agencies)):
        raise Refused(_("หน่วยงานบางแห่งเปลี่ยนผู้ดูแลไปแล้ว เปิดหน้าใหม่เพื่อดูผู้ดูแลล่าสุด"))
    chosen.update(caretaker=to)
    security_log.after_commit(Event.HANDED_OVER, user=by, about=to)
    about = {"from": from_.pk if from_ else None, "to": to.pk}
    note_write(_Act.HANDED_OVER, Agency, dict.fromkeys(sorted(set(agencies)), about))
    # By keys: the log is not changed when a person's name is, or is erased.
    old, new = (_("รหัส %(key)s") % {"key": who.pk} if who else "–" for who in (from_, to))
    note(by, chosen, _("ผู้ดูแล: จาก %(old)s เป็น %(new)s") % {"old": old, "new": new})
    return chosen


@action
def reset_second_factor(*, by: User, user: User) -> None:
    """Remove somebody's second factor, for example after a lost phone; they then enrol again.

    Raises `Refused` for one's own, and for an account that only a superuser may change.
    """
    require(permissions.may_administer(by))
    if user.is_superuser and not by.is_superuser:
        raise Refused(_("บัญชีนี้ให้ผู้ดูแลระดับสูงสุดเป็นผู้ล้าง"))
    if by == user:
        raise Refused(_("ล้างของตนเองไม่ได้ ใช้หน้า “บัญชีของฉัน” หรือขอให้ผู้ดูแลระบบคนอื่นทำให้"))
    Authenticator.objects.filter(user=user).delete()
    security_log.after_commit(Event.SECOND_FACTOR_RESET, user=by, about=user)
    note_write(_Act.FACTOR_RESET, User, {user.pk: {}})
    note(by, User.objects.filter(pk=user.pk), _("ล้างการยืนยันตัวตนสองขั้น"))


@action
def erase_person(*, by: User | None, user: User) -> None:
    """Erase a person from the portal: the account's row stays, for all that it did, and has no name.

    `by` is an administrator, or None at the end of the time for which inactive accounts are kept. Texts
    that people typed stay as they are. Raises `Refused` for oneself, for an account that only a superuser
    may change, without `by` for an active one, and if it is done already.
    """
    # Both rows, in one order: of two administrators who erase each other the second one has lost the
    # right, so that the last administrator is never erased.
    keys = {user.pk, by.pk if by else user.pk}
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    stored = {row.pk: row for row in rows}
    require(by is None or (by.pk in stored and permissions.may_administer(stored[by.pk])))
    person = stored.get(user.pk)
    if person is None or person.erased_at:
        raise Refused(_("ข้อมูลของบัญชีนี้ถูกลบไปแล้ว"))
    if person == by:
        raise Refused(_("ลบข้อมูลของตนเองไม่ได้ ขอให้ผู้ดูแลระบบคนอื่นทำให้"))
    if person.is_superuser and by is not None and not by.is_superuser:
        raise Refused(_("บัญชีนี้ให้ผู้ดูแลระดับสูงสุดเป็นผู้ลบ"))
    if by is None and person.is_active:
        raise Refused(_("บัญชีนี้ยังใช้งานอยู่"))
    subject = f"{person._meta.label_lower}:{person.pk}"
    with open_door(_Act.ERASED, by=by, subject=subject):
        LogEntry.objects.bulk_update(
            _renamed(person) + _hand_overs_renamed(person), ["object_repr", "change_message"]
        )
    _forget_in_imports(person)
    _forget_access(person)
    looked_after = Agency.objects.filter(caretaker=person)
    about = {"from": person.pk, "to": None}
    note_write(
        _Act.HANDED_OVER, Agency, dict.fromkeys(looked_after.values_list("pk", flat=True), about)
    )
    looked_after.update(caretaker=None)
    now = timezone.now()
    User.objects.filter(pk=person.pk).update(
        username=f"erased:{person.pk}",  # with a sign that nobody's name may have
        display_name=gone_user(person.pk),
        first_name="",
        last_name="",
        email="",
        password=make_password(None),
        last_login=None,
        is_active=False,
        is_staff=False,
        is_superuser=False,
        must_change_password=False,
        inactive_since=person.inactive_since or now,
        erased_at=now,
    )
    security_log.after_commit(Event.USER_ERASED, user=by, about=person)


def _forget_access(person: User) -> None:
    """Remove what a person signs in with, where they are signed in, and what they were sent."""
    for session in Session.objects.iterator(chunk_size=500):
        if _tells(session.get_decoded(), person):
            session.delete()
    Authenticator.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    Digest.objects.filter(user=person).delete()
    person.groups.clear()
    person.user_permissions.clear()


def _tells(data: Any, person: User) -> bool:
    """Whether a session is this person's, or has their name: of a login, finished or not."""
    if isinstance(data, list | tuple):
        return any(_tells(each, person) for each in data)
    if not isinstance(data, Mapping):
        return False
    own = {
        "_auth_user_id": str(person.pk),
        "user_pk": str(person.pk),
        "username": person.username,
        "email": person.email or None,
    }
    return any(
        (name in own and str(value) == own[name]) or _tells(value, person)
        for name, value in data.items()
    )


def _forget_in_imports(person: User) -> None:
    """Remove a name from what imports tell of reports that this person had saved meanwhile."""
    name, gone = str(person), gone_user(person.pk)
    told = SpreadsheetImport.objects.select_for_update(no_key=True)
    for record in told.exclude(set_aside=[], failure=""):
        reports = {each["report"] for each in record.set_aside}
        # Also under a name that the person had at that time.
        wrote = {
            (pk, at.isoformat())
            for pk, at in StatusReport.history.filter(
                history_user=person, id__in=reports
            ).values_list("id", "updated_at")
        }
        names = {name} | {
            each["by"] for each in record.set_aside if (each["report"], each["at"]) in wrote
        }
        aside = [each | {"by": gone} if each["by"] in names else each for each in record.set_aside]
        failure = record.failure
        for each in names:
            by = _("บันทึกโดย %(by)s")
            failure = failure.replace(f"({each})", f"({gone})")
            failure = failure.replace(f"({by % {'by': each}})", f"({by % {'by': gone}})")
        if (aside, failure) != (record.set_aside, record.failure):
            SpreadsheetImport.objects.filter(pk=record.pk).update(set_aside=aside, failure=failure)


def _renamed(row: Model) -> list[LogEntry]:
    """The entries of the admin's log on a person, without their name; they are not saved yet."""
    nameless = f"{row._meta.verbose_name} {row.pk}"
    of_type = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type=of_type, object_id=str(row.pk))
    named = list(entries.exclude(object_repr=nameless))
    for entry in named:
        entry.object_repr = nameless
    return named


def _hand_overs_renamed(person: User) -> list[LogEntry]:
    """The entries of hand-overs from the time when they told names; they are not saved yet."""
    words = _("ผู้ดูแล: จาก %(old)s เป็น %(new)s")
    first, between, last = words.replace("%(new)s", "%(old)s").split("%(old)s")
    key, name = _("รหัส %(key)s") % {"key": person.pk}, str(person)
    of_type = ContentType.objects.get_for_model(Agency)
    named = []
    for entry in LogEntry.objects.filter(content_type=of_type, change_message__startswith=first):
        said = entry.change_message
        said = said.replace(f"{first}{name}{between}", f"{first}{key}{between}")
        if said.endswith(f"{between}{name}{last}"):
            said = said.removesuffix(f"{name}{last}") + key + last
        if said != entry.change_message:
            entry.change_message = said
            named.append(entry)
    return named


def _inlines_renamed(agency: int) -> list[LogEntry]:
    """The entries on an agency that name its contacts, from the time when they did."""
    contact = str(FocalPoint._meta.verbose_name)
    of_type = ContentType.objects.get_for_model(Agency)
    named = []
    entries = LogEntry.objects.filter(content_type=of_type, object_id=str(agency))
    for entry in entries.filter(change_message__startswith="["):
        try:
            parts = json.loads(entry.change_message)
        except ValueError:  # words that only look like it
            continue
        details = [
            detail
            for part in parts
            if isinstance(part, dict)
            for detail in part.values()
            if isinstance(detail, dict) and detail.get("name") == contact
        ]
        if any(detail.get("object") != "…" for detail in details):
            for detail in details:
                detail["object"] = "…"
            entry.change_message = json.dumps(parts)
            named.append(entry)
    return named


def note(by: User, rows: QuerySet[Any], words: str) -> None:
    """Write an entry to the rows' admin log, which the admin shows as their history."""
    LogEntry.objects.log_actions(by.pk, rows, CHANGE, change_message=words)


class Sealed(Refused):
    """Secrets of `users` (by key) open with none of the keys."""

    def __init__(self, users: Collection[int]) -> None:
        self.users = ", ".join(str(each) for each in sorted({*users}))
        super().__init__(_("กุญแจที่มีเปิดความลับของบัญชีรหัส %(users)s ไม่ได้") % {"users": self.users})


@action
def encrypt_second_factors_anew() -> tuple[int, int]:
    """Encrypt every phone's and recovery codes' secret with the current SECRET_KEY.

    Returns how many rows were, and how many were so already. If it raises `Sealed`, nothing is changed.
    """
    changed, same, closed = [], 0, []
    for row in Authenticator.objects.select_for_update(no_key=True).order_by("pk"):
        try:
            data = encrypted_anew(row.data)
        except InvalidToken:
            closed.append(row.user_id)
            continue
        if data == row.data:
            same += 1
            continue
        row.data = data
        changed.append(row)
    if closed:
        raise Sealed(closed)
    Authenticator.objects.bulk_update(changed, ["data"], batch_size=500)
    note_write(_Act.CHANGED, Authenticator, {row.pk: {"fields": ["data"]} for row in changed})
    return len(changed), same
