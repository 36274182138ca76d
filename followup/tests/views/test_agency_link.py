"""What an agency sees and does that opens its link."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from followup import actions, permissions
from followup.actions import Conflict, Refused
from followup.forms.report import evidence_of
from followup.models import (
    Agency,
    AgencyLink,
    Assignment,
    Evidence,
    LinkUse,
    ReportState,
    Round,
    Source,
    StatusReport,
)
from followup.tests import files
from followup.tests.client import Element, PortalClient, read
from followup.tests.desk import FULL, errors, said, survived, typed
from followup.tests.doors import unguarded
from followup.tests.factories import HALF_PAST_TWO, fields_for, find_report, link, make_report
from followup.tests.links import DEAD, path_of
from followup.tests.promises import promise
from followup.tests.promises import report as approved
from followup.tests.sentences import EVIDENCE_TO_COMPLETE
from followup.views import agency_link

VIA = "หน่วยงาน พม. (ลิงก์)"


CLOSED = "รอบปีงบประมาณ 2569 ปิดรับรายงานแล้ว"


pytestmark = pytest.mark.usefixtures("clock")


def stored(report: StatusReport) -> StatusReport:
    return StatusReport.objects.with_context().get(pk=report.pk)


def acts(link: AgencyLink) -> list[str]:
    return list(link.uses.order_by("pk").values_list("act", flat=True))


def bring_to(round_: Round, state: str, people: Any) -> None:
    actions.close_round(round_=round_, by=people["staff"])
    if state == "published":
        actions.publish_round(round_=round_, by=people["reviewer"])


def test_the_agency_sees_its_own_reports_with_what_is_left(issued, visitor, open_round, people):
    make_report(open_round, "1.1", "MSDHS", by=people["staff"], state="submitted")
    page = visitor.page(path_of(issued))
    assert page.one("h1").text == "กระทรวงการพัฒนาสังคมและความมั่นคงของมนุษย์"
    assert "กำหนดส่ง 30 พฤศจิกายน 2569 · เหลืออีก 8 วัน" in page.text
    assert "เหลือ 1 จาก 2 รายการที่ยังต้องส่ง" in page.text
    assert [each.one("b").text for each in page.select("ol.tasks li")] == ["1.2", "1.1"]
    assert page.texts("ol.tasks a") == ["รายงานผล 1.2", "เปิดดู 1.1"]
    assert page.texts("ol.tasks .state") == ["ยังไม่บันทึก", "รอตรวจ"]
    assert "ลิงก์นี้ใช้ได้ถึงสิ้นวันที่ 14 ธันวาคม 2569" in page.text


def test_the_pages_of_a_link_are_kept_by_nobody_and_tell_their_address_to_nobody(
    issued, visitor, report
):
    for path in path_of(issued), path_of(issued, report), "/r/nothing/":
        response = visitor.get(path)
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert read(response).one("meta[name=robots]")["content"] == "noindex, nofollow"
        others = [a["href"] for a in read(response).select("a") if not a["href"].startswith("#")]
        here = path_of(issued)
        assert all(here not in href or href.startswith(here) for href in others)


def test_no_page_of_a_link_names_anybody_of_the_staff(
    issued, visitor, open_round, people, sign_in, report
):
    make_report(
        open_round,
        "1.1",
        "MSDHS",
        by=people["colleague"],
        reviewer=people["reviewer"],
        assessed={"assessed_status": "not_started", "assessed_note": "ยังไม่เห็นผล"},
    )
    make_report(
        open_round, "1.2", by=people["staff"], reviewer=people["reviewer"], state="returned"
    )
    names = {"คุณ" + name for name in people} | set(people)
    client = sign_in(people["staff"])  # even for somebody who is signed in in the same browser
    for path in path_of(issued), *(path_of(issued, each) for each in reports_of(issued)):
        for page in visitor.page(path), client.page(path):
            assert not [name for name in names if name in page.text], path
            assert not [a for a in page.select("a") if a["href"].startswith(("/staff/", "/admin/"))]


def reports_of(link: AgencyLink) -> list[StatusReport]:
    return list(permissions.reports_of(link))


INTERNAL = {"title": "บันทึกภายในของฝ่ายเลขานุการ", "url": "https://example.org/x", "is_public": False}


def test_internal_evidence_of_the_secretariat_is_neither_shown_nor_lost(
    issued, visitor, people, report
):
    actions.save_draft(
        report=report, by=people["staff"], version=0, fields={}, evidence=[link(1), INTERNAL]
    )
    page = visitor.page(path_of(issued, report))
    assert INTERNAL["title"] not in str(visitor.get(path_of(issued, report)).content.decode())
    assert page.one("#id_evidence-0-title")["value"] == "หลักฐานที่ 1"
    visitor.send(page, "form#f", do="draft", results="เริ่มแล้ว", evidence__0__DELETE="on")
    assert [piece.title for piece in stored(report).evidence.all()] == [INTERNAL["title"]]


def test_control_without_the_rule_internal_evidence_is_shown(
    issued, visitor, people, report, monkeypatch
):
    actions.save_draft(report=report, by=people["staff"], version=0, fields={}, evidence=[INTERNAL])
    monkeypatch.setattr(permissions, "evidence_hidden_from", lambda link, report: set())
    page = visitor.page(path_of(issued, report))
    assert page.one("#id_evidence-0-title")["value"] == INTERNAL["title"]


def test_an_agency_goes_on_seeing_the_internal_evidence_that_it_gave(issued, visitor, report):
    page = visitor.page(path_of(issued, report))
    mine = {"evidence__0__title": "บัญชีรายชื่อ", "evidence__0__url": "https://example.org/y"}
    visitor.send(page, "form#f", do="draft", **mine, evidence__0__is_public=None)
    page = visitor.page(path_of(issued, report))
    assert page.one("#id_evidence-0-title")["value"] == "บัญชีรายชื่อ"
    visitor.send(page, "form#f", do="draft", results="แก้ไข")
    (piece,) = stored(report).evidence.all()
    assert (piece.title, piece.is_public) == ("บัญชีรายชื่อ", False)
    assert piece.given_by == report.assignment.agency


def test_a_corrected_name_hides_nothing_of_its_own_from_an_agency(issued, visitor, report):
    """Who gave it is told by the agency's key."""
    page = visitor.page(path_of(issued, report))
    mine = {"evidence__0__title": "บัญชีรายชื่อ", "evidence__0__url": "https://example.org/y"}
    visitor.send(page, "form#f", do="draft", **mine, evidence__0__is_public=None)
    Agency.objects.filter(pk=issued.agency_id).update(abbr_th="ชื่อใหม่", name_th="ชื่อที่แก้แล้ว")
    page = visitor.page(path_of(issued, report))
    assert page.one("#id_evidence-0-title")["value"] == "บัญชีรายชื่อ"


