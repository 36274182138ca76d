"""The secretariat's page of an agency, its focal points, and the hand-over of work."""

import pytest
from django.contrib.admin.models import LogEntry

from followup import actions
from followup.models import Agency, FocalPoint, User
from followup.tests.client import Element, PortalClient, read
from followup.tests.desk import said
from followup.tests.factories import make_report
from followup.tests.focal_points import fields
from followup.tests.sentences import NO_OPEN_ROUND, NOTHING_FITS_THE_FILTER

PAGE = "/staff/agencies/CODI/"


NEW = PAGE + "contacts/new/"


def contacts(page: Element) -> list[str]:
    return [item.text for item in page.select("section[aria-labelledby=h-c] ul.rows li")]


def test_a_focal_point_is_added_changed_and_removed(codi, staff):
    assert contacts(staff.page(PAGE)) == ["ยังไม่มีผู้ประสานงาน"]
    page = staff.page(NEW)
    assert page.one("input#id_is_main").get("checked", "no") == "", "the first one is the main one"
    staff.send(page, name=" สมศรี  ใจดี", position="หัวหน้ากลุ่มแผน", phone="0 2111 1111")
    page = staff.page(PAGE)
    assert said(page) == ["บันทึก สมศรี ใจดี แล้ว"]
    assert contacts(page) == ["สมศรี ใจดี หัวหน้ากลุ่มแผน ผู้ประสานงานหลัก 0 2111 1111 แก้ไข สมศรี ใจดี"]
    edit = page.select("section[aria-labelledby=h-c] ul.rows a")[-1]["href"]
    staff.send(staff.page(edit), "form[data-guard]", phone="", email="s@codi.example.org")
    page = staff.page(PAGE)
    assert page.one("a[href=mailto:s@codi.example.org]").text == "s@codi.example.org"
    page = staff.page(edit)
    assert "ลบ “สมศรี ใจดี” แล้วกู้คืนไม่ได้" in page.text
    staff.send(page, "form#remove", do="remove")
    page = staff.page(PAGE)
    assert said(page) == ["ลบ สมศรี ใจดี แล้ว"]
    assert not FocalPoint.objects.exists()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"name": ""}, [("#id_name", "ระบุชื่อผู้ประสานงาน")]),
        ({"email": "", "phone": ""}, [("#id_email", "ระบุอีเมลหรือโทรศัพท์อย่างน้อยหนึ่งอย่าง")]),
        (
            {"email": "ไม่ใช่อีเมล"},
            [("#id_email", "อีเมลไม่ถูกต้อง เขียนอย่าง name@agency.go.th")],
        ),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(codi, staff, sent, says):
    typed = {"name": "สมศรี", "position": "นักวิเคราะห์", "email": "s@example.org"} | sent
    response = staff.send(staff.page(NEW), **typed)
    assert response.status_code == 422
    page = read(response)
    items = page.one(".errs").select("li")
    assert [(item.one("a")["href"], item.text) for item in items] == says
    assert page.one("#id_position")["value"] == "นักวิเคราะห์"
    assert not FocalPoint.objects.exists()


def test_a_focal_point_is_found_under_its_own_agency_only(codi, staff, people):
    person = actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    assert staff.get(f"/staff/agencies/MOF/contacts/{person.pk}/").status_code == 404
    response = staff.post(f"/staff/agencies/MOF/contacts/{person.pk}/", {"do": "remove"})
    assert response.status_code == 404
    assert FocalPoint.objects.exists()


def test_the_admin_has_them_beside_the_agency(codi, people, sign_in):
    actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    page = sign_in(people["administrator"]).page(f"/admin/followup/agency/{codi.pk}/change/")
    assert page.one("#id_focal_points-0-name")["value"] == "สมศรี ใจดี"
    assert page.has("select#id_caretaker")


def test_the_page_says_what_is_due_and_leads_to_the_queue(open_round, codi, people, staff):
    make_report(open_round, "3.5", "CODI", by=people["staff"], state="submitted")
    expected = open_round.reports.filter(assignment__agency=codi).count()
    page = staff.page(PAGE)
    assert (
        f"ยังต้องทำ {expected - 1} จาก {expected} รายการ รอตรวจ 1 รายการ"
        in page.one("section[aria-labelledby=h-w]").text
    )
    assert "ยังไม่มีผู้ดูแล" in page.one("dl.facts").text
    queue = page.one("section[aria-labelledby=h-w] a.btn")["href"]
    assert len(staff.page("/staff/", agency="CODI").select("li.task")) == expected - 1
    assert queue == "/staff/?agency=CODI"


def test_without_an_open_round_the_page_says_so(codi, staff):
    assert NO_OPEN_ROUND in staff.page(PAGE).text
    assert NO_OPEN_ROUND in staff.page("/staff/agencies/").text


def test_the_list_shows_mine(open_round, codi, people, staff):
    page = staff.page("/staff/agencies/")
    every = Agency.objects.filter(assignments__isnull=False).distinct().count()
    rows = len(page.select("tbody tr")) + len(
        staff.page("/staff/agencies/", page="2").select("tbody tr")
    )
    assert rows == every
    assert f"ยังไม่มีผู้ดูแล {every} แห่ง" in page.text
    Agency.objects.filter(pk=codi.pk).update(caretaker=people["staff"])
    actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    page = staff.page("/staff/agencies/", mine="1")
    (row,) = page.select("tbody tr")
    assert row.one("th").text.endswith("(พอช.)")
    assert row.texts("td")[1:3] == ["คุณstaff", "สมศรี ใจดี"]


