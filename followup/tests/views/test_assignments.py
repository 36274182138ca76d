"""The staff's list of assignments: filters, ticks, confirmation, and the forms in place."""

from datetime import date
from urllib.parse import unquote

import pytest

from followup import actions
from followup.models import Agency, Assignment, User
from followup.tests.assignments import assignment_of, seen
from followup.tests.client import Element, read
from followup.tests.desk import errors, said
from followup.tests.factories import PASSWORD, make_report
from proposals.models import Measure

pytestmark = pytest.mark.usefixtures("on_20_november")

LIST = "/staff/assignments/"
MEETING = {"meeting_ref": "3/2569", "meeting_on": "12/10/2569"}


@pytest.fixture
def admin(people, sign_in):
    return sign_in(people["administrator"])


def ticks(page: Element) -> list[str]:
    return [each["value"] for each in page.select("input[name=tick]")]


def ticked(page: Element) -> list[str]:
    return [
        each["value"] for each in page.select("input[name=tick]") if "checked" in each.attributes
    ]


def confirm(client, page, chosen, **values):
    """Send the page's confirmation with these ticks, as its own form would."""
    return client.send(page, "form#confirm", tick=chosen, **(MEETING | values))


def confirmed() -> set[int]:
    return set(Assignment.objects.filter(basis="confirmed").values_list("pk", flat=True))


def tabs(page: Element) -> list[str]:
    return page.texts(".tabs.mt4 li")


def measures(page: Element) -> list[str]:
    return page.texts(".asg__ht b")


# The list -------------------------------------------------------------------------------------


def test_every_measure_is_there_once_by_proposal_and_page(second_forum, staff):
    page = staff.page(LIST)
    assert tabs(page) == ["ทั้งหมด (111)", "รอยืนยัน (111)", "ยืนยันแล้ว (0)", "ไม่มีผู้รับผิดชอบ (2)"]
    assert page.texts(".prog span")[0] == "คสป. ยืนยันแล้ว 0 จาก 111"
    assert measures(page) == [
        f"2566-{code}" for code in ("1.1", "1.2", "2.1", "3.1", "3.2", "3.3", "4.1", "5.1", "5.2")
    ], "a page is of one forum, the newest first"
    alone = [row.text for row in page.select("tr.asg--none")]
    assert alone == ["ยังไม่มีผู้รับผิดชอบ จึงยังไม่มีใครได้รับแบบรายงาน"] * 2
    seen_codes, rows = measures(page), len(page.select("tr.asg th"))
    assert page.one("p.all").text.startswith("หน้า 1 จาก ")
    assert "เวที 2566 ทั้งหมด หน้าถัดไป: เวที 2565 ข้อเสนอที่ 1" in page.one("p.all").text
    while after := [a["href"] for a in page.select("p.all a[rel=next]")]:
        page = staff.page(after[0])
        seen_codes += measures(page)
        rows += len(page.select("tr.asg th"))
    assert len(seen_codes) == len(set(seen_codes)) == Measure.objects.count() == 43
    assert rows == 111


def test_staff_read_the_list_and_change_nothing(forum, staff, people):
    page = staff.page(LIST)
    assert not ticks(page)
    assert not page.has("form#confirm")
    assert "เพิ่มหน่วยงาน" not in page.text
    assert "เปลี่ยนบทบาท" not in page.text
    row = assignment_of("1.2", "MSDHS")
    for address in (LIST, f"{LIST}{row.pk}/role/", f"{LIST}add/{row.measure_id}/"):
        data = {"tick": f"{row.pk}.{seen(row)}", "new_role": "support", **MEETING}
        assert staff.post(address, data).status_code == 403
    assert not confirmed()
    assert Assignment.objects.get(pk=row.pk).role == "lead"


