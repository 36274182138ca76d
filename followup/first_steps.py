"""What a new portal still lacks before its first year can run: counted, with where to do it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import permissions, roles
from followup.assigned import WAITING, answering, first_year_at_work, ongoing
from followup.confirmations import Confirmed
from followup.models import FocalPoint, Round, RoundState, User

#: Administrators that a portal needs, so that one can let the other in again.
ADMINISTRATORS = 2


@dataclass(frozen=True)
class Step:
    """One thing to set up: its words, how far it is, and the page where it is done."""

    label: str
    count: str
    is_done: bool
    url: str


def first_steps(user: User) -> list[Step]:
    """The steps that this person can do something about; none once every step of theirs is done.

    At most seven queries, none for somebody who may not work.
    """
    if not permissions.may_work(user):
        return []
    assignments, contacts = _of_assignments()
    steps = [contacts]
    if permissions.may_administer(user):
        steps = [*_of_administrators(), assignments, contacts]
    if permissions.may_run(user):
        steps.append(_round())
    return steps if not all(step.is_done for step in steps) else []


def _of_assignments() -> tuple[Step, Step]:
    """The assignments, and the contacts of who has one: as the list of assignments has them."""
    rows = ongoing(first_year_at_work())
    standing = Confirmed.counted(rows)
    agencies = answering(rows)
    reached = Exists(FocalPoint.objects.filter(agency=OuterRef("pk")))
    found = agencies.aggregate(all=Count("pk"), reached=Count("pk", filter=reached))
    return (
        Step(
            _("คสป. ยืนยันการมอบหมาย"),
            _("ยืนยันแล้ว %(n)d จาก %(total)d") % {"n": standing.confirmed, "total": standing.total},
            0 < standing.total == standing.confirmed,
            f"{reverse('staff-assignments')}?tab={WAITING}",
        ),
        Step(
            _("ผู้ประสานงานของหน่วยงาน"),
            _("มีแล้ว %(n)d จาก %(total)d หน่วยงาน") % {"n": found["reached"], "total": found["all"]},
            0 < found["all"] == found["reached"],
            f"{reverse('staff-agencies')}?state=no_contact",
        ),
    )


def _of_administrators() -> list[Step]:
    groups = User.objects.filter(is_active=True).values_list("pk", "is_superuser", "groups__name")
    members: dict[str, set[int]] = {}
    for pk, is_superuser, group in groups:
        members.setdefault(roles.ADMINISTRATOR if is_superuser else group or "", set()).add(pk)
        if group:
            members.setdefault(group, set()).add(pk)

    def size(group: str) -> int:
        return len(members.get(group, ()))

    people = reverse("admin:followup_user_changelist")
    staff, reviewers = size(roles.COMMITTEE_STAFF), size(roles.REVIEWER)
    contact = settings.DATA_CONTACT_EMAIL
    return [
        Step(
            _("บัญชีของเจ้าหน้าที่และผู้ตรวจ"),
            _("เจ้าหน้าที่ %(staff)d คน ผู้ตรวจ %(reviewers)d คน")
            % {"staff": staff, "reviewers": reviewers},
            staff > 0 and reviewers > 0,
            people,
        ),
        Step(
            _("ผู้ดูแลระบบอย่างน้อยสองคน"),
            _("มีแล้ว %(n)d คน") % {"n": size(roles.ADMINISTRATOR)},
            size(roles.ADMINISTRATOR) >= ADMINISTRATORS,
            people,
        ),
        Step(
            _("อีเมลติดต่อของสำนักงานที่หน้าเว็บแสดง"),
            contact or _("ยังไม่ได้ตั้งค่า DATA_CONTACT_EMAIL"),
            bool(contact),
            reverse("privacy"),
        ),
    ]


def _round() -> Step:
    opened = Round.objects.exclude(state=RoundState.PLANNED).filter(~Q(is_demo=True)).count()
    return Step(
        _("รอบติดตามรอบแรก"),
        _("เปิดแล้ว %(n)d รอบ") % {"n": opened},
        opened > 0,
        reverse("staff-rounds") if opened else reverse("staff-round-new"),
    )