def test_evidence_given_before_its_giver_was_kept_finds_its_agency(issued, visitor, report):
    """The migration reads it off the history; what the secretariat added stays without one."""
    page = visitor.page(path_of(issued, report))
    mine = {"evidence__0__title": "บัญชีรายชื่อ", "evidence__0__url": "https://example.org/y"}
    visitor.send(page, "form#f", do="draft", **mine)
    ours = stored(report).evidence.create(title="ของฝ่ายเลขานุการ", url="https://example.org/z")
    Evidence.objects.update(given_by=None)
    migration = import_module("followup.migrations.0009_evidence_given_by")
    migration.name_the_givers(apps, None)
    given = dict(stored(report).evidence.values_list("title", "given_by"))
    assert given == {"บัญชีรายชื่อ": issued.agency_id, ours.title: None}


def test_last_years_internal_evidence_is_not_shown(demo, visitor, people):
    round_ = Round.objects.get(state="open")
    last = StatusReport.objects.filter(
        round__year_be=2568,
        state="approved",
        assignment__reports__in=round_.reports.filter(version=0),
    ).first()
    last.evidence.create(title="บันทึกภายในปีก่อน", url="https://example.org/z", is_public=False)
    agency = last.assignment.agency
    issued = actions.issue_link(round_=round_, agency=agency, by=people["staff"])
    now = StatusReport.objects.get(round=round_, assignment=last.assignment)
    page = visitor.page(path_of(issued, now))
    assert "รายงานล่าสุด (ปีงบประมาณ 2568)" in page.text
    assert "บันทึกภายในปีก่อน" not in page.text


