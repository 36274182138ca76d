"""What goes out: the same figures everywhere, and nothing that is not for the public."""

import json
import re
from decimal import Decimal

import pytest

from followup import actions
from followup.models import (
    Agency,
    Evidence,
    FocalPoint,
    Round,
    Snapshot,
    StatusReport,
    User,
)
from followup.opendata.datasets import DATASETS
from followup.opendata.registry import Source
from followup.tests.client import PortalClient, read
from followup.tests.factories import find_report, grow, link, make_report
from followup.tests.opendata.reading import api_of, as_text, body, csv_of, json_of, xlsx_of
from forum_portal.cells import safe_cell
from forum_portal.years import to_ce

EVERY = list(DATASETS)


@pytest.fixture(params=["demo", "grown"])
def data(request, demo):
    if request.param == "grown":
        grow(2)


def progress_rows(**wanted):
    return [
        row
        for row in json_of("progress")
        if all(row[name] == value for name, value in wanted.items())
    ]


# The same figures everywhere -------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_every_form_of_a_dataset_has_the_same_rows(data, name):
    rows = json_of(name)
    assert api_of(name) == rows
    assert csv_of(name) == [
        {column: safe_cell(as_text(value)) for column, value in row.items()} for row in rows
    ]
    numbers = {each.name for each in DATASETS[name].columns if each.type in {"integer", "number"}}
    for cells, texts in zip(xlsx_of(name), csv_of(name), strict=True):
        for column, text in texts.items():
            if column in numbers and text:
                assert Decimal(str(cells[column])) == Decimal(text), column
            else:
                assert (cells[column] or "") == text, column


def test_the_figures_of_a_year_are_those_of_its_page(data):
    for year in (2566, 2567, 2568):
        (row,) = progress_rows(level="year", year_be=year)
        page = PortalClient().page(f"/years/{year}/")
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


def test_the_status_of_a_report_is_that_of_its_agencys_page(demo):
    page = PortalClient().page("/agencies/CODI/", year=2567)
    shown = {
        each.one("p.measure__c").text: each.select("div.yr span.tag")[0].text
        for each in page.select("section.measure")
    }
    rows = api_of("status_reports", year=2567, agency="CODI")
    assert {row["measure_code"]: row["status_th"] for row in rows} == shown
    assert len(shown) > 3


def test_levels_add_up(data):
    for year in (2566, 2567, 2568):
        (whole,) = progress_rows(level="year", year_be=year)
        for level in ("resolution", "measure"):
            rows = progress_rows(level=level, year_be=year)
            for name in ("measures_total", "measures_counted", "achieved", "moving", "no_report"):
                assert sum(row[name] for row in rows) == whole[name], (year, level, name)


def test_a_year_alone_says_what_it_says_among_all(data):
    for name, dataset in DATASETS.items():
        if "year_be" in dataset.names:
            rows = [row for row in json_of(name) if row["year_be"] == 2567]
            assert json_of(name, "?year=2567") == rows == api_of(name, year="๒๕๖๗"), name
            assert rows or name == "corrections"


def test_keys_are_keys_and_lead_somewhere(data):
    keys = {name: [row[DATASETS[name].key] for row in json_of(name)] for name in EVERY}
    for name, dataset in DATASETS.items():
        assert len(set(keys[name])) == len(keys[name]), name
        for column in dataset.columns:
            if column.refers_to:
                there = {row[column.name] for row in json_of(name)} - {None}
                assert there <= set(keys[column.refers_to]), (name, column.name)


def test_years_stand_in_both_eras(data):
    for name, dataset in DATASETS.items():
        pairs = [each.removesuffix("_be") for each in dataset.names if each.endswith("_be")]
        for row in json_of(name):
            for pair in pairs:
                be, ce = row[f"{pair}_be"], row[f"{pair}_ce"]
                assert (be is None and ce is None) or ce == to_ce(be)


