"""Every constraint of the database, from both sides."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from followup.models import (
    Agency,
    AgencyAlias,
    AgencyLink,
    Assessment,
    AssessmentAnswer,
    AssessmentEvidence,
    AssessorLink,
    Assignment,
    DailyDuty,
    Digest,
    Evidence,
    Feedback,
    FeedbackCount,
    FileType,
    FocalPoint,
    Following,
    ForumDraft,
    GroupMember,
    ImportedRow,
    Letter,
    LinkCheck,
    Narrative,
    News,
    NewsMail,
    Organisation,
    PrintJob,
    PublicAnswer,
    PublishedAgency,
    PublishedAssessment,
    PublishedCell,
    PublishedEvidence,
    PublishedLine,
    PublishedMeasure,
    PublishedPlace,
    PublishedProject,
    PublishedRequest,
    RecordEntry,
    RenderedReport,
    Round,
    Ruling,
    SearchText,
    SentMail,
    Snapshot,
    SourceCorrection,
    SpreadsheetImport,
    StatusReport,
    Subscriber,
    TakenBack,
)
from followup.status import STORED
from followup.tests.models.rows import APPROVED, NOON, ROUND_STATES, SENT, SUBMITTED, new_row
from forum_portal.years import to_ce

STORED_FILE = {
    "url": "",
    "file": "2569/a1b2",
    "file_name": "สรุป.pdf",
    "file_type": "pdf",
    "size": 1,
    "sha256": "0" * 64,
}


@dataclass(frozen=True)
class BothSides:
    """What one constraint accepts and what it refuses; "@other" names a row of the world."""

    model: type[models.Model]
    accepts: list[dict[str, Any]]
    refuses: list[dict[str, Any]]
    or_by: str = ""  # another constraint that refuses the same rows, and may be the one named


def each_stored(field: str, **more: Any) -> list[dict[str, Any]]:
    return [{field: status.value} | more for status in STORED]


CLOSED = {"state": "answered", "answer": "ตอบแล้ว", "taken_at": NOON, "closed_at": NOON}
CORRECTED = CLOSED | {"state": "corrected", "corrected_at": NOON}
DECLINED = CLOSED | {"state": "declined"}
SENT_FILE = {"file": "abc", "file_name": "ก.pdf", "file_type": "pdf", "size": 1}

CONSTRAINTS = {
    "organisation_has_name": BothSides(
        Organisation, accepts=[{"name_th": "ก"}], refuses=[{"name_th": ""}]
    ),
    "organisation_has_number": BothSides(
        Organisation,
        accepts=[{"registration_number": "9"}],
        refuses=[{"registration_number": ""}],
    ),
    "organisation_once": BothSides(
        Organisation,
        accepts=[{"registration_number": "2/2565"}],
        refuses=[{"registration_number": "1/2565"}],
    ),
    "organisation_website_is_web": BothSides(
        Organisation,
        accepts=[{"website": ""}, {"website": "https://example.org/"}],
        refuses=[{"website": "javascript:alert(1)"}],
    ),
    "organisation_ends_after_beginning": BothSides(
        Organisation,
        accepts=[{"ended_on": None}, {"ended_on": date(2026, 10, 1)}],
        refuses=[{"ended_on": date(2026, 9, 30)}],
    ),
    "assessor_link_expires_after_issue": BothSides(
        AssessorLink,
        accepts=[{"expires_at": NOON + timedelta(hours=1)}],
        refuses=[{"expires_at": NOON}],
    ),
    "assessor_link_one_at_a_time": BothSides(
        AssessorLink,
        accepts=[{"round": "@later"}, {"round": "@round", "revoked_at": NOON}],
        refuses=[{"round": "@round"}],
    ),
    "assessment_once": BothSides(
        Assessment,
        accepts=[{"round": "@later"}, {"round": "@round", "measure": "@other"}],
        refuses=[{"round": "@round"}],
    ),
    "assessment_state_known": BothSides(
        Assessment, accepts=[{"state": "draft"}, SENT], refuses=[{"state": "lost"}]
    ),
    "assessment_status_known": BothSides(
        Assessment,
        accepts=[{"status": ""}, {"status": "completed"}],
        refuses=[{"status": "no_report"}, {"status": "cancelled"}],
    ),
    "assessment_submitted_is_complete": BothSides(
        Assessment,
        accepts=[SENT, {"state": "draft"}],
        refuses=[
            SENT | {"status": ""},
            SENT | {"reason": ""},
            SENT | {"submitted_at": None},
            SENT | {"state": "accepted", "decided_at": NOON, "reason": ""},
        ],
    ),
    "assessment_accepted_has_moment": BothSides(
        Assessment,
        accepts=[SENT | {"state": "accepted", "decided_at": NOON}],
        refuses=[SENT | {"state": "accepted"}],
    ),
    "assessment_ground_known": BothSides(
        Assessment,
        accepts=[{"return_ground": ""}, {"return_ground": "decency"}],
        refuses=[{"return_ground": "opinion"}],
    ),
    "assessment_returned_has_ground": BothSides(
        Assessment,
        accepts=[{"state": "returned", "return_ground": "law", "return_reason": "มีชื่อบุคคล"}],
        refuses=[
            {"state": "returned", "return_ground": "law"},
            {"state": "returned", "return_reason": "มีชื่อบุคคล"},
        ],
    ),
    "assessment_evidence_is_web": BothSides(
        AssessmentEvidence,
        accepts=[{"url": "http://example.org/"}],
        refuses=[{"url": ""}, {"url": "javascript:alert(1)"}],
    ),
    "assessment_evidence_has_title": BothSides(
        AssessmentEvidence, accepts=[{"title": "ก"}], refuses=[{"title": ""}]
    ),
    "assessment_answer_has_text": BothSides(
        AssessmentAnswer, accepts=[{"text": "ก"}], refuses=[{"text": ""}]
    ),
    "published_assessment_once": BothSides(
        PublishedAssessment, accepts=[{"position": 2}], refuses=[{"position": 1}]
    ),
    "agency_kind_known": BothSides(
        Agency,
        accepts=[{"kind": "government"}, {"kind": "sector"}],
        refuses=[{"kind": ""}, {"kind": "club"}],
    ),
    "agency_not_its_own_parent": BothSides(
        Agency,
        accepts=[{"parent": "@agency"}, {"parent": None}],
        refuses=[{"pk": 777, "parent_id": 777}],
    ),
    "agency_not_its_own_successor": BothSides(
        Agency,
        accepts=[{"successor": "@agency"}, {"successor": None}],
        refuses=[{"pk": 777, "successor_id": 777}],
    ),
    "agency_not_merged_into_itself": BothSides(
        Agency,
        accepts=[{"merged_into": "@agency"}, {"merged_into": None}],
        refuses=[{"pk": 777, "merged_into_id": 777}],
    ),
    "agency_alias_once": BothSides(
        AgencyAlias,
        accepts=[{"name": "สปน."}, {"name": "สป.", "agency": "@agency2"}],
        refuses=[{"name": "สป."}],
    ),
    "assignment_once": BothSides(
        Assignment,
        accepts=[
            {"valid_from": 2565},
            {"measure": "@measure", "valid_from": 2566},
            {"measure": "@other", "agency": "@agency2", "valid_from": 2565},
        ],
        refuses=[{"measure": "@measure", "valid_from": 2565, "role": "support"}],
    ),
    "assignment_role_known": BothSides(
        Assignment, accepts=[{"role": "lead"}, {"role": "support"}], refuses=[{"role": "main"}]
    ),
    "assignment_basis_known": BothSides(
        Assignment,
        accepts=[{"basis": "named"}, {"basis": "proposed"}, {"basis": "confirmed"}],
        refuses=[{"basis": ""}, {"basis": "guessed"}],
    ),
    "assignment_from_is_buddhist": BothSides(
        Assignment,
        accepts=[{"valid_from": 2560}, {"valid_from": 2599}],
        refuses=[{"valid_from": 2559}, {"valid_from": 2600}, {"valid_from": to_ce(2566)}],
    ),
    "assignment_ends_after_start": BothSides(
        Assignment,
        accepts=[
            {"valid_to": None},
            {"valid_to": 2565},  # replaced before it was in force
            {"valid_to": 2566},
            {"valid_to": 2599},
        ],
        refuses=[{"valid_to": 2564}, {"valid_to": 2600}, {"valid_to": to_ce(2566)}],
    ),
    "assignment_not_its_own_predecessor": BothSides(
        Assignment,
        accepts=[{"predecessor": "@assignment"}, {"predecessor": None}],
        refuses=[{"pk": 777, "predecessor_id": 777}],
    ),
    "assignment_meeting_of_confirmed": BothSides(
        Assignment,
        accepts=[
            {"basis": "confirmed"},  # before the meetings were stored
            {"basis": "confirmed", "confirmed_ref": "3/2569", "confirmed_on": date(2026, 10, 12)},
        ],
        refuses=[
            {"basis": "confirmed", "confirmed_ref": "3/2569"},
            {"basis": "confirmed", "confirmed_on": date(2026, 10, 12)},
            {"basis": "proposed", "confirmed_ref": "3/2569", "confirmed_on": date(2026, 10, 12)},
        ],
    ),
    "round_once": BothSides(
        Round,
        accepts=[{"year_be": 2571}, {"year_be": 2569, "months": 6}],
        refuses=[{"year_be": 2569}],
    ),
    "round_months_known": BothSides(
        Round,
        accepts=[{"months": 6}],
        refuses=[{"months": 0}, {"months": 9}],
    ),
    "round_year_is_buddhist": BothSides(
        Round,
        accepts=[{"year_be": 2560}, {"year_be": 2599}],
        refuses=[{"year_be": 2559}, {"year_be": 2600}, {"year_be": to_ce(2570)}],
    ),
    "forum_draft_year_is_buddhist": BothSides(
        ForumDraft,
        accepts=[{"year_be": 2560}, {"year_be": 2599}],
        refuses=[{"year_be": 2559}, {"year_be": 2600}, {"year_be": to_ce(2566)}],
    ),
    "source_correction_has_reason": BothSides(
        SourceCorrection,
        accepts=[{"before": ""}, {"reason": "พิมพ์ผิด"}],
        refuses=[{"reason": ""}, {"after": ""}],
    ),
    "round_ends_after_start": BothSides(
        Round,
        accepts=[{"ends_on": date(2026, 10, 2)}],
        refuses=[{"ends_on": date(2026, 10, 1)}, {"ends_on": date(2026, 9, 30)}],
    ),
    "round_due_after_start": BothSides(
        Round,
        accepts=[{"due_on": date(2026, 10, 1)}, {"due_on": date(2030, 1, 1)}],
        refuses=[{"due_on": date(2026, 9, 30)}],
    ),
    "round_extension_is_later_and_has_reason": BothSides(
        Round,
        accepts=[
            {},
            {"due_first_on": date(2026, 11, 1), "due_on": date(2026, 11, 2), "due_reason": "ก"},
        ],
        refuses=[
            {"due_reason": "ก"},
            {"due_first_on": date(2026, 9, 1)},
            {"due_first_on": date(2026, 11, 2), "due_on": date(2026, 11, 2), "due_reason": "ก"},
        ],
    ),
    "round_state_known": BothSides(
        Round,
        accepts=list(ROUND_STATES.values()),
        refuses=[ROUND_STATES["closed"] | {"state": "archived"}],
        or_by="round_closed_has_moment",
    ),
    "round_opened_when_not_planned": BothSides(
        Round,
        accepts=list(ROUND_STATES.values()),
        refuses=[
            {"state": "planned", "opened_at": NOON},
            *(ROUND_STATES[state] | {"opened_at": None} for state in ("open", "closed")),
            ROUND_STATES["published"] | {"opened_at": None},
        ],
    ),
    "round_closed_has_moment": BothSides(
        Round,
        accepts=list(ROUND_STATES.values()),
        refuses=[
            ROUND_STATES["planned"] | {"closed_at": NOON},
            ROUND_STATES["open"] | {"closed_at": NOON},
            ROUND_STATES["closed"] | {"closed_at": None},
            ROUND_STATES["published"] | {"closed_at": None},
        ],
    ),
    "round_published_has_moment": BothSides(
        Round,
        accepts=list(ROUND_STATES.values()),
        refuses=[
            ROUND_STATES["published"] | {"published_at": None},
        ],
    ),
    "round_reopened_has_reason": BothSides(
        Round,
        accepts=[
            *ROUND_STATES.values(),
            *(
                ROUND_STATES[state] | {"published_at": NOON, "reopen_reason": "พบตัวเลขผิด"}
                for state in ("open", "closed")
            ),
        ],
        refuses=[
            *(ROUND_STATES[state] | {"published_at": NOON} for state in ("open", "closed")),
            *(
                ROUND_STATES["planned"] | {"published_at": NOON, "reopen_reason": reason}
                for reason in ("", "พบตัวเลขผิด")
            ),
        ],
    ),
    "snapshot_once": BothSides(
        Snapshot,
        accepts=[{"number": 2, "reason": "พบตัวเลขผิด"}, {"round": "@later", "number": 1}],
        refuses=[{"number": 1}],
    ),
    "snapshot_correction_has_reason": BothSides(
        Snapshot,
        accepts=[{"round": "@later"}, {"number": 2, "reason": "พบตัวเลขผิด"}],
        refuses=[{"number": 2}, {"number": 0, "reason": "พบตัวเลขผิด"}],
    ),
    "taken_back_has_note": BothSides(TakenBack, accepts=[{}], refuses=[{"note": ""}]),
    "focal_point_one_main": BothSides(
        FocalPoint,
        accepts=[{"is_main": False}, {"agency": "@agency2"}],
        refuses=[{"is_main": True}],
    ),
    "focal_point_can_be_reached": BothSides(
        FocalPoint,
        accepts=[{"is_main": False, **each} for each in ({"email": ""}, {"phone": ""})],
        refuses=[{"is_main": False, "email": "", "phone": ""}],
    ),
    "letter_once": BothSides(
        Letter,
        accepts=[{"attempt": 2}, {"agency": "@agency2"}, {"round": "@later"}],
        refuses=[{"number": "นร 2"}],
    ),
    "letter_attempt_one_to_three": BothSides(
        Letter,
        accepts=[{"round": "@later", "attempt": attempt} for attempt in (1, 2, 3)],
        refuses=[{"round": "@later", "attempt": attempt} for attempt in (0, 4)],
    ),
    "letter_has_number": BothSides(
        Letter, accepts=[{"attempt": 2}], refuses=[{"attempt": 2, "number": ""}]
    ),
    "letter_answer_after_sending": BothSides(
        Letter,
        accepts=[{"attempt": 2, "answer_by": date(2026, 10, 5)}],
        refuses=[{"attempt": 2, "answer_by": date(2026, 10, 4)}],
    ),
    "letter_answered_after_sending": BothSides(
        Letter,
        accepts=[{"attempt": 2, "answered_on": date(2026, 10, 5)}],
        refuses=[{"attempt": 2, "answered_on": date(2026, 10, 4)}],
    ),
    "link_expires_after_issue": BothSides(
        AgencyLink,
        accepts=[{}],
        refuses=[{"expires_at": NOON}],
    ),
    "link_one_at_a_time": BothSides(
        AgencyLink,
        accepts=[
            {},
            {"agency": "@agency", "revoked_at": NOON},
            {"agency": "@agency", "round": "@later"},
        ],
        refuses=[{"agency": "@agency"}],
    ),
    "feedback_count_of_be_year": BothSides(
        FeedbackCount, accepts=[{}], refuses=[{"year_be": 2026}]
    ),
    "feedback_number_once": BothSides(
        Feedback,
        accepts=[{}, {"year_be": 2569, "serial": 2}],
        refuses=[{"year_be": 2569}],
    ),
    "feedback_year_is_buddhist": BothSides(
        Feedback, accepts=[{"year_be": 2560}, {"year_be": 2599}], refuses=[{"year_be": 2026}]
    ),
    "feedback_kind_known": BothSides(
        Feedback,
        accepts=[{"kind": kind} for kind in ("more", "fix", "link", "other")],
        refuses=[{"kind": ""}, {"kind": "spam"}],
    ),
    "feedback_state_known": BothSides(
        Feedback,
        accepts=[{}, {"state": "checking", "taken_at": NOON}, CLOSED, CORRECTED, DECLINED],
        refuses=[{"state": ""}, {"state": "gone"}],
        or_by="feedback_closed_with_an_answer",
    ),
    "feedback_about_one_thing": BothSides(
        Feedback,
        accepts=[{}, {"measure": "@measure"}, {"agency": "@agency"}],
        refuses=[{"measure": "@measure", "agency": "@agency"}],
    ),
    "feedback_closed_with_an_answer": BothSides(
        Feedback,
        accepts=[CLOSED, DECLINED],
        refuses=[
            {"answer": "ตอบแล้ว"},
            {"state": "checking"},
            CLOSED | {"answer": ""},
            CLOSED | {"closed_at": None},
            CLOSED | {"taken_at": None},
            CLOSED | {"state": "checking"},
        ],
    ),
    "feedback_corrected_with_its_state": BothSides(
        Feedback,
        accepts=[CORRECTED],
        refuses=[CORRECTED | {"corrected_at": None}, CLOSED | {"corrected_at": NOON}],
    ),
    "feedback_url_is_web": BothSides(
        Feedback,
        accepts=[{"url": ""}, {"url": "http://a.org"}, {"url": "https://a.org"}],
        refuses=[{"url": "javascript:alert(1)"}],
    ),
    "feedback_file_is_described": BothSides(
        Feedback,
        accepts=[{}, SENT_FILE],
        refuses=[
            {"file_name": "ก.pdf"},
            *(
                SENT_FILE | {name: empty}
                for name, empty in (
                    ("file", ""),
                    ("file_name", ""),
                    ("file_type", "exe"),
                    ("size", None),
                )
            ),
        ],
    ),
    "feedback_has_text": BothSides(
        Feedback, accepts=[{}, {"text": "", "purged_at": NOON}], refuses=[{"text": ""}]
    ),
    "feedback_purged_of_its_sender": BothSides(
        Feedback,
        accepts=[{"contact": "0 2111 1111", "sender": "a"}, {"purged_at": NOON}],
        refuses=[
            {"purged_at": NOON, "contact": "0 2111 1111"},
            {"purged_at": NOON, "sender": "a"},
            SENT_FILE | {"purged_at": NOON},
        ],
    ),
    "public_answer_about_one_thing": BothSides(
        PublicAnswer,
        accepts=[{}, {"measure": None, "agency": "@agency"}],
        refuses=[{"measure": None}, {"agency": "@agency"}],
    ),
    "public_answer_has_both_texts": BothSides(
        PublicAnswer, accepts=[{}], refuses=[{"text": ""}, {"answer": ""}]
    ),
    "public_answer_kind_known": BothSides(
        PublicAnswer, accepts=[{"kind": "link"}], refuses=[{"kind": ""}]
    ),
    "narrative_once": BothSides(
        Narrative,
        accepts=[{}, {"round": "@round", "slot": "summary"}],
        refuses=[{"round": "@round"}],
    ),
    "narrative_not_empty": BothSides(Narrative, accepts=[{}], refuses=[{"text": ""}]),
    "rendered_report_once": BothSides(
        RenderedReport,
        accepts=[{}, {"kind": "document"}, {"language": "en"}],
        refuses=[{"kind": "pdf"}],
    ),
    "rendered_report_part_of_page": BothSides(
        RenderedReport,
        accepts=[{}, {"kind": "page", "part": 2, "page": 1}],
        refuses=[{"part": 1}, {"page": 1}],
    ),
    "rendered_report_kind_known": BothSides(
        RenderedReport, accepts=[{}], refuses=[{"kind": "odt"}]
    ),
    "rendered_report_language_known": BothSides(
        RenderedReport, accepts=[{}, {"language": "en"}], refuses=[{"language": "de"}]
    ),
    "print_job_kind_known": BothSides(
        PrintJob, accepts=[{}, {"kind": "docx"}], refuses=[{"kind": "document"}]
    ),
    "print_job_ends_with_its_state": BothSides(
        PrintJob,
        accepts=[{}, {"state": "done", "ended_at": NOON}, {"state": "failed", "ended_at": NOON}],
        refuses=[{"state": "done"}, {"ended_at": NOON}, {"state": "waiting", "ended_at": NOON}],
    ),
    "digest_once_a_day": BothSides(
        Digest,
        accepts=[{"user": "@reviewer"}, {"day": date(2026, 10, 6)}],
        refuses=[{}],
    ),
    "mail_once_a_person": BothSides(
        SentMail,
        # The key of another sending; nobody, as after the person was removed.
        accepts=[{"focal_point": "@contact", "sending": UUID(int=2)}, {}],
        refuses=[{"focal_point": "@contact"}],
    ),
    "mail_content_known": BothSides(
        SentMail,
        accepts=[{"content": each} for each in SentMail.Content.values],
        refuses=[{"content": ""}, {"content": "letter"}],
    ),
    "mail_outcome_known": BothSides(
        SentMail,
        accepts=[{"outcome": each} for each in SentMail.Outcome.values],
        refuses=[{"outcome": ""}, {"outcome": "read"}],
    ),
    "subscriber_confirmed_once": BothSides(
        Subscriber,
        # A request of an address that is confirmed already is a row of its own.
        accepts=[{"email": "nok@example.org"}, {"confirmed_at": NOON}],
        refuses=[{"email": "nok@example.org", "confirmed_at": NOON}],
    ),
    "subscriber_language_known": BothSides(
        Subscriber, accepts=[{}, {"language": "en"}], refuses=[{"language": "de"}]
    ),
    "following_is_of_one_thing": BothSides(
        Following,
        accepts=[
            {},
            {"resolution": None, "agency": "@agency"},
            {"resolution": None, "province": "@province"},
        ],
        refuses=[
            {"resolution": None},
            {"agency": "@agency"},
            {"province": "@province"},
            {"resolution": None, "agency": "@agency", "province": "@province"},
        ],
    ),
    "following_resolution_once": BothSides(
        Following,
        accepts=[{"subscriber": "@subscriber", "resolution": "@second"}],
        refuses=[{"subscriber": "@subscriber"}],
    ),
    "following_agency_once": BothSides(
        Following,
        accepts=[{"resolution": None, "agency": "@agency"}],
        refuses=[{"subscriber": "@subscriber", "resolution": None, "agency": "@agency"}],
    ),
    "following_province_once": BothSides(
        Following,
        accepts=[{"resolution": None, "province": "@province"}],
        refuses=[{"subscriber": "@subscriber", "resolution": None, "province": "@province"}],
    ),
    "daily_duty_once": BothSides(
        DailyDuty, accepts=[{"kind": "send_digests"}, {"day": date(2026, 10, 6)}], refuses=[{}]
    ),
    "news_once": BothSides(News, accepts=[{}], refuses=[{"kind": "edition"}]),
    "news_kind_known": BothSides(News, accepts=[{}], refuses=[{"kind": ""}, {"kind": "other"}]),
    "news_mail_once": BothSides(NewsMail, accepts=[{}], refuses=[{"subscriber": "@subscriber"}]),
    "news_mail_outcome_known": BothSides(
        NewsMail,
        accepts=[{"outcome": each} for each in NewsMail.Outcome.values],
        refuses=[{"outcome": ""}, {"outcome": "read"}],
    ),
    "report_once": BothSides(
        StatusReport,
        accepts=[{"round": "@later"}, {"round": "@later", "assignment": "@assignment2"}],
        refuses=[{"round": "@round"}],
    ),
    "report_not_told_in_itself": BothSides(
        StatusReport,
        accepts=[{"told_in": None}, {"told_in": "@report"}],
        refuses=[{"pk": 999_999, "told_in_id": 999_999}],
    ),
    "report_state_known": BothSides(
        StatusReport,
        accepts=[{"state": "draft"}, SUBMITTED, APPROVED],
        refuses=[{"state": ""}, {"state": "published"}],
    ),
    "report_source_known": BothSides(
        StatusReport,
        accepts=[{"source": "typed"}, {"source": "spreadsheet"}, {"source": "letter"}],
        refuses=[{"source": ""}, {"source": "telephone"}],
    ),
    "report_status_known": BothSides(
        StatusReport,
        accepts=[{"reported_status": ""}, *each_stored("reported_status")],
        refuses=[{"reported_status": "no_report"}, {"reported_status": "done"}],
    ),
    "report_response_known": BothSides(
        StatusReport,
        accepts=[{"response": ""}, {"response": "partly"}],
        refuses=[{"response": "no_answer"}, {"response": "maybe"}],
    ),
    "report_response_has_day": BothSides(
        StatusReport,
        accepts=[
            {"response": "accepted"},
            SUBMITTED | {"response": "accepted", "response_on": date(2026, 3, 2)},
        ],
        refuses=[SUBMITTED | {"response": "accepted"}],
    ),
    "report_assessed_grade_known": BothSides(
        StatusReport,
        accepts=[{"assessed_grade": ""}, {"assessed_grade": "said"}],
        refuses=[{"assessed_grade": "ungraded"}, {"assessed_grade": "rumour"}],
    ),
    "report_assessed_known": BothSides(
        StatusReport,
        accepts=[{"assessed_status": ""}, *each_stored("assessed_status")],
        refuses=[{"assessed_status": "no_report"}, {"assessed_status": "done"}],
    ),
    "report_submitted_has_status": BothSides(
        StatusReport,
        accepts=[SUBMITTED, APPROVED, {"state": "draft", "reported_status": ""}],
        refuses=[SUBMITTED | {"reported_status": ""}, APPROVED | {"reported_status": ""}],
    ),
    "report_returned_has_reason": BothSides(
        StatusReport,
        accepts=[{"state": "returned", "return_reason": "ระบุจำนวน"}],
        refuses=[{"state": "returned", "return_reason": ""}],
    ),
    "report_withdrawn_has_reason": BothSides(
        StatusReport,
        accepts=[{"state": "withdrawn", "withdrawn_reason": "โอนภารกิจ"}],
        refuses=[{"state": "withdrawn", "withdrawn_reason": ""}],
    ),
    "report_submitted_has_moment": BothSides(
        StatusReport,
        accepts=[SUBMITTED, APPROVED, {"state": "draft", "submitted_at": None}],
        refuses=[SUBMITTED | {"submitted_at": None}, APPROVED | {"submitted_at": None}],
    ),
    "report_approved_has_moment": BothSides(
        StatusReport,
        accepts=[APPROVED, SUBMITTED],
        refuses=[APPROVED | {"approved_at": None}],
    ),
    "report_approved_by_another": BothSides(
        StatusReport,
        # The last two: somebody's account was deleted since.
        accepts=[APPROVED, APPROVED | {"approved_by": None}, APPROVED | {"submitted_by": None}],
        refuses=[APPROVED | {"approved_by": "@writer"}, APPROVED | {"submitted_by": "@reviewer"}],
    ),
    "report_budget_received_not_negative": BothSides(
        StatusReport,
        accepts=[{"budget_received": None}, {"budget_received": 0}, {"budget_received": 1}],
        refuses=[{"budget_received": Decimal("-0.01")}],
    ),
    "report_budget_spent_not_negative": BothSides(
        StatusReport,
        # more than was received is odd, but it happens
        accepts=[
            {"budget_spent": None},
            {"budget_spent": 0, "budget_received": 0},
            {"budget_spent": 2, "budget_received": 1},
        ],
        refuses=[{"budget_spent": Decimal("-0.01")}],
    ),
    "report_on_hold_has_reason": BothSides(
        StatusReport,
        accepts=[
            SUBMITTED | {"reported_status": "on_hold", "obstacles": "รอระเบียบ"},
            {"state": "draft", "reported_status": "on_hold", "obstacles": ""},
        ],
        refuses=[state | {"reported_status": "on_hold"} for state in (SUBMITTED, APPROVED)],
    ),
    "report_in_progress_has_results": BothSides(
        StatusReport,
        accepts=[
            SUBMITTED | {"reported_status": "in_progress", "results": "จัดเวทีแล้ว"},
            {"state": "draft", "reported_status": "in_progress", "results": ""},
        ],
        refuses=[state | {"reported_status": "in_progress"} for state in (SUBMITTED, APPROVED)],
    ),
    "report_cancelled_has_meeting": BothSides(
        StatusReport,
        accepts=[
            SUBMITTED | {"reported_status": "cancelled", "meeting_ref": "2/2569"},
            {"state": "draft", "reported_status": "cancelled", "meeting_ref": ""},
        ],
        refuses=[state | {"reported_status": "cancelled"} for state in (SUBMITTED, APPROVED)],
    ),
    "evidence_url_is_web": BothSides(
        Evidence,
        accepts=[{"url": "https://example.org/ก"}, {"url": "http://example.org/"}],
        refuses=[
            {"url": "javascript:alert(1)//https://example.org"},
            {"url": "data:text/html,https://example.org"},
            {"url": "ftp://example.org/"},
            {"url": " https://example.org/"},
            {"url": "https:/example.org/"},
        ],
    ),
    "evidence_is_link_or_file": BothSides(
        Evidence,
        accepts=[{}, STORED_FILE, STORED_FILE | {"url": "https://example.org/"}],
        refuses=[{"url": ""}],
    ),
    "evidence_kind_known": BothSides(
        Evidence,
        accepts=[{"kind": ""}, {"kind": "minutes"}],
        refuses=[{"kind": "rumour"}],
    ),
    "evidence_file_is_described": BothSides(
        Evidence,
        accepts=[STORED_FILE, STORED_FILE | {"size": 0}],
        refuses=[
            STORED_FILE | {name: empty}
            for name, empty in (
                ("file_name", ""),
                ("file_type", ""),
                ("sha256", ""),
                ("size", None),
            )
        ],
    ),
    "evidence_type_known": BothSides(
        Evidence,
        accepts=[STORED_FILE | {"file_type": kind} for kind in FileType.values],
        refuses=[STORED_FILE | {"file_type": "exe"}],
    ),
    "evidence_has_title": BothSides(Evidence, accepts=[{"title": "สรุป"}], refuses=[{"title": ""}]),
    "ruling_on_one_thing": BothSides(
        Ruling,
        accepts=[{"measure": "@measure"}, {"measure": None, "resolution": "@resolution"}],
        refuses=[{"measure": None}, {"measure": "@measure", "resolution": "@resolution"}],
    ),
    "ruling_status_known": BothSides(
        Ruling,
        accepts=each_stored("status"),
        refuses=[{"status": ""}, {"status": "no_report"}],
    ),
    "ruling_cites_meeting": BothSides(
        Ruling, accepts=[{"meeting_ref": "2/2569"}], refuses=[{"meeting_ref": ""}]
    ),
    "ruling_resolution_once": BothSides(
        Ruling,
        accepts=[
            {"round": "@later", "measure": None, "resolution": "@resolution"},
            {"round": "@round", "measure": None, "resolution": "@second"},
        ],
        refuses=[{"round": "@round", "measure": None, "resolution": "@resolution"}],
    ),
    "ruling_measure_once": BothSides(
        Ruling,
        accepts=[{"round": "@later"}, {"round": "@round", "measure": "@other"}],
        refuses=[{"round": "@round"}],
    ),
    "import_state_known": BothSides(
        SpreadsheetImport,
        accepts=[
            {"state": state} for state in ("uploaded", "checking", "checked", "applying", "failed")
        ],
        refuses=[{"state": ""}, {"state": "done"}],
    ),
    "import_applied_has_moment": BothSides(
        SpreadsheetImport,
        accepts=[
            {"state": state, "applied_at": NOON}
            for state in ("applied", "undoing", "undone", "failed")
        ],
        refuses=[{"state": "applied"}, {"state": "undoing"}, {"state": "undone"}],
    ),
    "record_entry_act_known": BothSides(
        RecordEntry,
        accepts=[{"act": "added"}, {"act": "demo_removed"}],
        refuses=[{"act": ""}, {"act": "seen"}],
    ),
    "imported_report_once": BothSides(
        ImportedRow, accepts=[{"report": "@report2"}], refuses=[{"report": "@report"}]
    ),
    "group_member_once": BothSides(
        GroupMember,
        accepts=[{"valid_from": 2566}, {"group": "@agency", "agency": "@agency2"}],
        refuses=[{"valid_from": 2565}],
    ),
    "group_not_its_own_member": BothSides(
        GroupMember, accepts=[{"agency": "@agency"}], refuses=[{"agency": "@agency2"}]
    ),
    "group_member_from_is_buddhist": BothSides(
        GroupMember,
        accepts=[{"valid_from": 2560}, {"valid_from": 2599}],
        refuses=[{"valid_from": 2559}, {"valid_from": 2600}, {"valid_from": to_ce(2566)}],
    ),
    "group_member_ends_after_start": BothSides(
        GroupMember,
        accepts=[{"valid_to": None}, {"valid_to": 2566}, {"valid_to": 2599}],
        refuses=[{"valid_to": 2565}, {"valid_to": 2600}],
    ),
    "published_measure_once": BothSides(
        PublishedMeasure, accepts=[{"measure_id": 2}], refuses=[{"measure_id": 1}]
    ),
    "published_line_once": BothSides(
        PublishedLine,
        accepts=[{"position": 2, "assignment_id": 2}],
        refuses=[{"position": 1, "assignment_id": 2}],
    ),
    "published_line_assignment": BothSides(
        PublishedLine,
        accepts=[{"position": 2, "assignment_id": 2}],
        refuses=[{"position": 2, "assignment_id": 1}],
    ),
    "published_agency_once": BothSides(
        PublishedAgency, accepts=[{}], refuses=[{"agency_id": "@agency_pk"}]
    ),
    "published_cell_once": BothSides(
        PublishedCell,
        accepts=[{"resolution_id": 2}, {"answering": "group"}],
        refuses=[{"expected": 5}],
    ),
    "published_cell_received": BothSides(
        PublishedCell,
        accepts=[{"resolution_id": 2, "expected": 2, "received": 2}],
        refuses=[{"resolution_id": 2, "expected": 2, "received": 3}],
    ),
    "published_evidence_once": BothSides(
        PublishedEvidence,
        accepts=[{"line_position": 2}, {"number": 2}],
        refuses=[{"evidence_id": 2}],
    ),
    "published_place_once": BothSides(
        PublishedPlace,
        accepts=[{"line_position": 2}, {"province_code": "41"}],
        refuses=[{"named": 2}],
    ),
    "published_project_once": BothSides(
        PublishedProject,
        accepts=[{"line_position": 2}, {"key": "0413660002", "number": 2}],
        refuses=[{"number": 2}],
    ),
    "published_request_once": BothSides(
        PublishedRequest,
        accepts=[{"agency_id": 2}, {"attempt": 2}],
        refuses=[{"number": "นร 2"}],
    ),
    "published_request_letter_has_number": BothSides(
        PublishedRequest,
        accepts=[{"attempt": 2}, {"attempt": 0, "number": ""}],
        refuses=[{"attempt": 2, "number": ""}, {"attempt": 0}],
    ),
    "published_place_named": BothSides(
        PublishedPlace,
        accepts=[{"province_code": "41", "named": 77}],
        refuses=[{"province_code": "41", "named": 0}],
    ),
    "link_check_state_known": BothSides(
        LinkCheck, accepts=[{}, {"state": "gone"}], refuses=[{"state": "dead"}]
    ),
    "link_check_moved_somewhere": BothSides(
        LinkCheck,
        accepts=[{"state": "moved", "moved_to": "https://example.org/2"}],
        refuses=[{"state": "moved"}, {"moved_to": "https://example.org/2"}],
    ),
    "link_check_moved_to_web": BothSides(
        LinkCheck,
        accepts=[{"state": "moved", "moved_to": "http://example.org/2"}],
        refuses=[{"state": "moved", "moved_to": "javascript:alert(1)//http://"}],
    ),
    "link_check_failures_have_moment": BothSides(
        LinkCheck,
        accepts=[{"failures": 1, "failed_at": NOON}],
        refuses=[{"failures": 1}, {"failed_at": NOON}],
    ),
    "search_text_kind_known": BothSides(
        SearchText,
        accepts=[{"kind": "agency", "position": 2}, {"kind": "forum", "position": 2}],
        refuses=[{"kind": "person", "position": 2}, {"kind": "", "position": 2}],
    ),
    "search_text_once": BothSides(
        SearchText,
        accepts=[{"part": "obstacles"}, {"position": 2}, {"edition": None}],
        refuses=[{"subject_id": 2}],
    ),
}


def test_every_constraint_is_tested_from_both_sides():
    there = {
        constraint.name: model
        for model in apps.get_app_config("followup").get_models()
        for constraint in model._meta.constraints
    }
    assert there == {name: sides.model for name, sides in CONSTRAINTS.items()}
    assert all(sides.accepts and sides.refuses for sides in CONSTRAINTS.values())


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_accepts(world, name):
    sides = CONSTRAINTS[name]
    for changes in sides.accepts:
        with transaction.atomic():
            new_row(sides.model, world, **changes).save()
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_refuses(world, name):
    sides = CONSTRAINTS[name]
    for changes in sides.refuses:
        row = new_row(sides.model, world, **changes)
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            row.save()
        assert any(
            names(str(error.value), sides.model, each) for each in (name, sides.or_by) if each
        ), f"{changes}: {error.value}"


def names(message: str, model: type[models.Model], name: str) -> bool:
    """Whether the message is this constraint's; SQLite names a unique one by its columns only."""
    constraint = next(each for each in model._meta.constraints if each.name == name)
    if connection.vendor == "sqlite" and isinstance(constraint, models.UniqueConstraint):
        fields: list[Any] = [model._meta.get_field(field) for field in constraint.fields]
        columns = [f"{model._meta.db_table}.{field.column}" for field in fields]
        return message.endswith(", ".join(columns))
    return name in message


def test_a_constraint_holds_for_updates_too(world):
    report = new_row(StatusReport, world, **APPROVED)
    report.save()
    with pytest.raises(IntegrityError, match="report_approved_by_another"), transaction.atomic():
        StatusReport.objects.filter(pk=report.pk).update(approved_by=world.writer)
    report.refresh_from_db()
    assert report.approved_by == world.reviewer


@pytest.mark.parametrize(
    ("model", "same"),
    [
        (Round, {"year_be": 2568}),
        (Agency, {"code": "A"}),
    ],
)
def test_one_round_a_year_and_one_agency_a_code(world, model, same):
    with pytest.raises(IntegrityError), transaction.atomic():
        new_row(model, world, **same).save()
