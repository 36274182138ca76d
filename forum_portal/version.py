"""The portal's version and the day of its release, as `pyproject.toml` names them.

They are read from the file, not from an installed package: a clone runs without being installed.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


class Release(NamedTuple):
    """A version (semver.org) and the day on which it was released."""

    version: str
    released_on: date


def read(path: Path = PROJECT) -> Release:
    """The release that a project's file names; raises KeyError if it names none."""
    project = tomllib.loads(path.read_text("utf-8"))
    return Release(project["project"]["version"], project["tool"]["portal"]["released"])


RELEASE = read()
VERSION = RELEASE.version
RELEASED_ON = RELEASE.released_on
