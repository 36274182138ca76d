"""The pages that undo a mistake with a round, and the public pages before and after."""

from datetime import timedelta

import pytest
import time_machine

from followup import actions
from followup.digests import compose, reports_in_work, waiting_for
from followup.models import Agency, Round, Snapshot, TakenBack
from followup.tests.client import read
from followup.tests.desk import errors, said
from followup.tests.editions import correct, publish_three_reports, take_back
from followup.tests.factories import make_report
from forum_portal.stored_version import version_of

NOTE = "เผยแพร่ก่อนที่ประชุมรับทราบ"
EXTENDED = "เลื่อนกำหนดส่งจาก 30 พฤศจิกายน 2569 เป็น 15 ธันวาคม 2569 เพราะ ที่ประชุมเลื่อน"
PUBLIC = (
    "/",
    "/resolutions/",
    "/years/",
    "/years/2569/",
    "/matrix/",
    "/agencies/MSDHS/",
    "/reports/2569/",
    "/data/status_reports.csv",
    "/api/v1/progress",
    "/embed/resolutions/2565/1/",
)


@pytest.fixture
def published(open_round, people):
    return publish_three_reports(open_round, people)


def public(visitor):
    """What each public address answers: its status, and its bytes without what a request changes."""
    found = {}
    for path in PUBLIC:
        response = visitor.get(path)
        body = b"".join(response) if response.streaming else response.content
        found[path] = response.status_code, body
    return found


def extend(staff, **typed):
    page = staff.page("/staff/rounds/2569/due/")
    return staff.send(page, **{"due_on": "15/12/2569", "due_reason": "ที่ประชุมเลื่อน", **typed})


def test_a_year_far_from_now_asks_for_a_tick_and_keeps_what_was_typed(forum, staff):
    with time_machine.travel("2026-11-20T09:00:00+07:00", tick=False):
        page = staff.page("/staff/rounds/new/")
        page = read(staff.send(page, year="2575", due_on="30/11/2575"))
        assert errors(page) == [
            (
                "#id_confirmed",
                "ปีงบประมาณ 2575 คือ 1 ตุลาคม 2574 ถึง 30 กันยายน 2575 ห่างจากปีงบประมาณปัจจุบัน 2570 "
                "เกินหนึ่งปี แก้ปี หรือทำเครื่องหมายยืนยันแล้วสร้างอีกครั้ง",
            )
        ]
        assert "ยืนยันว่าเป็นปีงบประมาณ 2575" in page.one("label.check").text
        assert page.one("main form").controls()["due_on"] == "30/11/2575"
        # The tick is for that year alone.
        again = staff.send(page, year="2576", confirmed="2575")
        assert (again.status_code, Round.objects.count()) == (422, 0)
        assert staff.send(page, confirmed="2575").status_code == 302
        assert staff.send(staff.page("/staff/rounds/new/"), year="2571").status_code == 302
    assert set(Round.objects.values_list("year_be", flat=True)) == {2575, 2571}


def test_agencies_are_told_of_a_later_date_and_the_public_is_not(
    open_round, people, staff, visitor, msdhs
):
    assert extend(staff)["Location"] == "/staff/rounds/2569/"
    page = staff.page("/staff/rounds/2569/")
    assert said(page) == ["เลื่อนกำหนดส่งเป็น 15 ธันวาคม 2569 แล้ว หน่วยงานจะเห็นในหน้าลิงก์และหนังสือติดตาม"]
    assert EXTENDED in page.one("dl.facts").text
    link = actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"])
    assert EXTENDED in visitor.page(f"/r/{actions.token_of(link)}/").text
    Agency.objects.update(caretaker=people["staff"])
    today = Round.objects.get().due_on
    waiting = waiting_for(people["staff"], reports_in_work(), today)
    assert EXTENDED in compose(people["staff"], waiting, today).body
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert not any("ที่ประชุมเลื่อน".encode() in body for _status, body in public(visitor).values())


def test_a_date_that_is_not_later_is_refused_beside_its_field(open_round, staff):
    page = read(extend(staff, due_on="1/10/2569", due_reason=""))
    assert errors(page) == [
        ("#id_due_on", "กำหนดส่งใหม่ต้องหลังกำหนดเดิม 30 พฤศจิกายน 2569"),
        ("#id_due_reason", "ระบุเหตุผลที่เลื่อนกำหนดส่ง หน่วยงานจะเห็นข้อความนี้"),
    ]
    assert page.one("main form").controls()["due_on"] == "1/10/2569"


def test_two_dates_stand_side_by_side(open_round, people, staff):
    page = staff.page("/staff/rounds/2569/due/")
    extend(staff)
    response = staff.send(page, due_on="20/12/2569", due_reason="ของฉัน")
    clash = read(response)
    assert response.status_code == 409
    assert "ที่ประชุมเลื่อน" in clash.one("section.clash").text
    assert staff.send(clash, "main form").status_code == 302
    assert Round.objects.get().due_reason == "ของฉัน"


def test_a_round_without_any_writing_is_unopened_and_deleted_on_its_pages(open_round, staff):
    page = staff.page("/staff/rounds/2569/")
    assert {"เลื่อนกำหนดส่ง", "กลับไปเตรียมการ", "ลบรอบ"} <= set(page.texts("div.btns a"))
    page = staff.page("/staff/rounds/2569/undo/unopen/")
    assert "รายการที่ต้องรายงาน 103 รายการ" in page.one(".clash").text
    staff.send(page)
    assert said(staff.page("/staff/rounds/2569/")) == [
        "รอบ 12 เดือน ปีงบประมาณ 2569 กลับไปอยู่ในขั้นเตรียมการแล้ว"
    ]
    assert staff.send(staff.page("/staff/rounds/2569/undo/delete/"))["Location"] == "/staff/rounds/"
    assert said(staff.page("/staff/rounds/")) == ["ลบ รอบ 12 เดือน ปีงบประมาณ 2569 แล้ว"]
    assert not Round.objects.exists()


