"""The descriptions of the open data: the Data Package, the catalogue, the citation."""

import re
from datetime import UTC, date, datetime

import pytest

from followup.models import TakenBack
from followup.opendata import package
from followup.opendata.datasets import DATASETS
from followup.tests.client import PortalClient
from followup.tests.opendata.reading import body, csv_of, json_of
from followup.tests.spreadsheets.office import SOFFICE, WHY, convert
from followup.tests.spreadsheets.test_exports import xlsx_rows
from proposals.models import Forum

# The Data Package's rules (specs.frictionlessdata.io, version 1), as far as they bear on ours.
NAME = re.compile(r"[-a-z0-9._/]+")


LICENSE_NAME = re.compile(r"[-a-zA-Z0-9._]+")


CONSTRAINTS = {  # which constraints a type may have
    "string": {"required", "unique", "enum", "pattern", "minLength", "maxLength"},
    "integer": {"required", "unique", "enum", "minimum", "maximum"},
    "number": {"required", "unique", "enum", "minimum", "maximum"},
    "boolean": {"required", "unique", "enum"},
    "date": {"required", "unique", "enum", "minimum", "maximum"},
    "datetime": {"required", "unique", "enum", "minimum", "maximum"},
}


CAST = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ"),
}


@pytest.fixture
def described(db):
    return PortalClient().get("/data/datapackage.json").json()


def test_the_package_keeps_the_rules_of_the_specification(described):
    assert described["profile"] == "tabular-data-package"
    assert NAME.fullmatch(described["name"])
    for licence in described["licenses"]:
        assert "name" in licence or "path" in licence
        assert LICENSE_NAME.fullmatch(licence.get("name", "x"))
        assert licence["path"].startswith("https://")
    assert all(each["title"] for each in described["sources"])
    assert {each["role"] for each in described["contributors"]} == {"publisher"}
    names = [each["name"] for each in described["resources"]]
    assert names == list(DATASETS)
    for resource in described["resources"]:
        assert resource["profile"] == "tabular-data-resource"
        assert NAME.fullmatch(resource["name"])
        assert not re.match(r"/|\.\./", resource["path"])  # relative, never upwards
        fields = resource["schema"]["fields"]
        columns = [field["name"] for field in fields]
        assert len(set(columns)) == len(columns)
        for field in fields:
            assert set(field.get("constraints", {})) <= CONSTRAINTS[field["type"]], field
        assert resource["schema"]["primaryKey"] == [DATASETS[resource["name"]].key]
        for key in resource["schema"].get("foreignKeys", []):
            assert set(key["fields"]) <= set(columns)
            there = key["reference"]["resource"] or resource["name"]
            assert there in names
            target = next(each for each in described["resources"] if each["name"] == there)
            assert key["reference"]["fields"] == target["schema"]["primaryKey"]


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize("name", DATASETS)
def test_every_value_keeps_what_its_column_promises(described, name):
    resource = next(each for each in described["resources"] if each["name"] == name)
    content = body(PortalClient().get(f"/data/{resource['path']}"))
    assert b"\r\n" in content
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    rows = csv_of(name)
    if name == "assessments":  # the demo has none
        return
    assert rows
    assert list(rows[0]) == list(fields)
    for row in rows:
        for column, text in row.items():
            rules = fields[column].get("constraints", {})
            if not text:
                assert not rules.get("required"), (column, row)
                continue
            value = CAST[fields[column]["type"]](text)
            assert value in rules.get("enum", [value]), (column, text)
            assert re.fullmatch(rules.get("pattern", ".*"), text, re.DOTALL), (column, text)
            if "minimum" in rules:
                assert value >= rules["minimum"], (column, text)
            if "maximum" in rules:
                assert value <= rules["maximum"], (column, text)
            if fields[column].get("format") == "uri":
                assert re.match("https?://", text)


def test_the_14_items_of_the_catalogue(demo, described):
    told = described["thai_open_data_catalogue"]
    assert len(told) == len(package.metadata(())) == 14
    assert told["title"] == "ผลการดำเนินงานตามข้อเสนอ CSOs Forum ประจำปี 2565"
    assert told["organization"] == "กรมพัฒนาสังคมและสวัสดิการ"
    assert told["contact_email"] == "ยังไม่ได้ระบุ"
    assert told["license"] == "Open Data Commons Attribution License (ODC-By) v1.0"
    assert all(told.values())


def test_licence_and_mailbox_are_settings(demo, settings):
    settings.DATA_LICENSE = {"name": "CC BY 4.0", "url": "https://example.org/by/"}
    settings.DATA_CONTACT_EMAIL = "office@example.go.th"
    page = PortalClient().page("/data/")
    assert page.select("dl.facts--list a")[0].get("href") == "https://example.org/by/"
    assert "office@example.go.th" in page.text
    described = PortalClient().get("/data/datapackage.json").json()
    assert described["licenses"] == [{"title": "CC BY 4.0", "path": "https://example.org/by/"}]


def test_the_mailbox_is_the_offices_where_the_data_has_none_of_its_own(demo, settings):
    settings.PORTAL_CONTACT = settings.PORTAL_CONTACT._replace(email="office@example.go.th")
    assert package.contact_email() == "office@example.go.th"
    settings.DATA_CONTACT_EMAIL = "data@example.go.th"
    assert package.contact_email() == "data@example.go.th"


