"""Demo data: invented reports for trying the portal, separate from real data and marked as demo.

Every demo row belongs to a round or a user marked `is_demo`, and is removed with it. Organisations bear
no mark: those that a demo user invited are the demo's.
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
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import link_checks, published, snapshots
from followup.actions import DUE_AFTER, LINK_AFTER_DUE, Refused, expect_reports
from followup.append_only import open_door
from followup.evidence import drop_after_commit
from followup.history import one_batch, written_via
from followup.models import (
    Agency,
    AgencyLink,
    Assessment,
    AssessmentAnswer,
    AssessmentEvidence,
    AssessmentState,
    AssessorLink,
    Assignment,
    Evidence,
    Feedback,
    Letter,
    LinkCheck,
    LinkState,
    Narrative,
    News,
    Organisation,
    PublicAnswer,
    RecordEntry,
    ReportState,
    Round,
    RoundState,
    Ruling,
    SentMail,
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
VOICES = CONTENT.with_name("voices.json")
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
def load(*, with_voices: bool = False) -> list[tuple[User, str]]:
    """Load the demo data; returns the new users with their passwords, which are not stored in clear.

    `with_voices` adds the letters to agencies, what checks of links found, and organisations with their
    assessments and the committee's answers; the command `load_demo` does. It is off by default because
    many tests build on a demo whose editions hold reports alone, and make the letters and assessments
    that they speak of.

    Raises `Refused` if real rounds, users or organisations conflict with it: demo data never mixes with
    them.
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
    voices = json.loads(VOICES.read_text("utf-8")) if with_voices else None
    if voices:
        numbers = [row["registration_number"] for row in voices["organisations"]]
        if Organisation.objects.filter(registration_number__in=numbers).exists():
            raise Refused(_("มีองค์กรที่ใช้เลขที่จดแจ้งเดียวกับองค์กรตัวอย่างอยู่แล้ว จึงไม่โหลดข้อมูลตัวอย่าง"))
    _require_assignments(content["reports"], voices)
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
    if voices:  # before the editions, which keep them
        _send_letters(voices["letters"], staff)
        _assess(voices, measures, staff, reviewer)
        _check_links(content["link_checks"])
    for round_ in Round.objects.published():
        edition = snapshots.store_edition(round_=round_, by=reviewer, at=round_.published_at)
        published.write(edition.content, edition.digest)
    return logins


def _require_assignments(rows: list[dict[str, Any]], voices: dict[str, Any] | None) -> None:
    """Raise `Refused` unless the proposed assignments are loaded: the demo data refers to them."""
    assigned = {
        (year, each.measure.full_code, each.agency.code)
        for year in (*PUBLISHED_YEARS, OPEN_YEAR)
        for each in Assignment.objects.valid_in(year).select_related(
            "measure__resolution__forum", "agency"
        )
    }
    missing: list[tuple[Any, ...]] = sorted(
        {(row["year"], row["measure"], row["agency"]) for row in rows} - assigned
    )
    if voices:
        missing += sorted(
            {(row["year"], row["agency"]) for row in voices["letters"]}
            - {(year, agency) for year, _measure, agency in assigned}
        )
        missing += sorted(
            {(row["year"], row["measure"]) for row in voices["assessments"]}
            - {(year, measure) for year, measure, _agency in assigned}
        )
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


def _send_letters(rows: list[dict[str, Any]], staff: User) -> None:
    rounds = {each.year_be: each for each in Round.objects.filter(is_demo=True)}
    agencies = {each.code: each for each in Agency.objects.all()}
    days = "sent_on", "answer_by", "answered_on"
    for row in rows:
        letter = Letter(
            round=rounds[row["year"]],
            agency=agencies[row["agency"]],
            **{name: row[name] for name in ("attempt", "number", "explanation", "note")},
            **{name: row[name] and date.fromisoformat(row[name]) for name in days},
        )
        letter._change_reason = "demo"  # type: ignore[attr-defined]
        with one_batch(staff):
            letter.save()


def _assess(
    voices: dict[str, Any], measures: dict[str, Measure], staff: User, reviewer: User
) -> None:
    """Store the organisations, and what they found: each by its own link, all of it accepted."""
    rounds = {each.year_be: each for each in Round.objects.filter(is_demo=True)}
    first_on = min(rounds[row["year"]].ends_on for row in voices["assessments"])
    organisations = {}
    for row in voices["organisations"]:
        with one_batch(staff):
            organisations[row["registration_number"]] = Organisation.objects.create(
                **row, since=first_on, invited_by=staff
            )
    links: dict[tuple[int, str], AssessorLink] = {}
    for row in voices["assessments"]:
        round_, invited = rounds[row["year"]], (row["year"], row["organisation"])
        if invited not in links:
            links[invited] = AssessorLink.objects.create(
                round=round_,
                organisation=organisations[row["organisation"]],
                key=secrets.token_hex(16),
                issued_by=staff,
                issued_at=_at(round_.ends_on + timedelta(days=1), 11),
                expires_at=_at(round_.due_on + LINK_AFTER_DUE),
            )
        _accept(row, links[invited], measures[row["measure"]], reviewer)


