"""The rounds: their plan, their steps, and who is behind."""

from datetime import UTC, datetime

import pytest
import time_machine

from followup import actions, progress
from followup.models import Assignment, Round, StatusReport, User
from followup.tests.client import read
from followup.tests.desk import errors, said, tasks
from followup.tests.factories import dump
from followup.tests.sentences import NOT_RECEIVED, ROUND_EXISTS, STALE_ROUND


def test_the_rounds_stand_with_their_state_and_work(demo, staff):
    page = staff.page("/staff/rounds/")
    assert [row.one(".task__t").text for row in tasks(page)] == [
        f"ปีงบประมาณ {year}" for year in (2569, 2568, 2567, 2566)
    ]
    assert page.texts("span.state") == ["เปิดรับรายงาน", *["เผยแพร่แล้ว"] * 3]
    assert "รับรองแล้ว 12 รอตรวจ 8 จาก 103" in tasks(page)[0].text


def test_a_round_shows_who_is_behind(demo, staff):
    page = staff.page("/staff/rounds/2569/")
    assert page.texts("dl.tally dd") == ["12", "จาก 103 รายการ", "8", "6", "3", "74"]
    rows = page.select("table.ag tbody tr")
    to_do = [int(row.texts("td")[1]) for row in rows]
    silent = ["ยังไม่ส่งเลย" in row.text for row in rows]
    assert silent == sorted(silent, reverse=True), "who was not heard from stands first"
    heard = StatusReport.objects.filter(round__year_be=2569, version__gt=0)
    assert sum(silent) == len(rows) - heard.values("assignment__agency").distinct().count() == 29
    assert f"ยังไม่ส่งเลย 29 จาก {len(rows)} หน่วยงาน" in page.text
    for part in (to_do[: sum(silent)], to_do[sum(silent) :]):
        assert part == sorted(part, reverse=True)
    assert sum(to_do) == 83
    assert sum(int(row.texts("td")[0]) for row in rows) == 103
    assert page.texts("p.btns a") == ["ปิดรับรายงาน"]


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        (datetime(2026, 9, 30, 16, 59, tzinfo=UTC), "2568"),
        (datetime(2026, 9, 30, 17, 0, tzinfo=UTC), "2569"),  # 1 October in Bangkok
    ],
)
def test_the_first_round_is_that_of_the_year_that_has_just_ended(
    forum, people, sign_in, now, proposed
):
    with time_machine.travel(now, tick=False):
        page = sign_in(people["staff"]).page("/staff/rounds/new/")
    assert page.one("input#id_year")["value"] == proposed


def test_the_next_round_is_proposed_and_made(demo, staff):
    page = staff.page("/staff/rounds/new/")
    assert page.one("input#id_year")["value"] == "2570"
    response = staff.send(page)
    assert response["Location"] == "/staff/rounds/2570/"
    page = staff.page("/staff/rounds/2570/")
    assert said(page) == ["สร้างรอบ 12 เดือน ปีงบประมาณ 2570 แล้ว"]
    facts = dict(zip(page.texts("dl.facts dt"), page.texts("dl.facts dd"), strict=True))
    assert facts == {
        "ช่วงเวลา": "1 ตุลาคม 2569 – 30 กันยายน 2570",
        "กำหนดส่งรายงาน": "30 พฤศจิกายน 2570",
    }
    assert page.texts("p.btns a") == ["เปิดรอบ"]
    assert Round.objects.get(year_be=2570).state == "planned"


@pytest.mark.parametrize(
    ("changes", "where", "sentence"),
    [
        ({"year": ""}, "#id_year", "ระบุปีงบประมาณ เช่น 2570"),
        ({"year": "2569"}, "#id_year", ROUND_EXISTS),
        ({"year": "๒๕๖๙"}, "#id_year", ROUND_EXISTS),
        (
            {"year": "70"},
            "#id_year",
            "ปี “70” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567",
        ),
        (
            {"year": "2600"},
            "#id_year",
            "ปี “2600” อยู่นอกช่วง พ.ศ. 2560–2599 ระบุปีในช่วงนี้",
        ),
        (
            {"due_on": "เร็ว ๆ นี้"},
            "#id_due_on",
            "วันที่ “เร็ว ๆ นี้” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569",
        ),
        ({"due_on": "31/2/2571"}, "#id_due_on", "ไม่มีวันที่ 31/2/2571 ในปฏิทิน"),
    ],
)
def test_a_round_that_cannot_be_made_says_why(demo, staff, changes, where, sentence):
    response = staff.send(staff.page("/staff/rounds/new/"), **changes)
    assert response.status_code == 422
    assert errors(read(response)) == [(where, sentence)]
    form = read(response).one("main form").controls()
    assert all(form[name] == value for name, value in changes.items())
    assert Round.objects.count() == 4


