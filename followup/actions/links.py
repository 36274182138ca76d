"""The verbs on signed links: issue, find, revoke, note the use of an agency's.

An agency's and an organisation's link share everything but their holder: see `SignedLink`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import Refused, action, locked_round, require
from followup.append_only import open_door
from followup.history import note_write
from followup.models import (
    Agency,
    AgencyLink,
    AssessorLink,
    LinkUse,
    Organisation,
    RecordEntry,
    Round,
    RoundState,
    SignedLink,
    User,
)
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


L = TypeVar("L", bound=SignedLink)

#: The salt of each kind of link: a signature for one kind opens no other.
_SALTS: dict[type[SignedLink], str] = {
    AgencyLink: "followup.agency-link",
    AssessorLink: "followup.assessor-link",
}


def _signer(kind: type[SignedLink]) -> Signer:
    return Signer(salt=_SALTS[kind], sep=".")


def token_of(link: SignedLink) -> str:
    """The signed key in the link's address; it cannot be computed from the row without SECRET_KEY."""
    return _signer(type(link)).sign(link.key)


def _stored(kind: type[L], token: str, *related: str) -> L | None:
    """The link of this kind whose address we signed, whether it works or not."""
    try:
        key = _signer(kind).unsign(token)
    except BadSignature:
        return None
    found: L | None = kind._default_manager.select_related(*related).filter(key=key).first()
    return found


def find_link(token: str) -> AgencyLink | None:
    """The link of an address if it works now, else None. The reason is not disclosed on purpose."""
    link = _stored(AgencyLink, token, "round", "agency")
    if link is None or not permissions.link_works(link):
        return None
    return link if permissions.reports_of(link).exists() else None


def find_assessor_link(token: str) -> AssessorLink | None:
    """`find_link` of an organisation that assesses."""
    link = _stored(AssessorLink, token, "round", "organisation")
    return link if link is not None and permissions.assessor_link_works(link) else None


def signed_link(token: str, kind: type[SignedLink] = AgencyLink) -> SignedLink | None:
    """The link of an address that we signed, whether it works or not; for the security log only."""
    return _stored(kind, token)


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
    link = AgencyLink(round=round_, agency=agency, **_new(round_, by, expires_on))
    if not permissions.reports_of(link).exists():
        raise Refused(_("หน่วยงานนี้ไม่มีรายการที่ต้องรายงานในรอบนี้"))
    held = AgencyLink.objects.filter(round=round_, agency=agency, revoked_at=None)
    return _kept(link, held, by=by, replaces=replaces, second=_second_message())


@action
def issue_assessor_link(
    *,
    round_: Round,
    organisation: Organisation,
    by: User,
    expires_on: date | None = None,
    replaces: int | None = None,
) -> AssessorLink:
    """Issue a link with which an organisation assesses measures in a round, until it is published.

    `expires_on` and `replaces`: see `issue_link`. Raises `Refused`.
    """
    require(permissions.may_keep_organisations(by))
    round_ = locked_round(round_.pk)
    if not permissions.takes_assessments(round_):
        raise Refused(_("เชิญประเมินได้เฉพาะรอบที่เปิดแล้วและยังไม่เผยแพร่"))
    stored = Organisation.objects.select_for_update().filter(pk=organisation.pk).first()
    if stored is None or not stored.is_active:
        raise Refused(_("องค์กรนี้สิ้นสุดการเป็นผู้ประเมินแล้ว จึงออกลิงก์ให้ไม่ได้"))
    link = AssessorLink(round=round_, organisation=stored, **_new(round_, by, expires_on))
    held = AssessorLink.objects.filter(round=round_, organisation=stored, revoked_at=None)
    second = _("องค์กรนี้มีลิงก์ที่ใช้ได้อยู่แล้ว เปิดหน้าใหม่เพื่อดูลิงก์ล่าสุดก่อนออกลิงก์แทน")
    return _kept(link, held, by=by, replaces=replaces, second=second)


def _new(round_: Round, by: User, expires_on: date | None) -> dict[str, Any]:
    """The columns of a new link of any kind. Raises `Refused` for a day on which none may end."""
    today = timezone.localdate()
    last_day = expires_on or default_expiry(round_)
    if last_day < today:
        raise Refused({"expires_on": _("วันหมดอายุต้องไม่ใช่วันที่ผ่านไปแล้ว")})
    if last_day > today + LINK_AT_MOST:
        raise Refused(
            {"expires_on": _("ลิงก์ใช้ได้ไม่เกิน %(days)d วันนับจากวันนี้") % {"days": LINK_AT_MOST.days}}
        )
    return {
        "key": secrets.token_hex(16),
        "issued_by": by,
        "issued_at": timezone.now(),
        "expires_at": _end_of(last_day),
    }


def _kept(link: L, held: QuerySet[L], *, by: User, replaces: int | None, second: str) -> L:
    """Store a link, and revoke those that its holder has; `second` refuses one that nobody has seen."""
    for old in held:
        if old.pk != replaces and permissions.link_works(old):
            raise Refused(second)
        revoke_link(link=old, by=by)
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError as error:  # somebody else issued one at the same time
        raise Refused(second) from error
    security_log.after_commit(Event.LINK_ISSUED, user=by, about=link)
    note_write(RecordEntry.Act.ISSUED, type(link), {link.pk: link.about})
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


def _second_message() -> str:
    return _("หน่วยงานนี้มีลิงก์ที่ใช้ได้อยู่แล้ว เปิดหน้าใหม่เพื่อดูลิงก์ล่าสุดก่อนออกลิงก์แทน")


def _end_of(day: date) -> datetime:
    """The midnight that ends a day in Bangkok."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


@action
def revoke_link(*, link: L, by: User, reason: str = "") -> L:
    """Revoke a link, with the reason for its page. Idempotent: a second one changes nothing."""
    require(permissions.may_issue_links(by))
    done = {"revoked_at": timezone.now(), "revoked_by": by, "revoke_reason": reason}
    if compare_and_set(link, expected={"revoked_at": None}, **done):
        security_log.after_commit(Event.LINK_REVOKED, user=by, about=link)
        note_write(RecordEntry.Act.REVOKED, type(link), {link.pk: link.about})
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
