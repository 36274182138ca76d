"""Other programs read the data: checkers of APIs and data packages find no error."""

import json
import subprocess
import sys
import threading
from io import BytesIO
from zipfile import ZipFile

import pytest

from followup.opendata.datasets import DATASETS
from followup.opendata.package import BUNDLE
from followup.opendata.registry import Dataset
from followup.tests.client import PortalClient
from followup.tests.opendata.reading import body
from forum_portal import costly

pytestmark = pytest.mark.usefixtures("corrected")


def run(*command, cwd):
    """Run a module of Python in a folder of its own; its code and what it printed."""
    answer = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    return answer.returncode, answer.stdout + answer.stderr


@pytest.mark.slow
@pytest.mark.once
def test_schemathesis_finds_nothing_against_a_running_server(live_server, tmp_path, monkeypatch):
    """Right and wrong requests of every kind: answers, headers and problems are as described.

    There are thousands of them, and nothing is written meanwhile: the rows are made once.
    """
    kept, rows = {}, Dataset.rows

    def rows_once(dataset, source, wanted=None):
        key = dataset.name, source.round and source.round.pk, *sorted((wanted or {}).items())
        if key not in kept:
            kept[key] = list(rows(dataset, source, wanted))
        return kept[key]

    monkeypatch.setattr(Dataset, "rows", rows_once)
    for limit in ("_places", "_turns"):  # eight ask at once
        monkeypatch.setattr(costly, limit, threading.BoundedSemaphore(100))
    (tmp_path / "schemathesis.toml").write_text(
        # Every operation has to be reached: an example that leads nowhere fails here, too.
        '[warnings]\nfail-on = ["missing_test_data", "validation_mismatch"]\n'
        # The demo has no assessment that a key could name.
        '[[operations]]\ninclude-path = "/assessments/{assessment_id}"\nenabled = false\n'
    )
    code, said = run(
        "schemathesis.cli",
        "run",
        f"{live_server.url}/api/v1/openapi.json",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=3",
        "--workers=8",
        "--seed=2565",
        "--no-color",
        cwd=tmp_path,
    )
    assert code == 0, said
    # A list and a row of each, and the search, but for the row that is left out.
    assert f"Tested: {2 * len(DATASETS)}" in said, said


def downloaded(folder):
    client = PortalClient()
    (folder / "datapackage.json").write_bytes(body(client.get("/data/datapackage.json")))
    for name in DATASETS:
        (folder / f"{name}.csv").write_bytes(body(client.get(f"/data/{name}.csv")))


def unzipped(folder):
    """With the size and the hash of each file, which are checked as well."""
    with ZipFile(BytesIO(body(PortalClient().get(f"/data/{BUNDLE}")))) as archive:
        archive.extractall(folder)


@pytest.mark.parametrize("get", [downloaded, unzipped])
@pytest.mark.slow
@pytest.mark.once
def test_frictionless_finds_nothing_in_the_package(tmp_path, get):
    get(tmp_path)

    def check():
        code, said = run("frictionless", "validate", "datapackage.json", "--json", cwd=tmp_path)
        return code, json.loads(said)

    code, report = check()
    assert (code, report["valid"], report["stats"]["errors"]) == (0, True, 0), report
    assert [task["name"] for task in report["tasks"]] == list(DATASETS)
    rows = {task["name"]: task["stats"].get("rows") for task in report["tasks"]}
    assert rows["measures"] == 34
    rows.pop("assessments")  # the demo has none
    assert all(rows.values()), "an empty table would be valid whatever its columns say"

    # It does look: a year of the wrong era is found.
    table = tmp_path / "status_reports.csv"
    table.write_text(table.read_text("utf-8-sig").replace(",2567,", ",2024,", 1), "utf-8-sig")
    code, report = check()
    assert (code, report["valid"]) == (1, False)