def test_an_agency_attaches_a_file_and_reads_it_through_its_link_only(
    issued, visitor, report, people
):
    page = visitor.page(path_of(issued, report))
    response = visitor.send(page, "form#f", do="draft", evidence__0__upload=files.upload())
    assert response.status_code == 302
    (piece,) = stored(report).evidence.all()
    address = visitor.page(path_of(issued, report)).one(".held a")["href"]
    assert address.startswith(f"{path_of(issued)}evidence/")
    assert b"".join(visitor.get(address).streaming_content) == files.PDF
    assert visitor.get(piece.address).status_code == 404
    # On the pages that only show it, too.
    now = stored(report)
    actions.save_draft(
        report=now,
        link=issued,
        version=now.version,
        fields=fields_for("in_progress"),
        evidence=evidence_of(now),
    )
    actions.submit(report=now, link=issued, version=now.version)
    assert visitor.page(path_of(issued, report)).one("ul.files a")["href"] == address
    actions.revoke_link(link=issued, by=people["staff"])
    assert visitor.get(address).status_code == 404


def test_a_link_reaches_its_own_agencys_reports_of_its_round_only(
    issued, visitor, open_round, people
):
    other = find_report(open_round, "2.4", "MOF")
    make_report(open_round, "2.4", by=people["staff"], state="draft", results="ร่างของกระทรวงการคลัง")
    for pk in other.pk, 0:
        response = visitor.get(f"{path_of(issued)}{pk}/")
        assert response.status_code == 404
        assert "ร่างของกระทรวงการคลัง" not in response.content.decode()
    data = {"version": "1", "results": "ทับ", "evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0}
    assert visitor.post(f"{path_of(issued)}{other.pk}/", data).status_code == 404
    assert stored(other).results == "ร่างของกระทรวงการคลัง"
    with pytest.raises(PermissionDenied):
        actions.save_draft(report=stored(other), link=issued, version=1, fields={}, evidence=[])
    with pytest.raises(PermissionDenied):
        actions.submit(report=stored(other), link=issued, version=1)
    with pytest.raises(PermissionDenied):
        actions.save_draft(report=stored(other), version=1, fields={}, evidence=[])


def test_an_assignment_that_ended_is_reached_no_more(issued, visitor, open_round, report):
    ended = Assignment.objects.filter(agency=issued.agency, measure__number=2)
    ended.update(valid_to=2568)
    assert visitor.get(path_of(issued, report)).status_code == 404
    assert [each.text for each in visitor.page(path_of(issued)).select("ol.tasks b")] == ["1.1"]


def kill(how: str, link: AgencyLink, people: Any) -> None:
    rows = AgencyLink.objects.filter(pk=link.pk)
    if how == "revoked":
        actions.revoke_link(link=link, by=people["staff"])
    elif how == "expired":
        rows.update(
            expires_at=HALF_PAST_TWO - timedelta(seconds=1),
            issued_at=HALF_PAST_TWO - timedelta(days=9),
        )
    elif how == "deleted":
        with unguarded():
            rows.delete()
    elif how == "published":
        bring_to(link.round, "published", people)
    elif how == "ended":
        Assignment.objects.filter(agency=link.agency).update(valid_to=2568)


KINDS = ("revoked", "expired", "deleted", "published", "ended")


@pytest.mark.parametrize("how", KINDS)
def test_a_dead_link_says_so_and_how_to_get_a_new_one_and_never_why(
    issued, visitor, people, report, how
):
    never = visitor.get("/r/nothing/")
    page = read(never)
    assert (never.status_code, page.one("h1").text) == (404, DEAD)
    assert "ขอลิงก์ใหม่จากฝ่ายเลขานุการ" in page.text
    assert "ติดต่อฝ่ายเลขานุการ คสป.: กองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (กสป.)" in page.text
    tampered = visitor.get(path_of(issued)[:-2] + "x/")
    assert (tampered.status_code, tampered.content) == (404, never.content)
    kill(how, issued, people)
    for path in path_of(issued), path_of(issued, report):
        response = visitor.get(path)
        assert (response.status_code, response.content) == (404, never.content)
        assert dict(response.items()).keys() == dict(never.items()).keys()
    assert acts(issued) == []


@pytest.mark.parametrize("how", KINDS)
def test_a_dead_link_stores_nothing_and_gives_the_text_back(issued, visitor, people, report, how):
    page = visitor.page(path_of(issued, report))
    kill(how, issued, people)
    response = visitor.send(page, "form#f", do="submit", **FULL)
    assert response.status_code == 404
    assert "ผู้เข้าร่วม 320 คน" in read(response).one("dl.field").text
    assert "https://example.org/forum.pdf" in read(response).text
    assert stored(report).version == 0


def test_guessing_is_slowed_down_and_good_links_go_on(issued, visitor, clock):
    answers = [visitor.get(f"/r/guess-{turn}/").status_code for turn in range(22)]
    assert answers == [404] * 20 + [429] * 2
    response = visitor.get("/r/guess/")
    assert read(response).one("h1").text == "ลองหลายครั้งเกินไป"
    assert "ลองใหม่ในอีก 10 นาที ลิงก์ที่ยังใช้ได้เปิดได้ตามปกติ" in read(response).text
    assert response["Retry-After"] == "600"
    assert visitor.get(path_of(issued)).status_code == 200
    assert PortalClient(REMOTE_ADDR="192.0.2.7").get("/r/guess/").status_code == 404
    clock.shift(timedelta(minutes=11))
    assert visitor.get("/r/guess/").status_code == 404


def test_an_agency_drafts_and_submits_its_own_report(
    issued, visitor, report, people, sign_in, open_round
):
    page = visitor.page(path_of(issued, report))
    response = visitor.send(page, "form#f", do="draft", **FULL)
    assert (response.status_code, response["Location"]) == (302, path_of(issued, report))
    page = visitor.page(path_of(issued, report))
    assert said(page) == ["บันทึกร่างแล้ว เวลา 14.30 น."]
    assert typed(page)["results"].splitlines() == FULL["results"].splitlines()
    now = stored(report)
    assert (now.source, now.updated_by, now.state) == (Source.AGENCY, None, "draft")
    response = visitor.send(page, "form#f", do="submit")
    assert (response.status_code, response["Location"]) == (302, path_of(issued))
    assert said(visitor.page(path_of(issued))) == [
        "ส่งมาตรการย่อย 1.2 แล้ว ฝ่ายเลขานุการ คสป. จะตรวจและรับรอง"
    ]
    now = stored(report)
    assert (now.state, now.submitted_by, now.submitted_at is None) == ("submitted", None, False)
    assert acts(issued) == ["opened", "saved", "saved", "submitted"]
    written = now.history.exclude(history_type="+")
    assert set(written.values_list("via", "history_user")) == {(VIA, None)}
    assert set(now.evidence.get().history.values_list("via", flat=True)) == {VIA}

    reviewer = sign_in(people["reviewer"])
    assert VIA in reviewer.page("/staff/review/").one("ol.tasks").text
    assert f"ส่งตรวจโดย {VIA}" in reviewer.page(f"/staff/reports/{report.pk}/").text
    actions.approve(report=now, by=people["reviewer"], version=now.version)
    assert stored(report).state == "approved"


PREVIEW = "ท่านเข้าสู่ระบบอยู่ นี่คือหน้าที่หน่วยงานเห็น ดูได้อย่างเดียว"


@pytest.mark.parametrize("role", ["staff", "reviewer", "outsider"])
@pytest.mark.parametrize("do", ["draft", "submit", "reply", "copy", "resume"])
def test_whoever_is_signed_in_only_looks(issued, people, sign_in, report, role, do):
    client = sign_in(people[role])
    assert PREVIEW in client.page(path_of(issued)).text
    page = client.page(path_of(issued, report))
    assert PREVIEW in page.text
    assert page.has("form#f fieldset[disabled] #id_results")
    assert not page.has("button[value=submit]")
    response = client.post(path_of(issued, report), FULL | {"version": "0", "do": do})
    assert response.status_code == 403
    kept = read(response)
    assert "ท่านเข้าสู่ระบบอยู่ จึงดูหน้าของหน่วยงานได้อย่างเดียว" in kept.text
    assert "ผู้เข้าร่วม 320 คน" in kept.one("dl.field").text
    assert stored(report).is_untouched
    assert list(issued.uses.values_list("act", "user__username")) == [("previewed", role)]


@pytest.mark.parametrize("knows", ["issued it", "opened it"])
def test_whoever_knows_the_link_does_not_approve_what_came_through_it(
    open_round, msdhs, people, visitor, sign_in, report, knows
):
    by = people["reviewer" if knows == "issued it" else "staff"]
    issued = actions.issue_link(round_=open_round, agency=msdhs, by=by)
    if knows == "opened it":
        sign_in(people["reviewer"]).page(path_of(issued))
    visitor.send(visitor.page(path_of(issued, report)), "form#f", do="submit", **FULL)
    now = stored(report)
    assert (now.state, now.submitted_link) == ("submitted", issued)

    reviewer = sign_in(people["reviewer"])
    why = "รายการนี้ส่งผ่านลิงก์ที่ท่านออก หรือเคยเปิดขณะเข้าสู่ระบบ จึงต้องให้ผู้ตรวจคนอื่นตรวจ"
    page = reviewer.page(f"/staff/reports/{report.pk}/review/")
    assert why in page.text
    assert not page.has("button[value=approve]")
    for verb in (
        lambda: actions.approve(report=now, by=people["reviewer"], version=now.version),
        lambda: actions.send_back(
            report=now, by=people["reviewer"], version=now.version, reason="แก้"
        ),
    ):
        with pytest.raises(Refused, match=why):
            verb()
    assert stored(report).state == "submitted"
    actions.approve(report=now, by=people["administrator"], version=now.version)
    assert stored(report).approved_by == people["administrator"]


def test_a_submission_by_link_lacks_what_its_status_demands(issued, visitor, report):
    page = visitor.page(path_of(issued, report))
    response = visitor.send(page, "form#f", do="submit", reported_status="completed")
    assert response.status_code == 422
    assert [sentence for _where, sentence in errors(read(response))] == [EVIDENCE_TO_COMPLETE]
    assert stored(report).state == "draft"


def test_what_was_submitted_is_read_only_until_it_is_sent_back(issued, visitor, open_round, people):
    report = make_report(open_round, "1.2", by=people["staff"], state="submitted")
    page = visitor.page(path_of(issued, report))
    assert "ส่งแล้ว รอฝ่ายเลขานุการ คสป. ตรวจ" in page.text
    assert not page.has("form")
    actions.send_back(
        report=report, by=people["reviewer"], version=report.version, reason="ระบุจำนวนผู้เข้าร่วม"
    )
    page = visitor.page(path_of(issued, report))
    assert "ส่งกลับแก้ไข: ระบุจำนวนผู้เข้าร่วม" in page.text
    assert page.has("form#f")


def test_being_opened_is_noted_once_an_hour(issued, visitor, report, clock):
    for path in path_of(issued), path_of(issued, report), path_of(issued):
        visitor.get(path)
    assert acts(issued) == ["opened"]
    clock.shift(timedelta(minutes=61))
    visitor.get(path_of(issued))
    assert acts(issued) == ["opened", "opened"]


def test_what_is_refused_is_no_use(issued, visitor, report):
    page = visitor.page(path_of(issued, report))
    visitor.send(page, "form#f", do="draft", budget_received="มาก")
    visitor.send(page, "form#f", do="submit", reported_status="on_hold")
    assert acts(issued) == ["opened", "saved"], "the draft was stored, the submission was not"


def test_a_closed_round_says_whom_to_ask_and_keeps_the_text(issued, visitor, people, report):
    page = visitor.page(path_of(issued, report))
    actions.close_round(round_=issued.round, by=people["staff"])
    response = visitor.send(page, "form#f", do="draft", **FULL)
    assert response.status_code == 422
    assert errors(read(response)) == [
        ("", f"{CLOSED} ติดต่อฝ่ายเลขานุการ คสป. เพื่อขอเปิดแก้ไข"),
    ]
    assert survived(visitor, response)
    assert stored(report).version == 0
    for path in path_of(issued), path_of(issued, report):
        notice = visitor.page(path).one("main p.notice").text
        assert notice.startswith(f"{CLOSED} หากต้องส่งหรือแก้ไข ติดต่อฝ่ายเลขานุการ คสป.")


def sides(page: Element) -> dict[str, tuple[str, str]]:
    return {
        mine.one("h3").text.removesuffix(" ของฉัน"): (mine.one("p").text, theirs.one("p").text)
        for mine, theirs in (each.select("div") for each in page.select("div.clash__v"))
    }


def test_the_agency_meets_what_the_secretariat_saved(issued, visitor, people, sign_in, report):
    staff = sign_in(people["staff"])
    mine = visitor.page(path_of(issued, report))
    theirs = staff.page(f"/staff/reports/{report.pk}/")
    staff.send(theirs, "form#f", do="draft", results="จากหนังสือ", provinces=["10"])
    response = visitor.send(mine, "form#f", do="draft", **FULL)
    assert response.status_code == 409
    page = read(response)
    assert page.one("section.clash h2").text == "ฝ่ายเลขานุการ แก้ไขรายการนี้เมื่อ 22 พ.ย. 2569 14.30 น."
    assert "คุณ" not in page.one("section.clash").text
    assert sides(page)["ผลการดำเนินงาน"][1] == "จากหนังสือ"
    assert sides(page)["จังหวัดที่ดำเนินการ"] == ("กรุงเทพมหานคร, เชียงใหม่", "กรุงเทพมหานคร")
    assert sides(page)["หลักฐาน"] == ("สรุปเวที https://example.org/forum.pdf", "–")
    assert survived(visitor, response)
    assert visitor.send(page, "form#f", do="draft").status_code == 302
    assert "320" in stored(report).results


def test_the_secretariat_meets_what_the_agency_saved(issued, visitor, people, sign_in, report):
    staff = sign_in(people["staff"])
    mine = staff.page(f"/staff/reports/{report.pk}/")
    visitor.send(visitor.page(path_of(issued, report)), "form#f", do="draft", results="หน่วยงานพิมพ์")
    response = staff.send(mine, "form#f", do="submit", **FULL)
    assert response.status_code == 409
    page = read(response)
    assert page.one("section.clash h2").text == f"{VIA} แก้ไขรายการนี้เมื่อ 22 พ.ย. 2569 14.30 น."
    assert page.one("section.clash a.btn").text == f"ใช้ของ {VIA}"
    assert survived(staff, response)
    assert (stored(report).results, stored(report).state) == ("หน่วยงานพิมพ์", "draft")


def test_two_at_the_agency_learn_of_each_other_without_names(issued, visitor, report):
    first, second = visitor.page(path_of(issued, report)), visitor.page(path_of(issued, report))
    visitor.send(first, "form#f", do="draft", results="คนแรก")
    page = read(visitor.send(second, "form#f", do="draft", results="คนที่สอง"))
    assert page.one("section.clash h2").text.startswith("ผู้ใช้ลิงก์ของหน่วยงานท่านหนึ่ง แก้ไขรายการนี้")
    assert sides(page) == {"ผลการดำเนินงาน": ("คนที่สอง", "คนแรก")}


DIFFERENT = {"assessed_status": "not_started", "assessed_note": "ยังไม่เห็นผลงานตามมาตรการ"}


REPLY = "ได้จัดเวทีแล้วเมื่อเดือนกันยายน ตามเอกสารแนบ"


@pytest.fixture
def assessed(open_round, people):
    return make_report(
        open_round, "1.2", by=people["staff"], reviewer=people["reviewer"], assessed=DIFFERENT
    )


def test_the_reply_stands_beside_the_assessment_once_the_round_is_published(
    issued, assessed, visitor, people
):
    assert visitor.page(path_of(issued)).texts("ol.tasks a")[-1] == "อ่านและชี้แจง 1.2"
    page = visitor.page(path_of(issued, assessed))
    assert DIFFERENT["assessed_note"] in page.text
    response = visitor.send(page, "form#f", do="reply", agency_reply=REPLY)
    assert response.status_code == 302
    assert said(visitor.page(path_of(issued, assessed))) == [
        "บันทึกคำชี้แจงแล้ว สาธารณะจะเห็นเมื่อเผยแพร่รอบ"
    ]
    now = stored(assessed)
    assert (now.agency_reply, now.state, now.updated_by) == (REPLY, "approved", None)
    assert acts(issued)[-1] == "replied"
    assert (now.history.first().via, now.history.first().history_change_reason) == (VIA, "reply")
    for path in "/resolutions/2565/1/", "/agencies/MSDHS/", "/":
        assert REPLY not in PortalClient().get(path).content.decode()
    bring_to(issued.round, "published", people)
    page = PortalClient().page("/resolutions/2565/1/")
    assert f"คำชี้แจงของหน่วยงาน {REPLY}" in page.text
    assert visitor.get(path_of(issued, assessed)).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.reply(report=now, link=issued, version=now.version, text="อีกครั้ง")


def test_a_reply_is_possible_after_closing(issued, assessed, visitor, people):
    actions.close_round(round_=issued.round, by=people["staff"])
    page = visitor.page(path_of(issued, assessed))
    assert visitor.send(page, "form#f", do="reply", agency_reply=REPLY).status_code == 302
    assert stored(assessed).agency_reply == REPLY


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "พิมพ์คำชี้แจงก่อนบันทึก"),
        ("ก" * 4001, "คำชี้แจงของหน่วยงานยาว 4001 อักขระ เกินกำหนด 4000 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง"),
    ],
)
def test_a_reply_that_cannot_be_stored_says_why(issued, assessed, visitor, text, sentence):
    page = visitor.page(path_of(issued, assessed))
    response = visitor.send(page, "form#f", do="reply", agency_reply=text)
    assert response.status_code == 422
    assert errors(read(response)) == [("#id_agency_reply", sentence)]
    assert typed(read(response))["agency_reply"] == text
    assert stored(assessed).agency_reply == ""


