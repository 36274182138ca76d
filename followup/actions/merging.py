"""The verb by which a second record of one agency is merged into the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from django.db.models import Q
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.assignments import check_assignment, lock_rounds, save_assignment
from followup.actions.base import Refused, action, require
from followup.actions.links import revoke_link
from followup.actions.rounds import refresh_open_rounds
from followup.history import note_write
from followup.models import (
    Agency,
    AgencyAlias,
    AgencyLink,
    Assignment,
    Evidence,
    FocalPoint,
    GroupMember,
    Letter,
    RecordEntry,
    Role,
    SentMail,
    SpreadsheetImport,
    StatusReport,
    User,
)
from forum_portal.thai import match_key
from forum_portal.years import fiscal_year_today

_CHANGED = RecordEntry.Act.CHANGED


@dataclass
class Joined:
    """One assignment of the duplicate, and what becomes of it."""

    row: Assignment
    into: Assignment | None = None  # the other record's assignment of the same measure and time
    moves: list[StatusReport] = field(default_factory=list)  # reports that go over
    gives_way: list[StatusReport] = field(default_factory=list)  # untouched ones on either side
    stays: list[StatusReport] = field(default_factory=list)  # withdrawn ones


@dataclass(frozen=True)
class Merge:
    """What a merge does, as the page tells it before it is done."""

    duplicate: Agency
    into: Agency
    joined: Sequence[Joined]
    letters: Sequence[Letter]
    contacts: Sequence[FocalPoint]
    links: Sequence[AgencyLink]
    names: Sequence[str]  # that the first record gets as aliases
    #: Sentences: what stands in the way, and who can lift it.
    obstacles: Sequence[str]

    @property
    def reports(self) -> int:
        """How many reports go over to the first record, written or only expected."""
        return sum(len(each.moves) for each in self.joined)

    @property
    def given_way(self) -> int:
        return sum(len(each.gives_way) for each in self.joined)

    @property
    def digest(self) -> str:
        """What the person has seen: the page carries it, and the verb compares."""
        rows = [
            (
                each.row.pk,
                each.into and each.into.pk,
                [[report.pk for report in some] for some in (each.moves, each.gives_way)],
            )
            for each in self.joined
        ]
        others = [[row.pk for row in some] for some in (self.letters, self.contacts, self.links)]
        told = (self.duplicate.pk, self.into.pk, rows, others, list(self.names))
        return sha256(repr(told).encode()).hexdigest()[:32]


def plan_merge(*, duplicate: Agency, into: Agency) -> Merge:
    """What `merge_agencies` would do, with everything that stands in its way.

    Raises `Refused` if these two can never be merged: they are one record, or one of them is merged.
    """
    if duplicate == into:
        raise Refused({"into": _("เลือกหน่วยงานอื่นที่จะรวมเข้า ไม่ใช่หน่วยงานนี้เอง")})
    if duplicate.merged_into_id:
        raise Refused(_("%(agency)s รวมกับหน่วยงานอื่นไปแล้ว") % {"agency": duplicate})
    if into.merged_into_id:
        raise Refused({"into": _("%(agency)s รวมกับหน่วยงานอื่นแล้ว เลือกหน่วยงานนั้น") % {"agency": into}})
    obstacles: list[str] = []
    known: dict[int, list[Assignment]] = {}
    for row in _assignments(into):
        known.setdefault(row.measure_id, []).append(row)
    reports: dict[int, list[StatusReport]] = {}
    for report in (
        StatusReport.objects.filter(assignment__agency__in=(duplicate, into))
        .select_related("round")
        .order_by("round__starts_on", "pk")
    ):
        reports.setdefault(report.assignment_id, []).append(report)
    joined = [
        _join(row, known.get(row.measure_id, []), reports, obstacles)
        for row in _assignments(duplicate)
    ]
    obstacles += _groups(duplicate, into)
    letters = list(
        Letter.objects.filter(agency__in=(duplicate, into))
        .select_related("round")
        .order_by("round__starts_on", "sent_on", "attempt")
    )
    obstacles += _too_many_letters(letters)
    return Merge(
        duplicate=duplicate,
        into=into,
        joined=joined,
        letters=[letter for letter in letters if letter.agency_id == duplicate.pk],
        contacts=list(duplicate.focal_points.all()),
        links=list(duplicate.links.filter(revoked_at=None)),
        names=_new_names(duplicate, into),
        obstacles=obstacles,
    )


def _assignments(agency: Agency) -> list[Assignment]:
    return list(
        Assignment.objects.filter(agency=agency)
        .select_related("measure__resolution__forum", "agency")
        .order_by(
            "measure__resolution__forum__year_be",
            "measure__resolution__number",
            "measure__number",
            "valid_from",
        )
    )


def _join(
    row: Assignment,
    known: Sequence[Assignment],
    reports: dict[int, list[StatusReport]],
    obstacles: list[str],
) -> Joined:
    """What becomes of one assignment of the duplicate; adds what stands in the way."""
    same = [
        each
        for each in known
        if each.valid_from == row.valid_from
        or (
            (each.valid_to is None or each.valid_to >= row.valid_from)
            and (row.valid_to is None or row.valid_to >= each.valid_from)
        )
    ]
    if not same:
        return Joined(row, moves=reports.get(row.pk, []))
    if len(same) > 1:
        obstacles.append(
            _("%(measure)s: หน่วยงานที่จะรวมเข้ามีการมอบหมายหลายช่วงปีที่ซ้อนกัน ผู้ดูแลแก้ช่วงปีของการมอบหมายก่อน")
            % {"measure": row.measure.full_code}
        )
        return Joined(row)
    found = Joined(row, into=same[0])
    theirs = {each.round_id: each for each in reports.get(same[0].pk, [])}
    for report in reports.get(row.pk, []):
        other = theirs.get(report.round_id)
        if other is None:
            found.moves.append(report)
        elif report.is_untouched:
            found.gives_way.append(report)
        elif other.is_untouched:
            found.gives_way.append(other)
            found.moves.append(report)
        elif report.is_withdrawn:
            found.stays.append(report)
        else:
            obstacles.append(
                _(
                    "%(measure)s %(round)s: ทั้งสองหน่วยงานเขียนรายงานไว้ "
                    "ผู้ดูแลถอนรายงานของ %(agency)s ออกจากรอบก่อน ถ้ารอบปิดหรือเผยแพร่แล้ว เปิดแก้ไขรอบก่อน"
                )
                % {
                    "measure": row.measure.full_code,
                    "round": report.round.name,
                    "agency": row.agency.short,
                }
            )
    return found


def _groups(duplicate: Agency, into: Agency) -> list[str]:
    """A sentence for each of the two that is a group, and for each group that the duplicate is in."""
    found = [
        _("%(agency)s เป็นกลุ่มหน่วยงาน จึงรวมไม่ได้ ย้ายสมาชิกไปกลุ่มเดียวกันแทน") % {"agency": each}
        for each in (duplicate, into)
        if each.is_group
    ]
    memberships = GroupMember.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=fiscal_year_today()), agency=duplicate
    ).select_related("group")
    names = dict.fromkeys(str(each.group) for each in memberships)
    return found + [
        _("%(agency)s เป็นสมาชิก%(group)s ผู้ดูแลเอาออกจากกลุ่มก่อน แล้วเพิ่มหน่วยงานที่จะรวมเข้าแทน")
        % {"agency": duplicate.short, "group": name}
        for name in names
    ]


def _too_many_letters(letters: Iterable[Letter]) -> list[str]:
    """A sentence for each round with more letters to both records than one agency can have."""
    of_round: dict[int, list[Letter]] = {}
    for letter in letters:
        of_round.setdefault(letter.round_id, []).append(letter)
    return [
        _(
            "%(round)s: หนังสือติดตามถึงสองหน่วยงานรวมกัน %(n)s ฉบับ เกิน %(most)s ครั้ง "
            "เจ้าหน้าที่ลบฉบับที่บันทึกซ้ำที่หน้าหนังสือติดตามก่อน"
        )
        % {"round": rows[0].round.name, "n": len(rows), "most": len(Letter.ATTEMPTS)}
        for rows in of_round.values()
        if len(rows) > len(Letter.ATTEMPTS)
    ]


def _new_names(duplicate: Agency, into: Agency) -> list[str]:
    """The duplicate's code and names that the first record does not have yet, each once."""
    keys, found = set(into.name_keys), []
    names = (
        duplicate.name_th,
        duplicate.abbr_th,
        duplicate.name_en,
        duplicate.abbr_en,
        duplicate.code,
        *(alias.name for alias in duplicate.aliases.all()),
    )
    for name in names:
        key = match_key(name)
        if key and key not in keys:
            keys.add(key)
            found.append(name)
    return found