def test_reports_are_not_due_before_their_year_begins(forum, staff):
    page = staff.page("/staff/rounds/new/")
    response = staff.send(page, year="2570", due_on="30/9/2569")
    assert response.status_code == 422
    assert [where for where, _sentence in errors(read(response))] == ["#id_due_on"]
    assert not Round.objects.exists()
    assert staff.send(page, year="2570", due_on="1/10/2569").status_code == 302


def test_a_christian_year_makes_the_same_round(forum, staff):
    staff.send(staff.page("/staff/rounds/new/"), year="ค.ศ. 2027", due_on="15 ธ.ค. 2570")
    assert "15 ธันวาคม 2570" in staff.page("/staff/rounds/2570/").text


# Each step of a round's life: what it says beforehand, in numbers, and what it does.


@pytest.fixture
def planned(demo, people):
    """A round beside the demo's; one assignment has ended before it, so 102 are expected."""
    Assignment.objects.filter(pk=Assignment.objects.latest("pk").pk).update(valid_to=2569)
    return actions.create_round(by=people["staff"], year=2570)


def test_opening_says_how_many_reports_it_will_expect(planned, staff):
    page = staff.page("/staff/rounds/2570/open/")
    assert page.one("h1").text == "เปิดรอบ ปีงบประมาณ 2570"
    assert page.one(".clash p").text == (
        "สร้างรายการที่ต้องรายงาน 102 รายการ ตามการมอบหมายที่มีผลในปีนี้ เจ้าหน้าที่เริ่มบันทึกผลได้ทันที "
        "กำหนดส่ง 30 พฤศจิกายน 2570"
    )
    response = staff.send(page)
    assert response["Location"] == "/staff/rounds/2570/"
    page = staff.page("/staff/rounds/2570/")
    assert said(page) == ["เปิดรอบ ปีงบประมาณ 2570 แล้ว"]
    assert planned.reports.count() == 102
    assert page.texts("p.btns a") == ["ปิดรับรายงาน"]


@pytest.fixture
def closing(demo, people):
    return Round.objects.get(year_be=2569)


def test_closing_says_what_will_stay_out(closing, staff):
    page = staff.page("/staff/rounds/2569/close/")
    assert page.one(".clash p").text == (
        "ปิดรับรายงานรอบ 12 เดือน ปีงบประมาณ 2569 รายการที่ยังไม่ส่ง 83 จาก 103 รายการ"
        "จะแสดงเป็น “ยังไม่ได้รับรายงาน” อีก 8 รายการรอตรวจและยังรับรองได้หลังปิด"
    )
    staff.send(page)
    page = staff.page("/staff/rounds/2569/")
    assert said(page) == ["ปิดรับรายงาน ปีงบประมาณ 2569 แล้ว"]
    assert page.texts("p.btns a") == ["กลับไปเปิดรับ (ยังไม่เผยแพร่)"], "publishing is the reviewer's"


def test_reopening_says_what_can_be_gone_on_with(closing, people, staff):
    actions.close_round(round_=closing, by=people["staff"])
    page = staff.page("/staff/rounds/2569/reopen/")
    assert page.one(".clash p").text == "เจ้าหน้าที่บันทึกผล 83 รายการที่ยังไม่ส่งต่อได้"
    staff.send(page)
    assert said(staff.page("/staff/rounds/2569/")) == ["กลับไปเปิดรับ (ยังไม่เผยแพร่) ปีงบประมาณ 2569 แล้ว"]
    closing.refresh_from_db()
    assert (closing.state, closing.closed_at) == ("open", None)
    assert closing.reports.filter(state="approved").count() == 12


def test_publishing_says_what_everybody_will_see_and_shows_it(closing, people, reviewer, visitor):
    actions.close_round(round_=closing, by=people["staff"])
    before = visitor.page("/")
    assert before.texts("select#y option") == ["2568", "2567", "2566"]
    page = reviewer.page("/staff/rounds/2569/publish/")
    assert page.one(".clash p").text == (
        "ทุกคนจะเห็นรายงานที่รับรองแล้ว 12 จาก 103 รายการ อีก 91 รายการจะแสดงเป็น "
        "“ยังไม่ได้รับรายงาน” ในจำนวนนี้ 8 รายการส่งมาแล้วแต่ยังไม่มีใครตรวจ "
        "รายงานที่รับรองแล้ว 7 จาก 12 รายการยังไม่ระบุหลักฐานที่ใช้ สาธารณะจะเห็นเช่นนั้น "
        "เผยแพร่แล้ว การแก้ไขต้องมีเหตุผลต่อสาธารณะ"
    )
    assert reviewer.page("/staff/rounds/2569/").one("p.grade").text == (
        "หลักฐานที่ใช้ประเมิน มีเอกสารยืนยัน 3 หน่วยงานแจ้ง 2 ไม่มีหลักฐาน 0 ยังไม่ระบุหลักฐานที่ใช้ 7 "
        "จาก 12 รายงานที่รับรอง"
    )
    response = reviewer.send(page, meeting_ref="1/2570", meeting_on="20/12/2569")
    assert response.status_code == 302
    page = reviewer.page("/staff/rounds/2569/")
    assert said(page) == ["เผยแพร่ทั้งรอบ ปีงบประมาณ 2569 แล้ว"]
    assert page.texts("p.btns a") == ["แก้ฉบับที่เผยแพร่แล้ว"]

    after = visitor.page("/")
    assert after.texts("select#y option") == ["2569", "2568", "2567", "2566"]
    tally = progress.year_progress(Round.objects.get(year_be=2569)).tally
    assert after.one("p.hero__say").text.startswith(
        f"จาก {tally.n} มาตรการย่อย บรรลุแล้ว {tally.achieved} "
    )
    page = visitor.page("/years/2569/")
    assert "ครั้งที่ 1/2570 20 ธันวาคม 2569" in page.text
    page = visitor.page("/resolutions/2565/1/")
    approved, waiting = page.one("section#m2565-1-1"), page.one("section#m2565-1-2")
    assert NOT_RECEIVED not in approved.one(".measure__now").text
    assert NOT_RECEIVED in waiting.one(".measure__now").text


