"""Typed text survives if it cannot be stored: the session ended, the CSRF token changed, or the
report was deleted. Nothing is stored on the way."""

import pytest
from django.contrib import admin

from followup import actions
from followup.actions import Refused
from followup.models import Assignment, Evidence, StatusReport
from followup.tests.client import Element, PortalClient, read
from followup.tests.desk import FULL, said, typed
from followup.tests.factories import dump, find_report, make_report

KEPT = "ยังไม่ได้บันทึก ข้อความที่พิมพ์อยู่ในหน้านี้"
AGAIN = "ยังไม่ได้บันทึก ข้อความที่พิมพ์ไว้อยู่ในแบบฟอร์มนี้ครบแล้ว ตรวจอีกครั้งก่อนบันทึก"
NOT_OURS = {"django_session", "portal_cache"}


@pytest.fixture
def report(open_round):
    return find_report(open_round, "1.2")


@pytest.fixture
def client(people):
    client = PortalClient(enforce_csrf_checks=True)
    client.force_login(people["staff"])
    return client


@pytest.fixture
def path(report):
    return f"/staff/reports/{report.pk}/"


def said_again(page: Element) -> dict[str, list[str]]:
    """What was typed, as the page holds it to be sent on."""
    unseen = {"csrfmiddlewaretoken", "version", "do"}
    held = page.one("form#f").controls().items()
    return {name: value for name, value in held if name not in unseen}


def sent(client: PortalClient) -> dict[str, object]:
    unseen = {"csrfmiddlewaretoken", "version", "do"}
    return {name: value for name, value in client.sent.items() if name not in unseen}


def test_what_is_sent_after_the_session_ended_waits_on_the_page(client, people, path, report):
    page = client.page(path)
    client.logout()
    before = dump(without=NOT_OURS)
    response = client.send(page, "form#f", do="submit", **FULL)
    assert response.status_code == 403
    kept = read(response)
    assert kept.one("h1").text == KEPT
    assert said_again(kept) == sent(client)
    assert "จัดเวทีรับฟัง 4 ภาค ผู้เข้าร่วม 320 คน" in kept.one("dl.field").text
    login = kept.one("main a.btn")
    assert (login["href"], login["target"]) == ("/staff/login/", "_blank")

    again = client.send(kept, "form#f", do="resume")  # before signing in
    assert (again.status_code, read(again).one("h1").text) == (403, KEPT)
    assert dump(without=NOT_OURS) == before, "nothing is stored before the login"

    client.force_login(people["staff"])
    back = client.send(read(again), "form#f", do="resume")
    page = read(back)
    assert page.one("h1").text.startswith("1.2")
    assert said(page) == [AGAIN]
    assert typed(page) == sent(client)
    assert StatusReport.objects.get(pk=report.pk).version == 0, "nor after it"
    assert client.send(page, "form#f", do="draft").status_code == 302
    assert "320" in StatusReport.objects.get(pk=report.pk).results


def test_signing_in_elsewhere_changes_the_token_and_the_text_stays(client, path, report):
    page = client.page(path)
    client.cookies["csrftoken"] = "a" * 32  # as a login in another tab does
    response = client.send(page, "form#f", do="submit", **FULL)
    assert response.status_code == 403
    page = read(response)
    assert said(page) == [AGAIN]
    assert typed(page) == sent(client)
    assert StatusReport.objects.get(pk=report.pk).version == 0
    assert client.send(page, "form#f", do="draft").status_code == 302


def test_another_person_who_signs_in_sees_it_as_unsaved_text(client, people, path, report):
    page = client.page(path)
    client.logout()
    kept = read(client.send(page, "form#f", do="draft", **FULL))
    actions.save_draft(
        report=report, by=people["staff"], version=0, fields={"results": "ของเดิม"}, evidence=[]
    )
    client.force_login(people["colleague"])
    page = read(client.send(kept, "form#f", do="resume"))
    assert "320" in typed(page)["results"]
    assert StatusReport.objects.get(pk=report.pk).results == "ของเดิม"
    clash = client.send(page, "form#f", do="draft")
    assert clash.status_code == 409, "it still stands on the version that was read then"
    assert read(clash).one("section.clash a.btn").text == "ใช้ของ คุณstaff"