def test_demo_data_says_that_it_is(demo):
    for name in ("progress", "status_reports", "evidence"):
        assert {row["is_demo"] for row in json_of(name)} == {True}


# Not for the public ----------------------------------------------------------------------------

SECRETS = ("ลับเฉพาะภายใน", "internal.example.org", "0812345678", "somebody@example.org")


def publish_with_secrets(open_round, people, *, are_open=False):
    """A published round with secrets in every internal field, and an open one with drafts.

    `are_open`: what may be shown is shown.
    """
    staff, reviewer = people["staff"], people["reviewer"]
    User.objects.filter(pk=staff.pk).update(
        display_name="คุณมะลิ ลับเฉพาะภายใน", email="somebody@example.org"
    )
    Agency.objects.update(note="ลับเฉพาะภายใน 0812345678", caretaker=staff)
    FocalPoint.objects.create(
        agency=Agency.objects.get(code="CODI"),
        name="คุณสมชาย ลับเฉพาะภายใน",
        email="somebody@example.org",
        phone="0812345678",
    )
    hidden = {**link(1, is_public=are_open), "url": "https://internal.example.org/1"}
    make_report(
        open_round, "1.2", by=staff, reviewer=reviewer, status="completed", evidence=[hidden]
    )
    agreed = make_report(open_round, "2.1", by=staff, reviewer=reviewer, results="จัดเวทีครบ 4 ภาค")
    # A note beside a status on which both agree is shown on no page.
    StatusReport.objects.filter(pk=agreed.pk).update(
        assessed_note="ลับเฉพาะภายใน", assessed_status="on_hold" if are_open else ""
    )
    make_report(open_round, "2.4", by=staff, state="submitted", results="ลับเฉพาะภายใน ร่าง")
    actions.close_round(round_=open_round, by=staff)
    actions.publish_round(round_=open_round, by=reviewer)
    later = actions.create_round(by=staff, year=2570)
    actions.open_round(round_=later, by=staff)
    make_report(later, "1.2", by=staff, state="draft", results="ลับเฉพาะภายใน ปีหน้า")
    return open_round


@pytest.fixture
def busy(open_round, people):
    return publish_with_secrets(open_round, people)


def everything() -> dict[str, str]:
    addresses = [f"/data/{name}.{kind}" for name in EVERY for kind in ("csv", "json")]
    addresses += [f"/api/v1/{name}?page_size=200" for name in EVERY]
    addresses += ["/data/", "/data/datapackage.json", "/data/catalog.jsonld", "/feed.atom"]
    addresses += ["/embed/resolutions/2565/1.svg", "/embed/resolutions/2565/1/"]
    return {each: body(PortalClient().get(each)).decode() for each in addresses}


def test_nothing_internal_leaves(busy):
    for address, text in everything().items():
        found = [secret for secret in SECRETS if secret in text]
        assert found == [], address
    assert "จัดเวทีครบ 4 ภาค" in everything()["/data/status_reports.csv"]
    assert {row["year_be"] for row in json_of("status_reports")} == {2569}


def test_what_is_looked_for_is_there_to_be_found(open_round, people):
    """The control: where it is public, it is in the files."""
    publish_with_secrets(open_round, people, are_open=True)
    every = "".join(everything().values())
    assert "internal.example.org" in every
    assert "ลับเฉพาะภายใน" in every


def test_an_achievement_whose_evidence_is_internal_is_one_without_a_link(busy):
    report = find_report(busy, "1.2")
    (row,) = api_of("status_reports", measure="2565-1.2", agency=report.assignment.agency.code)
    assert (row["status_code"], row["evidence_count"]) == ("completed", 0)
    assert json_of("evidence") == []


def test_a_report_that_nobody_approved_is_a_report_not_received(busy):
    report = find_report(busy, "2.4")
    (row,) = api_of("status_reports", measure="2565-2.4", agency=report.assignment.agency.code)
    assert row["status_code"] == "no_report"
    assert (row["reported_status_code"], row["results_th"]) == (None, None)


