"""An administrator's browser, and rows of everything that a year leaves behind."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from followup import actions
from followup.models import (
    Agency,
    AgencyLink,
    Digest,
    FocalPoint,
    GroupMember,
    Letter,
    LinkUse,
    Narrative,
    News,
    NewsMail,
    PrintJob,
    RecordEntry,
    RenderedReport,
    Round,
    Ruling,
    SentMail,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    Subscriber,
    TakenBack,
    User,
)
from followup.tests.factories import PASSWORD, find_report, link, make_report
from followup.tests.ground import ground, layer
from followup.tests.visitors import write
from proposals.models import Forum


@pytest.fixture
def desk(client: Client, forum: Forum, people: Mapping[str, User]) -> Client:
    """An administrator's browser."""
    client.force_login(people["administrator"])
    return client


@layer
def approved() -> None:
    staff, reviewer = (User.objects.get(username=name) for name in ("staff", "reviewer"))
    round_ = Round.objects.get(year_be=2569)
    make_report(round_, "1.2", by=staff, reviewer=reviewer, evidence=[link()])


@layer
def everything() -> None:
    """A ruling, and a row of everything else that a year leaves behind."""
    report = find_report(Round.objects.get(year_be=2569), "1.2")
    round_, agency, now = report.round, report.assignment.agency, timezone.now()
    snapshot = Snapshot.objects.create(round=round_, number=1, made_at=now)
    taken = Snapshot.objects.create(round=round_, number=2, made_at=now, reason="แก้ไข")
    TakenBack.objects.create(snapshot=taken, at=now, note="เผยแพร่ผิดรอบ")
    RenderedReport.objects.create(snapshot=snapshot, kind="pdf", content=b"%PDF", digest="0" * 64)
    PrintJob.objects.create(key="0" * 64, kind="docx", snapshot=snapshot, begun_at=now)
    Narrative.objects.create(round=round_, slot="preface", text="คำนำ", accepted_at=now)
    person = FocalPoint.objects.create(agency=agency, name="มะลิ", phone="02 000 0000")
    SentMail.objects.create(
        sending=uuid4(), round=round_, agency=agency, focal_point=person, content="link", at=now
    )
    reader = Subscriber.objects.create(email="nok@example.org", key="1" * 32, asked_at=now)
    told = News.objects.create(snapshot=snapshot, kind="edition", queued_at=now)
    NewsMail.objects.create(news=told, subscriber=reader)
    group = Agency(code="GROUP", name_th="กลุ่มทดลอง", kind="group")
    group.save()
    GroupMember.objects.create(group=group, agency=agency, valid_from=2569)
    SpreadsheetImport.objects.create(round=round_, file_name="ส่วนกลาง.xlsx")
    Digest.objects.create(user=User.objects.get(username="staff"), day=now.date())
    Letter.objects.create(
        round=round_,
        agency=agency,
        attempt=1,
        number="พม 1",
        sent_on=now.date(),
        answer_by=now.date(),
    )
    LinkUse.objects.create(
        link=AgencyLink.objects.create(
            round=round_,
            agency=agency,
            key="k",
            issued_at=now,
            expires_at=now + timedelta(days=1),
        ),
        act=LinkUse.Act.OPENED,
    )
    RecordEntry.objects.create(act=RecordEntry.Act.ISSUED, model="followup.agencylink", key="1")
    message = actions.answer_feedback(
        feedback=write(measure=report.measure, may_publish=True),
        by=User.objects.get(username="staff"),
        version=0,
        answer="ตรวจแล้ว",
        shows=True,
    )
    assert message.shown
    Ruling.objects.create(
        round=report.round, measure=report.measure, status="on_hold", meeting_ref="2/2569"
    )


@pytest.fixture(name="approved")
def approved_fixture(open_round: Round, people: Mapping[str, User]) -> None:
    ground.lay("approved")


@pytest.fixture(name="everything")
def everything_fixture(approved: None) -> None:
    ground.lay("everything")


@pytest.fixture
def report(open_round: Round, approved: None) -> StatusReport:
    return find_report(open_round, "1.2")


@pytest.fixture
def ruling(everything: None) -> Ruling:
    """With a row of everything else that a year leaves behind."""
    return Ruling.objects.get()


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Any) -> Path:
    """Uploads that wait for their confirmation, away from the real ones."""
    settings.IMPORT_FOLDER = tmp_path / "imports"
    return tmp_path / "imports"


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", password=PASSWORD, display_name="ผู้ติดตั้ง")
