"""The verbs on an agency's link: issue, find, revoke, note its use."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, require
from followup.models import Agency, AgencyLink, LinkUse, Round, RoundState, User

#: How long after the due date a link goes on working, and how long it may at most.
LINK_AFTER_DUE = timedelta(days=14)
LINK_AT_MOST = timedelta(days=120)
#: Being looked at is noted once in this time.
OPENED_EVERY = timedelta(hours=1)


def _signer() -> Signer:
    return Signer(salt="followup.agency-link", sep=".")


def token_of(link: AgencyLink) -> str:
    """What stands in the link's address: its key, signed. Without SECRET_KEY no row gives it away."""
    return _signer().sign(link.key)


def find_link(token: str) -> AgencyLink | None:
    """The link of an address, if it opens anything now. Why it does not is nobody's business."""
    try:
        key = _signer().unsign(token)
    except BadSignature:
        return None
    link = AgencyLink.objects.select_related("round", "agency").filter(key=key).first()
    if link is None or not permissions.link_works(link):
        return None
    return link if permissions.reports_of(link).exists() else None


def default_expiry(round_: Round) -> date:
    """The last day of a new link: two weeks after reports are due, and never less than two weeks."""
    today = timezone.localdate()
    wanted = max(round_.due_on, today) + LINK_AFTER_DUE
    return min(wanted, today + LINK_AT_MOST)


@action
def issue_link(
    *,
    round_: Round,
    agency: Agency,
    by: User,
    expires_on: date | None = None,
    replaces: int | None = None,
) -> AgencyLink:
    """Give an agency an address for its reports of a round, good to the end of a day.

    There is one at a time: `replaces` is the key of the one that whoever issues has seen and wants
    revoked.
    """
    require(permissions.may_issue_links(by))
    if round_.state != RoundState.OPEN:
        raise Refused(_("ออกลิงก์ได้เฉพาะรอบที่เปิดรับรายงาน"))
    today = timezone.localdate()
    last_day = expires_on or default_expiry(round_)
    if last_day < today:
        raise Refused({"expires_on": _("วันหมดอายุต้องไม่ใช่วันที่ผ่านไปแล้ว")})
    if last_day > today + LINK_AT_MOST:
        raise Refused(
            {"expires_on": _("ลิงก์ใช้ได้ไม่เกิน %(days)d วันนับจากวันนี้") % {"days": LINK_AT_MOST.days}}
        )
    link = AgencyLink(
        round=round_,
        agency=agency,
        key=secrets.token_hex(16),
        issued_by=by,
        issued_at=timezone.now(),
        expires_at=_end_of(last_day),
    )
    if not permissions.reports_of(link).exists():
        raise Refused(_("หน่วยงานนี้ไม่มีรายการที่ต้องรายงานในรอบนี้"))
    for old in AgencyLink.objects.filter(round=round_, agency=agency, revoked_at=None):
        if old.pk != replaces and permissions.link_works(old):
            raise Refused(_second_message())
        revoke_link(link=old, by=by)
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError as error:  # somebody else issued one in this very moment
        raise Refused(_second_message()) from error
    return link


def _second_message() -> str:
    return _("หน่วยงานนี้มีลิงก์ที่ใช้ได้อยู่แล้ว เปิดหน้าใหม่เพื่อดูลิงก์ล่าสุดก่อนออกลิงก์แทน")


def _end_of(day: date) -> datetime:
    """The midnight that ends a day in Bangkok."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


@action
def revoke_link(*, link: AgencyLink, by: User) -> AgencyLink:
    """Let a link open nothing any more; to do it twice changes nothing."""
    require(permissions.may_issue_links(by))
    now = timezone.now()
    if AgencyLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now, revoked_by=by):
        link.revoked_at, link.revoked_by = now, by
    return link


@action
def note_opened(*, link: AgencyLink) -> None:
    """Note that a link was opened, at most once an hour."""
    lately = timezone.now() - OPENED_EVERY
    if not link.uses.filter(act=LinkUse.Act.OPENED, at__gt=lately).exists():
        LinkUse.objects.create(link=link, act=LinkUse.Act.OPENED)
