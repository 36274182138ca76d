"""The verbs on groups of agencies: begin one, add members, end a membership."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from followup import permissions
from followup.actions.assignments import (
    NAMED_IN_A_REFUSAL,
    lock_rounds,
    refuse_own_answers,
)
from followup.actions.base import Refused, action, locked_as_seen, require
from followup.actions.rounds import refresh_open_rounds
from followup.history import note_write, of_this_batch
from followup.models import (
    Agency,
    AgencyKind,
    Assignment,
    GroupMember,
    RecordEntry,
    ReportState,
    StatusReport,
    User,
)
from forum_portal.years import YEAR_MAX, YEAR_MIN

#: What a person has seen of a membership.
MEMBER_FIELDS = ("valid_from", "valid_to")


@action
def begin_group(
    *,
    by: User,
    name_th: str,
    abbr_th: str,
    code: str,
    agencies: Sequence[Agency],
    first_year: int,
) -> Agency:
    """Make a group of agencies, each a member from a fiscal year (B.E.) on.

    Raises `Refused` for a name or code that another agency has, and for what `add_members` refuses.
    """
    require(permissions.may_administer(by))
    group = Agency(name_th=name_th, abbr_th=abbr_th, code=code, kind=AgencyKind.GROUP)
    try:
        group.full_clean()
    except ValidationError as error:
        raise Refused(
            {name: " ".join(messages) for name, messages in error.message_dict.items()}
        ) from error
    same = Agency.objects.filter(name_th=name_th).first()
    if same:
        raise Refused({"name_th": _("มีหน่วยงานชื่อนี้แล้ว รหัส %(code)s ตั้งชื่ออื่น") % {"code": same.code}})
    group.save()
    note_write(RecordEntry.Act.ADDED, Agency, {group.pk: {}})
    _join(by, group, agencies, first_year)
    return group


@action
def add_members(
    *, by: User, group: Agency, agencies: Sequence[Agency], first_year: int
) -> list[GroupMember]:
    """Add agencies to a group from a fiscal year (B.E.) on; open rounds expect their reports at once.

    Raises `Refused`, naming them, for agencies that are members in that time or that answer on their own
    for a measure of the group, for groups, and without any agency.
    """
    require(permissions.may_administer(by))
    lock_rounds()
    group = Agency.objects.select_for_update(no_key=True).get(pk=group.pk)
    return _join(by, group, agencies, first_year)


def _join(
    by: User, group: Agency, agencies: Sequence[Agency], first_year: int
) -> list[GroupMember]:
    if group.kind != AgencyKind.GROUP:
        raise Refused(_("%(agency)s ไม่ใช่กลุ่มหน่วยงาน") % {"agency": group.short})
    if not agencies:
        raise Refused({"agencies": _("ยังไม่ได้เลือกหน่วยงาน เลือกหรือวางชื่ออย่างน้อยหนึ่งหน่วยงาน")})
    if not YEAR_MIN <= first_year <= YEAR_MAX:
        raise Refused({"first_year": _("เลือกรอบแรกจากรายการ")})
    if nested := [each for each in agencies if each.is_group]:
        raise Refused(
            {"agencies": _("กลุ่มเป็นสมาชิกของกลุ่มอื่นไม่ได้: %(list)s") % {"list": names_of(nested)}}
        )
    later = Q(valid_to__isnull=True) | Q(valid_to__gte=first_year)
    already = GroupMember.objects.filter(later, group=group, agency__in=agencies)
    if already:
        members = [each.agency for each in already.select_related("agency")]
        raise Refused(
            {
                "agencies": _("อยู่ในกลุ่มนี้ในช่วงปีที่ทับซ้อนกันแล้ว: %(list)s เอาออกจากรายการ")
                % {"list": names_of(members)}
            }
        )
    measures = Assignment.objects.filter(later, agency=group).values("measure")
    refuse_own_answers("agencies", group, agencies, measures, first_year)
    rows = [
        GroupMember(group=group, agency=each, valid_from=first_year)
        for each in dict.fromkeys(agencies)
    ]
    made: list[GroupMember] = bulk_create_with_history(
        rows,
        GroupMember,
        default_user=by,
        default_change_reason="joined",
        custom_historical_attrs=of_this_batch(),
    )
    refresh_open_rounds()
    return made


@action
def leave_group(*, by: User, member: GroupMember, seen: str, last_year: int) -> GroupMember | None:
    """End a membership with a fiscal year (B.E.); a year before its first one undoes it: None.

    Open rounds after that year no longer expect the member's reports; what somebody has written stays.
    `seen`: the `version_of` MEMBER_FIELDS that the person has seen; another one raises `Conflict`. Raises
    `Refused` for a year before a report that the agency sent in as a member.
    """
    require(permissions.may_administer(by))
    lock_rounds()
    stored = locked_as_seen(member, MEMBER_FIELDS, seen)
    if not stored.valid_from - 1 <= last_year <= YEAR_MAX:
        raise Refused({"last_year": _("เลือกรอบสุดท้ายจากรายการ")})
    reported = last_year_of(stored)
    if reported and last_year < reported:
        raise Refused(
            {
                "last_year": _("หน่วยงานส่งรายงานรอบ %(year)s แล้ว เลือกปีสุดท้ายตั้งแต่ %(year)s")
                % {"year": reported}
            }
        )
    if last_year < stored.valid_from:
        stored._change_reason = "left"  # type: ignore[attr-defined]
        stored.delete()
        refresh_open_rounds()
        return None
    stored.valid_to = last_year
    stored._change_reason = "left"  # type: ignore[attr-defined]  # django-simple-history reads it
    stored.save()
    refresh_open_rounds()
    return stored


def last_year_of(member: GroupMember) -> int | None:
    """The latest fiscal year (B.E.) of which the agency sent a report in as a member, or None."""
    sent = StatusReport.objects.filter(
        assignment__agency=member.agency_id,
        assignment__of_group__agency=member.group_id,
        state__in=[ReportState.SUBMITTED, ReportState.APPROVED],
    )
    return (
        sent.order_by("-round__year_be")
        .values_list("round__year_be", flat=True)
        .filter(round__year_be__gte=member.valid_from)
        .first()
    )


def names_of(agencies: Sequence[Agency]) -> str:
    """The first few by their short names; the others are counted."""
    names = [each.short for each in agencies[:NAMED_IN_A_REFUSAL]]
    if more := len(agencies) - len(names):
        names.append(_("และอีก %(count)s หน่วยงาน") % {"count": more})
    return ", ".join(names)
