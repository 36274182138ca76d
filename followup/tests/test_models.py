"""Rows of followup: what the database refuses, from both sides, and what models say themselves."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from followup.models import (
    Agency,
    AgencyAlias,
    AgencyLink,
    Assignment,
    Digest,
    Evidence,
    FileType,
    FocalPoint,
    ImportedRow,
    Letter,
    Narrative,
    PrintJob,
    Province,
    RenderedReport,
    Round,
    Ruling,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.status import STORED, Status
from forum_portal.years import fiscal_year_bounds, to_ce
from proposals.models import Forum, Measure, Resolution

NOON = datetime(2026, 11, 1, 5, tzinfo=UTC)
TEXT = "จัดสรรงบประมาณ และระดมทุน"


def a_round(year: int, **changes: Any) -> Round:
    starts_on, ends_on = fiscal_year_bounds(year)
    dates = {"starts_on": starts_on, "ends_on": ends_on, "due_on": ends_on}
    return Round(**{"year_be": year, **dates, **changes})


@pytest.fixture
def world(db):
    forum = Forum.objects.create(year_be=2565, name_th="ก", short_name_th="ก", source_text=TEXT)
    resolution = Resolution.objects.create(forum=forum, number=1, text=TEXT, title_th="งบประมาณ")
    second = Resolution.objects.create(forum=forum, number=2, text=TEXT, title_th="ซ้ำ")
    measure, other = (
        Measure.objects.create(
            resolution=resolution, number=number, start=0, end=14, title_th="จัดสรร", kind="output"
        )
        for number in (1, 2)
    )
    agency, agency2 = (
        Agency.objects.create(code=code, name_th=code, kind="department") for code in ("A", "B")
    )
    AgencyAlias.objects.create(agency=agency, name="สป.")
    assignment = Assignment.objects.create(
        measure=measure, agency=agency, role="lead", valid_from=2565
    )
    assignment2 = Assignment.objects.create(
        measure=measure, agency=agency2, role="support", valid_from=2565
    )
    round_ = a_round(2568, state="open", opened_at=NOON)
    later = a_round(2569, state="open", opened_at=NOON)
    round_.save()
    later.save()
    report = StatusReport.objects.create(round=round_, assignment=assignment)
    Ruling.objects.create(round=round_, measure=measure, status="on_hold", meeting_ref="1/2568")
    Ruling.objects.create(
        round=round_, resolution=resolution, status="on_hold", meeting_ref="1/2568"
    )
    writer = User.objects.create(username="writer")
    upload = SpreadsheetImport.objects.create(
        round=round_, created_by=writer, file_name="รายงาน.xlsx", state="applied", applied_at=NOON
    )
    snapshot = Snapshot.objects.create(round=round_, number=1, made_at=NOON)
    RenderedReport.objects.create(snapshot=snapshot, kind="pdf", content=b"1", digest="0" * 64)
    Narrative.objects.create(round=round_, slot="preface", text="คำนำ", accepted_at=NOON)
    FocalPoint.objects.create(agency=agency, name="ลำดวน", phone="02 000 0001", is_main=True)
    Letter.objects.create(
        round=round_,
        agency=agency,
        attempt=1,
        number="นร 0",
        sent_on=date(2026, 10, 1),
        answer_by=date(2026, 10, 31),
    )
    AgencyLink.objects.create(
        round=round_,
        agency=agency,
        key="first",
        issued_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )
    Digest.objects.create(user=writer, day=date(2026, 10, 5))
    ImportedRow.objects.create(
        spreadsheet_import=upload, report=report, row=5, before={}, version_after=1
    )
    return SimpleNamespace(
        forum=forum,
        resolution=resolution,
        second=second,
        measure=measure,
        other=other,
        agency=agency,
        agency2=agency2,
        assignment=assignment,
        assignment2=assignment2,
        snapshot=snapshot,
        round=round_,
        later=later,
        report=report,
        report2=StatusReport.objects.create(round=round_, assignment=assignment2),
        upload=upload,
        writer=writer,
        reviewer=User.objects.create(username="reviewer"),
    )


# Constraints -----------------------------------------------------------------------------------

SUBMITTED = {
    "state": "submitted",
    "submitted_at": NOON,
    "submitted_by": "@writer",
    "reported_status": "not_started",
}
APPROVED = SUBMITTED | {"state": "approved", "approved_at": NOON, "approved_by": "@reviewer"}
STORED_FILE = {
    "url": "",
    "file": "2569/a1b2",
    "file_name": "สรุป.pdf",
    "file_type": "pdf",
    "size": 1,
    "sha256": "0" * 64,
}
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
        Round: {"year_be": 2570, "starts_on": starts_on, "ends_on": ends_on, "due_on": ends_on},
        StatusReport: {"round": "@later", "assignment": "@assignment"},
        Evidence: {"report": "@report", "title": "สรุป", "url": "https://example.org/"},
        Snapshot: {"round": "@round", "number": 1, "made_at": NOON},
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
        Narrative: {"round": "@later", "slot": "preface", "text": "คำนำ", "accepted_at": NOON},
        RenderedReport: {
            "snapshot": "@snapshot",
            "kind": "docx",
            "content": b"2",
            "digest": "0" * 64,
        },
        PrintJob: {"key": "1" * 64, "kind": "pdf", "begun_at": NOON},
        Digest: {"user": "@writer", "day": date(2026, 10, 5)},
        SpreadsheetImport: {"round": "@round", "created_by": "@writer", "file_name": "ก.csv"},
        ImportedRow: {
            "spreadsheet_import": "@upload",
            "report": "@report2",
            "row": 6,
            "before": {},
            "version_after": 1,
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


@dataclass(frozen=True)
class BothSides:
    """What one constraint lets in and what it refuses; "@other" is a row of the world."""

    model: type[models.Model]
    accepts: list[dict[str, Any]]
    refuses: list[dict[str, Any]]
    or_by: str = ""  # another constraint that refuses the same rows, and may be the one named


def each_stored(field: str, **more: Any) -> list[dict[str, Any]]:
    return [{field: status.value} | more for status in STORED]


CONSTRAINTS = {
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
        accepts=[{"valid_to": None}, {"valid_to": 2566}, {"valid_to": 2599}],
        refuses=[{"valid_to": 2565}, {"valid_to": 2600}, {"valid_to": to_ce(2566)}],
    ),
    "round_year_is_buddhist": BothSides(
        Round,
        accepts=[{"year_be": 2560}, {"year_be": 2599}],
        refuses=[{"year_be": 2559}, {"year_be": 2600}, {"year_be": to_ce(2570)}],
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
    "narrative_once": BothSides(
        Narrative,
        accepts=[{}, {"round": "@round", "slot": "summary"}],
        refuses=[{"round": "@round"}],
    ),
    "narrative_not_empty": BothSides(Narrative, accepts=[{}], refuses=[{"text": ""}]),
    "rendered_report_once": BothSides(
        RenderedReport, accepts=[{}, {"kind": "document"}], refuses=[{"kind": "pdf"}]
    ),
    "rendered_report_kind_known": BothSides(
        RenderedReport, accepts=[{}], refuses=[{"kind": "odt"}]
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
    "report_once": BothSides(
        StatusReport,
        accepts=[{"round": "@later"}, {"round": "@later", "assignment": "@assignment2"}],
        refuses=[{"round": "@round"}],
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
        accepts=[{}, STORED_FILE],
        refuses=[{"url": ""}, STORED_FILE | {"url": "https://example.org/"}],
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
    "imported_report_once": BothSides(
        ImportedRow, accepts=[{"report": "@report2"}], refuses=[{"report": "@report"}]
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
    """Whether a refusal is this constraint's; SQLite tells a unique one by its columns only."""
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


