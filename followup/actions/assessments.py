"""The verbs on the independent voice: the organisations, what they find, and what the committee does.

The committee judges law and decency only: `return_assessment` knows no other ground. An organisation
writes by its link, and never anything but its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import permissions
from followup.actions.base import (
    Conflict,
    Refused,
    action,
    locked_as_seen,
    locked_round,
    require,
)
from followup.actions.links import revoke_link
from followup.models import (
    Assessment,
    AssessmentAnswer,
    AssessmentEvidence,
    AssessmentState,
    AssessorLink,
    Ground,
    Organisation,
    Round,
    User,
)
from followup.models.assessments import WRITABLE
from followup.status import missing_from_independent
from forum_portal.compare_and_set import compare_and_set
from forum_portal.stored_version import version_of
from proposals.models import Measure

#: What a person sees and changes of an organisation, and of the committee's answer.
ORGANISATION_FIELDS = ("name_th", "name_en", "registration_number", "website")
ANSWER_FIELDS = ("text", "meeting_ref")


# Organisations ----------------------------------------------------------------------------------


@action
def register_organisation(*, by: User, fields: Mapping[str, str]) -> Organisation:
    """Register an organisation that may assess. `fields`: ORGANISATION_FIELDS. Raises `Refused`."""
    require(permissions.may_keep_organisations(by))
    organisation = Organisation(since=timezone.localdate(), invited_by=by)
    return _kept(organisation, fields)


@action
def change_organisation(
    *, organisation: Organisation, by: User, seen: str, fields: Mapping[str, str]
) -> Organisation:
    """Change what is known of an organisation. `seen`: the `version_of` ORGANISATION_FIELDS.

    Editions keep the name that it had. Raises `Conflict` and `Refused`.
    """
    require(permissions.may_keep_organisations(by))
    return _kept(locked_as_seen(organisation, ORGANISATION_FIELDS, seen), fields)


def _kept(organisation: Organisation, fields: Mapping[str, str]) -> Organisation:
    for name in ORGANISATION_FIELDS:
        setattr(organisation, name, fields.get(name, ""))
    wrong = {}
    if not organisation.name_th:
        wrong["name_th"] = _("ระบุชื่อองค์กร")
    if not organisation.registration_number:
        wrong["registration_number"] = _("ระบุเลขที่จดแจ้งหรือจดทะเบียน")
    if wrong:
        raise Refused(wrong)
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        raise Refused(
            {"registration_number": _("มีองค์กรที่ใช้เลขที่จดแจ้งนี้แล้ว ค้นในรายการองค์กรก่อน")}
        ) from error
    return organisation


@action
def end_organisation(*, organisation: Organisation, by: User) -> Organisation:
    """End an organisation's registration: its links open nothing any more.

    What was published of it stays, and so does what was accepted. Idempotent.
    """
    require(permissions.may_keep_organisations(by))
    stored = Organisation.objects.select_for_update().filter(pk=organisation.pk).first()
    if stored is None:
        raise Refused(_("องค์กรนี้มีผู้ลบไปแล้ว เปิดหน้าใหม่"))
    if not stored.is_active:
        return stored
    stored.ended_on = timezone.localdate()
    stored._change_reason = "ended"  # type: ignore[attr-defined]
    stored.save()
    for link in AssessorLink.objects.filter(organisation=stored, revoked_at=None):
        revoke_link(link=link, by=by)
    return stored


@action
def resume_organisation(*, organisation: Organisation, by: User) -> Organisation:
    """Take the end of an organisation's registration back; it needs a new link. Idempotent."""
    require(permissions.may_keep_organisations(by))
    stored = Organisation.objects.select_for_update().filter(pk=organisation.pk).first()
    if stored is None:
        raise Refused(_("องค์กรนี้มีผู้ลบไปแล้ว เปิดหน้าใหม่"))
    if not stored.is_active:
        stored.ended_on = None
        stored._change_reason = "resumed"  # type: ignore[attr-defined]
        stored.save()
    return stored


# The organisation's own road --------------------------------------------------------------------


@action
def save_assessment(
    *,
    link: AssessorLink,
    measure: Measure,
    version: int,
    status: str,
    reason: str,
    evidence: Sequence[Mapping[str, str]] = (),
) -> Assessment:
    """Store an organisation's draft on a measure. `evidence`: {title, url} of each link, in order.

    `version` is that of the stored assessment which the organisation has seen, 0 if there was none;
    another one raises `Conflict`. Raises `Refused` where the round takes none, for a measure that the
    round does not follow up, and while a sent one has not been taken back.
    """
    round_ = _locked(link)
    if not permissions.assessable_in(round_).filter(pk=measure.pk).exists():
        raise Refused(_("รอบนี้ไม่ได้ติดตามมาตรการย่อยนี้ เลือกจากรายการ"))
    stored = _of(link, measure)
    if stored is None:
        if version:
            raise Refused(gone_assessment())
        # The round's lock lets only one of two writers find none here.
        stored = Assessment(round=round_, measure=measure, organisation=link.organisation)
    elif stored.version != version:
        raise Conflict(stored)
    elif not stored.is_writable:
        raise Refused(settled_message(stored))
    if stored.pk is None:
        stored.status, stored.reason, stored.version = status, reason, 1
        stored._change_reason = "draft"
        stored.save()
    else:
        # A returned one stays returned until it is sent again: its reason is what is being worked on.
        is_returned = stored.state == AssessmentState.RETURNED
        state = AssessmentState.RETURNED if is_returned else AssessmentState.DRAFT
        _move(stored, "draft", from_=WRITABLE, state=state, status=status, reason=reason)
    _store_evidence(stored, evidence)
    return stored


