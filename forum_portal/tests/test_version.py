"""The version: one place, right without an installation, and the changelog's newest release."""

import re
import subprocess
import sys
from datetime import date

import pytest
import yaml
from django.conf import settings

from forum_portal.version import RELEASED_ON, VERSION, read

ROOT = settings.ROOT
HEADING = re.compile(r"^## (.+)$", re.M)


def releases() -> list[tuple[str, str]]:
    """(version, day) of every release of the changelog, the newest first."""
    found = HEADING.findall((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert found[0] == "Unreleased"
    return [(version, day) for version, _dash, day in (each.partition(" - ") for each in found[1:])]


def test_it_is_a_version_and_the_newest_release_of_the_changelog():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert releases()[0] == (VERSION, RELEASED_ON.isoformat())


def test_every_release_has_its_notes_for_whoever_upgrades():
    parts = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.M)[2:]
    assert len(parts) == len(releases())
    assert [part.split("\n")[0] for part in parts if "\n### Upgrade notes\n" not in part] == []


def test_versions_fall_and_days_with_them():
    assert releases() == sorted(
        releases(), key=lambda each: [int(part) for part in each[0].split(".")], reverse=True
    )
    days = [day for _version, day in releases()]
    assert days == sorted(days, reverse=True)


def test_the_catalogue_entry_has_the_same_version():
    entry = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    assert (entry["softwareVersion"], entry["releaseDate"]) == (VERSION, RELEASED_ON.isoformat())


def test_it_needs_no_installation_and_no_folder_to_be_in(tmp_path):
    """As a clone runs: without a package's metadata, started from elsewhere."""
    done = subprocess.run(
        [sys.executable, "-c", "from forum_portal.version import VERSION; print(VERSION)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{VERSION}\n"


def test_what_a_project_names_is_read(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nversion = "2.3.4"\n[tool.portal]\nreleased = 2027-02-28\n')
    assert read(path) == ("2.3.4", date(2027, 2, 28))
    path.write_text('[project]\nversion = "2.3.4"\n')
    with pytest.raises(KeyError):
        read(path)