@pytest.mark.parametrize(
    ("query", "counts", "codes"),
    [
        ({"resolution": "2565-8"}, [10, 10, 0, 0], {"2565-8.1", "2565-8.2"}),
        ({"forum": "2566", "role": "support"}, [1, 1, 0, 0], {"2566-1.1"}),
        ({"forum": "2566", "q": "สถ"}, [2, 2, 0, 0], {"2566-1.1", "2566-1.2"}),
        ({"tab": "nobody"}, [111, 111, 0, 2], {"2566-3.3", "2566-4.1"}),
        ({"tab": "confirmed"}, [111, 111, 0, 2], set()),
        ({"q": "ไม่มีชื่อนี้"}, [0, 0, 0, 0], set()),
        ({"q": "\0", "forum": "x", "page": "99", "role": "x", "tab": "x"}, [0, 0, 0, 0], set()),
    ],
)
def test_the_filters_narrow_list_and_counts(second_forum, staff, query, counts, codes):
    page = staff.page(LIST, **query)
    names = ("ทั้งหมด", "รอยืนยัน", "ยืนยันแล้ว", "ไม่มีผู้รับผิดชอบ")
    expected = [f"{name} ({n})" for name, n in zip(names, counts, strict=True)]
    if query.get("resolution"):  # however many there are, the count is that of the rows
        count = len(page.select("tr.asg th"))
        expected[:2] = [f"ทั้งหมด ({count})", f"รอยืนยัน ({count})"]
    assert tabs(page) == expected
    assert set(measures(page)) == codes


# Confirming -----------------------------------------------------------------------------------


def test_the_ticked_ones_are_confirmed_with_their_meeting(second_forum, admin):
    page = admin.page(LIST)
    chosen = ticks(page)[:5]
    response = confirm(admin, page, chosen)
    assert response.status_code == 302
    page = admin.page(response["Location"])
    assert said(page) == ["ยืนยันแล้ว 5 รายการ ตามมติ คสป. ครั้งที่ 3/2569"]
    assert confirmed() == {int(each.partition(".")[0]) for each in chosen}
    row = Assignment.objects.filter(basis="confirmed").first()
    assert (row.confirmed_ref, row.confirmed_on) == ("3/2569", date(2026, 10, 12))
    assert tabs(page)[1:3] == ["รอยืนยัน (106)", "ยืนยันแล้ว (5)"]
    cell = page.one(f"#a{row.pk}").one(".asg__b")
    assert cell.text == "ยืนยันแล้ว ครั้งที่ 3/2569 วันที่ 12 ต.ค. 2569"
    assert not page.one(f"#a{row.pk}").has("input")


def test_links_select_a_page_and_all_pages(second_forum, admin):
    page = admin.page(LIST)
    assert ticked(page) == []
    assert page.one("[data-confirm]").text == "ยืนยันรายการที่เลือก"
    this, every, none = page.select(".pickbar__l a")
    assert (this.text, every.text) == ("เลือกทั้งหน้านี้ (8)", "เลือกทุกหน้า (111)")
    page = admin.page(this["href"])
    assert ticked(page) == ticks(page)
    assert page.one("[data-confirm]").text == "ยืนยัน 8 รายการ"
    page = admin.page(every["href"])
    assert page.one(".pickbar__n").text == (
        "เลือกไว้ 111 จาก 111 รายการที่รอยืนยัน (อยู่ในหน้าอื่น 103 รายการ)"
    )
    response = confirm(admin, page, ticked(page)[1:])  # one is taken out again
    assert response.status_code == 302
    assert len(confirmed()) == 110
    assert none["href"] == LIST


def test_all_pages_are_those_of_the_filter(second_forum, admin):
    page = admin.page(LIST, forum="2565", q="พม.", select="all")
    count = Assignment.objects.filter(
        measure__resolution__forum__year_be=2565, agency__in=Agency.objects.matching("พม.")
    ).count()
    assert f"ยืนยัน {count} รายการ" in page.text
    assert confirm(admin, page, ticked(page)).status_code == 302
    assert len(confirmed()) == count