def test_a_reply_to_what_has_changed_meanwhile_shows_both(issued, assessed, visitor):
    first, second = (visitor.page(path_of(issued, assessed)) for _turn in "ab")
    visitor.send(first, "form#f", do="reply", agency_reply="คำชี้แจงแรก")
    response = visitor.send(second, "form#f", do="reply", agency_reply=REPLY)
    assert response.status_code == 409
    page = read(response)
    assert "รายการนี้เปลี่ยนไปหลังจากเปิดหน้า" in page.one(".errs").text
    assert "คำชี้แจงแรก" in page.one("p.reply").text
    assert typed(page)["agency_reply"] == REPLY
    assert stored(assessed).agency_reply == "คำชี้แจงแรก"
    assert visitor.send(page, "form#f", do="reply").status_code == 302
    assert stored(assessed).agency_reply == REPLY


def test_there_is_no_reply_where_both_agree_or_nobody_has_decided(
    issued, visitor, open_round, people
):
    agreed = make_report(open_round, "1.2", by=people["staff"], reviewer=people["reviewer"])
    waiting = make_report(open_round, "1.1", "MSDHS", by=people["staff"], state="submitted")
    for report in agreed, waiting:
        assert not visitor.page(path_of(issued, report)).has("form")
        data = {"do": "reply", "version": report.version, "agency_reply": REPLY}
        response = visitor.post(path_of(issued, report), data)
        assert response.status_code == 422
        assert "ชี้แจงได้เมื่อรับรองรายงานแล้วและ คสป. ประเมินต่างจากที่รายงาน" in read(response).text
        assert REPLY in read(response).text, "and yet nothing typed is lost"
        assert stored(report).agency_reply == ""


