"""The list of forums with the counts of a year, and each forum's own page."""

import pytest

from followup import actions
from followup.models import Round
from followup.tests.actions.test_conclusions import DECISION
from followup.tests.factories import measure_of, republish
from followup.views import forums, public
from proposals.models import Forum


def test_each_forum_has_its_own_denominator_and_the_sum_says_that_it_is_one(two_forums, visitor):
    page = visitor.page("/forums/")
    assert page.one("h1").text == "เวทีที่ติดตาม 2 เวที"
    assert page.texts(".forum h2") == [
        "พลังประชาสังคม",
        "หุ้นส่วนการพัฒนาจากชุมชนสู่ประชาคมโลก",
    ]
    assert page.texts(".forum__sum .nb") == ["บรรลุ 11 จาก 33", "บรรลุ 11 จาก 32"]
    assert page.one(".sumline").text.startswith("รวมทุกเวที บรรลุ 22 จาก 65 มาตรการย่อย")
    assert "ติดตามตั้งแต่รอบ 2567" in page.select(".forum")[0].text


def test_a_list_of_many_forums_has_pages(two_forums, visitor, monkeypatch):
    monkeypatch.setattr(forums, "FORUMS_A_PAGE", 1)
    first = visitor.page("/forums/")
    second = visitor.page("/forums/" + first.one(".pager a[rel=next]")["href"])
    here = [page.texts("li.forum .forum__no") for page in (first, second)]
    assert here == [["๒๕๖๖"], ["๒๕๖๕"]]
    assert "2 เวที" in first.one("h1").text


def test_the_list_of_years_names_the_latest_forums_and_leads_to_all(
    two_forums, visitor, monkeypatch
):
    assert "ดูทุกเวทีของปี" not in visitor.page("/years/").text
    monkeypatch.setattr(public, "FORUMS_IN_BRIEF", 1)
    year = visitor.page("/years/").select("ol.ybars li")[0]
    assert year.texts("h4") == ["เวที 2566"]
    (rest,) = [each for each in year.select("a") if each.text.startswith("ดูทุกเวทีของปีงบประมาณ")]
    assert rest.text.endswith("(2)")
    assert "เวที 2565" in visitor.page(rest["href"]).text


def test_a_year_before_the_first_round_says_when_it_begins(two_forums, visitor):
    page = visitor.page("/forums/", year=2566)
    first, second = page.select(".forum")
    assert "เริ่มติดตามรอบ 2567" in first.text
    assert first.select("svg") == []
    assert second.one(".forum__sum .nb").text == "บรรลุ 6 จาก 33"
    assert page.select(".sumline") == []


def test_the_cohorts_compare_forums_of_equal_age(two_forums, visitor):
    page = visitor.page("/forums/")
    assert page.texts(".ag--co thead th") == ["เวที", "1 รอบ", "2 รอบ", "3 รอบ"]
    assert [row.texts("td") for row in page.select(".ag--co tbody tr")] == [
        ["11 จาก 33 รอบ 2567", "11 จาก 33 รอบ 2568", "ยังไม่ถึง"],
        ["6 จาก 33 รอบ 2566", "11 จาก 32 รอบ 2567", "11 จาก 32 รอบ 2568"],
    ]
    assert page.texts(".ag--co tbody th") == ["2566", "2565"]
    assert len(page.select(".cohort .pt--a")) == 3 + 1
    assert len(page.select(".cohort .pt--b")) == 2 + 1


def test_a_concluded_forum_keeps_its_last_state_with_the_decision(two_forums, people, visitor):
    first, _second = two_forums
    reopened = Round.objects.get(year_be=2569)
    assert reopened.reports.filter(version__gt=0).exists()
    last = {**DECISION, "after": 2569}
    actions.conclude_forum(forum=first, by=people["administrator"], **last)
    actions.close_round(round_=reopened, by=people["staff"])
    actions.publish_round(round_=reopened, by=people["reviewer"])
    after = actions.open_round(
        round_=actions.create_round(by=people["staff"], year=2570), by=people["staff"]
    )
    forums = {each.measure.resolution.forum.year_be for each in after.reports.with_context()}
    assert forums == {2566}
    actions.close_round(round_=after, by=people["staff"])
    actions.publish_round(round_=after, by=people["reviewer"])
    page = visitor.page("/forums/")
    ended = page.select(".forum")[1]
    assert "สรุปการติดตามแล้ว หลังรอบ 2569 ตามมติ คสป. ครั้งที่ 5/2569 1 กันยายน 2569" in ended.text
    assert "ทุกข้อบรรลุแล้ว" in ended.text
    assert ended.one(".forum__sum .meta").text == "รอบ 2569"
    assert "สรุปการติดตามแล้ว" in visitor.page("/forums/2565/").one(".fhead").text
    of_2570 = visitor.page("/resolutions/2565/1/")
    assert "รอบปีงบประมาณ 2570 ไม่ได้ติดตามเวที 2565" in of_2570.one(".rhead__m").text


