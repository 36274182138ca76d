"""script/verify_figure: it counts every figure as the portal does, and notices what was changed."""

import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from followup import actions
from followup.figures import edition_code, figure
from followup.models import Round, Snapshot
from followup.published import edition_of
from followup.status import Status
from followup.tests.editions import correct
from followup.tests.factories import make_report
from followup.tests.groups import assign, make_group, offices
from followup.tests.test_figures import every_figure

PROGRAM = settings.ROOT / "script" / "verify_figure"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """The program as a module: a process for each figure would take minutes."""
    loader = SourceFileLoader("verify_figure", str(PROGRAM))
    spec = spec_from_loader("verify_figure", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def counted_alike(program: ModuleType, round_: Round) -> int:
    """Compare every figure of a round's edition with the program's; returns how many there are."""
    of = edition_of(round_)
    content = round_.snapshots.standing().order_by("-number")[0].content
    independent = program.Edition(json.loads(content))
    found = every_figure(of)
    for code, each in found.items():
        value, divisor, rows = independent.figure(each.kind.code, each.scope, each.agencies)
        expected = each.value.value if isinstance(each.value, Status) else each.value
        assert (value, divisor) == (expected, each.divisor), code
        if rows is not None:
            ours: dict[str, tuple[int, int]] = {}
            for row in each.rows[:]:
                key = row.measure.full_code if row.measure else row.agency.code  # type: ignore[union-attr]
                ours[key] = row.counts, row.of
            assert rows == ours, code
    return len(found)


def test_it_counts_every_figure_of_every_year_as_the_portal_does(demo, program):
    assert all(counted_alike(program, each) > 100 for each in Round.objects.published())


def test_it_counts_two_forums_as_the_portal_does(two_forums, program):
    assert counted_alike(program, Round.objects.published()[0]) > 150


def test_it_counts_groups_as_the_portal_does(open_round, people, program):
    agencies = offices(3)
    group = make_group(people["administrator"], agencies)
    assign(people["administrator"], group, "2565-3.1")
    make_report(
        open_round,
        "3.1",
        agencies[0].code,
        status="in_progress",
        by=people["staff"],
        reviewer=people["reviewer"],
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"], meeting_ref="1/2569")
    published = Round.objects.get(pk=open_round.pk)
    of = edition_of(published)
    found = figure("received-PROVS", of)
    assert found
    assert (found.value, found.divisor) == (1, 3)
    assert counted_alike(program, published) > 50


# As people run it -----------------------------------------------------------------------------


def saved(tmp_path: Path, client: Client, code: str, figure_code: str) -> tuple[Path, Path, Path]:
    """(receipt, edition, open data) of a figure, as files."""
    receipt, edition = tmp_path / "receipt.json", tmp_path / "edition.json"
    answer = client.get(f"/receipt/{code}/{figure_code}.json")
    receipt.write_bytes(answer.content)
    edition.write_bytes(b"".join(client.get(f"/receipt/{code}/edition.json").streaming_content))  # type: ignore[attr-defined]
    data = tmp_path / "data.csv"
    if check := answer.json()["check"]:
        path = check["csv"].removeprefix("http://testserver")
        data.write_bytes(b"".join(client.get(path)))
    return receipt, edition, data


def run(*arguments: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("code", ["achieved", "moving-2565-3", "status-2565-3.1", "received-CODI"])
def test_a_receipt_is_verified_with_the_edition_and_with_the_open_data(
    demo, client, tmp_path, code
):
    receipt, edition, data = saved(tmp_path, client, "2568-1", code)
    done = run(receipt, data, "--edition", edition)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"receipt 2568-1-{code}" in done.stdout
    assert "ผล: ตรงทั้งหมด / result: all equal" in done.stdout


def test_what_was_changed_is_noticed(demo, client, tmp_path):
    receipt, edition, data = saved(tmp_path, client, "2568-1", "achieved")
    sound = edition.read_bytes()
    # A word in a result: only the hash tells.
    edition.write_bytes(sound.replace("เวที".encode(), "งาน".encode(), 1))
    done = run(receipt, "--edition", edition)
    assert done.returncode == 1
    assert "sha256" in done.stdout.splitlines()[1]
    assert "DIFFERS" in done.stdout.splitlines()[1]
    assert done.stdout.count("DIFFERS") == 1
    # A status: the hash, the row and the figure tell.
    content = json.loads(sound)
    of = edition_of(Round.objects.get(year_be=2568))
    done_with = figure("completed", of)
    assert done_with
    first = done_with.rows[0].measure
    assert first
    leads = {
        row["id"]
        for row in content["assignments"]
        if row["role"] == "lead" and row["measure_id"] == first.pk
    }
    changed = next(row for row in content["reports"] if row["assignment_id"] in leads)
    changed |= {"reported_status": "not_started", "assessed_status": ""}
    edition.write_text(json.dumps(content), "utf-8")
    done = run(receipt, "--edition", edition)
    assert done.returncode == 1
    assert done.stdout.count("DIFFERS") == 3
    # The receipt says another figure, or another hash.
    edition.write_bytes(sound)
    said = json.loads(receipt.read_text("utf-8"))
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(said | {"figure": said["figure"] | {"value": 12}}), "utf-8")
    assert run(forged, "--edition", edition).returncode == 1
    other = said["edition"] | {"sha256": "0" * 64}
    forged.write_text(json.dumps(said | {"edition": other}), "utf-8")
    assert run(forged, "--edition", edition).returncode == 1
    # The open data.
    rows = data.read_text("utf-8-sig").splitlines(keepends=True)
    data.write_text("".join(row for row in rows if ",2565-1.1," not in row), "utf-8")
    done = run(receipt, data, "--edition", edition)
    assert done.returncode == 1
    assert "open data" in next(line for line in done.stdout.splitlines() if "DIFFERS" in line)


def test_what_cannot_be_read_is_said(demo, client, tmp_path):
    receipt, edition, _data = saved(tmp_path, client, "2568-1", "achieved")
    no_json = tmp_path / "x.json"
    no_json.write_text("<html>", "utf-8")
    for arguments in (
        [tmp_path / "missing.json"],
        [no_json],
        [edition],  # JSON, but no receipt
        [receipt, "--edition", receipt],
        [receipt, "--edition", no_json],
        [receipt, receipt, "--edition", edition],  # no open data
        ["ftp://example.org/receipt.json"],
    ):
        done = run(*arguments)
        assert done.returncode == 2, (arguments, done.stdout, done.stderr)
        assert " / " in done.stderr
        assert "Traceback" not in done.stderr
    assert run().returncode == 2


def test_an_edition_that_was_corrected_is_still_verified(three_reports, people, client, tmp_path):
    """Its content stays; the open data is the latest edition's, and no longer checks it."""
    code = edition_code(three_reports.code, 1)
    receipt, edition, data = saved(tmp_path, client, code, "moving")
    correct(three_reports, people)
    assert Snapshot.objects.filter(round=three_reports).count() == 2
    receipt, edition, _none = saved(tmp_path, client, code, "moving")
    assert run(receipt, "--edition", edition).returncode == 0
    done = run(receipt, data, "--edition", edition)
    assert done.returncode == 2
    assert "open data" in done.stderr


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_is_run_against_the_portal_as_its_page_says(demo, live_server, client):
    done = run(
        f"{live_server.url}/receipt/2568-1/achieved.json",
        f"{live_server.url}/data/progress.json?year=2568",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "open data 11 / 33: ok" in done.stdout
    done = run(f"{live_server.url}/receipt/2599-1/achieved.json")
    assert done.returncode == 2
    assert "404" in done.stderr