def test_rows_of_other_pages_that_changed_meanwhile_are_not_confirmed(second_forum, admin):
    page = admin.page(LIST, select="all")
    row = assignment_of("2565-8.2", "CSPC")
    Assignment.objects.filter(pk=row.pk).update(valid_to=2580)
    response = confirm(admin, page, ticked(page))
    assert response.status_code == 422
    page = read(response)
    assert errors(page) == [
        ("#id_tick", "รายการในหน้าอื่นเปลี่ยนไปหลังจากเลือกทุกหน้า ดูจำนวนล่าสุดแล้วยืนยันอีกครั้ง")
    ]
    assert not confirmed()
    assert confirm(admin, page, ticked(page)).status_code == 302
    assert len(confirmed()) == 111


def test_what_is_wrong_stands_on_top_and_the_ticks_stay(forum, admin):
    page = admin.page(LIST)
    chosen = ticks(page)[:2]
    response = confirm(admin, page, chosen, meeting_ref=" ", meeting_on="32/13/2569")
    assert response.status_code == 422
    page = read(response)
    assert errors(page) == [
        ("#id_meeting_ref", "ระบุครั้งที่ประชุมของ คสป. เช่น 3/2569"),
        ("#id_meeting_on", "ไม่มีวันที่ 32/13/2569 ในปฏิทิน"),
    ]
    assert ticked(page) == chosen
    assert page.one("input#id_meeting_on")["value"] == "32/13/2569"
    response = confirm(admin, page, [], meeting_ref="3/2569", meeting_on="21/11/2569")
    assert errors(read(response)) == [
        ("#id_tick", "ยังไม่ได้เลือกรายการ เลือกอย่างน้อยหนึ่งรายการที่ คสป. ยืนยัน"),
        ("#id_meeting_on", "วันที่ 21 พฤศจิกายน 2569 ยังมาไม่ถึง ระบุวันที่ คสป. มีมติแล้ว"),
    ]
    response = confirm(admin, page, ["x.y"])
    assert errors(read(response)) == [("#id_tick", "อ่านรายการที่เลือกไม่ได้ เปิดหน้าใหม่แล้วเลือกอีกครั้ง")]
    assert not confirmed()


def test_a_row_that_a_colleague_confirmed_is_named_and_the_other_tick_stays(forum, people, admin):
    page = admin.page(LIST)
    chosen = ticks(page)[:2]
    pk, _dot, version = chosen[0].partition(".")
    actions.confirm_assignments(
        by=people["administrator"],
        assignments=[(int(pk), version)],
        meeting_ref="2/2569",
        meeting_on=date(2026, 9, 1),
    )
    page = read(confirm(admin, page, chosen))
    [(_target, sentence)] = errors(page)
    assert sentence.startswith(f"มีผู้อื่นแก้ไขหรือยืนยัน {Assignment.objects.get(pk=pk)} หลังจากเปิดหน้า")
    assert ticked(page) == chosen[1:]
    assert confirmed() == {int(pk)}
    assert Assignment.objects.get(pk=pk).confirmed_ref == "2/2569"


def test_what_was_typed_and_ticked_is_there_after_signing_in_again(forum, people, admin):
    page = admin.page(LIST)
    chosen = ticks(page)[2:4]
    admin.logout()
    response = confirm(admin, page, chosen)
    assert response["Location"].startswith("/staff/login/?next=")
    login = admin.page(response["Location"])
    response = admin.send(login, "main form", username="administrator", password=PASSWORD)
    page = admin.page(response["Location"])
    assert ticked(page) == chosen
    assert page.one("input#id_meeting_ref")["value"] == "3/2569"
    assert page.one("input#id_meeting_on")["value"] == "12/10/2569"
    assert not confirmed()
    assert admin.send(page, "form#confirm", tick=ticked(page)).status_code == 302
    assert len(confirmed()) == 2