def test_a_wrong_day_of_the_meeting_is_said_and_kept(closing, people, reviewer):
    actions.close_round(round_=closing, by=people["staff"])
    page = reviewer.page("/staff/rounds/2569/publish/")
    response = reviewer.send(page, meeting_ref="1/2570", meeting_on="30/2/2570")
    assert response.status_code == 422
    assert errors(read(response)) == [("#id_meeting_on", "ไม่มีวันที่ 30/2/2570 ในปฏิทิน")]
    assert read(response).one("main form").controls()["meeting_ref"] == "1/2570"
    closing.refresh_from_db()
    assert closing.state == "closed"


STEPS = ("open", "close", "reopen", "publish")


def bring_to(round_: Round, state: str, people: dict[str, User]) -> None:
    if state != "planned":
        actions.open_round(round_=round_, by=people["staff"])
    if state in {"closed", "published"}:
        actions.close_round(round_=round_, by=people["staff"])
    if state == "published":
        actions.publish_round(round_=round_, by=people["reviewer"])


@pytest.mark.parametrize(
    ("state", "label", "possible"),
    [
        ("planned", "เตรียมการ", {"open"}),
        ("open", "เปิดรับรายงาน", {"close"}),
        ("closed", "ปิดรับรายงาน", {"publish", "reopen"}),
        ("published", "เผยแพร่แล้ว", {"correct"}),
    ],
)
def test_a_step_out_of_turn_does_nothing_and_says_so(
    forum, people, reviewer, state, label, possible
):
    round_ = actions.create_round(by=people["staff"], year=2570)
    bring_to(round_, state, people)
    before = dump(without=["django_session"])
    for verb in sorted(set(STEPS) - possible):
        for do, sentence in (
            (reviewer.get, f"รอบนี้อยู่ในขั้น “{label}” จึงทำขั้นนี้ไม่ได้"),
            (reviewer.post, STALE_ROUND),
        ):
            response = do(f"/staff/rounds/2570/{verb}/", {"any": "thing"})
            assert response["Location"] == "/staff/rounds/2570/", (verb, response.status_code)
            assert said(reviewer.page("/staff/rounds/2570/")) == [sentence]
    assert dump(without=["django_session"]) == before
    offered = {
        a["href"].split("/")[4] for a in reviewer.page("/staff/rounds/2570/").select("p.btns a")
    }
    assert offered == possible


@pytest.mark.parametrize("verb", STEPS)
def test_a_second_click_does_nothing_and_says_so(forum, people, reviewer, verb):
    state = {"open": "planned", "close": "open", "reopen": "closed", "publish": "closed"}[verb]
    round_ = actions.create_round(by=people["staff"], year=2570)
    bring_to(round_, state, people)
    page = reviewer.page(f"/staff/rounds/2570/{verb}/")
    assert reviewer.send(page).status_code == 302
    assert said(reviewer.page("/staff/rounds/2570/"))[0].endswith("ปีงบประมาณ 2570 แล้ว")
    before = dump(without=["django_session"])
    assert reviewer.send(page).status_code == 302
    assert said(reviewer.page("/staff/rounds/2570/")) == [STALE_ROUND]
    assert dump(without=["django_session"]) == before


def test_what_is_no_step_or_no_round_is_not_there(open_round, reviewer):
    assert reviewer.get("/staff/rounds/2569/delete/").status_code == 404
    assert reviewer.get("/staff/rounds/2571/").status_code == 404
    assert reviewer.get("/staff/rounds/2571/open/").status_code == 404
    assert reviewer.get(f"/staff/rounds/{'9' * 30}/").status_code == 404
