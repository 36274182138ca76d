"""The secretariat's pages on the organisations that assess."""

import re

import pytest

from followup import actions
from followup.models import AssessorLink, Organisation
from followup.tests.assessing import invite, make_organisation
from followup.tests.client import read

FIELDS = {"name_th": "เครือข่ายสื่อชุมชน", "registration_number": "1/2565", "website": "example.org"}


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people["staff"])


def test_an_organisation_is_registered_and_invited_once(open_round, desk, visitor):
    made = desk.post("/staff/organisations/new/", FIELDS, follow=True)
    organisation = Organisation.objects.get()
    assert organisation.website == "https://example.org"
    here = f"/staff/organisations/{organisation.pk}/"
    assert f"{here}invite/2569/" in [a["href"] for a in read(made).select("main a")]
    page = read(desk.post(f"{here}invite/2569/", {"expires_on": ""}))
    mail = page.one("textarea").text
    assert "เครือข่ายสื่อชุมชน" in mail
    (path,) = re.findall(r"http://testserver(/a/\S+)", mail)
    assert visitor.get(path).status_code == 200
    assert "/a/" not in desk.get(here).content.decode(), "its address is shown once"
    again = desk.post(f"{here}invite/2569/", {})
    assert again.status_code == 422
    assert "อยู่แล้ว" in read(again).text


def test_what_is_wrong_is_said_and_what_was_typed_stays(open_round, desk, people):
    make_organisation(people["staff"], registration_number="1/2565")
    answer = desk.post("/staff/organisations/new/", FIELDS)
    assert answer.status_code == 422
    assert "มีองค์กรที่ใช้เลขที่จดแจ้งนี้แล้ว" in read(answer).text
    assert read(answer).one("[name=name_th]")["value"] == FIELDS["name_th"]
    assert Organisation.objects.count() == 1


def test_a_change_is_compared_with_what_was_seen(desk, people):
    made = make_organisation(people["staff"])
    here = f"/staff/organisations/{made.pk}/"
    seen = desk.page(here).one("[name=seen]")["value"]
    assert desk.post(here, FIELDS | {"seen": seen}).status_code == 302
    conflict = desk.post(here, FIELDS | {"seen": seen, "name_th": "อีกชื่อ"})
    assert conflict.status_code == 409
    assert "เครือข่ายสื่อชุมชน" in read(conflict).one(".clash").text
    assert Organisation.objects.get().name_th == FIELDS["name_th"]


def test_a_link_is_revoked_and_an_organisation_ended_and_resumed(open_round, desk, people, visitor):
    link = invite(open_round, people["staff"])
    address = f"/a/{actions.token_of(link)}/"
    assert visitor.get(address).status_code == 200
    assert "ยกเลิกลิงก์" in desk.page(f"/staff/organisations/{link.organisation_id}/").text
    desk.post(f"/staff/organisations/links/{link.pk}/revoke/", {"reason": "ส่งผิด"})
    assert visitor.get(address).status_code == 404
    assert "ส่งผิด" in desk.page(f"/staff/organisations/{link.organisation_id}/").text
    newer = invite(open_round, people["staff"], link.organisation)
    end = f"/staff/organisations/{link.organisation_id}/end/"
    assert "สิ่งที่จะเกิดขึ้น" in desk.page(end).text
    desk.post(end, {"do": "end"})
    assert visitor.get(f"/a/{actions.token_of(newer)}/").status_code == 404
    assert AssessorLink.objects.filter(revoked_at=None).count() == 0
    assert "สิ้นสุดเมื่อ" in desk.page("/staff/organisations/").text
    desk.post(end, {"do": "resume"})
    assert Organisation.objects.get().is_active


def test_an_unknown_year_names_those_there_are(open_round, desk, people):
    made = make_organisation(people["staff"])
    answer = desk.get(f"/staff/organisations/{made.pk}/invite/2500/")
    assert answer.status_code == 404
    assert "รอบที่มี: 2569" in read(answer).text