def test_no_address_or_number_of_a_person(demo):
    names = [*User.objects.values_list("display_name", flat=True), "demo-staff"]
    for address, text in everything().items():
        assert not re.search(r"[\w.]+@[\w.]+\.\w+", text), address
        assert not re.search(r"(?<![\d./-])0[689]\d[- ]?\d{3}[- ]?\d{4}(?!\d)", text), address
        assert [name for name in names if name in text] == [], address


# Two voices, corrections, formulas -------------------------------------------------------------


def test_both_voices_go_out_where_they_differ(open_round, people):
    make_report(
        open_round,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="completed",
        results="จัดเวทีแล้ว",
        assessed={"assessed_status": "in_progress", "assessed_note": "ยังไม่ครบ 4 ภาค"},
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    row = next(
        row for row in api_of("status_reports", measure="2565-1.2") if row["reported_status_code"]
    )
    assert row["reported_status_code"] == "completed"
    assert (row["status_code"], row["status_th"]) == ("in_progress", "อยู่ระหว่างดำเนินการ")
    assert (row["assessed_status_code"], row["assessed_note_th"]) == (
        "in_progress",
        "ยังไม่ครบ 4 ภาค",
    )


@pytest.fixture
def corrected(demo, people):
    """The second edition of 2567, after the demo's own."""
    round_ = Round.objects.get(year_be=2567)
    first = round_.snapshots.get()
    return Snapshot.objects.create(
        round=round_,
        number=2,
        made_at="2025-03-04T05:06:07+07:00",
        made_by=people["staff"],
        reason="หน่วยงานแจ้งแก้จำนวนเวที",
        changes=[
            {
                "measure": "2565-1.2",
                "agency": "CODI",
                "field": "results",
                "before": "4",
                "after": "5",
            },
            {
                "measure": "2565-3",
                "agency": "",
                "field": "ruling_status",
                "before": "",
                "after": "on_hold",
            },
            {
                "measure": "",
                "agency": "",
                "field": "round_meeting_on",
                "before": "2024-12-20",
                "after": "2024-12-27",
            },
            {
                "measure": "",
                "agency": "",
                "field": "narrative_preface",
                "before": "",
                "after": "คำนำใหม่",
            },
        ],
        content=first.content,
        digest=first.digest,
    )


def test_a_correction_has_a_row_for_each_change(corrected):
    first, second, meeting, preface = json_of("corrections")
    assert first == {
        "correction_id": "2567-2-1",
        "year_be": 2567,
        "year_ce": 2024,
        "edition": 2,
        "corrected_at": "2025-03-03T22:06:07Z",
        "reason_th": "หน่วยงานแจ้งแก้จำนวนเวที",
        "resolution_id": "2565-1",
        "measure_id": "2565-1.2",
        "agency_code": "CODI",
        "field_code": "results",
        "field_th": "ผลการดำเนินงาน",
        "before": "4",
        "before_th": "4",
        "after": "5",
        "after_th": "5",
        "is_demo": True,
    }
    assert (second["correction_id"], second["agency_code"]) == ("2567-2-2", None)
    assert (second["before"], second["after"], second["after_th"]) == (
        None,
        "on_hold",
        "ชะลอ / ติดปัญหา",
    )
    # What is the round's own has neither measure nor agency.
    for row, label, before, after in (
        (meeting, "วันที่ประชุม", "20 ธันวาคม 2567", "27 ธันวาคม 2567"),
        (preface, "รายงานประจำปี: คำนำ", None, "คำนำใหม่"),
    ):
        assert (row["measure_id"], row["agency_code"], row["field_th"]) == (None, None, label)
        assert (row["before_th"], row["after_th"]) == (before, after)
    assert (meeting["before"], preface["after"]) == ("2024-12-20", "คำนำใหม่")
    assert api_of("corrections", measure="2565-1.2") == [first]
    assert "คุณstaff" not in body(PortalClient().get("/data/corrections.csv")).decode()


def test_a_correction_of_a_round_that_is_not_public_stays_inside(corrected):
    Snapshot.objects.filter(pk=corrected.pk).update(round=Round.objects.get(year_be=2569))
    assert json_of("corrections") == []


def test_text_that_looks_like_a_formula_does_not_run(open_round, people):
    formula = '=HYPERLINK("http://x.example","กด")'
    make_report(open_round, "1.2", by=people["staff"], reviewer=people["reviewer"], results=formula)
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    for rows in (csv_of("status_reports"), xlsx_of("status_reports")):
        assert [row["results_th"] for row in rows if row["results_th"]] == [f"'{formula}"]
    assert formula in [row["results_th"] for row in json_of("status_reports")]


def test_a_reopened_round_goes_out_as_it_was_published(demo, people):
    before = {name: json_of(name) for name in EVERY}
    round_ = Round.objects.get(year_be=2568)
    actions.reopen_round(round_=round_, by=people["reviewer"], reason="แก้ตัวเลข")
    StatusReport.objects.filter(round=round_).update(results="กำลังแก้ไข", budget_spent=1)
    Evidence.objects.all().delete()
    assert {name: json_of(name) for name in EVERY} == before
    assert "กำลังแก้ไข" not in "".join(everything().values())


# Files -----------------------------------------------------------------------------------------


def test_files_have_names_types_and_are_open_to_every_site(demo):
    response = PortalClient().get("/data/progress.csv?year=2567")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''progress_2567.csv"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.streaming
    assert json.loads(body(PortalClient().get("/data/forums.json")))[0]["forum_year_ce"] == 2022


@pytest.mark.parametrize("year", ["2569", "2580", "abc", "67", "2567\0"])
def test_a_year_that_is_not_there_names_those_that_are(demo, year):
    response = PortalClient().get("/data/progress.csv", {"year": year})
    assert response.status_code == 404
    assert "ปีที่เผยแพร่แล้ว: 2566, 2567, 2568" in read(response).text


@pytest.mark.parametrize(
    ("address", "file_name", "column", "value"),
    [
        ("status_reports.csv?agency=CODI", "status_reports_CODI.csv", "agency_code", "CODI"),
        ("progress.csv?year=2567&level=measure", "progress_2567_measure.csv", "level", "measure"),
        (
            "status_reports.csv?resolution=2565-3",
            "status_reports_2565-3.csv",
            "resolution_id",
            "2565-3",
        ),
    ],
)
def test_a_file_takes_the_filters_of_the_api(demo, address, file_name, column, value):
    name, _dot, query = address.partition(".csv")
    response = PortalClient().get(f"/data/{address}")
    assert response["Content-Disposition"] == f"attachment; filename*=UTF-8''{file_name}"
    rows = csv_of(name, query)
    assert {row[column] for row in rows} == {value}
    assert 0 < len(rows) < len(csv_of(name))
    asked = dict(pair.split("=") for pair in query[1:].split("&"))
    assert len(rows) == len(api_of(name, **asked))


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("?resolutions=3", "ไม่มีพารามิเตอร์ “resolutions” ที่ใช้ได้: year, forum, resolution, measure"),
        ("?page=2", "ไม่มีพารามิเตอร์ “page”"),
        ("?resolution=สาม", "“resolution” ใช้ค่า “สาม” ไม่ได้: รูปแบบที่ใช้ได้ เช่น 2565-3"),
    ],
)
def test_a_filter_that_is_none_is_refused_and_never_means_everything(demo, query, reason):
    response = PortalClient().get(f"/data/status_reports.csv{query}")
    assert response.status_code == 400
    assert reason in read(response).text


