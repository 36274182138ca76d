"""One piece of evidence attached to several reports of an agency, by staff and through its link."""

import pytest
from django.core.files.storage import storages

from followup import actions
from followup.actions import Refused
from followup.models import Evidence
from followup.tests import files
from followup.tests.actions.verbs import lacking
from followup.tests.client import PortalClient, read
from followup.tests.desk import errors, path_of, said, stored
from followup.tests.factories import link

pytestmark = pytest.mark.security


@pytest.fixture
def two(open_round, report, people):
    """A report with a file and an internal link, and another one of its agency."""
    own = open_round.reports.filter(assignment__agency=report.assignment.agency)
    other = own.exclude(pk=report.pk).with_context()[0]
    actions.save_draft(
        report=report,
        by=people["staff"],
        version=0,
        fields={},
        evidence=[files.piece(), link(2, is_public=False)],
    )
    return stored(report), other


def kept():
    return storages["evidence"].listdir("")[1]


def attach(report, other, by, pieces=None, version=None, **more):
    every = [each.pk for each in report.evidence.all()]
    version = other.version if version is None else version
    return actions.attach_evidence(
        report=report, pieces=pieces or every, to=[(other, version)], by=by, **more
    )


def test_a_file_is_stored_once_however_many_reports_have_it(two, people):
    report, other = two
    before = kept()
    assert attach(report, other, people["staff"]) == 2
    other = stored(other)
    assert [(each.title, each.is_public) for each in other.evidence.all()] == [
        (each.title, each.is_public) for each in report.evidence.all()
    ]
    assert kept() == before
    assert other.version == 1
    assert other.history.first().history_change_reason == "evidence"
    assert attach(report, other, people["staff"]) == 0, "it has them already"
    assert stored(other).version == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_row_takes_the_file_along(two, people):
    report, other = two
    attach(report, other, people["staff"])
    name = report.evidence.exclude(file="").get().file.name
    for each in (report, other):
        assert name in kept()
        fresh = stored(each)
        actions.save_draft(
            report=fresh, by=people["staff"], version=fresh.version, fields={}, evidence=[]
        )
    assert not Evidence.objects.exists()
    assert name not in kept()


def test_what_cannot_be_written_to_is_refused_whole(two, people, open_round):
    report, other = two
    staff = people["staff"]
    foreign = open_round.reports.exclude(
        assignment__agency=report.assignment.agency
    ).with_context()[0]
    assert (
        "แนบได้เฉพาะรายการอื่นของหน่วยงานเดียวกันในรอบเดียวกัน"
        in (lacking(attach, report, foreign, staff)["to"])
    )
    assert "เปลี่ยนไปหลังจากเปิดหน้า" in lacking(attach, report, other, staff, version=7)["to"]
    assert set(lacking(attach, report, other, staff, pieces=[10**9])) == {"pieces"}
    with pytest.raises(Refused):
        actions.attach_evidence(report=report, pieces=[1], to=[], by=staff)
    actions.save_draft(
        report=other, by=staff, version=0, fields={"reported_status": "not_started"}, evidence=[]
    )
    actions.submit(report=other, by=staff, version=1)
    assert "อยู่ในขั้น “ส่งตรวจ” แล้ว" in lacking(attach, report, stored(other), staff)["to"]
    assert Evidence.objects.count() == 2


def test_a_link_attaches_what_it_sees_to_its_own(two, people, open_round, visitor):
    report, other = two
    issued = actions.issue_link(
        round_=open_round, agency=report.assignment.agency, by=people["staff"]
    )
    here = f"/r/{actions.token_of(issued)}/{report.pk}/"
    page = visitor.page(here)
    share = here + "evidence/"
    assert share in [a["href"] for a in page.select("main a")]
    page = visitor.page(share)
    ticks = [each["value"] for each in page.select("input[type=checkbox]")]
    assert len([each for each in ticks if "." not in each]) == 1, "not the internal one"
    every = [str(each.pk) for each in report.evidence.all()]
    response = visitor.send(page, "main form", piece=every, to=f"{other.pk}.0")
    assert response.status_code == 302
    (given,) = stored(other).evidence.all()
    assert (given.file_name, given.given_by) == ("สรุปเวที.pdf", report.assignment.agency)
    foreign = open_round.reports.exclude(assignment__agency=report.assignment.agency)[0]
    assert (
        visitor.get(here.replace(str(report.pk), str(foreign.pk)) + "evidence/").status_code == 404
    )
    response = visitor.send(page, "main form", piece=every, to=f"{foreign.pk}.0")
    assert response.status_code == 422
    assert not foreign.evidence.exists()


def test_the_page_keeps_its_ticks_and_says_what_to_do(two, staff, visitor, people, open_round):
    report, other = two
    share = path_of(report) + "evidence/"
    page = staff.page(share)
    response = staff.send(page, "main form", to=f"{other.pk}.0")
    assert response.status_code == 422
    again = read(response)
    assert errors(again) == [("#id_pieces", "เลือกหลักฐานอย่างน้อยหนึ่งรายการ")]
    assert [each["value"] for each in again.select("input[checked]")] == [f"{other.pk}.0"]
    piece = str(report.evidence.all()[0].pk)
    login = visitor.post(share, {"piece": piece, "to": f"{other.pk}.0"})
    assert login["Location"].startswith("/staff/login/?next=")
    strict = PortalClient(enforce_csrf_checks=True)
    strict.force_login(people["staff"])
    kept_page = strict.post(share, {"piece": piece, "to": f"{other.pk}.0"}, follow=True)
    assert len(read(kept_page).select("input[checked]")) == 2
    staff.send(again, "main form", piece=piece)
    assert said(staff.page(path_of(report))) == ["แนบหลักฐานเพิ่ม 1 รายการ กับ 1 มาตรการแล้ว"]
    assert (
        "ยังไม่มีหลักฐานที่บันทึกไว้"
        in staff.page(
            f"/staff/reports/{open_round.reports.filter(evidence=None)[0].pk}/evidence/"
        ).text
    )