def test_the_page_names_what_stands_in_the_way(open_round, people, staff):
    page = staff.page("/staff/rounds/2569/undo/delete/")
    make_report(open_round, by=people["staff"], state="draft")
    staff.send(page)
    assert said(staff.page("/staff/rounds/2569/"))[0].startswith(
        "ทำไม่ได้ เพราะในรอบนี้มีรายงานที่มีผู้บันทึก 1 รายการ"
    )
    page = staff.page("/staff/rounds/2569/undo/delete/")
    assert page.texts("ul.rows li") == ["รายงานที่มีผู้บันทึก 1 รายการ"]
    assert not page.select("main form")


def test_a_publication_taken_back_is_on_no_page_and_told_with_its_note(
    forum, people, reviewer, visitor, open_round
):
    before = public(visitor)
    feed = visitor.get("/feed.atom").content.decode()
    publish_three_reports(open_round, people)
    assert public(visitor) != before
    page = reviewer.page("/staff/rounds/2569/undo/take-back/")
    assert errors(read(reviewer.send(page, note=""))) == [
        ("#id_note", "ระบุเหตุผลที่ถอนการเผยแพร่ สาธารณะจะเห็นข้อความนี้")
    ]
    assert reviewer.send(page, note=NOTE)["Location"] == "/staff/rounds/2569/"
    assert NOTE in reviewer.page("/staff/rounds/2569/").text
    assert public(visitor) == before
    page = visitor.page("/corrections/")
    taken = TakenBack.objects.get()
    assert page.one(f"#t{taken.pk}")
    told = page.one("main").text
    assert "ปีงบประมาณ 2569 ฉบับที่ 1 ถอนการเผยแพร่แล้ว" in told
    assert NOTE in told
    assert "ขณะนี้ไม่มีผลของปีงบประมาณนี้ที่เผยแพร่อยู่" in told
    assert str(people["reviewer"]) not in page.text, "the public never reads a name"
    atom = visitor.get("/feed.atom").content.decode()
    assert "rounds/2569/1/taken-back" in atom
    assert atom.count("<entry>") == feed.count("<entry>") + 1


def test_a_correction_taken_back_gives_the_edition_before(published, people, visitor):
    before = public(visitor)
    correct(published, people, "จัดเวที 9 ภาค")
    assert public(visitor) != before
    taken = Snapshot.objects.get(number=2)
    take_back(Round.objects.get(), people["reviewer"])
    after = public(visitor)
    # The year's page says that the round is being corrected, as after every reopening.
    assert {path for path in PUBLIC if after[path] != before[path]} == {"/years/2569/"}
    assert visitor.get("/reports/2569/?edition=2").status_code == 404
    page = visitor.page("/corrections/")
    assert f"c{taken.pk}" not in page.raw()
    assert "จัดเวที 9 ภาค" not in page.text
    assert "ขณะนี้ไม่มีผล" not in page.text


def test_the_next_publication_is_a_new_entry_of_the_feed(published, people, visitor):
    take_back(published, people["reviewer"])
    actions.publish_round(round_=Round.objects.get(), by=people["reviewer"])
    atom = visitor.get("/feed.atom").content.decode()
    assert atom.count("rounds/2569/2<") == 1
    assert "rounds/2569/1<" not in atom


def test_after_an_hour_the_page_says_what_else_helps(published, people, sign_in):
    edition = actions.last_edition(published)
    with time_machine.travel(edition.made_at + timedelta(hours=2), tick=False):
        reviewer = sign_in(people["reviewer"])
        response = reviewer.get("/staff/rounds/2569/undo/take-back/")
        assert response["Location"] == "/staff/rounds/2569/"
        page = reviewer.page("/staff/rounds/2569/")
    assert said(page) == ["ถอนการเผยแพร่ได้ภายใน 1 ชั่วโมง เกินเวลาแล้ว แก้ได้โดยเปิดแก้ไขหลังเผยแพร่พร้อมเหตุผล"]
    assert "ถอนการเผยแพร่" not in page.texts("div.btns a")


def test_a_reopened_rounds_plan_tells_its_own_dates(published, people, sign_in):
    with time_machine.travel("2026-12-01T09:00:00+07:00", tick=False):
        reviewer = sign_in(people["reviewer"])
        actions.reopen_round(round_=published, by=people["reviewer"], reason="แก้")
        actions.extend_due(
            round_=published,
            by=people["reviewer"],
            seen=version_of(published, actions.DUE_FIELDS),
            due_on=published.due_on + timedelta(days=30),
            reason="ให้เวลาแก้",
        )
        plan = reviewer.page("/staff/rounds/2569/").texts("ol.plan li")
    assert [each.split(" ผ่าน")[0].split(" ยัง")[0] for each in plan][1:3] == [
        "เปิดแก้ไข 1 ธ.ค. 2569",
        "กำหนดส่งรายงาน 30 ธ.ค. 2569",
    ]
    assert plan[-1].startswith("เผยแพร่อีกครั้ง ยังไม่กำหนด")