@pytest.mark.parametrize(
    ("page", "files"),
    [
        ("/", "/data/status_reports.csv?year=2568"),
        ("/?year=2567", "/data/status_reports.csv?year=2567"),
        ("/years/2567/", "/data/progress.csv?year=2567"),
        ("/matrix/?year=2566", "/data/status_reports.csv?year=2566"),
        ("/resolutions/2565/3/", "/data/status_reports.csv?resolution=2565-3"),
        ("/agencies/CODI/", "/data/status_reports.csv?agency=CODI"),
    ],
)
def test_a_page_leads_to_the_data_that_it_shows(demo, page, files):
    links = [a["href"] for a in PortalClient().page(page).select("main a")]
    for kind in ("csv", "xlsx", "json"):
        assert files.replace(".csv", f".{kind}") in links
    assert csv_of(*files.removeprefix("/data/").split(".csv"))


def test_the_home_page_leads_to_the_years_report(demo):
    links = [a["href"] for a in PortalClient().page("/", year=2567).select("main a")]
    assert {"/reports/2567/", "/reports/2567.pdf", "/reports/2567.docx"} <= set(links)


def test_a_christian_year_leads_to_its_own_address(demo):
    response = PortalClient().get("/data/progress.csv?year=2024")
    assert response["Location"] == "/data/progress.csv?year=2567"