@action
def merge_agencies(*, by: User, duplicate: Agency, into: Agency, effects: str) -> Merge:
    """Merge a second record of an agency into the first; returns what was done.

    Assignments with their reports, letters, contacts and names go over; links end; what refers to the
    duplicate refers to the first record. The duplicate stays for the history and the editions that name
    it, and is in no list. `effects` is the `digest` of the plan that the person has seen. Raises
    `Refused` with everything that stands in the way, and if the plan is another one by now.
    """
    require(permissions.may_administer(by))
    lock_rounds()
    pair = Agency.objects.select_for_update().filter(pk__in=(duplicate.pk, into.pk))
    stored = {each.pk: each for each in pair.order_by("pk")}
    duplicate, into = stored[duplicate.pk], stored[into.pk]
    rows = Assignment.objects.select_for_update(no_key=True).filter(agency__in=stored)
    list(rows.order_by("pk").values_list("pk", flat=True))
    plan = plan_merge(duplicate=duplicate, into=into)
    if plan.obstacles:
        raise Refused(" ".join(plan.obstacles))
    if plan.digest != effects:
        raise Refused(_("สิ่งที่จะเกิดขึ้นเปลี่ยนไปหลังจากเปิดหน้า อ่านรายการล่าสุดด้านล่างแล้วยืนยันอีกครั้ง"))
    for each in plan.joined:
        _move_assignment(each, into)
    _cut_own_ties(into)
    _move_letters(plan)
    _move_contacts(plan)
    for link in plan.links:
        revoke_link(link=link, by=by)
    for piece in Evidence.objects.filter(given_by=duplicate):
        piece.given_by = into
        piece._change_reason = "merged"  # type: ignore[attr-defined]
        piece.save()
    SpreadsheetImport.objects.filter(agency=duplicate).update(agency=into)
    SentMail.objects.filter(agency=duplicate).update(agency=into)
    _move_names(plan)
    _point_elsewhere(duplicate, into)
    refresh_open_rounds()
    return plan