def test_who_has_no_right_gets_no_form(client, people, path):
    page = client.page(path)
    client.force_login(people["outsider"])
    response = client.send(page, "form#f", do="draft", **FULL)
    assert read(response).one("h1").text == "บัญชีนี้ไม่มีสิทธิ์เปิดหน้านี้"


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ORIGIN": "https://example.org"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
    ],
)
def test_what_another_site_sends_is_not_shown_in_a_form(client, path, headers):
    data = {"version": "0", "results": "ข้อความของผู้อื่น"}
    response = client.post(path, data, **headers)
    assert response.status_code == 403
    assert read(response).one("h1").text == "ส่งแบบฟอร์มไม่ได้"
    assert "ข้อความของผู้อื่น" not in response.content.decode()


def test_only_the_fields_of_the_form_are_held(client, path):
    page = client.page(path)
    client.logout()
    data = page.one("form#f").controls() | {"other": "<b>x</b>"}
    response = client.post(path, data | {"results": "<b>ก</b>"})
    assert "other" not in said_again(read(response))
    assert "<b>" not in response.content.decode()


def test_the_agencys_form_keeps_its_text_as_well(open_round, people, report):
    issued = actions.issue_link(
        round_=open_round, agency=report.assignment.agency, by=people["staff"]
    )
    visitor = PortalClient(enforce_csrf_checks=True)
    path = f"/r/{actions.token_of(issued)}/{report.pk}/"
    page = visitor.page(path)
    visitor.cookies["csrftoken"] = "a" * 32
    response = visitor.send(page, "form#f", do="submit", **FULL)
    assert response.status_code == 403
    page = read(response)
    assert said(page) == [AGAIN]
    assert typed(page) == sent(visitor)
    assert StatusReport.objects.get(pk=report.pk).version == 0
    assert visitor.send(page, "form#f", do="submit").status_code == 302
    assert StatusReport.objects.get(pk=report.pk).state == "submitted"


def test_a_reviewers_words_are_kept_as_well(people, open_round):
    submitted = make_report(open_round, by=people["staff"], state="submitted")
    path = f"/staff/reports/{submitted.pk}/review/"
    client = PortalClient(enforce_csrf_checks=True)
    client.force_login(people["reviewer"])
    page = client.page(path)
    client.logout()
    words = {"return_reason": "ระบุจำนวนผู้เข้าร่วมรายภาค"}
    kept = read(client.send(page, "main form", do="return", **words))
    assert kept.one("h1").text == KEPT
    assert words["return_reason"] in kept.one("dl.field").text
    client.force_login(people["reviewer"])
    page = read(client.send(kept, "form#f", do="resume"))
    assert said(page) == [AGAIN]
    client.cookies["csrftoken"] = "a" * 32
    kept = read(client.send(page, "main form", do="return"))
    assert (kept.one("h1").text, kept.has("main a.btn")) == (KEPT, False)
    page = read(client.send(kept, "form#f", do="resume"))
    assert StatusReport.objects.get(pk=submitted.pk).state == "submitted"
    assert client.send(page, "main form", do="return").status_code == 302
    assert StatusReport.objects.get(pk=submitted.pk).return_reason == words["return_reason"]


# The report is gone ----------------------------------------------------------------------------

GONE = "รายการนี้ไม่มีแล้ว เพราะการมอบหมายเปลี่ยนไประหว่างที่พิมพ์ คัดลอกข้อความไว้ แล้วติดต่อผู้ดูแล"


def test_a_report_that_went_away_gives_the_text_back(client, path, report, open_round):
    page = client.page(path)
    Assignment.objects.filter(pk=report.assignment_id).update(valid_to=2568)
    actions.expect_reports(round_=open_round)
    response = client.send(page, "form#f", do="draft", **FULL)
    assert response.status_code == 404
    kept = read(response)
    assert GONE in kept.text
    assert "ผู้เข้าร่วม 320 คน" in kept.one("dl.field").text
    assert not kept.has("main form")


def test_a_report_that_goes_away_while_it_is_saved_is_refused_in_words(open_round, people, report):
    StatusReport.objects.filter(pk=report.pk).delete()
    with pytest.raises(Refused) as refused:
        actions.save_draft(report=report, by=people["staff"], version=0, fields={}, evidence=[])
    assert str(refused.value) == GONE
    assert not StatusReport.objects.filter(pk=report.pk).exists()


# The admin -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [StatusReport, Evidence])
def test_the_admin_writes_nothing_past_the_version_check(model, rf, people):
    """It only shows reports and evidence, so no save of its can pass over somebody else's."""
    request = rf.get("/admin/")
    request.user = people["administrator"]
    of_model = admin.site._registry[model]
    assert of_model.has_view_permission(request)
    for may in "add", "change", "delete":
        assert not getattr(of_model, f"has_{may}_permission")(request), may