def test_what_is_no_dataset_names_those_that_are(demo):
    response = PortalClient().get("/data/users.csv")
    assert response.status_code == 404
    assert "ที่มีคือ forums, resolutions, measures" in read(response).text
    assert PortalClient().get("/data/forums.exe").status_code == 404


def test_before_the_first_round_the_tables_of_reports_are_empty(forum):
    for name in EVERY:
        rows = json_of(name)
        assert bool(rows) is (
            name in {"forums", "resolutions", "measures", "agencies", "assignments"}
        )
        assert api_of(name) == rows
        assert len(csv_of(name)) == len(rows)
    response = PortalClient().get("/data/progress.csv?year=67")
    assert "ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567 ยังไม่มีรอบรายงานที่เผยแพร่" in read(response).text


def test_the_page_has_every_dataset_and_says_how_to_cite_it(demo):
    page = PortalClient().page("/data/")
    rows = page.select("li.dataset")
    assert [row["id"] for row in rows] == EVERY
    for row in rows:
        name = row["id"]
        assert row.one("p.r").text == f"{len(json_of(name))} แถว"
        assert [a["href"] for a in row.select("p.btns a")] == [
            f"/data/{name}.{kind}" for kind in ("csv", "xlsx", "json")
        ]
    assert "คสป. (2568) ผลการดำเนินงานตามข้อเสนอ CSOs Forum 2565 เข้าถึงเมื่อ" in page.text
    assert "http://testserver/data/" in page.text
    assert "Open Data Common" in page.text
    assert len(page.select("section dl.facts--list")[-1].select("dt")) == 14


def test_the_page_of_a_year_leads_to_files_of_that_year(demo):
    page = PortalClient().page("/data/", year=2567)
    links = [a["href"] for a in page.select("li.dataset a")]
    assert "/data/progress.csv?year=2567" in links
    assert "/data/forums.csv" in links
    assert "จึงแสดงปีงบประมาณ 2568" in PortalClient().page("/data/", year="ปีหน้า").text


def test_every_page_leads_to_the_open_data(demo):
    for address in ("/", "/about/"):
        page = PortalClient().page(address)
        assert page.one("footer a[href=/data/]").text == "ข้อมูลเปิด"
        assert [a.text for a in page.select("nav.nav a[href=/data/]")] == ["ข้อมูลเปิด"]
        assert page.one("head link[type=application/atom+xml]")["href"] == "/feed.atom"


def test_the_dictionary_has_every_column(demo):
    page = PortalClient().page("/data/dictionary/")
    for name, dataset in DATASETS.items():
        assert page.texts(f"section#{name} tbody th") == dataset.names


def test_no_dataset_asks_once_for_each_row(demo, django_assert_max_num_queries):
    for dataset in DATASETS.values():
        with django_assert_max_num_queries(9):
            dataset.rows(Source())
