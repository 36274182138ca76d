"""The pages and files of the open data."""

import gzip
import json

import pytest

from followup import actions
from followup.models import (
    Agency,
    Evidence,
    Round,
    StatusReport,
)
from followup.opendata.datasets import DATASETS
from followup.tests.client import PortalClient, read
from followup.tests.opendata.published import EVERY, everything
from followup.tests.opendata.reading import api_of, body, csv_of, json_of


def test_a_reopened_round_goes_out_as_it_was_published(demo, people):
    before = {name: json_of(name) for name in EVERY}
    round_ = Round.objects.get(year_be=2568)
    actions.reopen_round(round_=round_, by=people["reviewer"], reason="แก้ตัวเลข")
    StatusReport.objects.filter(round=round_).update(results="กำลังแก้ไข", budget_spent=1)
    Evidence.objects.all().delete()
    assert {name: json_of(name) for name in EVERY} == before
    assert "กำลังแก้ไข" not in "".join(everything().values())


def test_files_have_names_types_and_are_open_to_every_site(demo):
    response = PortalClient().get("/data/progress.csv?year=2567")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="progress_2567.csv"'
    assert response["Access-Control-Allow-Origin"] == "*"
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
    assert response["Content-Disposition"] == f'attachment; filename="{file_name}"'
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
        ("?resolution=สาม", "“resolution” ใช้ค่า “สาม” ไม่ได้: รูปแบบที่ใช้ได้ เช่น 2565-1"),
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
            name in {"forums", "resolutions", "measures", "agencies", "assignments", "sdg_links"}
        )
        assert api_of(name) == rows
        assert len(csv_of(name)) == len(rows)
    response = PortalClient().get("/data/progress.csv?year=67")
    assert "ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567 ยังไม่มีรอบติดตามที่เผยแพร่" in read(response).text


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
    rows = [row.text for row in page.select("#progress tbody tr")]
    (row,) = [row for row in rows if "โปรแกรมเดิม" in row]
    assert row.startswith("measure_code")
    assert "โปรแกรมใหม่ให้ใช้ measure_id" in row


# Files from disk ------------------------------------------------------------------------------


def stamp_now():
    return stamps[-1]


stamps = ["first"]


@pytest.fixture
def kept_on_disk(demo, settings, tmp_path):
    settings.KEEPS_DATA_FILES, settings.KEPT_FILES = True, tmp_path
    settings.PUBLIC_STAMP = f"{__name__}.stamp_now"
    stamps[:] = ["first"]
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "json"])
@pytest.mark.parametrize("query", ["", "?year=2567"])
def test_a_data_file_from_disk_is_that_which_is_made_each_time(
    visitor, settings, kept_on_disk, kind, query
):
    address = f"/data/progress.{kind}{query}"
    settings.KEEPS_DATA_FILES = False
    made = visitor.get(address)
    settings.KEEPS_DATA_FILES = True
    first, second = visitor.get(address), visitor.get(address)
    content = made.getvalue()
    assert first.getvalue() == second.getvalue() == content
    for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
        assert first[name] == made[name]
    assert first["Access-Control-Allow-Origin"] == "*"
    assert visitor.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    part = visitor.get(address, headers={"Range": "bytes=3-20"})
    assert (part.status_code, part.getvalue()) == (206, content[3:21])
    packed = visitor.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.getvalue()) == content


def test_a_change_of_what_the_public_reads_is_another_file(visitor, kept_on_disk):
    before = visitor.get("/data/agencies.csv").getvalue().decode()
    assert "ชื่อใหม่" not in before
    Agency.objects.filter(code="CODI").update(name_th="ชื่อใหม่")
    assert visitor.get("/data/agencies.csv").getvalue().decode() == before, "the stamp is trusted"
    stamps.append("second")
    assert "ชื่อใหม่" in visitor.get("/data/agencies.csv").getvalue().decode()
    assert len(list(kept_on_disk.glob("data-agencies-all.*.csv"))) == 1


def test_a_narrowed_file_is_not_kept_and_without_a_stamp_none_is(visitor, kept_on_disk):
    narrowed = visitor.get("/data/progress.csv?level=year&year=2567").getvalue()
    assert narrowed.count(b"\n") == 2
    stamps.append(None)
    assert b"2567" in visitor.get("/data/progress.csv").getvalue()
    assert list(kept_on_disk.iterdir()) == []


@pytest.mark.faults
def test_a_disk_that_takes_no_file_keeps_nobody_from_the_data(
    visitor, kept_on_disk, monkeypatch, caplog
):
    def full(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr("forum_portal.kept_files.tempfile.mkstemp", full)
    assert b"2567" in visitor.get("/data/progress.csv").getvalue()
    assert "no space left" in caplog.text
