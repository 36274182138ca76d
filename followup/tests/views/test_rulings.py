"""The committee's decisions on the review page and the round's page, and what the public reads."""

import pytest

from followup import actions
from followup.models import Round, Ruling
from followup.tests.annual_report.reading import report_pages
from followup.tests.client import read
from followup.tests.desk import errors, said
from followup.tests.editions import publish_three_reports
from proposals.models import Resolution

DECIDED = {
    "status": "on_hold",
    "meeting_ref": "3/2569",
    "meeting_on": "12/10/2569",
    "note": "รอระเบียบใหม่",
}


@pytest.fixture(autouse=True)
def clock(on_20_november):
    """The meetings of these tests were held."""


def test_a_reviewer_decides_beside_the_report_and_is_led_back(submitted, reviewer):
    path = f"/staff/reports/{submitted.pk}/review/"
    address = next(a["href"] for a in reviewer.page(path).select("a") if "rulings" in a["href"])
    response = reviewer.send(reviewer.page(address), **DECIDED, do="save")
    assert response["Location"] == path
    page = reviewer.page(path)
    assert said(page) == ["บันทึกมติ คสป. ที่กำหนดสถานะแล้ว"]
    assert "คสป. มีมติเป็น “ชะลอ / ติดปัญหา” (ครั้งที่ 3/2569 วันที่ 12 ตุลาคม 2569) รอระเบียบใหม่" in page.text
    assert reviewer.send(reviewer.page(address), do="withdraw")["Location"] == path
    assert said(reviewer.page(path)) == ["ถอนมติแล้ว สถานะเป็นไปตามรายงานที่รับรอง"]
    assert not Ruling.objects.exists()


def test_what_is_wrong_is_said_and_what_was_typed_stays(submitted, reviewer):
    measure = submitted.measure.pk
    page = reviewer.page(
        f"/staff/rulings/{submitted.round_id}/measure/{measure}/?report={submitted.pk}"
    )
    response = reviewer.send(page, meeting_on="1/1/2570", note="รอ", do="save")
    assert response.status_code == 422
    page = read(response)
    assert errors(page) == [
        ("#id_status", "เลือกสถานะที่ คสป. กำหนด"),
        ("#id_meeting_ref", "ระบุครั้งที่ประชุม คสป. ที่มีมติ เช่น 2/2567"),
        ("#id_meeting_on", "วันที่ 1 มกราคม 2570 ยังมาไม่ถึง ระบุวันที่ คสป. มีมติแล้ว"),
    ]
    typed = page.one("main form").controls()
    assert (typed["note"], typed["report"]) == ("รอ", str(submitted.pk))


def test_the_rounds_page_lists_adds_and_changes_rulings(open_round, reviewer, staff):
    page = reviewer.page("/staff/rounds/2569/")
    assert "ยังไม่มีมติในรอบนี้" in page.text
    whole = Resolution.objects.get(number=2)
    chosen = f"/staff/rounds/2569/rulings/?on=resolution.{whole.pk}"
    address = reviewer.get(chosen)["Location"]
    assert reviewer.send(reviewer.page(address), **DECIDED)["Location"] == "/staff/rounds/2569/"
    row = reviewer.page("/staff/rounds/2569/").one("ul.rows li")
    assert "ชะลอ" in row.text
    assert row.one("a")["href"] == address
    assert not staff.page("/staff/rounds/2569/").select("ul.rows li a"), "who may only read"
    for nothing in ("measure.999999", "agency.1", "measure.x"):
        page = reviewer.page(f"/staff/rounds/2569/rulings/?on={nothing}")
        assert said(page) == ["เลือกข้อเสนอหรือมาตรการย่อยจากรายการ"]


def test_two_decisions_stand_side_by_side(open_round, people, reviewer, sign_in):
    whole = Resolution.objects.get(number=2)
    address = f"/staff/rulings/{open_round.pk}/resolution/{whole.pk}/"
    mine = reviewer.page(address)
    sign_in(people["administrator"]).send(reviewer.page(address), **DECIDED)
    response = reviewer.send(mine, **DECIDED | {"note": "ของฉัน"})
    assert response.status_code == 409
    assert "รอระเบียบใหม่" in read(response).one("section.clash").text
    assert reviewer.send(mine, do="withdraw")["Location"] == address, "it is read again first"
    assert reviewer.send(read(response)).status_code == 302
    assert Ruling.objects.get().note == "ของฉัน"


def test_a_decision_is_public_only_with_the_round_and_then_with_its_date(
    open_round, people, reviewer, visitor
):
    whole = Resolution.objects.get(number=1)
    address = f"/staff/rulings/{open_round.pk}/resolution/{whole.pk}/"
    before = visitor.page("/resolutions/2565/1/").raw()
    reviewer.send(reviewer.page(address), **DECIDED)
    assert visitor.page("/resolutions/2565/1/").raw() == before
    publish_three_reports(open_round, people)
    told = "คสป. มีมติเป็น “ชะลอ / ติดปัญหา” (ครั้งที่ 3/2569 วันที่ 12 ตุลาคม 2569) รอระเบียบใหม่"
    assert told in visitor.page("/resolutions/2565/1/").text
    report = report_pages(visitor, "/reports/2569/")
    assert any("(ครั้งที่ ๓/๒๕๖๙ วันที่ ๑๒ ตุลาคม ๒๕๖๙)" in part.text for part in report)
    rows = visitor.get("/api/v1/progress?level=resolution").json()["results"]
    assert [row["ruled_on"] for row in rows if row["ruled_by_meeting"]] == ["2026-10-12"]
    # Nothing is decided on a published round, and what was typed is still there to be copied.
    page = read(reviewer.post(address, DECIDED | {"note": "พิมพ์ไว้"}))
    assert "พิมพ์ไว้" in page.text
    assert not page.select("main form")
    assert Round.objects.get().state == "published"
    assert actions.last_edition(open_round)


def test_of_several_forums_one_is_chosen_from(two_forums, people, sign_in):
    reviewer = sign_in(people["reviewer"])
    page = reviewer.page("/staff/rounds/2569/rulings/")
    assert page.texts("nav.tabs.mt4 a") == ["เวที 2565", "เวที 2566"]
    assert page.texts("nav.tabs.mt4 a[aria-current]") == ["เวที 2566"], "the latest one"
    options = {option["value"] for option in page.select("select#on option")}
    of = {year: Resolution.objects.filter(forum__year_be=year) for year in (2565, 2566)}
    expected = {f"resolution.{each.pk}" for each in of[2566]}
    expected |= {f"measure.{one.pk}" for each in of[2566] for one in each.measures.all()}
    assert options == expected
    earlier = reviewer.page("/staff/rounds/2569/rulings/", forum="2565")
    measure = of[2565][0].measures.all()[0]
    response = reviewer.send(earlier, "form.form", on=f"measure.{measure.pk}")
    assert response["Location"].endswith(f"/measure/{measure.pk}/")
