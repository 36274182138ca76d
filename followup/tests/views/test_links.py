"""The secretariat's pages about agencies' links."""

import pytest

from followup.models import AgencyLink
from followup.tests.client import read
from followup.tests.desk import errors, said
from followup.tests.sentences import LAST_DAY_IS_PAST, LINK_EXISTS

pytestmark = pytest.mark.usefixtures("clock")


def test_staff_issue_show_and_revoke_a_link(open_round, people, sign_in, visitor, report):
    staff = sign_in(people["staff"])
    page = staff.page("/staff/links/")
    assert "มีลิงก์ที่ใช้ได้ 0 จาก 43 หน่วยงาน" in page.text
    issue = next(a["href"] for a in page.select("ol.tasks a") if a.text.endswith("พม."))
    page = staff.page(issue)
    assert page.one("input#id_expires_on")["value"] == "14/12/2569"
    response = staff.send(page)
    assert response.status_code == 200
    page = read(response)
    assert said(page) == ["ออกลิงก์ให้ พม. แล้ว คัดลอกที่อยู่ด้านล่างส่งให้ผู้ประสานงาน"]
    address = page.one("textarea#address").text
    assert address.startswith("http://testserver/r/")
    path = address.removeprefix("http://testserver")
    visitor.send(visitor.page(f"{path}{report.pk}/"), "form#f", do="draft", results="เริ่มแล้ว")
    here = f"/staff/links/{AgencyLink.objects.get().pk}/"
    page = staff.page(here)
    assert "ที่อยู่แสดงเฉพาะเมื่อออกลิงก์ หากหน่วยงานทำที่อยู่หาย ให้ออกลิงก์ใหม่แทน" in page.text
    assert "/r/" not in page.raw(), "its address is shown once"
    assert page.texts("table.tbl tbody td") == [
        *("22 พ.ย. 2569 14.30 น.", "บันทึกร่าง", "1.2"),
        *("22 พ.ย. 2569 14.30 น.", "เปิดดู", "–"),
    ]
    row = next(
        li.text for li in staff.page("/staff/links/").select("ol.tasks li") if "พม." in li.text
    )
    assert "ออกโดย คุณstaff 22 พ.ย. 2569 14.30 น." in row
    assert "ใช้ได้ถึง 14 ธ.ค. 2569 ใช้ล่าสุด 22 พ.ย. 2569 14.30 น." in row
    assert "ใช้ 2 ครั้ง" in row
    revoke = next(a["href"] for a in page.select("main a") if a.text == "ยกเลิกลิงก์")
    asked = staff.page(revoke)
    assert staff.send(asked, reason="ก" * 201).status_code == 422
    assert staff.send(asked, reason="ออกโดยเข้าใจผิด").status_code == 302
    assert visitor.get(path).status_code == 404
    page = staff.page(here)
    assert "ลิงก์นี้ถูกยกเลิกแล้ว ออกโดยเข้าใจผิด" in page.text
    assert "/r/" not in page.raw()


def test_a_second_link_says_what_becomes_of_the_first(issued, people, sign_in):
    staff = sign_in(people["staff"])
    page = staff.page("/staff/links/2569/MSDHS/")
    assert "ลิงก์เดิมที่ออกเมื่อ 22 พ.ย. 2569 14.30 น. จะใช้ไม่ได้ทันที" in page.one(".clash").text
    assert staff.send(page).status_code == 200
    late = staff.send(page)  # from a page that does not know of the second one
    assert late.status_code == 422
    assert LINK_EXISTS in read(late).one(".errs").text
    assert AgencyLink.objects.filter(revoked_at=None).count() == 1


def test_a_wrong_last_day_is_said_and_kept(open_round, people, sign_in):
    staff = sign_in(people["staff"])
    response = staff.send(staff.page("/staff/links/2569/MSDHS/"), expires_on="1/1/2569")
    assert response.status_code == 422
    assert errors(read(response)) == [("#id_expires_on", LAST_DAY_IS_PAST)]
    assert read(response).one("#id_expires_on")["value"] == "1/1/2569"


def test_before_the_first_round_there_are_no_links(forum, people, sign_in):
    assert "ยังไม่มีรอบที่เปิดรับรายงาน" in sign_in(people["staff"]).page("/staff/links/").text
