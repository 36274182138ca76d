"""The verbs on people: an agency's focal points, its caretaker, a lost second factor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, locked_as_seen, require
from followup.history import note_write
from followup.models import Agency, FocalPoint, RecordEntry, User
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
    person = locked_as_seen(focal_point, FOCAL_POINT_FIELDS, seen)
    note_write(_Act.REMOVED, FocalPoint, {person.pk: {"agency": person.agency_id}})
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
    note(by, chosen, _("ผู้ดูแล: จาก %(old)s เป็น %(new)s") % {"old": from_ or "–", "new": to})
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


def note(by: User, rows: QuerySet[Any], words: str) -> None:
    """Write an entry to the rows' admin log, which the admin shows as their history."""
    LogEntry.objects.log_actions(by.pk, rows, CHANGE, change_message=words)