def test_the_queue_shows_mine(open_round, codi, people, staff):
    Agency.objects.filter(pk=codi.pk).update(caretaker=people["staff"])
    page = staff.page("/staff/", mine="1")
    mine = open_round.reports.filter(assignment__agency=codi).count()
    assert len(page.select("li.task .task__x")) == mine
    assert page.one("main input[type=checkbox]").get("checked", "no") == ""
    assert all("mine=1" in a["href"] for a in page.select("nav.tabs.mt4 a"))
    first = staff.page("/staff/")
    assert len(first.select("li.task .task__x")) == mine, "a caretaker begins with what is theirs"
    everyone = next(a["href"] for a in first.select("main a") if a.text == "ดูของทุกคน")
    page = staff.page("/staff/" + everyone)
    every = open_round.reports.count()
    assert len(page.select("li.task .task__x")) == 50, "a page"
    assert f"จาก {every}" in page.one("main").text
    page = staff.page("/staff/", mine="0", state="untouched", page="3")
    assert len(page.select("li.task .task__x")) == every - 100
    Agency.objects.update(caretaker=people["colleague"])
    assert NOTHING_FITS_THE_FILTER in staff.page("/staff/", mine="1").text


def test_work_is_handed_over_with_a_confirmation_in_numbers(open_round, people, staff):
    make_report(open_round, "3.5", "CODI", by=people["staff"], state="submitted")
    mine = Agency.objects.filter(code__in=["CODI", "MOF"])
    mine.update(caretaker=people["staff"])
    reports = open_round.reports.filter(assignment__agency__in=mine)

    page = staff.page("/staff/handover/")
    assert page.one("#f legend").text == "หน่วยงานที่ คุณstaff ดูแล"
    assert len(page.select("#f input[checked]")) == 2, "all, unless somebody says otherwise"
    options = page.texts("select#id_to option")
    assert options == ["เลือกผู้รับงาน", "คุณadministrator", "คุณcolleague", "คุณreviewer"]
    page = read(staff.send(page, "form#f", to=str(people["colleague"].pk)))
    assert page.texts(".clash p") == [
        f"คุณcolleague จะดูแล 2 หน่วยงาน ซึ่งในรอบที่เปิดอยู่ยังต้องทำ {reports.count() - 1} รายการ "
        "และรอตรวจ 1 รายการ",
        "คุณstaff จะไม่ดูแลหน่วยงานเหล่านี้อีก",
    ]
    assert mine.filter(caretaker=people["staff"]).count() == 2, "nothing before the confirmation"
    staff.send(page, do="confirm")
    assert said(staff.page("/staff/agencies/")) == ["ส่งต่อ 2 หน่วยงานให้ คุณcolleague แล้ว"]
    assert mine.filter(caretaker=people["colleague"]).count() == 2
    entries = LogEntry.objects.all()
    old, new = people["staff"].pk, people["colleague"].pk
    assert {each.get_change_message() for each in entries} == {f"ผู้ดูแล: จาก รหัส {old} เป็น รหัส {new}"}
    assert {each.object_id for each in entries} == {str(each.pk) for each in mine}


def test_some_of_the_agencies_that_nobody_has_are_given_out(forum, codi, people, staff):
    page = staff.page("/staff/handover/", **{"from": "nobody"})
    assert page.one("#f legend").text == "หน่วยงานที่ยังไม่มีผู้ดูแล"
    assert not page.select("#f input[checked]")
    chosen = {"agencies": [str(codi.pk)], "to": str(people["staff"].pk)}
    page = read(staff.send(page, "form#f", **chosen))
    assert "ขณะนี้หน่วยงานเหล่านี้ยังไม่มีผู้ดูแล" in page.text
    staff.send(page, do="confirm")
    assert list(people["staff"].agencies.all()) == [codi]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"to": ""}, "เลือกผู้รับงาน"),
        ({"to": "999"}, "เลือกผู้รับงานจากรายการ"),
        ({"agencies": []}, "เลือกอย่างน้อยหนึ่งหน่วยงาน"),
        ({"agencies": ["999"]}, "หน่วยงานบางแห่งเปลี่ยนผู้ดูแลไปแล้ว เลือกจากรายการล่าสุด"),
        ({"agencies": ["x"]}, "เลือกหน่วยงานจากรายการ"),
    ],
)
def test_a_hand_over_that_cannot_be_says_why(codi, people, staff, sent, says):
    Agency.objects.filter(pk=codi.pk).update(caretaker=people["staff"])
    page = staff.page("/staff/handover/")
    data = {"to": str(people["colleague"].pk)} | sent
    response = staff.send(page, "form#f", **data)
    assert response.status_code == 422
    assert read(response).texts(".errs li") == [says]


def test_between_seeing_and_confirming_somebody_else_may_have_been(codi, people, staff):
    Agency.objects.filter(pk=codi.pk).update(caretaker=people["staff"])
    page = staff.page("/staff/handover/")
    page = read(staff.send(page, "form#f", to=str(people["colleague"].pk)))
    Agency.objects.filter(pk=codi.pk).update(caretaker=people["reviewer"])
    response = staff.send(page, do="confirm")
    assert response.status_code == 422
    codi.refresh_from_db()
    assert codi.caretaker == people["reviewer"]
    with pytest.raises(actions.Refused, match="เปลี่ยนผู้ดูแลไปแล้ว"):
        actions.hand_over(
            by=people["staff"], agencies=[codi.pk], from_=people["staff"], to=people["colleague"]
        )


def test_those_who_left_are_not_offered(forum, people, staff: PortalClient):
    User.objects.filter(username="colleague").update(is_active=False)
    page = staff.page("/staff/handover/")
    assert "คุณcolleague" not in page.texts("select#id_to option")
    assert "คุณoutsider" not in page.texts("select#id_to option")
