"""The privacy page tells what is so: each cookie, each time, whom to ask."""

import re

import pytest
from django.conf import settings as portal
from django.test import Client

from followup import actions
from followup.tests.client import read
from followup.tests.factories import PASSWORD, find_report
from followup.views import privacy
from forum_portal.thai import format_duration

pytestmark = pytest.mark.security

CHANGED = "ดอกปีบ-บานเช้า-77"
SECTIONS = [
    "ผู้เข้าชมทั่วไป",
    "ผู้แจ้งข้อมูลเพิ่มเติมหรือขอแก้ไข",
    "ผู้ใช้ลิงก์ของหน่วยงาน",
    "ผู้ประสานงานของหน่วยงาน",
    "ผู้ติดตามทางอีเมล",
    "เจ้าหน้าที่ที่เข้าสู่ระบบ",
    "ระยะเวลาเก็บ",
    "คุกกี้",
    "สิทธิของเจ้าของข้อมูล",
    "ติดต่อ",
]


def rows(page, section):
    """Heading of each row of a section's table -> its other cells."""
    return {
        row.one("th").text: row.texts("td")
        for row in page.select(f"section[aria-labelledby={section}] table tbody tr")
    }


def test_it_has_a_section_for_each_of_them(demo, visitor):
    page = visitor.page("/privacy/")
    assert page.texts("main h2") == SECTIONS
    assert "ค่าแฮชที่ใช้กุญแจลับและเปลี่ยนทุกวัน" in page.one("section[aria-labelledby=p1]").text
    assert "และนับอย่างนาน 1 ชั่วโมง" in page.one("section[aria-labelledby=p1]").text


def posted(client, path, **more):
    """Send the page's own form, as a browser with its cookies does."""
    sent = read(client.get(path)).one("main form").controls() | more
    return client.post(path, sent)


def cookies_set(people, issued, open_round):
    """Every cookie that logging in, saving and an agency's link set, by name."""
    desk, agency = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    assert posted(desk, "/staff/login/", username="staff", password=PASSWORD).status_code == 302
    new = {"old_password": PASSWORD, "new_password1": CHANGED, "new_password2": CHANGED}
    assert posted(desk, "/staff/password/", **new).status_code == 302
    path = f"/r/{actions.token_of(issued)}/{find_report(open_round, '1.2').pk}/"
    assert posted(agency, path, do="save").status_code in {200, 302}
    return dict(desk.cookies), dict(agency.cookies)


def test_it_lists_the_cookies_that_are_set_and_for_how_long(people, issued, open_round, visitor):
    of_staff, of_agency = cookies_set(people, issued, open_round)
    visitor.get("/display/", {"size": "large"})
    of_readers = dict(visitor.cookies)
    listed = rows(visitor.page("/privacy/"), "p6")
    assert set(listed) == set(of_staff) | set(of_agency) | set(of_readers)
    assert "messages" in of_agency, "a link's user gets the message that the draft was saved"
    for name, (who, _purpose, lasts) in listed.items():
        assert ("หน่วยงาน" in who) == (name in of_agency), name
        real = (of_staff | of_agency | of_readers)[name]["max-age"]
        if real:
            assert lasts.startswith(format_duration(int(real))), name
        else:
            assert "ปิดเบราว์เซอร์" in lasts, name
    assert listed["sessionid"][2] == ("จนปิดเบราว์เซอร์ อย่างนาน 12 ชั่วโมง และสิ้นสุดเมื่อไม่ได้ใช้งาน 2 ชั่วโมง")
    assert (listed["csrftoken"][2], listed["device"][2][:7]) == ("364 วัน", "180 วัน")


@pytest.mark.parametrize(
    ("row", "setting", "days"),
    [
        ("บันทึกว่าส่งอีเมลสรุปงานถึงใครวันใด", "digests", 11),
        ("บันทึกการใช้ลิงก์ของหน่วยงาน", "link_uses", 12),
        ("ผู้ประสานงานของหน่วยงาน", "focal_points", 13),
        ("บัญชีเจ้าหน้าที่", "accounts", 14),
        ("บันทึกความปลอดภัยของระบบ", "security_log", 15),
        ("อีเมลของผู้ติดตาม และสิ่งที่ติดตาม", "unconfirmed", 16),
        ("บันทึกว่าส่งข่าวถึงผู้ติดตามคนใดแล้ว", "news", 17),
        ("อีเมลหรือโทรศัพท์ ไฟล์ และข้อความของผู้แจ้งเรื่อง", "feedback", 16),
        ("อีเมลหรือโทรศัพท์ และไฟล์ของผู้แจ้งเรื่องที่ยังไม่มีคำตอบ", "feedback_unanswered", 17),
    ],
)
def test_each_time_is_that_of_its_setting(demo, visitor, settings, row, setting, days):
    settings.RETENTION_DAYS = settings.RETENTION_DAYS | {setting: days}
    (said,) = rows(visitor.page("/privacy/"), "p5")[row]
    assert f"{days} วัน" in said


def test_each_setting_has_its_row_and_no_figure_is_written_twice(demo, visitor, settings):
    settings.RETENTION_DAYS = {name: 1000 + n for n, name in enumerate(portal.RETENTION_DAYS)}
    settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_AGE = 7 * 3600, 5 * 60
    page = visitor.page("/privacy/")
    text = page.one("main").text
    told = re.findall(r"([\d,]+) (วัน|ชั่วโมง|นาที)", text)
    expected = {(f"1,00{n}", "วัน") for n in range(len(portal.RETENTION_DAYS))}
    others = {
        ("7", "ชั่วโมง"),
        ("5", "นาที"),
        ("1", "ชั่วโมง"),
        ("364", "วัน"),
        ("365", "วัน"),
        ("180", "วัน"),
        ("1", "วัน"),
    }
    assert set(told) == expected | others


def test_how_long_an_address_is_counted_is_read_from_the_limits(settings):
    assert privacy.counted_for() == 3600
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "login_failed_user": "100/3h/key"
    }
    assert privacy.counted_for() == 3 * 3600


def test_it_says_whom_to_ask_and_how_the_log_keeps_an_address(demo, visitor, settings):
    page = visitor.page("/privacy/")
    assert (
        "กองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (กสป.)" in page.one("section[aria-labelledby=p8]").text
    )
    assert page.select("section[aria-labelledby=p8] a") == []
    assert "ที่ตัดส่วนท้ายออก" in page.one("section[aria-labelledby=p1]").text
    settings.DATA_CONTACT_EMAIL, settings.SECURITY_LOG_ADDRESS = "office@example.go.th", "hashed"
    page = visitor.page("/privacy/")
    assert page.one("section[aria-labelledby=p8] a")["href"] == "mailto:office@example.go.th"
    assert "ในรูปค่าแฮชที่ใช้กุญแจลับ" in page.one("section[aria-labelledby=p1]").text
    told = "เซิร์ฟเวอร์บันทึกคำขอแต่ละครั้ง ได้แก่ เวลา หน้าที่เปิด ผล และรหัสบัญชี"
    assert told not in page.text
    settings.ACCESS_LOG = True
    assert told in visitor.page("/privacy/").text
    assert "ที่ตัดส่วนท้ายออก" not in page.one("section[aria-labelledby=p1]").text