# The forms in place ---------------------------------------------------------------------------


def open_step(client, row, verb, **query):
    return client.page(f"{LIST}{row.pk}/{verb}/", **query)


def effects(page: Element) -> list[str]:
    return page.texts(".inline__e li")


def test_another_role_says_what_follows_and_returns_to_the_row(open_round, people, admin):
    make_report(open_round, "1.2", by=people["staff"], state="draft")
    row = assignment_of("1.2", "MSDHS")
    actions.issue_link(round_=open_round, agency=row.agency, by=people["staff"])
    page = open_step(admin, row, "role", forum="2565")
    form = page.one("form#step")
    assert form.one("h2").text == "เปลี่ยนบทบาทของ พม. ใน 2565-1.2"
    assert effects(page) == [
        "ร่างของรอบ 2569 จำนวน 1 ฉบับคงอยู่ และนับตามบทบาทใหม่",
        "ลิงก์ของรอบ 2569 ที่ส่งให้หน่วยงานแล้วใช้ได้ต่อ",
        "ข้อนี้จะไม่มีหน่วยงานหลัก และนับเป็นข้อที่ยังไม่มีผู้รับผิดชอบ จนกว่าจะเพิ่มหน่วยงานหลัก",
    ]
    assert form.controls()["new_role"] == "support"
    response = admin.send(page, "form#step")
    assert response["Location"] == f"{LIST}?forum=2565#a{row.pk}"
    page = admin.page(response["Location"])
    assert said(page) == ["เปลี่ยนบทบาทของ 2565-1.2 พม. แล้ว"]
    assert page.one(f"#a{row.pk}").one(".asg__r").text == "สนับสนุน"
    assert "ยังไม่มีหน่วยงานหลัก จึงนับเป็นข้อที่ยังไม่มีผู้รับผิดชอบ" in page.text


def test_the_end_says_what_becomes_of_drafts_and_links(open_round, people, admin):
    draft = make_report(open_round, "1.2", by=people["staff"], state="draft")
    row = assignment_of("1.2", "MSDHS")
    actions.issue_link(round_=open_round, agency=row.agency, by=people["staff"])
    page = open_step(admin, row, "end")
    assert effects(page) == [
        "ร่างของรอบ 2569 จำนวน 1 ฉบับไม่ถูกลบ ถ้ารอบสุดท้ายก่อน 2569 ร่างยังอยู่ในงานของฝ่ายเลขานุการ",
        "ถ้ารอบสุดท้ายก่อน 2569 ลิงก์ที่ส่งให้หน่วยงานแล้วใช้กับข้อนี้ไม่ได้อีก",
        "หลังรอบสุดท้าย ข้อนี้จะไม่มีหน่วยงานหลัก จนกว่าจะเพิ่มหน่วยงานหลัก",
    ]
    years = page.texts("select#id_last_year option")
    assert (years[0], years[-1]) == ("2565", "2571")
    response = admin.send(page, "form#step", last_year="2599")
    assert errors(read(response)) == [("#id_last_year", "เลือกรอบสุดท้ายจากรายการ")]
    assert admin.send(page, "form#step", last_year="2568").status_code == 302
    assert Assignment.objects.get(pk=row.pk).valid_to == 2568
    assert open_round.reports.filter(pk=draft.pk).exists()
    page = open_step(admin, row, "end")  # it is in no list any more, but can be opened again
    assert page.texts("select#id_last_year option")[0] == "ยังไม่สิ้นสุด"
    assert admin.send(page, "form#step", last_year="").status_code == 302
    assert Assignment.objects.get(pk=row.pk).valid_to is None