def _move_assignment(each: Joined, into: Agency) -> None:
    row, other = each.row, each.into
    if other is None:
        row.agency = into
        check_assignment(row, "")
        save_assignment(row, "merged")
        return
    for report in each.gives_way:
        report.delete()
    for report in each.moves:
        report.assignment = other
        report._change_reason = "merged"  # type: ignore[attr-defined]
        report.save()
    first, last = row.valid_from, row.valid_to
    role, confirmed = row.role, row.is_confirmed
    if each.stays:  # a withdrawn report stays with it, and it is in force in no year
        row.valid_to = row.valid_from - 1
        save_assignment(row, "merged")
    else:
        for later in row.continued_by.all():
            later.predecessor = other
            save_assignment(later, "merged")
        row._change_reason = "merged"  # type: ignore[attr-defined]
        row.delete()
    other.refresh_from_db()
    other.valid_from = min(other.valid_from, first)
    if other.valid_to is not None:
        other.valid_to = None if last is None else max(other.valid_to, last)
    if role == Role.LEAD:
        other.role = role
    if confirmed and not other.is_confirmed:
        other.basis = row.basis
        other.confirmed_ref, other.confirmed_on = row.confirmed_ref, row.confirmed_on
    check_assignment(other, "")
    save_assignment(other, "merged")


def _cut_own_ties(agency: Agency) -> None:
    """An agency continues no assignment of its own."""
    for row in Assignment.objects.filter(agency=agency, predecessor__agency=agency):
        row.predecessor = None
        save_assignment(row, "merged")


def _move_letters(plan: Merge) -> None:
    """Number the letters of each round by date, as one agency's; a number in use is free when it is
    needed, because the first record's letters only move up, the last of them first."""
    for round_id in {letter.round_id for letter in plan.letters}:
        both = Letter.objects.filter(round=round_id, agency__in=(plan.duplicate, plan.into))
        order = {
            letter.pk: place
            for place, letter in enumerate(both.order_by("sent_on", "attempt", "pk"), start=1)
        }
        own = [each for each in both if each.agency_id == plan.into.pk]
        others = [each for each in both if each.agency_id == plan.duplicate.pk]
        for letter in (*sorted(own, key=lambda each: -each.attempt), *others):
            if letter.agency_id == plan.into.pk and letter.attempt == order[letter.pk]:
                continue
            letter.agency, letter.attempt = plan.into, order[letter.pk]
            letter._change_reason = "merged"  # type: ignore[attr-defined]
            letter.save()


def _move_contacts(plan: Merge) -> None:
    has_main = plan.into.focal_points.filter(is_main=True).exists()
    for contact in plan.contacts:
        contact.agency, contact.is_main = plan.into, contact.is_main and not has_main
        contact.save()
    about = {"agency": plan.into.pk, "fields": ["agency"]}
    note_write(_CHANGED, FocalPoint, {each.pk: about for each in plan.contacts})


def _move_names(plan: Merge) -> None:
    """The duplicate's names lead to the first record from now on, in spreadsheets too."""
    plan.duplicate.aliases.all().delete()
    made = [AgencyAlias.objects.create(agency=plan.into, name=name) for name in plan.names]
    about = {"agency": plan.into.pk}
    note_write(RecordEntry.Act.ADDED, AgencyAlias, {alias.pk: about for alias in made})


def _point_elsewhere(duplicate: Agency, into: Agency) -> None:
    """Let everything that refers to the duplicate refer to the first record."""
    others = Agency.objects.exclude(pk__in=(duplicate.pk, into.pk))
    others.filter(parent=duplicate).update(parent=into)
    others.filter(successor=duplicate).update(successor=into)
    others.filter(merged_into=duplicate).update(merged_into=into)
    if into.parent_id == duplicate.pk:
        into.parent = duplicate.parent if duplicate.parent_id != into.pk else None
    if into.successor_id == duplicate.pk:
        into.successor = None
    into.caretaker = into.caretaker or duplicate.caretaker
    into.province = into.province or duplicate.province
    into.named_in_source = into.named_in_source or duplicate.named_in_source
    into.save()
    if duplicate.parent_id == into.pk:
        duplicate.parent = None
    duplicate.successor = duplicate.caretaker = None
    duplicate.merged_into = into
    duplicate.save()
    note_write(_CHANGED, Agency, {duplicate.pk: {"fields": ["merged_into"], "into": into.pk}})