def test_the_secretariat_takes_a_reply_over_from_a_letter(assessed, people):
    actions.reply(report=assessed, by=people["staff"], version=assessed.version, text=REPLY)
    assert (stored(assessed).agency_reply, stored(assessed).updated_by) == (REPLY, people["staff"])
    assert not LinkUse.objects.exists()
    with pytest.raises(Conflict):
        actions.reply(report=stored(assessed), by=people["staff"], version=3, text="อีก")
    with pytest.raises(PermissionDenied):
        actions.reply(report=stored(assessed), by=people["outsider"], version=4, text="อีก")


def test_writing_by_link_is_locked_where_others_have_the_report(issued, open_round, people):
    report = make_report(open_round, "1.2", by=people["staff"], state=ReportState.SUBMITTED)
    with pytest.raises(Refused, match="รายการนี้อยู่ในขั้น “ส่งตรวจ” แล้ว"):
        actions.save_draft(
            report=report, link=issued, version=2, fields=fields_for("on_hold"), evidence=[]
        )


def test_an_agency_takes_back_what_it_has_submitted_until_a_reviewer_opens_it(
    issued, visitor, report, people, sign_in
):
    path = path_of(issued, report)
    visitor.send(visitor.page(path), "form#f", do="submit", **FULL)
    page = visitor.page(path)
    assert "ยังไม่มีผู้ตรวจเปิดอ่าน ดึงกลับมาแก้ไขแล้วส่งใหม่ได้" in page.text
    assert "ดึงกลับมาแก้ไข" not in sign_in(people["reviewer"]).page(path).text, "a preview"
    visitor.post(path, {"do": "recall", "version": stored(report).version})
    assert said(visitor.page(path)) == ["ดึงรายงานกลับมาเป็นฉบับร่างแล้ว แก้ไขแล้วส่งใหม่ได้"]
    assert stored(report).state == ReportState.DRAFT
    assert acts(issued)[-1] == "recalled"
    visitor.send(visitor.page(path), "form#f", do="submit")
    actions.note_review_opened(report=stored(report), by=people["administrator"])
    assert "ผู้ตรวจเปิดอ่านแล้วเมื่อ" in visitor.page(path).text
    visitor.post(path, {"do": "recall", "version": stored(report).version})
    assert stored(report).state == ReportState.SUBMITTED


