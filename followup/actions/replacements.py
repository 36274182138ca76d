"""The verb by which one agency takes over another one's assignments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext as _

from followup import permissions, transitions
from followup.actions.assignments import (
    ASSIGNMENT_FIELDS,
    NAMED_IN_A_REFUSAL,
    changed_message,
    check_assignment,
    lock_rounds,
    save_assignment,
)
from followup.actions.base import Refused, action, require
from followup.actions.rounds import refresh_open_rounds
from followup.history import note_write
from followup.models import (
    Agency,
    Assignment,
    Basis,
    RecordEntry,
    Role,
    RoundState,
    StatusReport,
    User,
)
from forum_portal.compare_and_set import compare_and_set
from forum_portal.stored_version import version_of
from forum_portal.years import YEAR_MAX, YEAR_MIN


@dataclass(frozen=True)
class Move:
    """What happens to one assignment."""

    old: Assignment
    #: The new agency's assignment: unsaved, or one that was never in force and now is; None if the
    #: agency answers for the measure already.
    new: Assignment | None
    first: int  # the first fiscal year (B.E.) of the new agency
    untouched: Sequence[StatusReport]  # expected of the old agency in open rounds: they go
    written: Sequence[StatusReport]  # in open rounds from that year on: withdrawn, if asked for
    stays: Sequence[StatusReport]  # from that year on, in rounds that are closed or published
    left: int  # how many of the old assignment's reports remain

    @property
    def was_wrong(self) -> bool:
        """Whether the old assignment would not have been in force in any year."""
        return self.first <= self.old.valid_from

    @property
    def goes(self) -> bool:
        """Whether the old row can go: it was wrong, and nothing was ever written for it."""
        return self.was_wrong and not self.left


@dataclass(frozen=True)
class Replacement:
    """What a replacement does, as the page tells it before it is done."""

    source: Agency
    target: Agency
    first_year: int
    moves: Sequence[Move]
    withdraws: bool
    #: Whether the target becomes the source's successor: it takes over all that the source still has.
    succeeds: bool

    @property
    def ended(self) -> int:
        return len(self.moves)

    @property
    def begun(self) -> int:
        return sum(move.new is not None for move in self.moves)

    @property
    def already(self) -> list[Assignment]:
        """The assignments that only end, because the new agency has the measure already."""
        return [move.old for move in self.moves if move.new is None]

    @property
    def written(self) -> list[StatusReport]:
        """The reports of the old agency in open rounds, in which somebody has written."""
        return [report for move in self.moves for report in move.written]

    @property
    def untouched(self) -> int:
        return sum(len(move.untouched) for move in self.moves)

    @property
    def stays(self) -> list[StatusReport]:
        """The reports in closed or published rounds, which are not touched."""
        return [report for move in self.moves for report in move.stays]

    @property
    def removed(self) -> list[Assignment]:
        """The assignments that were wrong and leave no trace but their history."""
        return [move.old for move in self.moves if move.goes]

    @property
    def digest(self) -> str:
        """What the person has seen: the page carries it, and the verb compares."""
        seen = [
            (
                move.old.pk,
                move.first,
                move.new is not None,
                [report.pk for report in move.written],
                [report.pk for report in move.stays],
            )
            for move in self.moves
        ]
        told = (self.source.pk, self.target.pk, self.withdraws, self.succeeds, seen)
        return sha256(repr(told).encode()).hexdigest()[:32]


def plan_replacement(
    *,
    source: Agency,
    target: Agency,
    first_year: int,
    assignments: Sequence[tuple[int, str]],
    withdraws: bool,
) -> Replacement:
    """What `replace_agency` with these arguments would do. Raises `Refused` as it does.

    Five queries, and two for each assignment that the target might have already.
    """
    if source == target:
        raise Refused({"to": _("เลือกหน่วยงานใหม่ที่ไม่ใช่หน่วยงานเดิม")})
    if target.is_group:
        raise Refused(
            {"to": _("%(agency)s เป็นกลุ่ม เพิ่มกลุ่มที่หน้าการมอบหมายของแต่ละข้อแทน") % {"agency": target}}
        )
    for name, agency in (("from", source), ("to", target)):
        if agency.merged_into_id:
            raise Refused(
                {name: _("%(agency)s รวมกับหน่วยงานอื่นแล้ว เลือกหน่วยงานนั้น") % {"agency": agency}}
            )
    if not YEAR_MIN <= first_year <= YEAR_MAX:
        raise Refused({"year": _("เลือกรอบแรกจากรายการ")})
    seen = dict(assignments)
    if not seen:
        raise Refused({"tick": _("ยังไม่ได้เลือกมาตรการย่อย เลือกอย่างน้อยหนึ่งข้อที่เปลี่ยนหน่วยงาน")})
    rows = list(
        Assignment.objects.as_given()  # a member's follow its group's
        .filter(pk__in=seen, agency=source)
        .order_by(
            "measure__resolution__forum__year_be",
            "measure__resolution__number",
            "measure__number",
            "pk",
        )
        .select_related("measure__resolution__forum", "agency")
    )
    changed = [row for row in rows if version_of(row, ASSIGNMENT_FIELDS) != seen[row.pk]]
    if changed or len(rows) < len(seen):
        raise Refused({"tick": changed_message(changed)})
    over = [
        str(row)
        for row in rows
        if row.valid_to is not None and row.valid_to < max(first_year, row.valid_from)
    ]
    if over:
        raise Refused(
            {
                "year": _("%(list)s สิ้นสุดก่อนรอบ %(year)s อยู่แล้ว เลือกรอบก่อนหน้านั้น หรือไม่เลือกข้อนี้")
                % {"list": ", ".join(over[:NAMED_IN_A_REFUSAL]), "year": first_year}
            }
        )
    measures = [row.measure_id for row in rows]
    theirs = list(Assignment.objects.filter(agency=target, measure__in=measures))
    reports: dict[int, list[StatusReport]] = {}
    for report in (
        StatusReport.objects.filter(assignment__in=rows)
        .select_related("round", "assignment__agency", "assignment__measure__resolution__forum")
        .order_by("round__starts_on", "pk")
    ):
        reports.setdefault(report.assignment_id, []).append(report)
    moves, less = [], []
    for row in rows:
        first = max(first_year, row.valid_from)
        known = [each for each in theirs if each.measure_id == row.measure_id]
        having = [each for each in known if _overlaps(each, first, row.valid_to)]
        if any(not _covers(each, row, first) for each in having):
            less.append(row)
            continue
        moves.append(_move(row, first, reports.get(row.pk, []), target, known, bool(having)))
    if less:
        raise Refused({"tick": _less_message(less, target)})
    return Replacement(
        source=source,
        target=target,
        first_year=first_year,
        moves=moves,
        withdraws=withdraws,
        succeeds=_succeeds(source, first_year, moves),
    )


def _overlaps(row: Assignment, first: int, last: int | None) -> bool:
    return not row.was_never_in_force and (
        (row.valid_to is None or row.valid_to >= first) and (last is None or row.valid_from <= last)
    )


def _covers(row: Assignment, old: Assignment, first: int) -> bool:
    """Whether an assignment of the new agency does all that the old one did from this year on."""
    lasts = row.valid_to is None or (old.valid_to is not None and row.valid_to >= old.valid_to)
    return row.valid_from <= first and lasts and row.role in {Role.LEAD, old.role}


def _less_message(rows: Sequence[Assignment], target: Agency) -> str:
    names = [row.measure.full_code for row in rows[:NAMED_IN_A_REFUSAL]]
    if more := len(rows) - len(names):
        names.append(_("และอีก %(count)s ข้อ") % {"count": more})
    return _(
        "%(agency)s ได้รับมอบหมาย %(list)s อยู่แล้วในบทบาทหรือช่วงปีที่น้อยกว่า เปลี่ยนบทบาทหรือปีของการมอบหมายนั้นก่อน "
        "หรือไม่เลือกข้อนี้"
    ) % {"agency": target.short, "list": ", ".join(names)}


def _move(
    row: Assignment,
    first: int,
    reports: Iterable[StatusReport],
    target: Agency,
    known: Iterable[Assignment],
    has_it: bool,
) -> Move:
    reports = list(reports)
    later = [each for each in reports if each.round.year_be >= first and not each.is_withdrawn]
    open_now = [each for each in reports if each.round.state == RoundState.OPEN]
    never = [each for each in known if each.was_never_in_force and each.valid_from == first]
    new = None
    if not has_it:
        new = never[0] if never else Assignment(measure=row.measure, agency=target)
    untouched = [each for each in open_now if each.is_untouched and each.round.year_be >= first]
    return Move(
        old=row,
        new=new,
        first=first,
        untouched=untouched,
        written=[each for each in later if each in open_now and not each.is_untouched],
        stays=[each for each in later if each not in open_now and not each.is_untouched],
        left=len(reports) - len(untouched),
    )


def _succeeds(source: Agency, first_year: int, moves: Sequence[Move]) -> bool:
    """Whether the source has nothing left from that year on, and once answered for something."""
    moved = {move.old.pk for move in moves}
    left = [
        row
        for row in Assignment.objects.filter(agency=source).exclude(pk__in=moved)
        if _overlaps(row, first_year, None)
    ]
    return not left and any(not move.was_wrong for move in moves)


def missing_reason() -> str:
    """The message for a replacement without a reason."""
    return _("ระบุเหตุผลที่เปลี่ยนหน่วยงาน เช่น พ.ร.บ. โอนอำนาจหน้าที่ พ.ศ. 2568")


@action
def replace_agency(
    *,
    by: User,
    source: Agency,
    target: Agency,
    first_year: int,
    assignments: Sequence[tuple[int, str]],
    reason: str,
    withdraws: bool,
    effects: str,
) -> Replacement:
    """Let `target` answer for assignments of `source` from a fiscal year (B.E.) on; returns the plan.

    `assignments` are (key, `version_of` ASSIGNMENT_FIELDS that the person has seen); `effects` is the
    `digest` of the plan that the person has seen. Each assignment ends in the year before, and a new one
    begins for the committee to confirm. One that begins no earlier was wrong from the start: it goes if
    nothing was written for it, else it stays without a year in force. `withdraws`: what was written for
    it in open rounds is withdrawn with the reason. Closed and published rounds are not touched.

    Raises `Refused`: without a reason, for rows that somebody has changed, for a measure that the target
    has in a lesser role or for fewer years, and if the plan is another one by now.
    """
    require(permissions.may_administer(by))
    if not reason:
        raise Refused({"reason": missing_reason()})
    lock_rounds()
    keys = [pk for pk, _version in assignments]
    locked = Assignment.objects.select_for_update(no_key=True).order_by("pk")
    list(locked.filter(pk__in=keys).values_list("pk", flat=True))
    # Reports are written under their round's lock, which is held.
    plan = plan_replacement(
        source=source,
        target=target,
        first_year=first_year,
        assignments=assignments,
        withdraws=withdraws,
    )
    if plan.digest != effects:
        raise Refused(_stale_message())
    for move in plan.moves:
        _carry_out(move, plan, by, reason)
    if plan.succeeds:
        _succeed(source, target)
    refresh_open_rounds()
    return plan


def _stale_message() -> str:
    return _("สิ่งที่จะเกิดขึ้นเปลี่ยนไปหลังจากเปิดหน้า อ่านรายการล่าสุดด้านล่างแล้วยืนยันอีกครั้ง")


def _carry_out(move: Move, plan: Replacement, by: User, reason: str) -> None:
    old, new = move.old, move.new
    if plan.withdraws:
        for report in move.written:
            version = report.version
            if not compare_and_set(report, expected={"version": version}, version=version + 1):
                raise Refused(_stale_message())
            transitions.withdraw(report, reason=reason)
            report.updated_by = by
            report._change_reason = "withdraw"  # type: ignore[attr-defined]
            report.save()
    for report in move.untouched:
        report.delete()
    last_year = old.valid_to
    old.replaced_reason = reason
    if move.goes:
        key = old.pk
        old._change_reason = "replaced"  # type: ignore[attr-defined]
        old.delete()
        old.pk = key  # for the page that tells what was done
    else:
        old.valid_to = max(move.first, old.valid_from) - 1
        save_assignment(old, "replaced")
    if new is None:
        return
    new.role, new.basis = old.role, Basis.PROPOSED
    new.confirmed_ref, new.confirmed_on = "", None
    new.valid_from, new.valid_to = move.first, last_year
    new.predecessor = None if move.goes else old
    new.replaced_reason = reason
    check_assignment(new, "to")
    save_assignment(new, "continues")


def _succeed(source: Agency, target: Agency) -> None:
    """Note the successor; it is not succeeded by its predecessor at the same time."""
    rows: dict[int, int | None] = {source.pk: target.pk}
    if target.successor_id == source.pk:
        rows[target.pk] = None
    for pk, successor in rows.items():
        Agency.objects.filter(pk=pk).update(successor=successor)
    note_write(RecordEntry.Act.CHANGED, Agency, {pk: {"fields": ["successor"]} for pk in rows})