# Reports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported", "assessed", "stands_for", "differ"),
    [
        ("", "", "no_report", False),
        ("in_progress", "", "in_progress", False),
        ("completed", "in_progress", "in_progress", True),
        ("completed", "completed", "completed", False),
        ("", "on_hold", "on_hold", True),
    ],
)
def test_the_assessed_status_is_the_public_one(reported, assessed, stands_for, differ):
    report = StatusReport(reported_status=reported, assessed_status=assessed)
    assert report.status is Status(stands_for)
    assert report.voices_differ is differ


def test_untouched_is_what_nobody_has_saved(world):
    assert world.report.is_untouched
    world.report.version = 1
    assert not world.report.is_untouched


@pytest.mark.parametrize("status", ["completed", "continuous"])
def test_an_achievement_without_evidence_lacks_it(world, status):
    world.report.reported_status = status
    assert world.report.lacks_evidence
    new_row(Evidence, world, is_public=False).save()
    assert not world.report.lacks_evidence, "not for the public, but seen by the committee"
    assert list(world.report.public_evidence) == []


@pytest.mark.parametrize("status", ["in_progress", "not_started", "on_hold", "cancelled"])
def test_other_statuses_lack_no_evidence(world, status):
    world.report.reported_status = status
    assert not world.report.lacks_evidence


def test_public_evidence_leaves_out_what_is_not_public(world):
    new_row(Evidence, world, title="เปิดเผย", position=1).save()
    new_row(Evidence, world, title="ภายใน", is_public=False).save()
    assert [piece.title for piece in world.report.public_evidence] == ["เปิดเผย"]


def test_with_context_orders_as_the_source_does_and_asks_no_more(world, django_assert_num_queries):
    Assignment.objects.filter(pk=world.assignment2.pk).update(role="lead")
    third = new_row(Assignment, world, measure=world.other)
    third.save()
    StatusReport.objects.create(round=world.round, assignment=third)
    with django_assert_num_queries(3):  # reports, evidence, provinces
        reports = list(StatusReport.objects.with_context())
        for report in reports:
            assert report.round.name == "รอบ 12 เดือน ปีงบประมาณ 2568"
            assert not report.lacks_evidence
            assert not report.provinces.all()
    assert [str(report) for report in reports] == [
        "2568 2565-1.1 A",
        "2568 2565-1.1 B",
        "2568 2565-1.2 A",
    ]


