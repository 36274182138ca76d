"""The actions on a report: save a draft, submit, reply, approve, send back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from followup import joint_reports, notices, permissions, standing, transitions
from followup.actions.base import (
    Conflict,
    Refused,
    action,
    closed_message,
    gone_message,
    require,
)
from followup.evidence import StoredFile, forget
from followup.evidence import gone_message as file_gone_message
from followup.grades import GIVEN, GIVEN_AT_ONCE, Grade, missing_from_grade
from followup.history import note_write
from followup.models import (
    AgencyLink,
    Evidence,
    LinkUse,
    Province,
    RecordEntry,
    ReportState,
    Round,
    RoundState,
    Source,
    StatusReport,
    User,
)
from followup.report_fields import Writer, columns_of, written_by
from followup.status import Assessment, missing, missing_from_assessment, wrong_no_change
from forum_portal.compare_and_set import compare_and_set
from forum_portal.thai import format_date, format_time

#: The columns of a draft that an agency fills in.
REPORT_FIELDS = columns_of(written_by(Writer.AGENCY))

_USES = {
    "draft": LinkUse.Act.SAVED,
    "submit": LinkUse.Act.SUBMITTED,
    "reply": LinkUse.Act.REPLIED,
    "recall": LinkUse.Act.RECALLED,
    "evidence": LinkUse.Act.SAVED,
}
#: The pieces that a report may have; its form holds no more.
EVIDENCE_AT_MOST = 50


def _lock(report: StatusReport, link: AgencyLink | None = None) -> None:
    """Lock the report's round, and read its state and the link's again.

    What a verb judges after this stays true until its transaction ends. Raises `Refused` if the round,
    and the report with it, was removed.
    """
    round_ = Round.objects.locked().filter(pk=report.round_id).first()
    if round_ is None:
        raise Refused(gone_message())
    report.round = round_
    if link is not None:
        link.refresh_from_db(fields=["revoked_at", "expires_at"])
        if link.round_id == round_.pk:
            link.round = round_


def _claim_version(report: StatusReport, version: int) -> None:
    """Claim the next version of a report for this transaction. Raises `Conflict`.

    `version` is the one that the person has seen. The report in memory, on which the verb has judged,
    must be of that version as well.
    """
    if report.version == version and compare_and_set(
        report, expected={"version": version}, version=version + 1
    ):
        return
    current = StatusReport.objects.with_context().filter(pk=report.pk).first()
    raise Conflict(current) if current else Refused(gone_message())


def _save(
    report: StatusReport, *, by: User | None, why: str, link: AgencyLink | None = None
) -> None:
    report.updated_by = by
    if link is not None:
        report.source = Source.AGENCY
        LinkUse.objects.create(link=link, act=_USES[why], report=report)
    report._change_reason = why  # type: ignore[attr-defined]  # django-simple-history reads it
    report.save()


# Reports --------------------------------------------------------------------------------------


@action
def save_draft(
    *,
    report: StatusReport,
    by: User | None = None,
    link: AgencyLink | None = None,
    version: int,
    fields: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]],
    provinces: Iterable[Province] = (),
    told_in: StatusReport | Literal["as it is"] | None = "as it is",
) -> StatusReport:
    """Store a draft, complete or not.

    `fields` maps names of REPORT_FIELDS to values. `evidence` is the complete new list, each
    {"title", "url", "is_public"}, or for a file {"title", "file", "is_public"} with a `StoredFile`; with
    both the file is the copy of the link. "kind", "dated_on" and "issuer" may be left out: a stored piece
    keeps its own, and so does a link its copy. The writer is either `by` or `link`; evidence hidden from
    a link stays. `told_in` is the report in which this one's shared texts are typed (see
    `followup.joint_reports`): they are copied from there, whatever `fields` says. The texts of a report
    in which others are told are copied to those. Raises `Refused` if "no change" contradicts the last
    report, a supporting agency responds to the measure, or the joint report is not possible.
    """
    _lock(report, link)
    _check_editable(report, by, link)
    _claim_version(report, version)
    for name in REPORT_FIELDS:
        if name in fields:
            setattr(report, name, fields[name])
    if told_in != "as it is":
        _refer(report, told_in, link)
    if report.told_in_id is not None:
        main = StatusReport.objects.get(pk=report.told_in_id)
        for name in joint_reports.SHARED:
            setattr(report, name, getattr(main, name))
    if wrong := wrong_no_change(report.claim()):
        raise Refused({"no_change": wrong})
    if unasked := standing.unasked(report):
        raise Refused(unasked)
    _save(report, by=by, link=link, why="draft")
    report.provinces.set(provinces)
    _set_evidence(report, evidence, link)
    _tell_others(report, by=by)
    return report


def _refer(report: StatusReport, main: StatusReport | None, link: AgencyLink | None) -> None:
    """Set in which report this one is told; None tells it on its own, with the text that it has."""
    if main is None or main.pk == report.told_in_id:
        report.told_in = main
        return
    stored = StatusReport.objects.with_context().filter(pk=main.pk).first()
    if stored is None or (link is not None and not permissions.link_reaches(link, stored)):
        raise Refused({"told_in": gone_message()})
    name = {"report": stored.assignment}
    if (
        stored.pk == report.pk
        or stored.round_id != report.round_id
        or stored.assignment.agency_id != report.assignment.agency_id
    ):
        raise Refused({"told_in": _("รายงานร่วมได้เฉพาะรายการอื่นของหน่วยงานเดียวกันในรอบเดียวกัน")})
    if stored.told_in_id is not None:
        raise Refused(
            {"told_in": _("%(report)s รายงานร่วมกับรายการอื่นอยู่แล้ว เลือกรายการที่พิมพ์ข้อความไว้จริง") % name}
        )
    if report.tells.exists():
        raise Refused(
            {"told_in": _("มีรายการอื่นใช้ข้อความของรายการนี้อยู่ แยกรายการเหล่านั้นก่อน แล้วบันทึกอีกครั้ง")}
        )
    if not stored.takes_text:
        raise Refused(
            {
                "told_in": _("%(report)s อยู่ในขั้น “%(state)s” แล้ว ขอให้ผู้ตรวจส่งกลับก่อนจึงรายงานร่วมได้")
                % (name | {"state": stored.get_state_display()})
            }
        )
    own = [
        each
        for each in joint_reports.SHARED
        if getattr(report, each) and getattr(report, each) != getattr(stored, each)
    ]
    if own and report.told_in_id is None:
        raise Refused(
            {
                each: _(
                    "ช่องนี้มีข้อความของรายการนี้เอง ย้ายไปไว้ใน %(report)s แล้วลบออกจากช่องนี้ก่อนจึงรายงานร่วมได้"
                )
                % name
                for each in own
            }
        )
    report.told_in = stored


def _tell_others(report: StatusReport, *, by: User | None) -> None:
    """Copy the shared texts to the reports that are told in this one; each gets a version of its own.

    The round is locked, so that none of them is saved meanwhile. Raises `Refused` if one is settled.
    """
    others = StatusReport.objects.select_related("assignment", "round").filter(told_in=report.pk)
    behind = [
        each
        for each in others.with_context()
        if any(getattr(each, name) != getattr(report, name) for name in joint_reports.SHARED)
    ]
    if settled := [each for each in behind if each.is_settled]:
        raise Refused(
            _(
                "ข้อความนี้ใช้ร่วมกับ %(list)s ซึ่งส่งตรวจหรือรับรองแล้ว จึงยังไม่บันทึก "
                "ขอให้ผู้ตรวจส่งรายการนั้นกลับก่อน แล้วบันทึกอีกครั้ง"
            )
            % {"list": ", ".join(str(each.assignment) for each in settled)}
        )
    for each in behind:
        _claim_version(each, each.version)
        for name in joint_reports.SHARED:
            setattr(each, name, getattr(report, name))
        _save(each, by=by, why="joint")


def _set_evidence(
    report: StatusReport, wanted: Sequence[Mapping[str, Any]], link: AgencyLink | None
) -> None:
    """Replace the report's evidence by this list; unchanged rows are not written.

    Rows hidden from an agency's link stay. A piece that is a web link is identified by its title and
    address, with a copy or without; a file by its content, so that the same file is stored once. A file
    that gets a link stays the same piece.
    """
    hidden = permissions.evidence_hidden_from(link, report)
    stored: dict[tuple[str, str], Evidence] = {}
    for piece in report.evidence.all():
        if piece.pk in hidden:
            continue
        if stored.setdefault(_identity(piece), piece) is not piece:
            piece.delete()
    pieces: dict[tuple[str, str], Mapping[str, Any]] = {}
    for each in wanted:
        file = each.get("file")
        url = each.get("url", "") if file else each["url"]
        pieces.setdefault(("", file.sha256) if file and not url else (each["title"], url), each)
    for position, (key, each) in enumerate(pieces.items()):
        known, file, url = stored.pop(key, None), each.get("file"), each.get("url", "")
        if known is None and file and url and ("", file.sha256) not in pieces:
            known = stored.pop(("", file.sha256), None)
        piece = known or Evidence(report=report, given_by=link.agency if link else None)
        now = {
            "title": each["title"],
            "url": url,
            "is_public": each.get("is_public", True),
            "position": position,
            **{name: each[name] for name in Evidence.DESCRIBED if name in each},
        }
        if file and file.sha256 != piece.sha256:
            if piece.file:  # another copy of the same link
                forget(piece)
            now |= _described(file)
        if any(getattr(piece, name) != value for name, value in now.items()):
            for name, value in now.items():
                setattr(piece, name, value)
            piece.is_ground = False  # the committee has not seen it as it is now
            piece.save()
    for gone in stored.values():
        gone.delete()
    # The prefetched rows are out of date.
    getattr(report, "_prefetched_objects_cache", {}).clear()


@action
def attach_evidence(
    *,
    report: StatusReport,
    pieces: Collection[int],
    to: Sequence[tuple[StatusReport, int]],
    by: User | None = None,
    link: AgencyLink | None = None,
) -> int:
    """Attach pieces of a report's evidence (by key) to others of its agency and round as well.

    `to` are (report, version that was read). A file is stored once, however many reports refer to it.
    Returns how many pieces were added; what a report has already is not added again. All or none:
    raises `Refused` with a sentence for each report that cannot be written to.
    """
    _lock(report, link)
    _check_writer(report, by, link)
    hidden = permissions.evidence_hidden_from(link, report)
    chosen = [each for each in report.evidence.all() if each.pk in pieces and each.pk not in hidden]
    if not chosen:
        raise Refused({"pieces": _("เลือกหลักฐานอย่างน้อยหนึ่งรายการ")})
    if not to:
        raise Refused({"to": _("เลือกมาตรการที่จะแนบหลักฐานอย่างน้อยหนึ่งรายการ")})
    refused, added = [], 0
    for other, version in to:
        name = {"report": other.assignment}
        other.round = report.round
        try:
            if (
                other.pk == report.pk
                or other.round_id != report.round_id
                or other.assignment.agency_id != report.assignment.agency_id
            ):
                raise Refused(_("แนบได้เฉพาะรายการอื่นของหน่วยงานเดียวกันในรอบเดียวกัน"))
            _check_editable(other, by, link)
            added += _attach(chosen, other, version, by, link)
        except Conflict:
            refused.append(_("%(report)s เปลี่ยนไปหลังจากเปิดหน้า เปิดหน้าใหม่แล้วแนบอีกครั้ง") % name)
        except Refused as error:
            refused.append(f"{other.assignment} {error}")
    if refused:
        raise Refused({"to": _("ยังไม่แนบกับรายการใด: %(list)s") % {"list": "; ".join(refused)}})
    return added


def _attach(
    chosen: Sequence[Evidence],
    report: StatusReport,
    version: int,
    by: User | None,
    link: AgencyLink | None,
) -> int:
    """Add the pieces that the report has not; returns how many."""
    held = list(report.evidence.all())
    known = {_identity(each) for each in held}
    new = [each for each in chosen if _identity(each) not in known]
    if not new:
        return 0
    if len(held) + len(new) > EVIDENCE_AT_MOST:
        raise Refused(
            _("มีหลักฐานได้ไม่เกิน %(n)d รายการ ลบหรือรวมบางรายการก่อน") % {"n": EVIDENCE_AT_MOST}
        )
    _claim_version(report, version)
    position = max((each.position for each in held), default=-1)
    for piece in new:
        file = StoredFile.of(piece)
        position += 1
        Evidence.objects.create(
            report=report,
            title=piece.title,
            url=piece.url,
            is_public=piece.is_public,
            position=position,
            given_by=link.agency if link else piece.given_by,
            **{name: getattr(piece, name) for name in Evidence.DESCRIBED},
            **(_described(file) if file else {}),
        )
    _save(report, by=by, link=link, why="evidence")
    getattr(report, "_prefetched_objects_cache", {}).clear()
    return len(new)


def _identity(piece: Evidence) -> tuple[str, str]:
    """What makes two pieces of a report the same: a file by its content, a link by title and address."""
    return (piece.title, piece.url) if piece.url else ("", piece.sha256)


def _described(file: StoredFile) -> dict[str, Any]:
    """A stored file as the fields of Evidence."""
    if not file.is_there:  # deleted since, and the file with it
        raise Refused(file_gone_message(file))
    about = asdict(file)
    return {"file": about.pop("name"), **about}


@action
def submit(
    *, report: StatusReport, by: User | None = None, link: AgencyLink | None = None, version: int
) -> StatusReport:
    """Submit a draft to the reviewers. Raises `Refused` with what the status demands, by field."""
    _lock(report, link)
    _check_editable(report, by, link)
    lacks = missing(report.claim()) | standing.lacks(report)
    if lacks:
        raise Refused(lacks)
    _claim_version(report, version)
    transitions.submit(report, by=by, link=link, at=timezone.now())
    _save(report, by=by, link=link, why="submit")
    return report


@action
def recall(
    *, report: StatusReport, by: User | None = None, link: AgencyLink | None = None, version: int
) -> StatusReport:
    """Take one's own submission back to a draft, until a reviewer has opened it.

    Only who submitted it may, or the link through which it was submitted. Raises `Refused` from the
    moment at which a reviewer opened it.
    """
    _lock(report, link)
    _check_writer(report, by, link)
    if not permissions.sent_by(report, by=by, link=link):
        raise Refused(_("ดึงกลับได้เฉพาะรายการที่ท่านส่งเองและยังรอตรวจ เปิดหน้าใหม่เพื่อดูขั้นล่าสุด"))
    # The moment is judged with the version, in the statement that claims it.
    unopened = {"version": version, "review_opened_at": None}
    if report.version != version or not compare_and_set(
        report, expected=unopened, version=version + 1
    ):
        current = StatusReport.objects.with_context().filter(pk=report.pk).first()
        if current is None:
            raise Refused(gone_message())
        if current.version == version and current.review_opened_at:
            raise Refused(opened_message(current))
        raise Conflict(current)
    transitions.recall(report)
    _save(report, by=by, link=link, why="recall")
    return report


def opened_message(report: StatusReport) -> str:
    """Why a submission cannot be taken back: when a reviewer opened it, and whom to ask."""
    assert report.review_opened_at  # noqa: S101  the caller has asked
    moment = timezone.localtime(report.review_opened_at)
    return _("ผู้ตรวจเปิดอ่านแล้วเมื่อ %(day)s %(time)s ขอให้ผู้ตรวจส่งกลับเพื่อแก้ไข") % {
        "day": format_date(moment),
        "time": format_time(moment),
    }


@action
def note_review_opened(*, report: StatusReport, by: User) -> bool:
    """Note that somebody who may decide on a submission has opened it; the first time only.

    Returns whether this was the first time. From then on it cannot be taken back.
    """
    require(permissions.may_decide(by, report))
    expected = {
        "version": report.version,
        "state": ReportState.SUBMITTED,
        "review_opened_at": None,
    }
    now = timezone.now()
    if not compare_and_set(report, expected=expected, review_opened_at=now, review_opened_by=by):
        return False
    about = {
        "agency": report.assignment.agency_id,
        "round": report.round_id,
        "fields": ["review_opened_at"],
    }
    note_write(RecordEntry.Act.CHANGED, StatusReport, {report.pk: about})
    return True


@action
def reply(
    *,
    report: StatusReport,
    by: User | None = None,
    link: AgencyLink | None = None,
    version: int,
    text: str,
) -> StatusReport:
    """Store the agency's reply to an assessment that differs from its own report.

    It comes through the agency's link, or the secretariat copies it from a letter. An empty text
    removes it. Raises `Refused` if there is no such assessment, or nothing to store or remove.
    """
    _lock(report, link)
    _check_writer(report, by, link)
    if not permissions.may_reply(report):
        raise Refused(_("ชี้แจงได้เมื่อรับรองรายงานแล้วและ คสป. ประเมินต่างจากที่รายงาน จนกว่าจะเผยแพร่รอบ"))
    if not (text or report.agency_reply):
        raise Refused({"agency_reply": _("พิมพ์คำชี้แจงก่อนบันทึก")})
    _claim_version(report, version)
    report.agency_reply = text
    _save(report, by=by, link=link, why="reply")
    return report


@action
def approve(
    *,
    report: StatusReport,
    by: User,
    version: int,
    assessed_status: str = "",
    assessed_note: str = "",
    assessed_meeting: str = "",
    assessed_grade: str = "",
    grounds: Collection[int] = (),
    needs_grade: bool = False,
) -> StatusReport:
    """Approve a submitted report, optionally with a different status assessed by the committee.

    If the committee overrules, its note is required and the agency's report is not checked.
    `assessed_grade` says what the status rests on, `grounds` on which pieces of the report's evidence
    (by key). An overruling needs a grade; `needs_grade` asks for one in any case, as for a report that
    a person reads by itself. Raises `Refused` with what is missing; what the agency's report lacks is
    one sentence, because its fields are not on the reviewer's page.
    """
    _lock(report)
    _check_decision(report, by)
    is_overruled = bool(assessed_status) and assessed_status != report.reported_status
    lacks = _missing_from_ground(
        report, assessed_grade, grounds, needed=is_overruled or needs_grade
    )
    if is_overruled:
        lacks |= missing_from_assessment(
            Assessment(
                status=assessed_status,
                kind=report.measure.kind,
                note=assessed_note,
                meeting=assessed_meeting,
                evidence=len(report.evidence.all()),
            )
        )
    else:
        assessed_status = assessed_note = assessed_meeting = ""
        if gaps := missing(report.claim()) | standing.lacks(report):
            lacks[""] = _(
                "รายงานยังไม่ครบตามสถานะที่รายงาน: %(list)s ส่งกลับให้แก้ไข หรือประเมินเป็นสถานะอื่น"
            ) % {"list": ", ".join(gaps.values())}
    if lacks:
        raise Refused(lacks)
    _claim_version(report, version)
    report.assessed_status = assessed_status
    report.assessed_note = assessed_note
    report.assessed_meeting = assessed_meeting
    report.assessed_grade = assessed_grade
    transitions.approve(report, by=by, at=timezone.now())
    _save(report, by=by, why="approve")
    _set_grounds(report, grounds)
    return report


def _missing_from_ground(
    report: StatusReport, grade: str, grounds: Collection[int], *, needed: bool
) -> dict[str, str]:
    """What a grade with its pieces of evidence lacks: field name -> Thai sentence."""
    known = {each.pk for each in report.evidence.all()}
    if not known.issuperset(grounds):
        return {"grounds": gone_ground_message()}
    if grade and grade not in GIVEN:
        return {"assessed_grade": _("เลือกหลักฐานที่ใช้จากรายการ")}
    return missing_from_grade(grade, named=len(set(grounds)), needed=needed)


def gone_ground_message() -> str:
    """What is said of a chosen piece of evidence that the report does not have."""
    return _("หลักฐานที่เลือกบางรายการไม่อยู่ในรายงานนี้แล้ว เปิดหน้าใหม่แล้วเลือกอีกครั้ง")


def _set_grounds(report: StatusReport, grounds: Collection[int]) -> None:
    """Mark exactly these pieces of the report's evidence as what its assessment rests on."""
    # Read anew: a verb that is tried once more has changed the rows at hand.
    for piece in Evidence.objects.filter(report=report):
        if piece.is_ground != (piece.pk in grounds):
            piece.is_ground = piece.pk in grounds
            piece.save()
    getattr(report, "_prefetched_objects_cache", {}).pop("evidence", None)