def test_a_long_list_of_reports_has_pages_what_is_to_be_done_first(
    open_round, people, codi, visitor, monkeypatch
):
    monkeypatch.setattr(agency_link, "PAGE", 4)
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    sent = make_report(open_round, "2.2", "CODI", state="submitted", **write)
    issued = actions.issue_link(round_=open_round, agency=codi, by=people["staff"])
    address = f"/r/{actions.token_of(issued)}/"
    first = visitor.page(address)
    total = open_round.reports.filter(assignment__agency=codi).count()
    assert first.one(".pager").text.startswith(
        f"หน้า 1 จาก {-(-total // 4)} รายการที่ 1–4 จาก {total}"
    )
    assert f"เหลือ {total - 1} จาก {total} รายการที่ยังต้องส่ง" in first.text
    last = visitor.page(f"{address}?page=99")
    assert last.select(".task__x a")[-1]["href"] == f"{address}{sent.pk}/"


# Promised dates and responses -----------------------------------------------------------------


def test_the_agency_reads_its_promised_dates_and_what_it_never_answered(
    open_round, people, visitor, msdhs
):
    approved(open_round, people, "1.1", **promise(HALF_PAST_TWO.date() - timedelta(days=1)))
    others = approved(open_round, people, "1.2", "MSDHS", **promise(HALF_PAST_TWO.date()))
    leading = find_report(open_round, "1.1").assignment.agency
    pages = {
        agency.code: visitor.page(
            path_of(actions.issue_link(round_=open_round, agency=agency, by=people["staff"]))
        )
        for agency in (leading, msdhs)
    }
    mine, theirs = pages[leading.code], pages["MSDHS"]
    assert mine.one("#h-promised").text == "กำหนดแล้วเสร็จที่หน่วยงานแจ้งไว้"
    told = mine.one("section[aria-labelledby=h-promised]").text
    assert "เลยกำหนด 1 · ยังไม่ถึงกำหนดในรอบนี้ 0" in told
    assert "เลยกำหนด 21 พ.ย. 2569 เลยมา 1 วัน" in told
    told = theirs.one("section[aria-labelledby=h-promised]").text
    assert "เลยกำหนด 0 · ยังไม่ถึงกำหนดในรอบนี้ 1" in told
    assert "กำหนดแล้วเสร็จ 22 พ.ย. 2569 ครบกำหนดวันนี้" in told
    assert "21 พ.ย. 2569" not in theirs.text, "another agency's"
    asked = mine.one("section[aria-labelledby=h-unanswered]").text
    assert "1.1" in asked
    assert "ขอรายงานมาแล้ว 1 รอบ" in asked
    assert others.assignment.agency == msdhs


def test_an_agency_that_promised_nothing_and_leads_nothing_is_asked_nothing(
    open_round, people, visitor
):
    leads = open_round.reports.filter(assignment__role="lead").values("assignment__agency")
    only = open_round.reports.exclude(assignment__agency__in=leads).first().assignment.agency
    page = visitor.page(
        path_of(actions.issue_link(round_=open_round, agency=only, by=people["staff"]))
    )
    assert not page.select("#h-promised")
    assert not page.select("#h-unanswered")