def test_what_a_report_hangs_on_does_not_go_while_it_is_there(world):
    with pytest.raises(ProtectedError):
        world.assignment.delete()
    with pytest.raises(ProtectedError):
        world.agency.delete()
    with pytest.raises(ProtectedError):
        world.measure.delete()


def test_a_deleted_user_leaves_the_reports_behind(world):
    report = new_row(StatusReport, world, **APPROVED)
    report.save()
    world.writer.delete()
    report.refresh_from_db()
    assert report.submitted_by is None
    assert report.state == "approved"


# Rounds ----------------------------------------------------------------------------------------


def test_only_a_published_round_is_public(world):
    shown = {state: a_round(2570, **fields).is_public for state, fields in ROUND_STATES.items()}
    assert shown == {"planned": False, "open": False, "closed": False, "published": True}
    for year, state in ((2565, "published"), (2566, "closed"), (2567, "published")):
        a_round(year, **ROUND_STATES[state]).save()
    assert [each.year_be for each in Round.objects.published()] == [2567, 2565]


@pytest.mark.parametrize(
    ("today", "days"),
    [(date(2026, 11, 29), 1), (date(2026, 11, 30), 0), (date(2026, 12, 1), -1)],
)
def test_days_left(today, days):
    assert Round(due_on=date(2026, 11, 30)).days_left(today) == days


# Agencies and assignments ------------------------------------------------------------------------


def test_agencies_are_found_by_any_of_their_names_dots_and_spaces_aside(world):
    codi = Agency.objects.create(
        code="CODI",
        name_th="สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)",
        abbr_th="พอช.",
        name_en="Community Organizations Development Institute",
        kind="public_organization",
    )
    AgencyAlias.objects.create(agency=codi, name="สถาบัน พอช")
    AgencyAlias.objects.create(agency=codi, name="สถาบันชุมชน")
    for words in ("พอช", "พ.อ.ช.", "องค์กรชุมชน", "community org", "สถาบันพอช", "สถาบัน ชุมชน"):
        assert list(Agency.objects.matching(words)) == [codi], words
    assert not Agency.objects.matching("ไม่มีหน่วยงานนี้").exists()
    assert Agency.objects.matching(" .").count() == 3, "nothing to search for: all of them"


def test_agencies_sort_as_a_dictionary_does(db):
    for code, name in (("X", "เกษตร"), ("Y", "ขนส่ง"), ("Z", "กรมการปกครอง")):
        Agency.objects.create(code=code, name_th=name, kind="department")
    assert [each.name_th for each in Agency.objects.all()] == ["กรมการปกครอง", "เกษตร", "ขนส่ง"]


@pytest.mark.parametrize(("year", "valid"), [(2565, False), (2566, True), (2568, True)])
def test_an_assignment_holds_in_its_years_only(world, year, valid):
    ending = new_row(Assignment, world, valid_from=2566, valid_to=2568)
    ending.save()
    assert (ending in Assignment.objects.valid_in(year)) is valid
    assert ending not in Assignment.objects.valid_in(2569)
    assert world.assignment in Assignment.objects.valid_in(2599)


@pytest.mark.parametrize(
    ("first", "last", "allowed"),
    [
        (2569, None, True),
        (2569, 2570, True),
        (2560, 2565, True),
        (2568, None, False),
        (2560, 2566, False),
        (2560, None, False),
        (2567, 2567, False),
    ],
)
def test_an_agency_is_not_assigned_a_measure_twice_in_one_year(world, first, last, allowed):
    stored = new_row(Assignment, world, valid_from=2566, valid_to=2568)
    stored.save()
    stored.clean()  # not in its own way
    again = new_row(Assignment, world, role="support", valid_from=first, valid_to=last)
    if allowed:
        again.clean()
    else:
        with pytest.raises(ValidationError) as error:
            again.clean()
        assert error.value.messages == ["หน่วยงานนี้ได้รับมอบหมายมาตรการย่อยนี้ในช่วงปีที่ทับซ้อนกันอยู่แล้ว"]


def test_provinces_sort_by_consonant_first(db):
    for code, name in (
        ("10", "กรุงเทพมหานคร"),
        ("50", "เชียงใหม่"),
        ("57", "เชียงราย"),
        ("22", "จันทบุรี"),
    ):
        Province.objects.create(code=code, iso=f"TH-{code}", name_th=name, region_th="ภาค")
    assert [each.name_th for each in Province.objects.all()] == [
        "กรุงเทพมหานคร",
        "จันทบุรี",
        "เชียงราย",
        "เชียงใหม่",
    ]