def _store_evidence(assessment: Assessment, wanted: Sequence[Mapping[str, str]]) -> None:
    """Make the stored links those wanted; what stays as it is gets no new row."""
    held = list(assessment.evidence.all())
    now = [(each["title"], each["url"]) for each in wanted]
    if [(each.title, each.url) for each in held] == now:
        return
    for each in held:
        each.delete()
    for position, (title, url) in enumerate(now):
        AssessmentEvidence.objects.create(
            assessment=assessment, title=title, url=url, position=position
        )


@action
def submit_assessment(*, link: AssessorLink, assessment: Assessment, version: int) -> Assessment:
    """Send a draft to the committee. Raises `Refused` with what it lacks, by field, and `Conflict`."""
    round_ = _locked(link)
    stored = _own(link, assessment, version)
    if not stored.is_writable:
        raise Refused(settled_message(stored))
    if not permissions.assessable_in(round_).filter(pk=stored.measure_id).exists():
        raise Refused(_("รอบนี้ไม่ได้ติดตามมาตรการย่อยนี้ เลือกจากรายการ"))
    if lacks := missing_from_independent(
        status=stored.status,
        kind=stored.measure.kind,
        reason=stored.reason,
        evidence=stored.evidence.count(),
    ):
        raise Refused(lacks)
    return _move(
        stored,
        "submit",
        from_=WRITABLE,
        state=AssessmentState.SUBMITTED,
        submitted_at=timezone.now(),
        submitted_link=link,
        return_ground="",
        return_reason="",
    )


@action
def withdraw_assessment(*, link: AssessorLink, assessment: Assessment, version: int) -> Assessment:
    """Take one's own assessment back before it is accepted; it can be written and sent again.

    Raises `Refused` once it was accepted, and `Conflict`.
    """
    _locked(link)
    stored = _own(link, assessment, version)
    if stored.state != AssessmentState.SUBMITTED:
        raise Refused(_("ดึงกลับได้เฉพาะการประเมินที่ส่งแล้วและยังไม่มีผู้รับ"))
    return _move(
        stored, "withdraw", from_={AssessmentState.SUBMITTED}, state=AssessmentState.WITHDRAWN
    )


def _locked(link: AssessorLink) -> Round:
    """The link's round, locked. Raises `Refused` if the link works no more or the round takes none."""
    round_ = locked_round(link.round_id)
    now = AssessorLink.objects.select_related("round", "organisation").get(pk=link.pk)
    if not permissions.assessor_link_works(now):
        raise Refused(_("ลิงก์นี้ใช้ไม่ได้แล้ว คัดลอกข้อความไว้ แล้วขอลิงก์ใหม่จากฝ่ายเลขานุการ คสป."))
    return round_


def _of(link: AssessorLink, measure: Measure) -> Assessment | None:
    mine = permissions.assessments_of(link).filter(measure=measure)
    return mine.select_for_update(of=("self",)).select_related("measure").first()


def _own(link: AssessorLink, assessment: Assessment, version: int) -> Assessment:
    """The stored assessment, locked, if it is the link's own and as it was seen."""
    mine = permissions.assessments_of(link).filter(pk=assessment.pk)
    stored = mine.select_for_update(of=("self",)).select_related("measure").first()
    if stored is None:
        raise Refused(gone_assessment())
    if stored.version != version:
        raise Conflict(stored)
    return stored


def _move(
    assessment: Assessment, why: str, *, from_: frozenset[Any] | set[Any], **values: Any
) -> Assessment:
    """Move an assessment to a state, with a row of its history. Raises `Conflict` if it moved first."""
    expected = {"version": assessment.version, "state__in": from_}
    now = {"version": assessment.version + 1, "updated_at": timezone.now()}
    if not compare_and_set(assessment, expected=expected, **now, **values):
        raise Conflict(Assessment.objects.get(pk=assessment.pk))
    assessment._change_reason = why  # type: ignore[attr-defined]
    assessment.save()  # for its history row: the values are stored already
    return assessment


def gone_assessment() -> str:
    return _("การประเมินนี้ไม่มีแล้ว คัดลอกข้อความไว้ แล้วเปิดหน้าใหม่")


