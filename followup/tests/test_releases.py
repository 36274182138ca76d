"""A database of each earlier release is upgraded and still says what it said: see `releases`."""

import json
import os
import re
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from followup.tests import releases
from followup.tests.releases import DUMPS, RELEASES

VERSIONS = sorted(path.name for path in RELEASES.iterdir())
LARGEST = 300_000  # bytes of a dump in the repository


def released() -> list[str]:
    """The versions of the changelog, the newest first."""
    changelog = (settings.ROOT / "CHANGELOG.md").read_text("utf-8")
    return re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)


@contextmanager
def loaded(version, tmp_path):
    """Context manager: the address of a database with the release's dump, of the engine of this run."""
    sql = releases.unpack(RELEASES / version / DUMPS[connection.vendor])
    if connection.vendor == "sqlite":
        path = tmp_path / "portal.sqlite3"
        releases.load_sqlite(sql, path)
        yield f"sqlite:///{path}"
        return
    with releases.own_database(os.environ["DATABASE_URL"]) as url:
        releases.load_postgresql(sql, url)
        yield url


def test_every_release_has_its_dumps():
    """Those of the changelog that have a date: `script/dump_release` is a step of each release."""
    assert sorted(released()) == VERSIONS
    for version in VERSIONS:
        for engine, dump in DUMPS.items():
            assert 10_000 < (RELEASES / version / dump).stat().st_size < LARGEST
            facts = json.loads((RELEASES / version / f"{engine}.json").read_text("utf-8"))
            assert facts["counts"]["followup.StatusReport"] > 100
            assert len(facts["digests"]) == 2


@pytest.mark.slow
@pytest.mark.each_database
@pytest.mark.parametrize("version", VERSIONS)
def test_a_releases_database_is_upgraded_whole(version, tmp_path):
    facts = RELEASES / version / f"{connection.vendor}.json"
    with loaded(version, tmp_path) as database:
        done = releases.run("check", facts, database)
    assert (done.returncode, done.stderr.splitlines()[-5:] if done.returncode else []) == (0, [])
    assert "บันทึกครบถ้วน" in done.stderr, "the chain was verified"


@pytest.mark.slow
@pytest.mark.each_database
def test_what_was_lost_is_told(tmp_path):
    """A check that compares nothing would find every database whole."""
    version = VERSIONS[-1]
    facts = json.loads((RELEASES / version / f"{connection.vendor}.json").read_text("utf-8"))
    facts["counts"]["followup.Evidence"] += 1
    facts["counts"]["followup.Forgotten"] = 7
    facts["figures"]["achieved"] = [30, 34]
    facts["digests"][facts["edition"].rpartition("-")[0] + "-3"] = "0" * 64
    facts["results"] = "อย่างอื่น"
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts), "utf-8")
    with loaded(version, tmp_path) as database:
        done = releases.run("check", path, database)
    assert done.returncode == 1
    found = facts["counts"]["followup.Evidence"] - 1
    assert done.stderr.splitlines()[-5:] == [
        f"followup.Evidence has {found} rows, not {found + 1}",
        "followup.Forgotten has None rows, not 7",
        f"edition 2568-3 is None, not {'0' * 64}",
        "achieved is [1, 34], not [30, 34]",
        "the draft says จัดเวที 4 ภาค ครบตามแผน, not อย่างอื่น",
    ]


@pytest.mark.slow
@pytest.mark.each_database
def test_a_record_that_was_cut_off_is_told(tmp_path):
    version = VERSIONS[-1]
    facts = json.loads((RELEASES / version / f"{connection.vendor}.json").read_text("utf-8"))
    facts["head"] = "0" * 64
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts), "utf-8")
    with loaded(version, tmp_path) as database:
        done = releases.run("check", path, database)
    assert done.returncode == 1
    assert "บันทึกไม่ครบถ้วน" in done.stderr.splitlines()[-1]
