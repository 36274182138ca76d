"""A small world: one of each row that others refer to."""

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from followup.models import (
    Agency,
    AgencyAlias,
    AgencyLink,
    Assessment,
    AssessorLink,
    Assignment,
    DailyDuty,
    Digest,
    Feedback,
    FocalPoint,
    Following,
    GroupMember,
    ImportedRow,
    Letter,
    Narrative,
    News,
    NewsMail,
    Organisation,
    Province,
    PublishedAgency,
    PublishedEdition,
    RenderedReport,
    Ruling,
    SentMail,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    Subscriber,
    User,
)
from followup.tests.models.rows import NOON, PUBLISHED, TEXT, a_round, new_row
from proposals.models import Forum, Measure, Resolution


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
    GroupMember.objects.create(group=agency2, agency=agency, valid_from=2565)
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
    contact = FocalPoint.objects.create(
        agency=agency, name="ลำดวน", phone="02 000 0001", is_main=True
    )
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
    organisation = Organisation.objects.create(
        name_th="เครือข่าย", registration_number="1/2565", since=date(2026, 10, 1)
    )
    AssessorLink.objects.create(
        round=round_,
        organisation=organisation,
        key="first",
        issued_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )
    assessment = Assessment.objects.create(round=round_, measure=measure, organisation=organisation)
    Digest.objects.create(user=writer, day=date(2026, 10, 5))
    DailyDuty.objects.create(kind="send_news", day=date(2026, 10, 5))
    SentMail.objects.create(
        sending=UUID(int=1),
        round=round_,
        agency=agency,
        focal_point=contact,
        content="link",
        at=NOON,
    )
    province = Province.objects.create(code="50", iso="TH-50", name_th="เชียงใหม่", region_th="เหนือ")
    subscriber = Subscriber.objects.create(
        email="nok@example.org", key="1" * 32, asked_at=NOON, confirmed_at=NOON
    )
    for what in ({"resolution": resolution}, {"agency": agency}, {"province": province}):
        Following.objects.create(subscriber=subscriber, **what)
    news = News.objects.create(snapshot=snapshot, kind="edition", queued_at=NOON)
    NewsMail.objects.create(news=news, subscriber=subscriber)
    ImportedRow.objects.create(
        spreadsheet_import=upload, report=report, row=5, before={}, version_after=1
    )
    message = Feedback.objects.create(
        year_be=2569, serial=1, key_hash="0" * 64, kind="fix", text="ตัวเลข", sent_at=NOON
    )
    edition = PublishedEdition.objects.create(digest="0" * 64, expected=2, received=1)
    as_published = PublishedAgency.objects.create(edition=edition, agency_id=agency.pk)
    there = SimpleNamespace(edition=edition, as_published=as_published)
    for model in PUBLISHED:
        new_row(model, there).save()
    return SimpleNamespace(
        edition=edition,
        as_published=as_published,
        organisation=organisation,
        assessment=assessment,
        agency_pk=agency.pk,
        contact=contact,
        message=message,
        province=province,
        subscriber=subscriber,
        subscriber2=Subscriber.objects.create(email="dao@example.org", key="2" * 32, asked_at=NOON),
        news=news,
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
