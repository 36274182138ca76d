"""The figures of the open data are those of the pages."""

from followup.opendata.datasets import DATASETS
from followup.tests.client import PortalClient
from followup.tests.opendata.reading import api_of, json_of
from proposals.models import Forum


def progress_rows(**wanted):
    return [
        row
        for row in json_of("progress")
        if all(row[name] == value for name, value in wanted.items())
    ]


def test_the_figures_of_a_forum_are_those_of_its_page(data):
    rows = [
        row for year in (2566, 2567, 2568) for row in progress_rows(level="forum", year_be=year)
    ]
    assert len(rows) == 3 * Forum.objects.count()
    for row in rows:
        page = PortalClient().page("/", year=row["year_be"], forum=row["forum_year_be"])
        cells = {
            each.one("th").text: int(each.select("td")[0].text)
            for each in page.select("main table.tbl tbody tr")
            if each.has("span.tag")
        }
        statuses = ("completed", "continuous", "in_progress", "on_hold", "not_started", "no_report")
        assert list(cells.values()) == [row[status] for status in statuses]
        assert sum(cells.values()) == row["measures_counted"]
        assert (
            f"ตัวหาร {row['measures_counted']} = มาตรการย่อยทั้งหมด {row['measures_total']} "
            f"− ยุติ {row['cancelled']} − มาตรการเชิงดุลพินิจที่ไม่มีการใช้ {row['unused']}" in page.text
        )


def test_the_status_of_a_measure_is_that_of_its_page(demo):
    for resolution in (1, 3, 5):
        page = PortalClient().page(f"/resolutions/2565/{resolution}/", year=2567)
        shown = {
            each.one("p.measure__c").text: each.select("div.yr span.tag")[0].text
            for each in page.select("section.measure")
        }
        rows = progress_rows(level="measure", year_be=2567, resolution_number=resolution)
        assert {row["measure_code"]: row["status_th"] for row in rows} == shown


def test_levels_add_up(data):
    for year in (2566, 2567, 2568):
        (whole,) = progress_rows(level="year", year_be=year)
        for level in ("forum", "resolution", "measure"):
            rows = progress_rows(level=level, year_be=year)
            for name in ("measures_total", "measures_counted", "achieved", "moving", "no_report"):
                assert sum(row[name] for row in rows) == whole[name], (year, level, name)


def test_a_year_alone_says_what_it_says_among_all(data):
    for name, dataset in DATASETS.items():
        if "year_be" in dataset.names:
            rows = [row for row in json_of(name) if row["year_be"] == 2567]
            assert json_of(name, "?year=2567") == rows == api_of(name, year="๒๕๖๗"), name
            assert rows or name in {"assessments", "corrections"}  # the demo has none


def test_each_forum_has_a_line_with_its_own_denominator(data):
    forums = sorted({row["forum_year_be"] for row in json_of("resolutions")})
    for year in (2566, 2567, 2568):
        rows = progress_rows(level="forum", year_be=year)
        followed = {row["forum_year_be"] for row in progress_rows(level="measure", year_be=year)}
        assert [row["progress_id"] for row in rows] == [
            f"{year}-{each}" for each in sorted(followed)
        ]
        for row in rows:
            own = progress_rows(level="measure", year_be=year, forum_year_be=row["forum_year_be"])
            assert row["measures_total"] == len(own)
            assert row["measures_counted"] == sum(each["measures_counted"] for each in own)
            assert (row["status_code"], row["resolution_id"]) == (None, None)
    (whole,) = progress_rows(level="year", year_be=2568)
    assert whole["forum_year_be"] is None
    assert forums[0] == 2565


def test_a_proposal_and_a_measure_say_their_title_and_who_leads_them(demo):
    (measure,) = progress_rows(progress_id="2567-2565-3.1")
    (titles,) = (row for row in json_of("measures") if row["measure_id"] == "2565-3.1")
    assert (measure["title_th"], measure["title_en"]) == (titles["title_th"], titles["title_en"])
    leads = [
        row
        for row in json_of("assignments", "?year=2567")
        if (row["measure_id"], row["role_code"]) == ("2565-3.1", "lead")
    ]
    assert measure["lead_agency_codes"] == " | ".join(row["agency_code"] for row in leads)
    assert measure["lead_agencies_th"] == " | ".join(row["agency_name_th"] for row in leads)
    assert measure["leads"] == len(leads) > 0
    (resolution,) = progress_rows(progress_id="2567-2565-3")
    assert resolution["title_th"] == next(
        row["title_th"] for row in json_of("resolutions") if row["resolution_id"] == "2565-3"
    )
    assert measure["lead_agency_codes"] in resolution["lead_agency_codes"]
    for row in (*progress_rows(level="year"), *progress_rows(level="forum")):
        names = ("title_th", "title_en", "leads", "lead_agency_codes", "lead_agencies_th")
        assert [row[name] for name in names] == [None] * 5


def test_who_leads_is_empty_where_nobody_does(demo):
    rows = progress_rows(level="measure", year_be=2567)
    assert all((row["leads"] == 0) == (row["lead_agency_codes"] is None) for row in rows)
    assert all((row["leads"] == 0) == (row["status_code"] == "unassigned") for row in rows)
