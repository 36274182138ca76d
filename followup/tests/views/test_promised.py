"""The staff's list of promises: past due, near, not told; around the day itself."""

from datetime import date, timedelta

import pytest
import time_machine

from followup.models import Agency, Role
from followup.tests.client import read
from followup.tests.factories import find_report, make_report
from followup.tests.promises import DAY, MOVED, following, promise, publish, report
from followup.tests.sentences import NOTHING_FITS_THE_FILTER

DAY_AFTER = DAY + timedelta(days=1)


def page_on(sign_in, user, day, query=""):
    with time_machine.travel(f"{day}T12:00:00+07:00", tick=False):
        return sign_in(user).page(f"/staff/promised/{query}")


def tabs(page):
    return page.texts("nav.tabs.mt4 a")


def rows(page):
    return [each.text for each in page.select("ol.tasks li")]


@pytest.mark.parametrize(
    ("day", "past", "near"),
    [(DAY - timedelta(days=1), 0, 1), (DAY, 0, 1), (DAY_AFTER, 1, 0)],
)
def test_a_promise_changes_its_tab_on_the_day_after(open_round, people, sign_in, day, past, near):
    report(open_round, people, **promise())
    page = page_on(sign_in, people["staff"], day)
    assert tabs(page) == [f"เลยกำหนด ({past})", f"ใกล้ถึงกำหนด ({near})"]
    n = open_round.reports.filter(assignment__role=Role.LEAD).count()
    assert page.one(".shead").text.endswith(
        f"หน่วยงานหลัก {n} รายการ: เลยกำหนด {past} · ยังไม่ถึงกำหนด {near} · "
        f"ยังไม่ได้แจ้งกำหนด {n - 1} · บรรลุแล้ว 0 · ยุติ 0"
    )


def test_a_row_says_whose_date_is_past_due_since_when_and_how_often_it_moved(
    open_round, people, sign_in
):
    report(open_round, people, **promise(milestone="ครบ 4 ภาค"))
    publish(open_round, people)
    second = following(open_round, people)
    report(second, people, **promise(MOVED, target_reason="รอจัดสรรสถานี", milestone="ครบ 5 ภาค"))
    [row] = rows(page_on(sign_in, people["staff"], MOVED + timedelta(days=81)))
    agency = find_report(second, "1.1").assignment.agency
    for words in (
        "1.1",
        f"{agency.name_th} · หน่วยงานหลัก",
        "ครบ 5 ภาค",
        "เลยกำหนด 31 มี.ค. 2570",
        "เลยมา 81 วัน",
        "เลื่อน 1 ครั้ง จาก 31 ธ.ค. 2569",
        "สถานะล่าสุด สถานะ: อยู่ระหว่างดำเนินการ",
    ):
        assert words in row


def test_a_near_date_says_how_many_days_are_left(open_round, people, sign_in):
    report(open_round, people, **promise())
    [row] = rows(page_on(sign_in, people["staff"], DAY - timedelta(days=8), "?state=soon"))
    assert "กำหนดแล้วเสร็จ 31 ธ.ค. 2569 เหลืออีก 8 วัน" in row
    assert "เลย" not in row
    assert "เลื่อน" not in row
    [row] = rows(page_on(sign_in, people["staff"], DAY, "?state=soon"))
    assert "ครบกำหนดวันนี้" in row


def test_filters_by_agency_and_caretaker(open_round, people, sign_in):
    first = report(open_round, people, "1.1", **promise()).assignment.agency
    second = report(open_round, people, "8.1", **promise(date(2026, 10, 1))).assignment.agency
    assert first != second
    staff = people["staff"]
    Agency.objects.filter(pk=second.pk).update(caretaker=staff)
    every = rows(page_on(sign_in, staff, DAY_AFTER))
    assert [row[:3] for row in every] == ["8.1", "1.1"], "the oldest first"
    page = page_on(sign_in, staff, DAY_AFTER, "?mine=1")
    assert [row[:3] for row in rows(page)] == ["8.1"]
    assert tabs(page)[0] == "เลยกำหนด (1)"
    page = page_on(sign_in, staff, DAY_AFTER, f"?agency={first.code}")
    assert [row[:3] for row in rows(page)] == ["1.1"]
    assert page.texts("#f1 option")[1:] == sorted([first.short, second.short])
    assert rows(page_on(sign_in, staff, DAY_AFTER, "?agency=%00")) == [NOTHING_FITS_THE_FILTER]


def test_nobody_past_due_is_said(open_round, people, sign_in):
    page = page_on(sign_in, people["staff"], DAY)
    assert rows(page) == ["ไม่มีกำหนดที่เลยมาแล้วโดยยังไม่บรรลุ"]
    page = page_on(sign_in, people["staff"], DAY, "?state=soon")
    assert rows(page) == ["ไม่มีกำหนดใน 60 วันข้างหน้า"]


def test_the_queue_leads_to_the_list_and_shows_each_promise(open_round, people, sign_in):
    staff = people["staff"]
    agency = report(open_round, people, **promise()).assignment.agency
    make_report(open_round, "8.1", by=staff, state="draft", **promise(date(2020, 1, 1)))
    publish(open_round, people)
    following(open_round, people)
    with time_machine.travel(f"{DAY}T12:00:00+07:00", tick=False):
        page = sign_in(staff).page("/staff/")
    assert "เลยกำหนดที่หน่วยงานแจ้งไว้" not in page.text
    with time_machine.travel(f"{DAY_AFTER}T12:00:00+07:00", tick=False):
        page = sign_in(staff).page(f"/staff/?agency={agency.code}")
    link = page.one(".shead a.late")
    assert (link.text, link["href"]) == (
        "เลยกำหนดที่หน่วยงานแจ้งไว้ 1 รายการ",
        "/staff/promised/",
    )
    told = [row for row in (each.text for each in page.select("ol.tasks li")) if "เลยกำหนด" in row]
    assert len(told) == 1
    assert "เลยกำหนด 31 ธ.ค. 2569 เลยมา 1 วัน" in told[0]


def test_the_public_has_no_such_list(open_round, people, visitor, sign_in):
    report(open_round, people, **promise())
    response = visitor.get("/staff/promised/")
    assert response.status_code == 302
    assert sign_in(people["outsider"]).get("/staff/promised/").status_code == 403
    assert "31 ธ.ค. 2569" not in read(visitor.get("/")).text
