"""Everything in one zip."""

import csv
import json
from hashlib import sha256
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from followup.models import Round
from followup.opendata import bundle, package
from followup.opendata.datasets import DATASETS
from followup.opendata.files import content
from followup.opendata.registry import Source
from followup.tests.client import PortalClient
from followup.tests.opendata.reading import body
from proposals.models import Forum


def made(release=None):
    """The content of the zip, of the data as it stands."""
    source = Source()
    return b"".join(
        bundle.zipped(
            lambda path: f"https://portal.example{path}",
            list(Forum.objects.all()),
            release or package.release(),
            lambda dataset, kind: content(dataset, kind, dataset.rows(source))[1],
        )
    )


def test_it_has_every_dataset_as_csv_and_json_and_what_describes_them(demo):
    with ZipFile(BytesIO(made())) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [
            *(f"{name}.{kind}" for name in DATASETS for kind in ("csv", "json")),
            "datapackage.json",
            "dictionary.csv",
            "LICENSE.txt",
            "README.md",
        ]
        for name in ("progress.csv", "rounds.json"):
            assert archive.read(name) == body(PortalClient().get(f"/data/{name}"))
        assert {info.compress_type for info in archive.infolist()} == {ZIP_DEFLATED}
        # The moment of the last publication, in universal time.
        assert {info.date_time for info in archive.infolist()} == {(2025, 12, 20, 3, 0, 0)}


def test_the_package_inside_states_size_and_hash_of_each_file_beside_it(demo):
    with ZipFile(BytesIO(made())) as archive:
        described = json.loads(archive.read("datapackage.json"))
        assert described["version"] == "1.3.0"
        for resource in described["resources"]:
            found = archive.read(resource["path"])
            assert resource["bytes"] == len(found)
            assert resource["hash"] == f"sha256:{sha256(found).hexdigest()}"
        assert "hash" not in described["everything"]  # it cannot have its own


def test_the_same_data_makes_the_same_bytes_whenever_it_is_made(demo, time_machine):
    first = made()
    time_machine.move_to("2031-01-01T00:00:00Z")
    assert made() == first
    Round.objects.filter(year_be=2567).update(is_demo=False)
    assert made() != first


@pytest.mark.django_db
def test_before_the_first_publication_it_has_the_earliest_date(forum):
    with ZipFile(BytesIO(made(package.Release()))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_dictionary_is_a_table_of_every_column():
    text = b"".join(bundle.dictionary()).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert len(rows) == sum(len(dataset.columns) for dataset in DATASETS.values())
    by_name = {(row["dataset"], row["column"]): row for row in rows}
    code = by_name["progress", "measure_code"]
    assert (code["type"], code["superseded_by"], code["is_required"]) == (
        "string",
        "measure_id",
        "false",
    )
    assert by_name["progress", "progress_id"]["is_key"] == "true"
    assert by_name["assessments", "steps"]["minimum"] == "-3"
    assert by_name["progress", "level"]["choices"] == "year | forum | resolution | measure"


def test_licence_and_readme_are_in_both_languages(demo):
    with ZipFile(BytesIO(made())) as archive:
        licence = archive.read("LICENSE.txt").decode()
        readme = archive.read("README.md").decode()
    assert licence.count("https://opendatacommons.org/licenses/by/1-0/") == 2
    assert "กรมพัฒนาสังคมและสวัสดิการ" in licence
    assert "Department of Social Development and Welfare" in licence
    assert readme.startswith("# ผลการดำเนินงานตามข้อเสนอ CSOs Forum ประจำปี 2565\n")
    assert "https://portal.example/data/" in readme
    for dataset in DATASETS.values():
        assert readme.count(f"- {dataset.name} (.csv, .json): ") == 2


def test_facts_are_the_size_and_the_hash():
    facts = bundle.facts([b"a", b"bc"])
    assert (facts.size, facts.sha256) == (3, sha256(b"abc").hexdigest())
    assert bundle.check_line(facts, "x.zip") == f"{facts.sha256}  x.zip\n".encode()