def test_a_forums_page_tells_what_it_was_and_what_became_of_it(two_forums, visitor):
    page = visitor.page("/forums/2565/")
    assert page.one("h1").text == "หุ้นส่วนการพัฒนาจากชุมชนสู่ประชาคมโลก"
    assert page.one(".fhead__m").text == "8 ข้อเสนอ 34 มาตรการย่อย ติดตามแล้ว 3 รอบ"
    facts = page.one("#facts").text
    assert "848 คน จากเวทีระดับภาค 4 ภาค และระดับประเทศ" in facts
    assert page.texts("#facts a") == ["2566", "2567", "2568"]
    assert len(page.select(".pline")) == 8
    assert page.select(".pline")[1].text.endswith("บรรลุ 2 จาก 7")
    assert page.texts("section[aria-labelledby=later] .rel") == [
        "เสนอซ้ำในเวที 2566",
        "ต่อเนื่องในเวที 2566",
        "ติดตามต่อภายใต้ข้อของเวที 2566",
    ]
    assert (
        Forum.objects.get(year_be=2565).source_text.strip()[:40] in page.one(".source__full").text
    )


def test_what_is_not_known_is_left_out(second_forum, visitor):
    page = visitor.page("/forums/2566/")
    assert page.texts("#facts dt") == ["ชื่อเต็ม"]
    assert page.texts(".jump a") == ["ข้อมูลการประชุม", "ข้อเสนอ 5 ข้อ", "ต้นฉบับ"]
    assert "ติดตามตั้งแต่รอบ 2566" in page.one(".fhead__m").text


@pytest.mark.parametrize("path", ["/forums/2570/", "/forums/0/"])
def test_an_unknown_forum_is_not_found(forum, visitor, path):
    visitor.page(path, status=404)


def test_a_resolution_says_which_rounds_followed_its_forum(two_forums, visitor):
    page = visitor.page("/resolutions/2566/1/", year=2566)
    said = page.one(".rhead__m")
    assert said.text == "รอบปีงบประมาณ 2566 ไม่ได้ติดตามเวที 2566 รอบที่ติดตาม: 2568, 2567"
    assert [link["href"] for link in said.select("a")] == ["?year=2568", "?year=2567"]
    assert page.select("section.measure .tag") == []


def test_a_replaced_measure_leads_to_its_successor(two_forums, visitor):
    page = visitor.page("/resolutions/2565/2/")
    replaced = page.one("section#m2565-2-2")
    assert "ไม่นับในรอบนี้ เพราะติดตามต่อภายใต้ข้อของเวทีหลัง" in replaced.text
    assert replaced.one(".rows__m a")["href"] == "/resolutions/2566/2/#m2566-2-1"
    assert "บรรลุ 2 จาก 7" in page.one(".rhead__m").text
    assert "บรรลุ 1 จาก 8" in visitor.page("/resolutions/2565/2/", year=2566).one(".rhead__m").text


def test_the_matrix_shows_one_forum_where_all_do_not_fit(two_forums, visitor, monkeypatch):
    assert len(visitor.page("/matrix/").select(".mx thead a")) == 16
    monkeypatch.setattr("followup.views.public.MATRIX_COLUMNS", 15)
    page = visitor.page("/matrix/")
    assert page.texts("select[name=forum] option[selected]") == ["เวที 2566"]
    assert len(page.select(".mx thead a")) == 8
    page = visitor.page("/matrix/", forum=2565)
    assert {link["href"][:18] for link in page.select(".mx thead a")} == {"/resolutions/2565/"}
    assert visitor.page("/matrix/", forum="all").select(".mx") == []


def test_a_proposal_that_is_wholly_replaced_has_no_status_of_its_own(two_forums, visitor):
    later = [measure_of(code) for code in ("2566-8.1", "2566-8.2")]
    for number, measure in enumerate(later, 1):
        measure.relation, measure.earlier = "replaces", measure_of(f"2565-8.{number}")
        measure.save()
    republish()
    said = "ติดตามต่อภายใต้เวทีหลังทั้งข้อ"
    assert visitor.page("/", forum=2565).texts(".prop__st")[-1] == said
    assert visitor.page("/forums/2565/").texts(".pline__s")[-1] == said
    page = visitor.page("/resolutions/2565/8/")
    assert page.one(".rhead__m").text.startswith(said)
    assert [each.one(".measure__c").text for each in page.select("section.measure")] == [
        "8.1",
        "8.2",
    ]
    assert "ยังไม่มีผู้รับผิดชอบ" not in page.one(".rhead__m").text