@action
def approve_many(
    *, reports: Sequence[tuple[StatusReport, int]], by: User, assessed_grade: str = ""
) -> int:
    """Approve several submitted reports with their agencies' statuses; returns how many.

    `reports` are (report, version that was read); `assessed_grade` is one grade for all of them, which
    may be left out. All or none: raises `Refused` with one line for each report that cannot be
    approved, or if the grade names evidence, which is chosen report by report.
    """
    if assessed_grade and assessed_grade not in GIVEN_AT_ONCE:
        raise Refused(
            _("“%(grade)s” ต้องระบุหลักฐานของแต่ละรายการ จึงรับรองทีละรายการ")
            % {"grade": Grade.DOCUMENTED.label}
        )
    # All rounds before any report.
    list(Round.objects.locked().filter(pk__in={report.round_id for report, _version in reports}))
    refused = []
    for report, version in reports:
        try:
            approve(report=report, by=by, version=version, assessed_grade=assessed_grade)
        except Conflict:
            refused.append(_("%(report)s เปลี่ยนไปหลังจากเปิดหน้า") % {"report": report.assignment})
        except Refused as error:
            refused.append(f"{report.assignment} {error}")
    if refused:
        raise Refused(_("ยังไม่รับรองรายการใด: %(list)s") % {"list": "; ".join(refused)})
    return len(reports)


