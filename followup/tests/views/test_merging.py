"""The page that merges two records of an agency, and what the public reads before and after."""

import pytest

from followup import actions
from followup.models import Agency
from followup.tests.client import read
from followup.tests.desk import said

pytestmark = pytest.mark.usefixtures("on_20_november")


def test_two_records_are_merged_and_published_pages_stay(three_reports, people, sign_in, visitor):
    target = Agency.objects.create(code="MSDHS9", name_th="กระทรวงพัฒนาสังคม (ใหม่)", kind="ministry")
    pages = ("/", "/resolutions/2565/1/", "/matrix/", "/years/2569/")
    before = {path: visitor.page(path).text for path in pages}
    admin = sign_in(people["administrator"])
    way = admin.page("/staff/agencies/MSDHS/")
    assert "/staff/agencies/MSDHS/merge/" in [each.get("href") for each in way.select("a")]
    page = admin.page("/staff/agencies/MSDHS/merge/", into="ไม่มีชื่อนี้")
    assert page.one("#id_into_error").text.startswith("ไม่พบหน่วยงาน “ไม่มีชื่อนี้”")
    page = admin.page("/staff/agencies/MSDHS/merge/", into="MSDHS9")
    told = page.texts("#effects li")
    assert told[0].endswith("รวมเข้ากับ กระทรวงพัฒนาสังคม (ใหม่) ย้อนกลับไม่ได้")
    assert admin.send(page, "form#f", effects="x").status_code == 422
    assert Agency.objects.get(code="MSDHS").merged_into is None
    response = admin.send(page, "form#f")
    page = admin.page(response["Location"])
    assert "เข้ากับ กระทรวงพัฒนาสังคม (ใหม่) แล้ว" in said(page)[0]
    assert {path: visitor.page(path).text for path in pages} == before
    assert "/agencies/MSDHS/" in [
        each.get("href") for each in visitor.page("/agencies/").select("a")
    ]
    response = visitor.get("/agencies/MSDHS/?year=2569")
    assert (response.status_code, response["Location"]) == (301, "/agencies/MSDHS9/?year=2569")
    assert "จัดเวที 3 ภาค" in visitor.page("/agencies/MSDHS9/").text
    assert admin.get("/staff/agencies/MSDHS/")["Location"] == "/staff/agencies/MSDHS9/"
    target.refresh_from_db()
    assert target.successor is None
    page = read(admin.get("/staff/agencies/MSDHS/merge/?into=CODI"))
    assert "รวมกับหน่วยงานอื่นไปแล้ว" in page.text


def test_what_stands_in_the_way_is_shown_without_a_button(open_round, people, sign_in, msdhs):
    second = Agency.objects.create(code="M2", name_th="ซ้ำ", kind="ministry")
    first = msdhs.assignments.order_by("pk")[0]
    for year in (2565, 2569):
        second.assignments.create(
            measure=first.measure,
            role="lead",
            valid_from=year,
            valid_to=2568 if year == 2565 else None,
        )
    page = sign_in(people["administrator"]).page("/staff/agencies/MSDHS/merge/", into="M2")
    assert "หน่วยงานที่จะรวมเข้ามีการมอบหมายหลายช่วงปีที่ซ้อนกัน" in page.one(".errs").text
    assert not page.has("form#f")
    assert actions.plan_merge(duplicate=msdhs, into=second).obstacles