def test_a_change_on_an_old_page_shows_the_present_row_first(forum, people, admin):
    row = assignment_of("1.2", "MSDHS")
    page = open_step(admin, row, "role")
    actions.end_assignment(
        by=people["administrator"], assignment=row, seen=seen(row), last_year=2575
    )
    response = admin.send(page, "form#step")
    assert response.status_code == 409
    page = read(response)
    assert errors(page) == [
        (
            "",
            "มีผู้อื่นแก้ไข 2565-1.2 พม. หลังจากเปิดหน้า จึงยังไม่เปลี่ยนสิ่งใด "
            "ดูค่าล่าสุดในรายการ แล้วส่งอีกครั้งหากยังต้องการ",
        )
    ]
    assert page.one(f"#a{row.pk}").one(".asg__y").text == "2565–2575"
    assert Assignment.objects.get(pk=row.pk).role == "lead"
    assert admin.send(page, "form#step").status_code == 302
    assert Assignment.objects.get(pk=row.pk).role == "support"


def test_a_confirmation_is_taken_back(forum, people, admin):
    row = assignment_of("1.2", "MSDHS")
    actions.confirm_assignments(
        by=people["administrator"],
        assignments=[(row.pk, seen(row))],
        meeting_ref="3/2569",
        meeting_on=date(2026, 10, 12),
    )
    page = open_step(admin, row, "withdraw", tab="waiting")
    assert effects(page) == [
        "การยืนยันตามมติ คสป. ครั้งที่ 3/2569 วันที่ 12 ต.ค. 2569 สิ้นผล ต้องให้ คสป. ยืนยันใหม่"
    ]
    assert admin.send(page, "form#step").status_code == 302
    assert not confirmed()
    assert admin.get(f"{LIST}{row.pk}/burn/").status_code == 404


def test_an_agency_is_added_by_any_of_its_names(open_round, admin):
    measure = assignment_of("8.2", "CSPC").measure
    page = admin.page(f"{LIST}add/{measure.pk}/")
    assert page.one("form#step h2").text == "เพิ่มหน่วยงานให้ 2565-8.2"
    assert page.texts("select#id_first_year option") == ["2569 (เปิดรับอยู่)", "2570", "2571"]
    assert len(page.select("datalist option")) == Agency.objects.count()
    for typed, sentence in (
        ("", "ระบุหน่วยงาน พิมพ์ชื่อย่อหรือชื่อเต็ม เช่น พอช."),
        (
            "กรมอวกาศ",
            "ไม่พบหน่วยงาน “กรมอวกาศ” พิมพ์ชื่อย่อหรือชื่อเต็ม หรือเพิ่มหน่วยงานในหน้าจัดการระบบก่อน",
        ),
    ):
        response = admin.send(page, "form#step", agency=typed)
        assert errors(read(response)) == [("#id_agency", sentence)]
        assert read(response).one("input#id_agency").get("value") == typed
    response = admin.send(page, "form#step", agency="คสป.")
    assert errors(read(response)) == [
        ("#id_agency", "หน่วยงานนี้ได้รับมอบหมายมาตรการย่อยนี้ในช่วงปีที่ทับซ้อนกันอยู่แล้ว")
    ]
    agency = Agency.objects.get(code="THF")
    response = admin.send(page, "form#step", agency=agency.name_th, as_role="support")
    assert response.status_code == 302
    added = assignment_of("8.2", "THF")
    assert (added.role, added.valid_from, added.basis) == ("support", 2569, "proposed")
    assert response["Location"] == f"{LIST}#a{added.pk}"
    assert open_round.reports.filter(assignment=added).exists()


def test_a_form_in_place_is_there_after_signing_in_again(forum, people, admin):
    measure = assignment_of("8.2", "CSPC").measure
    page = admin.page(f"{LIST}add/{measure.pk}/")
    admin.logout()
    response = admin.send(page, "form#step", agency="พอช.", as_role="support")
    admin.force_login(User.objects.get(username="administrator"))
    address = response["Location"].partition("next=")[2]
    form = admin.page(unquote(address)).one("form#step").controls()
    assert (form["agency"], form["as_role"]) == ("พอช.", "support")