@action
def send_back(*, report: StatusReport, by: User, version: int, reason: str) -> StatusReport:
    """Return a report to its writers, with the reason that says what to correct. Raises `Refused`.

    An approved report can be returned too: an error found late goes through the same two people. What
    came through an agency's link is told to its focal points by e-mail.
    """
    _lock(report)
    _check_decision(report, by, permissions.may_send_back)
    if not reason:
        raise Refused({"return_reason": _("ระบุสิ่งที่ต้องแก้ไข")})
    _claim_version(report, version)
    transitions.send_back(report, reason=reason)
    _save(report, by=by, why="return")
    _set_grounds(report, ())
    notices.after_return(report)
    return report


@action
def withdraw_report(*, report: StatusReport, by: User, version: int, reason: str) -> StatusReport:
    """Take a report out of its round, because another agency answers or it never was due.

    It keeps its content and counts nowhere. If the round was published before, its next edition tells
    the reason to the public. Raises `Refused` for a report that nobody has written: ending its
    assignment removes it.
    """
    _lock(report)
    require(permissions.may_administer(by))
    _check_open(report)
    if report.is_withdrawn:
        raise Refused(_("รายการนี้ถอนออกจากรอบแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด"))
    if report.is_untouched:
        raise Refused(_("ยังไม่มีผู้เขียนรายการนี้ กำหนดปีสุดท้ายของการมอบหมายแทน รายการจะหายไปเอง"))
    if not reason:
        raise Refused(
            {"withdrawn_reason": _("ระบุเหตุผลที่ถอน หากรอบเคยเผยแพร่แล้ว สาธารณะจะเห็นข้อความนี้")}
        )
    _claim_version(report, version)
    transitions.withdraw(report, reason=reason)
    _save(report, by=by, why="withdraw")
    return report


