"""The comparison of two years: what moved, in whose words, and what bad input gets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup.models import Round, StatusReport
from followup.progress import Comparison, progress_by_year
from followup.status import Difference
from followup.tests.factories import find_report, republish
from followup.views import compare
from proposals.models import Measure

KINDS = ["ถดถอย", "เคยรายงาน แต่ปี {} ไม่มีรายงาน", "ยุติ", "ดีขึ้น", "มีรายงานแล้ว", "ไม่เปลี่ยน"]


def comparison(first: int, last: int) -> Comparison:
    """The figures straight from the counting."""
    rounds = Round.objects.filter(year_be__range=(first, last)).order_by("year_be")
    return Comparison.of(progress_by_year(rounds))


def kinds(page):
    """(words, number of measures, address) of each kind of change."""
    found = []
    for each in page.select("ul.kinds li"):
        link = each.select("a")
        words = each.one(".kinds__t").text
        assert each.one(".kinds__n").text.endswith("จาก 34")
        found.append((words, int(each.one(".kinds__n b").text), link[0]["href"] if link else ""))
    return found


@pytest.mark.parametrize(
    ("years", "counts"),
    [((2566, 2568), [2, 2, 1, 11, 2, 16]), ((2566, 2567), [3, 2, 0, 10, 1, 18])],
)
def test_the_kinds_are_counted_worse_first_and_lead_to_their_measures(demo, visitor, years, counts):
    page = visitor.page("/compare/", **{"from": years[0], "to": years[1]})
    figures = comparison(*years)
    assert [len(rows) for rows in figures.by_difference.values()] == counts
    assert sum(counts) == figures.total == 34
    told = kinds(page)
    assert [(words, count) for words, count, _to in told] == [
        (words.format(years[1]), count) for words, count in zip(KINDS, counts, strict=True)
    ]
    for _words, count, to in told:
        # One that is empty has no link, and no section.
        assert bool(to) == bool(count)
        assert not to or page.one(f"h2{to}")
    moved = sum(counts[:-1])
    assert (
        page.one("p.hero__say").text == f"จาก 34 มาตรการย่อย สถานะเปลี่ยน {moved} ไม่เปลี่ยน {counts[-1]}"
    )
    codes = [row.measure.code for row in figures.told if row.difference is Difference.UP]
    assert page.one("section[aria-labelledby=k-up]").texts("li.vs h3 b") == codes
    assert len(page.select("li.vs")) == moved
    assert len(page.select("ul.rows--still li")) == counts[-1]


def test_both_years_stand_side_by_side_with_what_came_between(demo, visitor):
    page = visitor.page("/compare/?from=2566&to=2568")
    row = page.one("li#m2565-2-2")
    assert "ระหว่างทาง ปี 2567 สถานะ: กำลังทำ" in row.one(".vs__via").text
    assert row.one("h3 a")["href"] == "/resolutions/2565/2/#m2565-2-2"
    before, now = row.one(".vs__a"), row.one(".vs__b")
    then = find_report(Round.objects.get(year_be=2566), "2.2")
    assert before.text.startswith("ปีงบประมาณ 2566 สถานะ: ยังไม่ดำเนินการ")
    assert then.results in before.text
    assert now.text == ("ปีงบประมาณ 2568 สถานะ: ยังไม่ได้รับรายงาน หน่วยงานหลักไม่ได้ส่งรายงานในรอบนี้")
    ended = page.one("li#m2565-5-2 .vs__b").text
    assert find_report(Round.objects.get(year_be=2568), "5.2").meeting_ref in ended
    assert not page.one("li#m2565-2-5").select(".vs__via"), "between them it was one of both"


def test_the_tables_agree_with_the_pages_of_the_years(demo, visitor):
    page = visitor.page("/compare/?from=2566&to=2568")
    totals, transitions = page.select("table.tbl")
    assert [row.texts("td") for row in totals.select("tbody tr")] == [
        ["6 จาก 33", "11 จาก 33"],
        ["21 จาก 33", "26 จาก 33"],
        ["4 จาก 33", "4 จาก 33"],
        ["3.4", "5.2"],
    ]
    rows = [row.texts("td") for row in transitions.select("tbody tr")]
    counts = [[int(cell.split()[0]) if cell[0] != "–" else 0 for cell in row] for row in rows]
    assert all(sum(row[:-1]) == row[-1] for row in counts)
    assert sum(row[-1] for row in counts) == 34
    framed = transitions.texts("td.trans__s")
    assert sum(int(cell.split()[0]) for cell in framed if cell[0] != "–") == 16


@pytest.mark.parametrize(
    ("query", "notice", "is_compared"),
    [
        ("?from=2568&to=2566", "ปีตั้งต้นต้องมาก่อน จึงสลับเป็นเปรียบเทียบปี 2566 กับปี 2568", True),
        ("?from=2567&to=2567", "เลือกปีที่ต่างกัน 2 ปี", False),
        (
            "?from=2560&to=2568",
            "ปีงบประมาณ 2560 ยังไม่มีรอบที่เผยแพร่ ปีที่เผยแพร่แล้ว: 2566, 2567, 2568",
            False,
        ),
        ("?from=2569", "ปีงบประมาณ 2569 ยังไม่มีรอบที่เผยแพร่ ปีที่เผยแพร่แล้ว: 2566, 2567, 2568", False),
        ("?from=2566&to=ปีนี้", "ไม่เข้าใจปี “ปีนี้” ปีที่เผยแพร่แล้ว: 2566, 2567, 2568", False),
        ("?from=๒๕๖๖&to=๒๕๖๘", "", True),
        ("", "", True),
        ("?from=2566", "", True),
        ("?to=2566", "", True),
        ("?forum=2570", "สองปีนี้ไม่ได้ติดตามเวที 2570 ทั้งสองปี จึงแสดงเวที 2565", True),
        ("?page=99", "", True),
    ],
)
def test_what_the_address_asks_for(demo, visitor, query, notice, is_compared):
    page = visitor.page(f"/compare/{query}")
    assert page.texts("p.notice[role=status]") == ([notice] if notice else [])
    assert page.has("ul.kinds") == is_compared
    # The years can be chosen, whatever was asked for.
    assert page.texts("select[name=from] option") == ["2568", "2567", "2566"]


def test_the_form_keeps_what_was_understood(demo, visitor):
    page = visitor.page("/compare/?from=2566&to=x")
    assert page.texts("select[name=from] option[selected]") == ["2566"]
    assert page.texts("select[name=to] option[selected]") == []
    first = visitor.page("/compare/?to=2566")
    assert first.one("h1").text == "เปรียบเทียบ ปี 2566 กับปี 2567"


def test_a_christian_year_is_led_to_its_buddhist_address(demo, visitor):
    answer = visitor.get("/compare/?from=2023&to=2568")
    assert answer["Location"] == "/compare/?from=2566&to=2568"


def test_before_the_first_round_and_with_one_alone(forum, demo, visitor):
    Round.objects.filter(year_be__in=[2566, 2567]).update(published_at=None, state="closed")
    page = visitor.page("/compare/")
    assert "ปีนี้เป็นปีแรกที่เผยแพร่ จึงยังไม่มีปีก่อนให้เทียบ" in page.one("main").text
    assert not page.has("form.year")
    Round.objects.update(published_at=None, state="closed", closed_at="2026-01-01T00:00Z")
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in visitor.page("/compare/").one("main").text


def test_a_long_text_is_shown_in_two_parts(demo, visitor):
    report = find_report(Round.objects.get(year_be=2566), "2.5")
    text = "ยกร่าง " * 100
    StatusReport.objects.filter(pk=report.pk).update(results=text.strip())
    republish()
    side = visitor.page("/compare/?from=2566&to=2568").one("li#m2565-2-5 .vs__a")
    assert side.one("details.more summary").text == "อ่านต่อ"
    first, rest = side.texts("p")[2], side.one("details p").text
    assert 300 <= len(first) <= 401
    assert f"{first.removesuffix('…').strip()} {rest}" == text.strip()


def test_two_forums_are_compared_one_at_a_time(two_forums, visitor):
    page = visitor.page("/compare/?from=2567&to=2568")
    assert page.texts("select[name=forum] option[selected]") == ["เวที 2566"]
    earlier = visitor.page("/compare/?from=2567&to=2568&forum=2565")
    assert {each.split("-")[0] for each in earlier.texts("li.vs h3 b")} == {"2565"}
    # 2565-2.2 was taken over by the later forum in 2567: it is in neither year.
    assert earlier.one("p.hero__say").text.startswith("จาก 33 มาตรการย่อย")
    alone = visitor.page("/compare/?from=2566&to=2568")
    assert not alone.has("select[name=forum]"), "2566 followed up one forum"
    gone = alone.one("section[aria-labelledby=k-apart] li")
    assert gone.one("h3 b").text == "2565-2.2"
    assert "ปี 2568 ไม่ได้ติดตามข้อนี้แยก" in gone.text
    assert gone.one(".vs__b").text == "ปีงบประมาณ 2568 ไม่ได้ติดตามในรอบนี้"
    assert alone.one("p.hero__say").text.endswith("เทียบกันไม่ได้ 1")


def test_many_measures_are_shown_in_pages_to_which_the_kinds_lead(demo, visitor, monkeypatch):
    monkeypatch.setattr(compare, "MEASURES_A_PAGE", 4)
    first = visitor.page("/compare/?from=2566&to=2568")
    assert len(first.select("li.vs")) == 4
    assert not first.has("h2#k-same")
    to = {words: address for words, _count, address in kinds(first)}
    assert to["ถดถอย"] == "#k-down"
    assert to["ดีขึ้น"] == "?from=2566&to=2568&page=2#k-up"
    assert to["ไม่เปลี่ยน"] == "?from=2566&to=2568&page=5#k-same"
    seen = []
    for number in range(1, 6):
        page = visitor.page(f"/compare/?from=2566&to=2568&page={number}")
        seen += page.texts("li.vs h3 b")
    assert seen == [row.measure.code for row in comparison(2566, 2568).told]
    assert page.has("h2#k-same")


def test_the_number_of_queries_does_not_grow_with_the_measures(demo, visitor, monkeypatch):
    visitor.page("/compare/?from=2566&to=2568")

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            visitor.page("/compare/?from=2566&to=2568")
        return len(made)

    many = queries()
    monkeypatch.setattr(compare, "MEASURES_A_PAGE", 2)
    assert queries() == many == 7
    assert Measure.objects.count() == 34


def test_the_pages_of_years_lead_to_it(demo, visitor):
    assert visitor.page("/years/").one("p.mt3 a[href=/compare/]")
    (link,) = [a for a in visitor.page("/years/2568/").select("a") if a.text == "เทียบกับปีอื่น"]
    assert link["href"] == "/compare/?from=2567&to=2568"
    (link,) = [a for a in visitor.page("/years/2566/").select("a") if a.text == "เทียบกับปีอื่น"]
    assert link["href"] == "/compare/?from=2566&to=2567"
    assert visitor.page("/compare/").one("nav.nav a[aria-current=true]").text == "รายปี"