def test_the_package_names_its_licence_version_and_dates(demo, described):
    described = PortalClient().get("/data/datapackage.json").json()
    assert described["licenses"] == [
        {
            "name": "ODC-BY-1.0",
            "title": "Open Data Commons Attribution License (ODC-By) v1.0",
            "path": "https://opendatacommons.org/licenses/by/1-0/",
        }
    ]
    assert described["version"] == "1.3.0"
    assert described["created"] == "2023-12-20T03:00:00Z"
    assert described["modified"] == "2025-12-20T03:00:00Z"
    assert described["everything"] == {"path": "http://testserver/data/csos-forum-follow-up.zip"}


def test_every_edition_and_every_one_taken_back_is_another_version(corrected):
    assert package.release().version == "1.4.0"
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    TakenBack.objects.create(snapshot=corrected, at=moment, note="ผิดฉบับ")
    taken_back = package.release()
    assert (taken_back.version, taken_back.modified) == ("1.5.0", moment)


def test_before_the_first_publication_there_are_no_dates(described):
    assert described["version"] == "1.0.0"
    assert not {"created", "modified"} & set(described)


@pytest.mark.usefixtures("corrected")
def test_every_measure_has_a_code_that_no_program_takes_for_a_number(described):
    """A CSV has no types: a program that guesses makes a number of 3.1, and 2.1 of 2.10."""
    with_code = [name for name, dataset in DATASETS.items() if "measure_code" in dataset.names]
    assert with_code[:2] == ["measures", "assignments"]
    for name in with_code:
        resource = next(each for each in described["resources"] if each["name"] == name)
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert fields["measure_code"]["type"] == fields["measure_id"]["type"] == "string"
        assert fields["measure_code"]["supersededBy"] == "measure_id"
        assert re.fullmatch(fields["measure_id"]["constraints"]["pattern"], "2565-2.10")
        for row in csv_of(name):
            if row["measure_code"]:
                assert row["measure_id"].endswith(f"-{row['measure_code']}")
                with pytest.raises(ValueError, match="could not convert"):
                    float(row["measure_id"])
    for row in csv_of("sdg_links"):
        with pytest.raises(ValueError, match="could not convert"):
            float(row["sdg_target"])


@pytest.mark.parametrize(
    ("years", "title"),
    [((), ""), ((2565,), " ประจำปี 2565"), ((2565, 2566), " ประจำปี 2565 และ 2566")],
)
def test_every_description_names_the_forums_there_are(years, title, db):
    for year in years:
        Forum.objects.create(year_be=year, name_th="-", short_name_th="-", source_text="-")
    whole = f"ผลการดำเนินงานตามข้อเสนอ CSOs Forum{title}"
    client = PortalClient()
    assert client.get("/data/datapackage.json").json()["title"] == whole
    assert client.get("/data/catalog.jsonld").json()["dct:title"][0]["@value"] == whole
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == whole
    page = client.page("/data/").text
    assert whole in page
    assert f"ผลการดำเนินงานตามข้อเสนอ CSOs Forum{title.replace(' ประจำปี', '')} เข้าถึงเมื่อ" in page


def test_the_citation_changes_with_the_year_and_the_day_only(demo):
    from followup.models import Round

    said = package.citation(
        list(Forum.objects.all()),
        Round.objects.get(year_be=2567),
        "https://x.example/data/",
        today=date(2026, 11, 30),
    )
    assert said == (
        "คสป. (2567) ผลการดำเนินงานตามข้อเสนอ CSOs Forum 2565 "
        "เข้าถึงเมื่อ 30 พฤศจิกายน 2569 จาก https://x.example/data/"
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.slow
@pytest.mark.once
def test_libreoffice_shows_the_thai_right_and_runs_no_formula(
    open_round, people, require, tmp_path, kind
):
    from followup import actions
    from followup.tests.factories import make_report

    require(SOFFICE, WHY)
    formula = "=1+1 น้ำใจ\n“ทุกภาค”; ก, ข"
    make_report(open_round, "1.2", by=people["staff"], reviewer=people["reviewer"], results=formula)
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    source = tmp_path / f"status_reports.{kind}"
    source.write_bytes(body(PortalClient().get(f"/data/status_reports.{kind}")))
    columns = "/".join(
        f"{number}/2" for number in range(1, len(DATASETS["status_reports"].names) + 1)
    )
    options = [f"--infilter=CSV:44,34,76,1,{columns}"] if kind == "csv" else []
    saved = convert(source, tmp_path / "office", *options)
    head, *rows = xlsx_rows(saved.read_bytes())
    assert head == DATASETS["status_reports"].names
    assert len(rows) == len(json_of("status_reports"))
    results = {row[head.index("results_th")] for row in rows}
    assert results == {None, f"'{formula}"} or results == {"", f"'{formula}"}
    statuses = {row[head.index("status_th")] for row in rows}
    assert statuses == {"อยู่ระหว่างดำเนินการ", "ยังไม่ได้รับรายงาน"}
    import zipfile

    with zipfile.ZipFile(saved) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert [name for name in sheets if b"<f" in archive.read(name)] == []