def _accept(row: dict[str, Any], link: AssessorLink, measure: Measure, reviewer: User) -> None:
    """One assessment from its draft to the committee's answer, each step a write as its verb makes it."""
    day = date.fromisoformat(row["submitted_on"])
    assessment = Assessment(round=link.round, measure=measure, organisation=link.organisation)

    def move(why: str, at: datetime, **values: Any) -> None:
        for name, value in values.items():
            setattr(assessment, name, value)
        assessment.version, assessment.updated_at = assessment.version + 1, at
        assessment._change_reason = why  # type: ignore[attr-defined]
        assessment.save()

    with written_via(link.writer):
        with one_batch():
            move("draft", _at(day), status=row["status"], reason=row["reason"])
            for position, piece in enumerate(row["evidence"]):
                AssessmentEvidence.objects.create(assessment=assessment, position=position, **piece)
        with one_batch():
            sent = {"submitted_at": _at(day, 11), "submitted_link": link}
            move("submit", _at(day, 11), state=AssessmentState.SUBMITTED, **sent)
    decided_at = _at(day + timedelta(days=3))
    with one_batch(reviewer):
        decided = {"decided_at": decided_at, "decided_by": reviewer}
        move("accept", decided_at, state=AssessmentState.ACCEPTED, **decided)
    if answer := row["answer"]:
        with one_batch(reviewer):
            AssessmentAnswer.objects.create(
                assessment=assessment,
                **answer | {"answered_on": date.fromisoformat(answer["answered_on"])},
            )


@transaction.atomic
def _check_links(rows: list[dict[str, Any]]) -> None:
    """What invented checks have found; the links of the demo are never opened."""
    for row in rows:
        since, checked = (_at(date.fromisoformat(row[name])) for name in ("since", "checked_at"))
        is_gone = row["state"] == LinkState.GONE
        failed = {"failures": link_checks.FAILURES, "failed_at": since} if is_gone else {}
        LinkCheck.objects.create(**row | failed | {"since": since, "checked_at": checked})


def remove() -> dict[str, int]:
    """Remove the demo rounds with all dependent rows, and the demo users; nothing else.

    So go the messages about a demo round, and the organisations that a demo user invited, but for one
    that assesses in a real round. Returns the number of removed rows of each kind. Their history is
    removed too, because it is invented as well; an entry of the record says so.
    """
    with one_batch(), open_door(RecordEntry.Act.DEMO_REMOVED):
        return _remove()


def _remove() -> dict[str, int]:
    for record in SpreadsheetImport.objects.filter(round__is_demo=True):
        record.delete()  # with its upload
    rounds = list(Round.objects.filter(is_demo=True).values_list("pk", flat=True))
    people = list(User.objects.filter(is_demo=True).values_list("pk", flat=True))
    reports = list(StatusReport.objects.filter(round__in=rounds).values_list("pk", flat=True))
    editions = list(Snapshot.objects.filter(round__in=rounds).values_list("digest", flat=True))
    # Of its history too: one that was deleted has left its evidence's.
    assessments = list(
        Assessment.history.filter(round__in=rounds).values_list("id", flat=True).distinct()
    )
    feedback = Feedback.objects.filter(
        Q(round__in=rounds) | Q(round=None, correction__round__in=rounds)
    )
    drop_after_commit(list(feedback.exclude(file="").values_list("file", flat=True)))
    noted = _noted(rounds, feedback)
    LinkCheck.objects.filter(
        url__in=Evidence.objects.filter(report__in=reports).values("url")
    ).exclude(url__in=Evidence.objects.exclude(report__in=reports).values("url")).delete()
    removed = {}
    for name, queryset in (
        ("evidence", Evidence.objects.filter(report__in=reports)),
        ("reports", StatusReport.objects.filter(pk__in=reports)),
        ("rulings", Ruling.objects.filter(round__in=rounds)),
        ("letters", Letter.objects.filter(round__in=rounds)),
        ("assessments", Assessment.objects.filter(round__in=rounds)),
        ("feedback", feedback),
        ("rounds", Round.objects.filter(pk__in=rounds)),
        # After the rounds, with which their links went: who has a link yet is in a real round.
        (
            "organisations",
            Organisation.objects.filter(invited_by__in=people, assessments=None, links=None),
        ),
        ("users", User.objects.filter(pk__in=people)),
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
    Narrative.history.filter(round__in=rounds).delete()
    AssessmentEvidence.history.filter(assessment__in=assessments).delete()
    AssessmentAnswer.history.filter(assessment__in=assessments).delete()
    Assessment.history.filter(round__in=rounds).delete()
    Organisation.history.filter(invited_by__in=people).exclude(
        id__in=Organisation.objects.values("pk")
    ).delete()
    Round.history.filter(id__in=rounds).delete()
    RecordEntry.objects.filter(noted).delete()
    return removed


def _noted(rounds: list[int], feedback: QuerySet[Feedback]) -> Q:
    """The entries of the record about those rows of the demo whose writes have no history."""
    about: tuple[QuerySet[Any], ...] = (
        AgencyLink.objects.filter(round__in=rounds),
        AssessorLink.objects.filter(round__in=rounds),
        SentMail.objects.filter(round__in=rounds),
        StatusReport.objects.filter(round__in=rounds),  # that somebody opened it for review
        News.objects.filter(snapshot__round__in=rounds),
        feedback,
    )
    found = Q(pk__in=[])
    for rows in about:
        keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
        found |= Q(model=rows.model._meta.label_lower, key__in=keys)
    # One that was hidden again is gone, so that its key says nothing.
    messages = list(feedback.values_list("pk", flat=True))
    return found | Q(model=PublicAnswer._meta.label_lower, about__feedback__in=messages)