@action
def restore_report(*, report: StatusReport, by: User, version: int) -> StatusReport:
    """Put a withdrawn report back into its round, in the state that it had. Raises `Refused`."""
    _lock(report)
    require(permissions.may_administer(by))
    _check_open(report)
    if not report.is_withdrawn:
        raise Refused(_("รายการนี้อยู่ในรอบแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด"))
    _claim_version(report, version)
    transitions.restore(report)
    _save(report, by=by, why="restore")
    return report


def _check_open(report: StatusReport) -> None:
    if report.round.state != RoundState.OPEN:
        raise Refused(closed_message(report.round))


def _check_writer(report: StatusReport, by: User | None, link: AgencyLink | None) -> None:
    if link is not None:
        require(by is None and permissions.link_reaches(link, report))
    else:
        require(by is not None and permissions.may_work(by))


def _check_editable(report: StatusReport, by: User | None, link: AgencyLink | None) -> None:
    _check_writer(report, by, link)
    if report.round.state != RoundState.OPEN:
        raise Refused(closed_message(report.round, link=link))
    if not report.takes_text:
        raise Refused(
            _("รายการนี้อยู่ในขั้น “%(state)s” แล้ว ขอให้ผู้ตรวจส่งกลับก่อนจึงแก้ไขได้")
            % {"state": report.get_state_display()}
        )


def own_message(report: StatusReport) -> str:
    """Why this person cannot decide on the report: see `permissions.is_own_submission`."""
    if report.submitted_by_id is None:
        return _("รายการนี้ส่งผ่านลิงก์ที่ท่านออก หรือเคยเปิดขณะเข้าสู่ระบบ จึงต้องให้ผู้ตรวจคนอื่นตรวจ")
    return _("ผู้รายงานตรวจรายการของตนเองไม่ได้")


def _check_decision(
    report: StatusReport,
    by: User,
    allowed: Callable[[User, StatusReport], bool] = permissions.may_decide,
) -> None:
    require(permissions.may_review(by))
    if permissions.is_own_submission(by, report):
        raise Refused(own_message(report))
    if report.round.state == RoundState.PUBLISHED:
        raise Refused(
            _("รอบปีงบประมาณ %(year)s เผยแพร่แล้ว จึงไม่บันทึกผลการตรวจ เปิดแก้ไขรอบพร้อมเหตุผลก่อน")
            % {"year": report.round.label}
        )
    if not allowed(by, report):
        raise Refused(_("รายการนี้ไม่ได้รอตรวจ อาจมีผู้ตรวจไปแล้ว เปิดหน้าใหม่เพื่อดูผลล่าสุด"))
