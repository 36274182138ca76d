"""Rows for the tests of models."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

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
from forum_portal.years import fiscal_year_bounds

PUBLISHED = (
    PublishedMeasure,
    PublishedLine,
    PublishedCell,
    PublishedEvidence,
    PublishedPlace,
    PublishedProject,
    SearchText,
    PublishedAssessment,
    PublishedRequest,
)

NOON = datetime(2026, 11, 1, 5, tzinfo=UTC)


TEXT = "จัดสรรงบประมาณ และระดมทุน"


def a_round(year: int, **changes: Any) -> Round:
    starts_on, ends_on = fiscal_year_bounds(year)
    dates = {"starts_on": starts_on, "ends_on": ends_on, "due_on": ends_on}
    return Round(**{"year_be": year, **dates, **changes})


SUBMITTED = {
    "state": "submitted",
    "submitted_at": NOON,
    "submitted_by": "@writer",
    "reported_status": "not_started",
}


SENT = {
    "state": "submitted",
    "status": "on_hold",
    "reason": "ยังไม่เห็นผล",
    "submitted_at": NOON,
}


APPROVED = SUBMITTED | {"state": "approved", "approved_at": NOON, "approved_by": "@reviewer"}


ROUND_STATES: dict[str, dict[str, Any]] = {
    "planned": {"state": "planned"},
    "open": {"state": "open", "opened_at": NOON},
    "closed": {"state": "closed", "opened_at": NOON, "closed_at": NOON},
    "published": {
        "state": "published",
        "opened_at": NOON,
        "closed_at": NOON,
        "published_at": NOON,
    },
}


def new_row(model: type[models.Model], world: Any, **changes: Any) -> Any:
    """An unsaved row that every constraint lets in, with some values changed."""
    starts_on, ends_on = fiscal_year_bounds(2570)
    fields: dict[type[models.Model], dict[str, Any]] = {
        Agency: {"code": "C", "name_th": "ค", "kind": "media"},
        AgencyAlias: {"agency": "@agency", "name": "สปน."},
        Assignment: {
            "measure": "@other",
            "agency": "@agency",
            "role": "lead",
            "basis": "proposed",
            "valid_from": 2566,
        },
        GroupMember: {"group": "@agency2", "agency": "@agency", "valid_from": 2566},
        Round: {"year_be": 2570, "starts_on": starts_on, "ends_on": ends_on, "due_on": ends_on},
        ForumDraft: {"year_be": 2570},
        SourceCorrection: {
            "forum": "@forum",
            "about": "2565-1",
            "name": "title_th",
            "before": "ก",
            "after": "ข",
            "reason": "พิมพ์ผิด",
        },
        StatusReport: {"round": "@later", "assignment": "@assignment"},
        LinkCheck: {"url": "https://example.org/", "checked_at": NOON, "since": NOON},
        Evidence: {"report": "@report", "title": "สรุป", "url": "https://example.org/"},
        Snapshot: {"round": "@round", "number": 1, "made_at": NOON},
        TakenBack: {"snapshot": "@snapshot", "at": NOON, "note": "เผยแพร่ผิดรอบ"},
        FocalPoint: {
            "agency": "@agency",
            "name": "มะลิ",
            "email": "mali@example.org",
            "phone": "02 000 0000",
            "is_main": True,
        },
        Letter: {
            "round": "@round",
            "agency": "@agency",
            "attempt": 1,
            "number": "นร 1",
            "sent_on": date(2026, 10, 5),
            "answer_by": date(2026, 11, 4),
        },
        AgencyLink: {
            "round": "@round",
            "agency": "@agency2",
            "key": "k",
            "issued_at": NOON,
            "expires_at": NOON + timedelta(days=1),
        },
        Organisation: {
            "name_th": "สมาคม",
            "registration_number": "2/2565",
            "since": date(2026, 10, 1),
        },
        AssessorLink: {
            "round": "@later",
            "organisation": "@organisation",
            "key": "a",
            "issued_at": NOON,
            "expires_at": NOON + timedelta(days=1),
        },
        Assessment: {
            "round": "@later",
            "measure": "@measure",
            "organisation": "@organisation",
        },
        AssessmentEvidence: {
            "assessment": "@assessment",
            "title": "ผังรายการ",
            "url": "https://example.org/",
        },
        AssessmentAnswer: {
            "assessment": "@assessment",
            "text": "รับทราบ",
            "answered_on": date(2026, 12, 1),
        },
        Narrative: {"round": "@later", "slot": "preface", "text": "คำนำ", "accepted_at": NOON},
        PublishedMeasure: {"edition": "@edition", "measure_id": 1},
        PublishedLine: {
            "edition": "@edition",
            "position": 1,
            "nth": 1,
            "report_id": 1,
            "assignment_id": 1,
            "measure_id": 1,
            "resolution_id": 1,
            "forum_id": 1,
            "agency_id": 1,
            "is_received": True,
        },
        PublishedAgency: {"edition": "@edition", "agency_id": 777},
        PublishedCell: {
            "edition": "@edition",
            "agency": "@as_published",
            "answering": "alone",
            "forum_id": 1,
            "resolution_id": 1,
            "leads": 1,
            "supports": 0,
            "expected": 2,
            "received": 1,
        },
        PublishedEvidence: {
            "edition": "@edition",
            "line_position": 1,
            "number": 1,
            "evidence_id": 1,
            "measure_id": 1,
            "resolution_id": 1,
            "forum_id": 1,
            "agency_id": 1,
        },
        PublishedPlace: {
            "edition": "@edition",
            "line_position": 1,
            "province_code": "40",
            "named": 1,
            "measure_id": 1,
            "agency_id": 1,
        },
        PublishedProject: {
            "edition": "@edition",
            "line_position": 1,
            "number": 1,
            "key": "0413660001",
            "system": "emenscr",
            "code": "0413-66-0001",
            "measure_id": 1,
            "resolution_id": 1,
            "forum_id": 1,
            "agency_id": 1,
            "role": "lead",
            "status": "in_progress",
        },
        SearchText: {
            "kind": "result",
            "part": "results",
            "edition": "@edition",
            "subject_id": 1,
        },
        PublishedAssessment: {
            "edition": "@edition",
            "position": 1,
            "assessment_id": 1,
            "measure_id": 1,
            "resolution_id": 1,
            "forum_id": 1,
            "organisation_id": 1,
            "status": "on_hold",
            "published": "in_progress",
            "differs": True,
            "steps": -1,
        },
        PublishedRequest: {
            "edition": "@edition",
            "agency_id": 1,
            "attempt": 1,
            "number": "นร 1",
            "sent_on": date(2026, 10, 5),
        },
        RenderedReport: {
            "snapshot": "@snapshot",
            "kind": "docx",
            "content": b"2",
            "digest": "0" * 64,
        },
        PrintJob: {"key": "1" * 64, "kind": "pdf", "begun_at": NOON},
        RecordEntry: {"act": "added", "model": "followup.focalpoint", "key": "1"},
        SentMail: {
            "sending": UUID(int=1),
            "round": "@round",
            "agency": "@agency",
            "content": "link",
            "at": NOON,
        },
        Subscriber: {"email": "mali@example.org", "key": "3" * 32, "asked_at": NOON},
        Following: {"subscriber": "@subscriber2", "resolution": "@resolution"},
        News: {"snapshot": "@snapshot", "kind": "taken_back", "queued_at": NOON},
        NewsMail: {"news": "@news", "subscriber": "@subscriber2"},
        DailyDuty: {"kind": "send_news", "day": date(2026, 10, 5)},
        Digest: {"user": "@writer", "day": date(2026, 10, 5)},
        SpreadsheetImport: {"round": "@round", "created_by": "@writer", "file_name": "ก.csv"},
        ImportedRow: {
            "spreadsheet_import": "@upload",
            "report": "@report2",
            "row": 6,
            "before": {},
            "version_after": 1,
        },
        FeedbackCount: {"year_be": 2571},
        Feedback: {
            "year_be": 2570,
            "serial": 1,
            "key_hash": "1" * 64,
            "kind": "fix",
            "text": "ตัวเลขไม่ตรง",
            "sent_at": NOON,
        },
        PublicAnswer: {
            "feedback": "@message",
            "number": "F-2569-0001",
            "measure": "@measure",
            "kind": "fix",
            "text": "ตัวเลขไม่ตรง",
            "answer": "แก้แล้ว",
            "sent_on": date(2026, 10, 5),
            "answered_on": date(2026, 10, 6),
        },
        Ruling: {
            "round": "@later",
            "measure": "@measure",
            "status": "on_hold",
            "meeting_ref": "2/2569",
        },
    }
    values = {
        name: getattr(world, value[1:]) if str(value).startswith("@") else value
        for name, value in (fields[model] | changes).items()
    }
    return model(**values)
