"""The verbs on assignments: confirm them by a meeting, withdraw that, change a role, end one, add one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from followup import permissions
from followup.actions.base import Refused, action, locked_as_seen, require
from followup.actions.members import follow_groups
from followup.actions.rounds import refresh_open_rounds
from followup.history import of_this_batch
from followup.models import (
    Agency,
    Assignment,
    Basis,
    GroupMember,
    ReportState,
    Role,
    Round,
    StatusReport,
    User,
    future_meeting,
)
from forum_portal.stored_version import version_of
from forum_portal.years import YEAR_MAX, YEAR_MIN
from proposals.models import Measure

#: What a person has seen of an assignment: its version is the digest of these.
ASSIGNMENT_FIELDS = ("role", "basis", "valid_from", "valid_to", "confirmed_ref", "confirmed_on")
NAMED_IN_A_REFUSAL = 5  # more are counted
BATCH = 500  # rows a statement
MEETING_LIMIT = Assignment._meta.get_field("confirmed_ref").max_length or 0


def wrong_with_confirmation(
    *, count: int, meeting_ref: str, meeting_on: date | None
) -> dict[str, str]:
    """Field -> sentence, for everything that keeps `count` assignments from being confirmed.

    The fields are `tick`, `meeting_ref` and `meeting_on`, as the form has them.
    """
    wrong = {}
    if not count:
        wrong["tick"] = _("ยังไม่ได้เลือกรายการ เลือกอย่างน้อยหนึ่งรายการที่ คสป. ยืนยัน")
    if not meeting_ref:
        wrong["meeting_ref"] = _("ระบุครั้งที่ประชุมของ คสป. เช่น 3/2569")
    elif len(meeting_ref) > MEETING_LIMIT:
        wrong["meeting_ref"] = _("ครั้งที่ยาวเกิน %(limit)s อักขระ ระบุเฉพาะครั้งที่ เช่น 3/2569") % {
            "limit": MEETING_LIMIT
        }
    if meeting_on is None:
        wrong["meeting_on"] = _("ระบุวันที่ประชุมของ คสป. เช่น 12/10/2569")
    elif meeting_on > timezone.localdate():
        wrong["meeting_on"] = future_meeting(meeting_on)
    return wrong


@action
def confirm_assignments(
    *, by: User, assignments: Sequence[tuple[int, str]], meeting_ref: str, meeting_on: date | None
) -> int:
    """Confirm assignments by a meeting of the committee; returns how many.

    `assignments` are (key, `version_of` ASSIGNMENT_FIELDS that the person has seen). All or none: raises
    `Refused` with what `wrong_with_confirmation` says, and with the names of those that somebody else
    has changed or confirmed meanwhile.
    """
    require(permissions.may_administer(by))
    seen = dict(assignments)
    wrong = wrong_with_confirmation(count=len(seen), meeting_ref=meeting_ref, meeting_on=meeting_on)
    if wrong:
        raise Refused(wrong)
    rows = list(
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .as_given()
        .filter(pk__in=seen)
        .order_by("pk")
        .select_related("measure__resolution__forum", "agency")
    )
    changed = [
        row
        for row in rows
        if row.is_confirmed or version_of(row, ASSIGNMENT_FIELDS) != seen[row.pk]
    ]
    if changed or len(rows) < len(seen):
        raise Refused({"tick": changed_message(changed)})
    for row in rows:
        row.basis = Basis.CONFIRMED
        row.confirmed_ref, row.confirmed_on = meeting_ref, meeting_on
    bulk_update_with_history(
        rows,
        Assignment,
        ["basis", "confirmed_ref", "confirmed_on"],
        batch_size=BATCH,
        default_user=by,
        default_change_reason="confirmed",
        custom_historical_attrs=of_this_batch(),
    )
    follow_groups()
    return len(rows)


def changed_message(changed: Sequence[Assignment]) -> str:
    """The message for ticked assignments that somebody has changed, confirmed or deleted meanwhile."""
    if not changed:
        return _("บางรายการที่เลือกมีผู้ลบไปแล้ว จึงยังไม่ยืนยันรายการใด ดูรายการล่าสุดแล้วยืนยันอีกครั้ง")
    names = [str(row) for row in changed[:NAMED_IN_A_REFUSAL]]
    if more := len(changed) - len(names):
        names.append(_("และอีก %(count)s รายการ") % {"count": more})
    return _(
        "มีผู้อื่นแก้ไขหรือยืนยัน %(list)s หลังจากเปิดหน้า จึงยังไม่ยืนยันรายการใด ดูค่าล่าสุดด้านล่างแล้วยืนยันอีกครั้ง"
    ) % {"list": ", ".join(names)}


@action
def withdraw_confirmation(*, by: User, assignment: Assignment, seen: str) -> Assignment:
    """Take back a confirmation that was entered by mistake; the history keeps it.

    `seen`: the `version_of` ASSIGNMENT_FIELDS that the person has seen; another one raises `Conflict`.
    Raises `Refused` if it is not confirmed.
    """
    require(permissions.may_administer(by))
    stored = locked_as_seen(assignment, ASSIGNMENT_FIELDS, seen)
    _require_own(stored)
    if not stored.is_confirmed:
        raise Refused(_("การมอบหมายนี้ยังรอ คสป. ยืนยัน จึงไม่มีการยืนยันให้ถอน"))
    _unconfirm(stored)
    save_assignment(stored, "unconfirmed")
    follow_groups()
    return stored


@action
def change_role(*, by: User, assignment: Assignment, seen: str, new_role: str) -> Assignment:
    """Make a lead agency a supporting one, or the reverse. `seen`: see `withdraw_confirmation`.

    The committee confirmed the agency in its former role, so that a confirmation ends. Published
    editions keep the former role.
    """
    require(permissions.may_administer(by))
    lock_rounds()
    stored = locked_as_seen(assignment, ASSIGNMENT_FIELDS, seen)
    _require_own(stored)
    if new_role not in Role.values:
        raise Refused({"new_role": _("เลือกบทบาทใหม่จากรายการ")})
    if new_role == stored.role:
        raise Refused(
            {"new_role": _("เป็น%(role)sอยู่แล้ว เลือกบทบาทอื่น") % {"role": stored.get_role_display()}}
        )
    stored.role = new_role
    if stored.is_confirmed:
        _unconfirm(stored)
    save_assignment(stored, "role")
    refresh_open_rounds()
    return stored


@action
def end_assignment(
    *, by: User, assignment: Assignment, seen: str, last_year: int | None
) -> Assignment:
    """Set the last fiscal year (B.E.) of an assignment; None: it has no end (any more).

    `seen`: see `withdraw_confirmation`. Open rounds after that year no longer expect its report; one that
    somebody has written stays. Raises `Refused` for a year before the first one, and for one before a
    report that was sent in.
    """
    require(permissions.may_administer(by))
    lock_rounds()
    stored = locked_as_seen(assignment, ASSIGNMENT_FIELDS, seen)
    _require_own(stored)
    if last_year is not None:
        if not stored.valid_from <= last_year <= YEAR_MAX:
            raise Refused(
                {
                    "last_year": _("ปีสุดท้ายต้องอยู่ระหว่าง %(first)s ถึง %(max)s")
                    % {"first": stored.valid_from, "max": YEAR_MAX}
                }
            )
        reported = last_reported_year(stored)
        if reported and last_year < reported:
            raise Refused(
                {
                    "last_year": _("หน่วยงานส่งรายงานรอบ %(year)s แล้ว เลือกปีสุดท้ายตั้งแต่ %(year)s")
                    % {"year": reported}
                }
            )
    stored.valid_to = last_year
    check_assignment(stored, "last_year")
    save_assignment(stored, "ended")
    refresh_open_rounds()
    return stored


def last_reported_year(assignment: Assignment) -> int | None:
    """The latest fiscal year (B.E.) of which this assignment's report was sent in; None without any.

    Of a group's assignment: a report of one of its members.
    """
    return (
        StatusReport.objects.filter(
            Q(assignment=assignment) | Q(assignment__of_group=assignment),
            state__in=[ReportState.SUBMITTED, ReportState.APPROVED],
        )
        .order_by("-round__year_be")
        .values_list("round__year_be", flat=True)
        .first()
    )


@action
def add_assignment(
    *, by: User, measure: Measure, agency: Agency, as_role: str, first_year: int
) -> Assignment:
    """Assign a measure to one more agency from a fiscal year (B.E.) on, for the committee to confirm.

    Open rounds expect its report at once, or those of a group's members. Raises `Refused` if the agency
    has the measure at that time, for a year in which no round follows the measure's forum up, and for a
    group without members or with members that have the measure.
    """
    require(permissions.may_administer(by))
    lock_rounds()
    # Two people who add the same agency at the same time: the second one sees the first one's row.
    measure = Measure.objects.select_for_update(no_key=True, of=("self",)).get(pk=measure.pk)
    if as_role not in Role.values:
        raise Refused({"as_role": _("เลือกบทบาทจากรายการ")})
    forum = measure.resolution.forum
    if not (YEAR_MIN <= first_year <= YEAR_MAX and forum.is_followed_in(first_year)):
        raise Refused(
            {
                "first_year": _("รอบปีงบประมาณ %(year)s ไม่ได้ติดตามเวที %(forum)s เลือกปีจากรายการ")
                % {"year": first_year, "forum": forum.year_be}
            }
        )
    new = Assignment(measure=measure, agency=agency, role=as_role, valid_from=first_year)
    check_assignment(new, "agency")
    if agency.is_group:
        _check_members(new)
    save_assignment(new, "")
    refresh_open_rounds()
    return new


def _check_members(new: Assignment) -> None:
    """Raise `Refused` for a group that nobody would answer for, or whose members have the measure."""
    later = Q(valid_to__isnull=True) | Q(valid_to__gte=new.valid_from)
    members = GroupMember.objects.filter(later, group=new.agency).select_related("agency")
    agencies = [each.agency for each in members]
    if not any(each.valid_from <= new.valid_from for each in members):
        raise Refused({"agency": _("กลุ่มนี้ยังไม่มีหน่วยงานในปีที่เลือก เพิ่มหน่วยงานเข้ากลุ่มก่อน แล้วมอบหมายอีกครั้ง")})
    measures = Measure.objects.filter(pk=new.measure_id)
    refuse_own_answers("agency", new.agency, agencies, measures, new.valid_from)


def refuse_own_answers(
    field: str,
    group: Agency,
    agencies: Sequence[Agency],
    measures: QuerySet[Any],
    first_year: int,
) -> None:
    """Raise `Refused`, at this field, for agencies that answer for a measure without this group.

    As members they would answer twice. `measures`: a subquery of keys.
    """
    later = Q(valid_to__isnull=True) | Q(valid_to__gte=first_year)
    rows = Assignment.objects.filter(later, agency__in=agencies, measure__in=measures).exclude(
        of_group__agency=group
    )
    double = list(rows.select_related("agency", "measure__resolution__forum"))
    if double:
        names = [str(row) for row in double[:NAMED_IN_A_REFUSAL]]
        if more := len(double) - len(names):
            names.append(_("และอีก %(count)s รายการ") % {"count": more})
        raise Refused(
            {
                field: _("หน่วยงานในกลุ่มรับผิดชอบข้อนี้เองอยู่แล้ว: %(list)s สิ้นสุดการมอบหมายเดิมก่อน แล้วทำอีกครั้ง")
                % {"list": ", ".join(names)}
            }
        )


def _require_own(assignment: Assignment) -> None:
    """Raise `Refused` for a member's assignment, which follows the group's."""
    if assignment.of_group:
        raise Refused(
            _("%(agency)s ตอบข้อนี้ในฐานะสมาชิก%(group)s แก้ที่การมอบหมายของกลุ่ม หรือเอาหน่วยงานออกจากกลุ่ม")
            % {"agency": assignment.agency.short, "group": assignment.of_group.agency.short}
        )


def lock_rounds() -> None:
    """Lock every round before any assignment: a round that opens at the same time expects the reports
    of the assignments either as they were or as they are now, and is refreshed in the second case."""
    list(Round.objects.locked().values_list("pk", flat=True))


def _unconfirm(assignment: Assignment) -> None:
    """Set the basis that the assignment had before it was confirmed."""
    before = (
        assignment.history.exclude(basis=Basis.CONFIRMED)
        .order_by("-history_id")
        .values_list("basis", flat=True)
        .first()
    )
    assignment.basis = before or Basis.PROPOSED
    assignment.confirmed_ref, assignment.confirmed_on = "", None


def check_assignment(assignment: Assignment, field: str) -> None:
    """Raise `Refused`, at this field, for what the model or the database would refuse."""
    try:
        assignment.full_clean()
    except ValidationError as error:
        raise Refused({field: " ".join(dict.fromkeys(error.messages))}) from error


def save_assignment(assignment: Assignment, why: str) -> Assignment:
    assignment._change_reason = why  # type: ignore[attr-defined]  # django-simple-history reads it
    assignment.save()
    return assignment
