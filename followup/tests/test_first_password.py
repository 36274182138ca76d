"""A password that an administrator set is replaced by its owner before anything else."""

import pytest

from followup.middleware import OwnPasswordMiddleware
from followup.models import User
from followup.tests.addresses import EVERY
from followup.tests.client import PortalClient, read
from followup.tests.desk import said
from followup.tests.factories import PASSWORD
from followup.tests.two_factor import log_in

pytestmark = pytest.mark.security

OWN = "/staff/password/"
FIRST, NEW = "ใบตองสด-เช้าวันพุธ", "ดอกปีบ-บานเช้า-77"
SET_BY_OTHERS = "ผู้ดูแลระบบเป็นผู้ตั้งรหัสผ่านปัจจุบัน ตั้งรหัสผ่านที่คุณรู้คนเดียวก่อนใช้งานต่อ"


@pytest.fixture
def flagged(people):
    User.objects.filter(username="administrator").update(must_change_password=True)
    return people["administrator"]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.once
def test_no_personal_address_opens_before(forum, flagged, method):
    open_ones = set()
    client = None
    for name, address in EVERY:
        if not address.startswith(OwnPasswordMiddleware.PERSONAL):
            continue
        if client is None:
            client = PortalClient()
            client.force_login(flagged)
        response = getattr(client, method)(address)
        if (response.status_code, response.get("Location")) != (302, OWN):
            open_ones.add(name)
            client = None
    assert open_ones == OwnPasswordMiddleware.OPEN


def test_public_pages_open_as_for_a_stranger(demo, flagged, sign_in):
    client = sign_in(flagged)
    for address in ("/", "/resolutions/", "/data/measures.json", "/api/v1/measures", "/healthz"):
        assert client.get(address).status_code == 200, address
    assert "คุณadministrator" not in client.get("/").content.decode()


def test_whoever_must_change_it_is_told_so_and_then_works(flagged, visitor):
    assert log_in(visitor, "administrator")["Location"] == "/staff/"
    assert visitor.get("/staff/")["Location"] == OWN
    page = visitor.page(OWN)
    assert SET_BY_OTHERS in page.text
    assert not page.has("nav.tabs")
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert visitor.send(page, "main form", **sent)["Location"] == "/staff/"
    page = visitor.page("/staff/")
    assert said(page) == ["เปลี่ยนรหัสผ่านแล้ว"]
    assert page.has("nav.tabs")
    assert SET_BY_OTHERS not in visitor.page(OWN).text
    flagged.refresh_from_db()
    assert not flagged.must_change_password


def test_the_same_password_again_is_no_change(flagged, sign_in):
    client = sign_in(flagged)
    sent = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    page = read(client.post(OWN, sent))
    assert page.texts("p.msg") == ["รหัสผ่านใหม่ต้องไม่ใช่รหัสผ่านเดิม"]
    flagged.refresh_from_db()
    assert flagged.must_change_password


def test_an_account_that_an_administrator_makes_has_a_first_password(people, sign_in, visitor):
    sent = {"username": "newcomer", "display_name": "คนใหม่", "password1": FIRST, "password2": FIRST}
    admin = sign_in(people["administrator"])
    response = admin.post("/admin/followup/user/add/", sent)
    assert response.status_code == 302, response.content.decode()
    assert User.objects.get(username="newcomer").must_change_password
    log_in(visitor, "newcomer", FIRST)
    assert visitor.get("/staff/")["Location"] == OWN


def test_a_password_that_an_administrator_sets_is_a_first_password(people, sign_in, visitor):
    staff = people["staff"]
    admin = sign_in(people["administrator"])
    response = admin.post(
        f"/admin/followup/user/{staff.pk}/password/", {"password1": FIRST, "password2": FIRST}
    )
    assert response.status_code == 302, response.content.decode()
    log_in(visitor, "staff", FIRST)
    assert visitor.get("/staff/")["Location"] == OWN


def test_who_chose_their_own_is_not_asked(people, staff):
    assert staff.get("/staff/").status_code == 200
