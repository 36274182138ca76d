"""Demo data: invented reports for trying the portal, separate from real data and marked as demo.

Every demo row belongs to a round or a user marked `is_demo`, and is removed with it.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import published, snapshots
from followup.actions import DUE_AFTER, Refused, expect_reports
from followup.append_only import open_door
from followup.history import one_batch
from followup.models import (
    Assignment,
    Evidence,
    Letter,
    RecordEntry,
    ReportState,
    Round,
    RoundState,
    Ruling,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.report_fields import FIELDS, columns_of
from followup.roles import ADMINISTRATOR, COMMITTEE_STAFF, REVIEWER
from forum_portal.years import fiscal_year_bounds
from proposals.models import Measure

CONTENT = settings.ROOT / "fixtures" / "demo" / "reports.json"
PUBLISHED_YEARS = (2566, 2567, 2568)
OPEN_YEAR = 2569
PEOPLE = (  # user name, display name, group
    ("demo-staff", "เจ้าหน้าที่ตัวอย่าง ก", COMMITTEE_STAFF),
    ("demo-reviewer", "ผู้ตรวจตัวอย่าง ข", REVIEWER),
    ("demo-admin", "ผู้ดูแลตัวอย่าง ค", ADMINISTRATOR),
)


def is_loaded() -> bool:
    return Round.objects.filter(is_demo=True).exists() or User.objects.filter(is_demo=True).exists()


@transaction.atomic
def load() -> list[tuple[User, str]]:
    """Load all demo data; returns the new users with their passwords, which are not stored in clear.

    Raises `Refused` if real rounds or users conflict with it: demo data never mixes with them.
    """
    years = (*PUBLISHED_YEARS, OPEN_YEAR)
    if Round.objects.filter(year_be__in=years).exists():
        raise Refused(
            _("มีรอบติดตามของปี %(first)s–%(last)s อยู่แล้ว จึงไม่โหลดข้อมูลตัวอย่างปนกับข้อมูลจริง")
            % {"first": years[0], "last": years[-1]}
        )
    if User.objects.filter(username__in=[name for name, *_rest in PEOPLE]).exists():
        raise Refused(_("มีบัญชีชื่อเดียวกับบัญชีตัวอย่างอยู่แล้ว จึงไม่โหลดข้อมูลตัวอย่าง"))
    content = json.loads(CONTENT.read_text("utf-8"))
    _require_assignments(content["reports"])
    logins = [_make_user(*person) for person in PEOPLE]
    staff, reviewer = logins[0][0], logins[1][0]
    for year in years:
        round_ = _make_round(year)
        expect_reports(round_=round_)
        rows = [row for row in content["reports"] if row["year"] == year]
        _fill(round_, rows, staff, reviewer)
    measures = {
        each.full_code: each for each in Measure.objects.select_related("resolution__forum")
    }
    for row in content["rulings"]:
        Ruling.objects.create(
            round=Round.objects.get(year_be=row["year"]),
            measure=measures[row["measure"]],
            status=row["status"],
            meeting_ref=row["meeting_ref"],
            note=row["note"],
        )
    for round_ in Round.objects.published():
        edition = snapshots.store_edition(round_=round_, by=reviewer, at=round_.published_at)
        published.write(edition.content, edition.digest)
    return logins


def _require_assignments(rows: list[dict[str, Any]]) -> None:
    """Raise `Refused` unless the proposed assignments are loaded: the demo reports refer to them."""
    assigned = {
        (year, each.measure.full_code, each.agency.code)
        for year in (*PUBLISHED_YEARS, OPEN_YEAR)
        for each in Assignment.objects.valid_in(year).select_related(
            "measure__resolution__forum", "agency"
        )
    }
    missing = sorted({(row["year"], row["measure"], row["agency"]) for row in rows} - assigned)
    if missing:
        raise Refused(
            _(
                "ข้อมูลตัวอย่างใช้การมอบหมายที่โหลดมาพร้อมระบบ แต่ขาด %(n)s รายการ เช่น %(first)s "
                "โหลดในฐานข้อมูลที่เพิ่งติดตั้ง"
            )
            % {"n": len(missing), "first": " ".join(missing[0][1:])}
        )


def _make_user(username: str, display_name: str, group: str) -> tuple[User, str]:
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(
        username, password=password, display_name=display_name, is_demo=True
    )
    user.groups.add(Group.objects.get(name=group))
    return user, password


def _at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), timezone.get_default_timezone()).astimezone(UTC)


def _make_round(year: int) -> Round:
    """A round with plausible dates for its year; the last one is still open."""
    starts_on, ends_on = fiscal_year_bounds(year)
    due_on = ends_on + DUE_AFTER
    round_ = Round(
        year_be=year,
        starts_on=starts_on,
        ends_on=ends_on,
        due_on=due_on,
        state=RoundState.OPEN,
        opened_at=_at(ends_on + timedelta(days=1)),
        is_demo=True,
    )
    if year in PUBLISHED_YEARS:
        published_on = due_on + timedelta(days=20)
        round_.state = RoundState.PUBLISHED
        round_.closed_at = _at(due_on, 17)
        round_.published_at = _at(published_on)
        round_.meeting_ref, round_.meeting_on = f"5/{year}", published_on
    round_.save()
    return round_


def _fill(round_: Round, rows: list[dict[str, Any]], staff: User, reviewer: User) -> None:
    reports = {
        (report.measure.full_code, report.assignment.agency.code): report
        for report in round_.reports.with_context()
    }
    for row in rows:
        with one_batch(staff):
            report = reports[row["measure"], row["agency"]]
            for name in columns_of(FIELDS.values()):
                if name in row:
                    column: Any = StatusReport._meta.get_field(name)
                    setattr(report, name, column.to_python(row[name]))
            report.reported_status, report.state = row["status"], row["state"]
            report.return_reason = row["return_reason"]
            day = date.fromisoformat(row["reported_on"])
            report.version, report.updated_by = 1, staff
            if report.state != ReportState.DRAFT:
                report.submitted_by, report.submitted_at, report.reported_on = staff, _at(day), day
            if report.state == ReportState.APPROVED:
                report.approved_by, report.approved_at = reviewer, _at(day + timedelta(days=3))
            report._change_reason = "demo"  # type: ignore[attr-defined]
            report.save()
            if row["provinces"]:
                report.provinces.set(row["provinces"])
            for position, piece in enumerate(row["evidence"]):
                Evidence.objects.create(report=report, position=position, **piece)
        # auto_now has stored the time of loading; the demo uses a fixed day, the same at every load.
        StatusReport.objects.filter(pk=report.pk).update(updated_at=_at(day))


@transaction.atomic
def remove() -> dict[str, int]:
    """Remove the demo rounds with all dependent rows, and the demo users; nothing else.

    Returns the number of removed rows of each kind. Their history is removed too, because it is
    invented as well; an entry of the record says so.
    """
    with one_batch(), open_door(RecordEntry.Act.DEMO_REMOVED):
        return _remove()


def _remove() -> dict[str, int]:
    for record in SpreadsheetImport.objects.filter(round__is_demo=True):
        record.delete()  # with its upload
    rounds = list(Round.objects.filter(is_demo=True).values_list("pk", flat=True))
    reports = list(StatusReport.objects.filter(round__in=rounds).values_list("pk", flat=True))
    editions = list(Snapshot.objects.filter(round__in=rounds).values_list("digest", flat=True))
    removed = {}
    for name, queryset in (
        ("evidence", Evidence.objects.filter(report__in=reports)),
        ("reports", StatusReport.objects.filter(pk__in=reports)),
        ("rulings", Ruling.objects.filter(round__in=rounds)),
        ("rounds", Round.objects.filter(pk__in=rounds)),
        ("users", User.objects.filter(is_demo=True)),
    ):
        removed[name] = queryset.count()
        queryset.delete()
    published.remove_rows(editions)
    # After the deletions, because these write history rows too.
    Evidence.history.filter(report__in=reports).delete()
    entries = StatusReport.history.filter(round__in=rounds)
    provinces = apps.get_model("followup", "HistoricalStatusReport_provinces")
    provinces.objects.filter(history__in=entries).delete()
    entries.delete()
    Ruling.history.filter(round__in=rounds).delete()
    Letter.history.filter(round__in=rounds).delete()
    Round.history.filter(id__in=rounds).delete()
    return removed
