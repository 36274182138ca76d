"""What every page of the secretariat has, and its main job from the first round to the public page."""

from followup.tests.client import read
from followup.tests.desk import errors, tasks
from proposals.models import Measure


def test_a_report_that_is_not_there(staff):
    assert read(staff.get("/staff/reports/1/")).one("h1").text == "ไม่พบหน้าที่ต้องการ"
    assert staff.get(f"/staff/reports/{'9' * 30}/").status_code == 404


def test_the_main_job_from_the_first_round_to_the_public_page(forum, people, sign_in, visitor):
    staff, reviewer = sign_in(people["staff"]), sign_in(people["reviewer"])
    staff.send(staff.page("/staff/rounds/new/"), year="2569")
    staff.send(staff.page("/staff/rounds/2569/open/"))
    link_to = next(
        row.one("a")["href"] for row in tasks(staff.page("/staff/")) if "3.5" in row.text
    )
    page = read(staff.send(staff.page(link_to), "form#f", do="submit", reported_status="completed"))
    assert errors(page)[0][0] == "#id_evidence-0-title"
    staff.send(
        page,
        "form#f",
        do="submit",
        evidence__0__title="สรุปโครงการ",
        evidence__0__url="https://example.org/3-5.pdf",
    )
    page = reviewer.page("/staff/review/")
    reviewer.send(
        reviewer.page(tasks(page)[0].one("a")["href"]), do="approve", assessed_grade="said"
    )
    staff.send(staff.page("/staff/rounds/2569/close/"))
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in visitor.page("/").text
    reviewer.send(reviewer.page("/staff/rounds/2569/publish/"))
    assert visitor.page("/").one("p.hero__say").text == (
        "จาก 34 มาตรการย่อย บรรลุแล้ว 1 กำลังทำ 0 ชะลอ 0 ยังไม่เริ่ม 0 และยังไม่ได้รับรายงาน 33"
    )
    section = visitor.page("/resolutions/2565/3/").one("section#m2565-3-5")
    assert section.select(".yr .tag")[0].text == "ดำเนินการแล้วเสร็จ"
    assert section.one("ul.files a")["href"] == "https://example.org/3-5.pdf"
    assert Measure.objects.get(resolution__number=3, number=5).title_th in section.text


def test_what_the_staff_see_is_kept_by_no_cache(open_round, people, staff):
    for path in ("/staff/", "/staff/rounds/", "/staff/login/"):
        assert "no-store" in staff.get(path)["Cache-Control"]


def test_the_staff_pages_show_the_demo_banner(demo, staff):
    assert "ข้อมูลตัวอย่าง" in staff.page("/staff/").one("aside.demo").text


def test_only_administrators_find_the_way_to_the_admin(people, sign_in):
    for name in ("staff", "reviewer", "administrator"):
        links = [a["href"] for a in sign_in(people[name]).page("/staff/").select("nav.tabs a")]
        assert ("/admin/" in links) is (name == "administrator")
