"""Which assignments are confirmed, in sentences and numbers."""

from datetime import date

import pytest

from followup import confirmations
from followup.confirmations import Confirmed
from followup.models import Assignment, Basis, Round
from followup.tests.assignments import assignment_of
from proposals.models import Forum, Resolution

MEETING = {"basis": "confirmed", "confirmed_ref": "3/2569", "confirmed_on": date(2026, 10, 12)}


@pytest.mark.parametrize(
    ("confirmed", "total", "said"),
    [
        (0, 0, ""),
        (0, 103, "รายชื่อหน่วยงานเป็นการเสนอเบื้องต้น ยังไม่ได้ยืนยันโดย คสป. ทั้ง 103 รายการ"),
        (8, 103, "คสป. ยืนยันแล้ว 8 จาก 103 รายการ ที่เหลือรอ คสป. ยืนยัน"),
        (103, 103, "คสป. ยืนยันหน่วยงานที่รับผิดชอบแล้วทั้ง 103 รายการ"),
    ],
)
def test_the_sentence_says_how_many(confirmed, total, said):
    counted = Confirmed(confirmed, total - confirmed, total)
    assert counted.in_words() == said
    assert counted.in_words(all_forums=True) == (f"รวมทุกเวที {said}" if said else "")


def test_named_ones_wait_without_being_proposed():
    counted = Confirmed.of([Basis.CONFIRMED, Basis.NAMED, Basis.PROPOSED, Basis.PROPOSED])
    assert (counted.confirmed, counted.proposed, counted.total, counted.waiting) == (1, 2, 4, 3)
    assert counted.share == "25.0%"
    assert Confirmed.of([]).share == "0%"


def test_each_forum_and_each_year_counts_its_own(second_forum):
    Assignment.objects.filter(measure__resolution__forum__year_be=2565).update(**MEETING)
    first = Forum.objects.get(year_be=2565)
    assert confirmations.confirmed_in(2568) == Confirmed(103, 8, 111)
    assert confirmations.confirmed_in(2568, forum=second_forum) == Confirmed(0, 8, 8)
    assert confirmations.confirmed_in(2568, forum=first) == Confirmed(103, 0, 103)
    assert confirmations.confirmed_in(2565) == Confirmed(103, 0, 103)
    of_one = Resolution.objects.get(forum=second_forum, number=5)
    assert confirmations.confirmed_in(2568, resolution=of_one) == Confirmed(0, 2, 2)
    Assignment.objects.filter(measure__resolution=of_one).update(valid_to=2567)
    assert confirmations.confirmed_in(None) == Confirmed(103, 6, 109)


def test_the_meeting_is_said_where_it_is_known():
    assert confirmations.basis_in_words(Assignment(**MEETING)) == (
        "คสป. ยืนยันแล้ว ครั้งที่ 3/2569 วันที่ 12 ต.ค. 2569"
    )
    assert confirmations.basis_in_words(Assignment(basis="confirmed")) == "คสป. ยืนยันแล้ว"
    assert confirmations.basis_in_words(Assignment(basis="proposed")) == "เสนอ รอ คสป. ยืนยัน"
    assert confirmations.meeting_of(Assignment(basis="confirmed")) == ""


def test_a_page_of_an_edition_says_what_was_confirmed_since(demo, visitor):
    published = Round.objects.published()[0]
    content = published.snapshots.get().content
    before = visitor.page("/resolutions/2565/1/")
    said = before.one("section[aria-labelledby=h-m]").texts(".sec__head p")
    row = assignment_of("1.2", "MSDHS")
    assert "ที่เหลือรอ" not in said[0]
    Assignment.objects.filter(pk=row.pk).update(**MEETING)
    page = visitor.page("/resolutions/2565/1/")
    count = Assignment.objects.filter(measure__resolution=row.measure.resolution_id).count()
    said = page.one("section[aria-labelledby=h-m]").texts(".sec__head p")
    assert said == [
        f"คสป. ยืนยันแล้ว 1 จาก {count} รายการ ที่เหลือรอ คสป. ยืนยัน ที่มีเครื่องหมาย * เป็นข้อเสนอของผู้จัดทำระบบ"
    ]
    lead = page.one("section#m2565-1-2").texts("dl.who dd")[0]
    assert lead.endswith("คสป. ยืนยันแล้ว ครั้งที่ 3/2569 วันที่ 12 ต.ค. 2569")
    page = visitor.page("/agencies/MSDHS/")
    assert "คสป. ยืนยันแล้ว ครั้งที่ 3/2569 วันที่ 12 ต.ค. 2569" in page.one("#m2565-1-2").text
    for address in ("/", "/resolutions/", "/agencies/", "/matrix/", "/about/"):
        assert "คสป. ยืนยันแล้ว 1 จาก 103 รายการ" in visitor.page(address).text, address
    assert published.snapshots.get().content == content


def test_a_confirmation_in_another_role_is_not_said_of_the_former_one(demo, visitor):
    row = assignment_of("1.2", "MSDHS")
    Assignment.objects.filter(pk=row.pk).update(role="support", **MEETING)
    lead = visitor.page("/resolutions/2565/1/").one("section#m2565-1-2").texts("dl.who dd")[0]
    assert "(เสนอ รอ คสป. ยืนยัน)" in lead, "the edition has it as lead agency"


def test_nothing_waits_where_nobody_is_named(forum, visitor):
    Assignment.objects.all().delete()
    assert "คสป. ยืนยัน" not in visitor.page("/").text
    assert "คสป. ยืนยัน" not in visitor.page("/resolutions/2565/1/").text
