"""The verbs on an agency's link: issue, find, revoke, note its use."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, locked_round, require
from followup.append_only import open_door
from followup.history import note_write
from followup.models import Agency, AgencyLink, LinkUse, RecordEntry, Round, RoundState, User
from forum_portal import security_log
from forum_portal.compare_and_set import compare_and_set
from forum_portal.security_log import Event

#: How long a link works after the due date by default, and the longest allowed time.
LINK_AFTER_DUE = timedelta(days=14)
LINK_AT_MOST = timedelta(days=120)
#: Opening a link is recorded at most once in this time.
OPENED_EVERY = timedelta(hours=1)
#: Uses that one transaction erases.
ERASED_AT_ONCE = 500


def _signer() -> Signer:
    return Signer(salt="followup.agency-link", sep=".")


def token_of(link: AgencyLink) -> str:
    """The signed key in the link's address; it cannot be computed from the row without SECRET_KEY."""
    return _signer().sign(link.key)


def find_link(token: str) -> AgencyLink | None:
    """The link of an address if it works now, else None. The reason is not disclosed on purpose."""
    try:
        key = _signer().unsign(token)
    except BadSignature:
        return None
    link = AgencyLink.objects.select_related("round", "agency").filter(key=key).first()
    if link is None or not permissions.link_works(link):
        return None
    return link if permissions.reports_of(link).exists() else None


def signed_link(token: str) -> AgencyLink | None:
    """The link of an address that we signed, whether it works or not; for the security log only."""
    try:
        return AgencyLink.objects.filter(key=_signer().unsign(token)).first()
    except BadSignature:
        return None


def default_expiry(round_: Round) -> date:
    """The last day of a new link: LINK_AFTER_DUE after the due date or today, whichever is later.

    It is at most LINK_AT_MOST from today.
    """
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
    """Issue a link to an agency's reports of a round, valid to the end of a day in Bangkok.

    An agency has one valid link at a time: `replaces` is the key of the current link, which the issuer
    has seen and wants revoked. Raises `Refused`.
    """
    require(permissions.may_issue_links(by))
    round_ = locked_round(round_.pk)
    _require_open(round_)
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
    except IntegrityError as error:  # somebody else issued one at the same time
        raise Refused(_second_message()) from error
    security_log.after_commit(Event.LINK_ISSUED, user=by, about=link)
    note_write(RecordEntry.Act.ISSUED, AgencyLink, {link.pk: _about(link)})
    return link


@dataclass(frozen=True)
class Issued:
    """What came of issuing a link to one of many agencies: the link, or why there is none."""

    agency: Agency
    link: AgencyLink | None
    why: str = ""


@action
def issue_links(*, round_: Round, agencies: Sequence[Agency], by: User) -> list[Issued]:
    """Issue a link to each of these agencies that has none that works; the others keep theirs.

    One agency's refusal stops no other. Raises `Refused` if the round takes no reports.
    """
    require(permissions.may_issue_links(by))
    round_ = Round.objects.locked().get(pk=round_.pk)
    _require_open(round_)
    outcome = []
    for agency in agencies:
        try:
            outcome.append(Issued(agency, issue_link(round_=round_, agency=agency, by=by)))
        except Refused as refused:
            outcome.append(Issued(agency, None, str(refused)))
    return outcome


def _require_open(round_: Round) -> None:
    if round_.state != RoundState.OPEN:
        raise Refused(_("ออกลิงก์ได้เฉพาะรอบที่เปิดรับรายงาน"))


def _about(link: AgencyLink) -> dict[str, int]:
    return {"agency": link.agency_id, "round": link.round_id}


def _second_message() -> str:
    return _("หน่วยงานนี้มีลิงก์ที่ใช้ได้อยู่แล้ว เปิดหน้าใหม่เพื่อดูลิงก์ล่าสุดก่อนออกลิงก์แทน")


def _end_of(day: date) -> datetime:
    """The midnight that ends a day in Bangkok."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


@action
def revoke_link(*, link: AgencyLink, by: User, reason: str = "") -> AgencyLink:
    """Revoke a link, with the reason for its page. Idempotent: a second one changes nothing."""
    require(permissions.may_issue_links(by))
    done = {"revoked_at": timezone.now(), "revoked_by": by, "revoke_reason": reason}
    if compare_and_set(link, expected={"revoked_at": None}, **done):
        security_log.after_commit(Event.LINK_REVOKED, user=by, about=link)
        note_write(RecordEntry.Act.REVOKED, AgencyLink, {link.pk: _about(link)})
    return link


@action
def erase_uses(*, links: Collection[int]) -> int:
    """Erase the uses of these links (by key), up to ERASED_AT_ONCE rows; returns how many.

    What was written through a link is in the history of the reports and stays.
    """
    uses = LinkUse.objects.filter(link__in=links).order_by("pk")
    keys = list(uses.values_list("pk", flat=True)[:ERASED_AT_ONCE])
    if keys:
        with open_door(RecordEntry.Act.ERASED, subject=LinkUse._meta.label_lower):
            LinkUse.objects.filter(pk__in=keys).delete()
    return len(keys)


@action
def note_opened(*, link: AgencyLink, user: User | None = None) -> None:
    """Record that a link was opened, by `user` if somebody is signed in; at most once in OPENED_EVERY."""
    act = LinkUse.Act.PREVIEWED if user else LinkUse.Act.OPENED
    lately = timezone.now() - OPENED_EVERY
    if not link.uses.filter(act=act, user=user, at__gt=lately).exists():
        LinkUse.objects.create(link=link, act=act, user=user)
