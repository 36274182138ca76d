"""The map's table and a province's page: counts of reports, and the words that name the province."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from followup import published
from followup.models import Province, PublishedEdition, PublishedPlace, Round, StatusReport
from followup.tests.client import read
from followup.tests.editions import publish_three_reports
from followup.tests.factories import republish
from followup.tests.opendata.reading import json_of
from followup.views import areas


def table(page):
    """Name of a province -> (reports, those that name few), as the tables say."""
    return {
        row.one("th").text: tuple(
            0 if cell.text in {"–", "ไม่มี"} else int(cell.text) for cell in row.select("td")
        )
        for row in page.select("table.ptab tbody tr")
    }


def test_the_table_counts_the_reports_that_name_a_province(demo, visitor):
    page = visitor.page("/areas/")
    rows = table(page)
    assert len(rows) == 77
    assert rows["ขอนแก่น"] == (8, 5)
    assert rows["กรุงเทพมหานคร"] == (0, 0)
    assert "รายงาน 19 จาก 65 ฉบับ ระบุจังหวัด รวมแล้วถึง 76 จาก 77 จังหวัด" in page.one(".hero__say").text
    assert page.texts(".most a") == ["ขอนแก่น", "ชลบุรี", "พัทลุง", "ราชบุรี", "ลำปาง"]
    assert "รายงาน 5 ฉบับระบุเกิน 10 จังหวัด (3.1 ระบุ 64, 6.1 ระบุ 52" in page.one("p.notice").text
    assert "อีก 46 ฉบับไม่ระบุจังหวัด" in page.text
    assert "ลดรายละเอียดของเส้นแล้ว" in page.one(".map__by").text


def test_the_map_has_no_links_and_says_what_the_table_says(demo, visitor):
    drawn = visitor.page("/areas/").one("svg.map")
    assert drawn.select("a") == []
    assert "ขอนแก่น 8 ชลบุรี 7" in drawn.one("desc").text
    assert sorted(map(int, drawn.texts("text"))) == [5] * 10 + [6] * 3 + [7, 8]


@pytest.mark.parametrize("data", ["demo", "grown"], indirect=True)
def test_page_open_data_and_reports_count_alike(data, visitor):
    year = 2568
    whole = [row for row in json_of("areas") if row["year_be"] == year and row["level"] == "year"]
    assert table(visitor.page("/areas/", year=year)) == {
        row["province_th"]: (row["reports"], row["reports_naming_few"]) for row in whole
    }
    counts, few = {}, {}
    for row in json_of("status_reports"):
        if row["year_be"] == year and row["province_codes"]:
            codes = row["province_codes"].split(" | ")
            for code in codes:
                counts[code] = counts.get(code, 0) + 1
                few[code] = few.get(code, 0) + (len(codes) <= 10)
    assert {row["province_code"]: row["reports"] for row in whole if row["reports"]} == counts
    assert all(row["reports_naming_few"] == few.get(row["province_code"], 0) for row in whole)


def test_the_parts_of_forums_add_up_and_the_sum_says_that_it_is_one(two_forums, visitor):
    rows = [row for row in json_of("areas") if row["year_be"] == 2568]
    khon_kaen = {
        (row["level"], row["forum_year_be"]): row["reports"]
        for row in rows
        if row["province_iso"] == "TH-40"
    }
    parts = [count for (level, _year), count in khon_kaen.items() if level == "forum"]
    assert len(parts) == 2
    assert sum(parts) == khon_kaen["year", None]
    page = visitor.page("/areas/")
    assert page.one(".hero__say").text.startswith("รวมทุกเวที")
    assert [each[:9] for each in page.texts(".areas__f li")] == ["เวที 2566", "เวที 2565"]
    one = visitor.page("/areas/TH-40/")
    assert one.one(".hero__say").text.startswith("รวมทุกเวที")
    assert all("-" in code for code in one.texts(".pr h3 b")), "full codes, which name the forum"


def test_the_order_is_an_address(demo, visitor):
    by_name = list(table(visitor.page("/areas/", sort="name")))
    by_count = list(table(visitor.page("/areas/")))
    assert sorted(by_name) == sorted(by_count)
    assert by_name[:3] == ["กาฬสินธุ์", "ขอนแก่น", "ชัยภูมิ"]
    assert by_count[:3] == ["ขอนแก่น", "นครราชสีมา", "นครพนม"]
    chosen = visitor.page("/areas/", year=2567, sort="name").one(".pick a[aria-current=true]")
    assert (chosen.text, chosen["href"]) == ("ชื่อจังหวัด", "?year=2567&sort=name")


def test_a_province_is_named_specifically_before_among_many(demo, visitor):
    page = visitor.page("/areas/TH-40/")
    assert page.one("h1").text == "ขอนแก่น"
    assert (
        "รายงาน 8 จาก 65 ฉบับของปีงบประมาณ 2568 ระบุถึงจังหวัดนี้ ในจำนวนนี้ 5 ฉบับ ระบุไม่เกิน 10 จังหวัด"
        in page.one(".hero__say").text
    )
    assert page.texts(".sec h2")[:2] == ["ระบุถึงโดยเฉพาะ 5 จาก 8", "ระบุรวมกับหลายจังหวัด 3 จาก 8"]
    few, many = page.select("ol.prs")
    assert few.texts("mark") == ["ขอนแก่น"] * 5
    assert len(many.select("li")) == 3
    for each in page.select("li.pr"):
        assert each.one(".pr__m").text.startswith("สถานะทั้งประเทศ")
    assert "กองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม" in page.texts(".rows__t")[0]


def test_the_years_of_a_province_are_those_of_the_lists(demo, visitor):
    told = {
        row.one("th").text: row.one("td b").text
        for row in visitor.page("/areas/TH-40/").select("section table tbody tr")
    }
    assert told == {
        str(year): str(table(visitor.page("/areas/", year=year))["ขอนแก่น"][0])
        for year in (2566, 2567, 2568)
    }


def test_a_long_list_of_reports_has_pages(demo, visitor, monkeypatch):
    monkeypatch.setattr(areas, "REPORTS_A_PAGE", 5)
    first = visitor.page("/areas/TH-40/")
    second = visitor.page("/areas/TH-40/" + first.one(".pager a[rel=next]")["href"])
    assert [len(page.select("li.pr")) for page in (first, second)] == [5, 3]
    assert second.texts(".sec h2")[0] == "ระบุรวมกับหลายจังหวัด 3 จาก 8"


def test_of_many_agencies_the_first_are_named(demo, visitor, monkeypatch):
    monkeypatch.setattr(areas, "AGENCIES", 2)
    page = visitor.page("/areas/TH-40/")
    assert len(page.select(".rows li")) == 2
    assert "และอีก 4 หน่วยงาน" in page.text


def test_a_province_that_no_report_names_says_so(demo, visitor):
    page = visitor.page("/areas/TH-10/")
    assert "รายงาน 0 จาก 65 ฉบับ" in page.one(".hero__say").text
    assert page.select("li.pr") == []
    assert page.one("section table")


@pytest.mark.parametrize("code", ["TH-00", "40000", "XX", "TH"])
def test_an_unknown_province_leads_to_the_list(demo, visitor, code):
    response = visitor.get(f"/areas/{code}/")
    assert response.status_code == 404
    page = read(response)
    assert f"ไม่มีจังหวัดที่ใช้รหัส “{code}”" in page.one("main").text
    assert "/areas/" in [each["href"] for each in page.select("main a")]


@pytest.mark.parametrize("code", ["th-40", "40"])
def test_another_spelling_of_a_code_leads_to_its_page(demo, visitor, code):
    response = visitor.get(f"/areas/{code}/?year=2567")
    assert (response.status_code, response["Location"]) == (301, "/areas/TH-40/?year=2567")


def test_before_the_first_publication_there_is_no_count(forum, visitor):
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in visitor.page("/areas/").text
    page = visitor.page("/areas/TH-40/")
    assert page.one("h1").text == "ขอนแก่น"
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in page.text


def test_what_is_not_published_is_not_counted(demo, people, visitor):
    """A report of the open round names every province, and no page has it."""
    before = table(visitor.page("/areas/"))
    report = StatusReport.objects.filter(round__year_be=2569).first()
    report.provinces.set(Province.objects.all())
    assert table(visitor.page("/areas/")) == before


def test_the_next_edition_has_counts_of_its_own(demo, visitor):
    edition = published.edition_of(Round.objects.get(year_be=2568))
    place = published.named_places(edition, "40").first()
    line = edition.rows().get(position=place.line_position)
    StatusReport.objects.get(pk=line.report_id).provinces.remove("40")
    assert table(visitor.page("/areas/"))["ขอนแก่น"] == (8, 5), "published words stay"
    republish()
    assert table(visitor.page("/areas/"))["ขอนแก่น"] == (7, 4)


def test_a_year_that_names_no_province_says_so(open_round, people, visitor):
    publish_three_reports(open_round, people)
    page = visitor.page("/areas/")
    assert page.one("p.notice").text == "ปีนี้ไม่มีรายงานที่ระบุจังหวัด"
    assert "ดูทั้ง 77 จังหวัด" in page.texts("details.more summary")
    assert page.select("svg.map path.map-5") == []


def test_rows_of_an_older_portal_are_made_again(demo, visitor):
    """What the migration leaves of rows from before there were places."""
    migration = import_module("followup.migrations.0031_areas")
    PublishedPlace.objects.all().delete()
    migration.write_again(apps, SimpleNamespace(connection=connection))
    assert PublishedEdition.objects.filter(ready_at=None).count() == 3
    assert published.write_missing() == 3
    assert not PublishedEdition.objects.filter(ready_at=None).exists()
    assert table(visitor.page("/areas/"))["ขอนแก่น"] == (8, 5)
    assert len(visitor.page("/areas/TH-40/").select("li.pr")) == 8