def settled_message(assessment: Assessment) -> str:
    """Why an assessment cannot be written now, and what helps."""
    if assessment.state == AssessmentState.ACCEPTED:
        return _("ฝ่ายเลขานุการรับการประเมินนี้แล้ว ติดต่อฝ่ายเลขานุการหากต้องการแก้ไข")
    return _("การประเมินนี้ส่งไปแล้ว ดึงกลับก่อน จึงแก้ไขได้")


# The committee's part ---------------------------------------------------------------------------


def _moderated(assessment: Assessment, by: User, version: int) -> Assessment:
    """The stored assessment, locked with its round, if this person may decide on what was seen."""
    require(permissions.may_review(by))
    locked_round(assessment.round_id)
    stored = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("round", "measure", "organisation", "submitted_link")
        .filter(pk=assessment.pk)
        .first()
    )
    if stored is None:
        raise Refused(gone_assessment())
    if stored.version != version:
        raise Conflict(stored)
    if not permissions.takes_assessments(stored.round):
        raise Refused(_("รอบนี้เผยแพร่แล้ว เปิดแก้ไขรอบพร้อมเหตุผลก่อน"))
    if permissions.issued_its_link(by, stored):
        raise Refused(_("ท่านเป็นผู้ออกลิงก์ที่ใช้ส่งการประเมินนี้ ให้ผู้ตรวจท่านอื่นพิจารณา"))
    return stored


@action
def accept_assessment(*, assessment: Assessment, by: User, version: int) -> Assessment:
    """Let a submitted assessment be published with its round, whatever it finds.

    Raises `Refused`, and `Conflict` if it changed since it was read.
    """
    stored = _moderated(assessment, by, version)
    if stored.state != AssessmentState.SUBMITTED:
        raise Refused(_("รับได้เฉพาะการประเมินที่ส่งแล้วและยังไม่มีผู้พิจารณา"))
    return _move(
        stored,
        "accept",
        from_={AssessmentState.SUBMITTED},
        state=AssessmentState.ACCEPTED,
        decided_at=timezone.now(),
        decided_by=by,
    )


@action
def return_assessment(
    *, assessment: Assessment, by: User, version: int, ground: str, reason: str
) -> Assessment:
    """Return a submitted or accepted assessment on one of two grounds, `Ground`, with the reason.

    What it finds is no ground. Raises `Refused` and `Conflict`.
    """
    stored = _moderated(assessment, by, version)
    wrong = {}
    if ground not in Ground.values:
        wrong["ground"] = _("เลือกเหตุที่ส่งกลับ: กฎหมาย หรือความสุภาพ")
    if not reason:
        wrong["reason"] = _("อธิบายว่าข้อความใดขัดต่อเหตุที่เลือก และแก้อย่างไร")
    if wrong:
        raise Refused(wrong)
    states = {AssessmentState.SUBMITTED, AssessmentState.ACCEPTED}
    if stored.state not in states:
        raise Refused(_("ส่งกลับได้เฉพาะการประเมินที่ส่งแล้ว"))
    return _move(
        stored,
        "return",
        from_=states,
        state=AssessmentState.RETURNED,
        decided_at=timezone.now(),
        decided_by=by,
        return_ground=ground,
        return_reason=reason,
    )


@action
def answer_assessment(
    *, assessment: Assessment, by: User, seen: str, text: str, meeting_ref: str = ""
) -> AssessmentAnswer:
    """Store the committee's answer to an accepted assessment, or change it.

    `seen`: the `version_of` ANSWER_FIELDS that the person has seen, "" if there was none; another one
    raises `Conflict`. Raises `Refused`.
    """
    stored = _answerable(assessment, by)
    if not text:
        raise Refused({"text": _("พิมพ์คำตอบของ คสป.")})
    answer = AssessmentAnswer.objects.select_for_update().filter(assessment=stored).first()
    if answer and seen != version_of(answer, ANSWER_FIELDS):
        raise Conflict(answer)
    if seen and answer is None:
        raise Refused(_("คำตอบนี้มีผู้ถอนไปแล้ว เปิดหน้าใหม่ แล้วบันทึกอีกครั้งหากยังต้องการ"))
    answer = answer or AssessmentAnswer(assessment=stored)
    answer.text, answer.meeting_ref = text, meeting_ref
    answer.answered_on = timezone.localdate()
    answer.save()
    return answer


@action
def remove_answer(*, answer: AssessmentAnswer, by: User, seen: str) -> None:
    """Withdraw the committee's answer. `seen`: see `answer_assessment`."""
    _answerable(answer.assessment, by)
    answer = locked_as_seen(answer, ANSWER_FIELDS, seen)
    answer._change_reason = "withdrawn"  # type: ignore[attr-defined]
    answer.delete()


def _answerable(assessment: Assessment, by: User) -> Assessment:
    require(permissions.may_review(by))
    locked_round(assessment.round_id)
    stored = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("round")
        .filter(pk=assessment.pk)
        .first()
    )
    if stored is None:
        raise Refused(gone_assessment())
    if not permissions.may_answer_assessment(by, stored):
        raise Refused(_("ตอบได้เฉพาะการประเมินที่รับแล้ว ในรอบที่ยังไม่เผยแพร่"))
    return stored
