"""Where PostgreSQL's programs are, and of which version. Standard library only: a script uses it, too."""

from __future__ import annotations

import glob
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path


class Unavailable(Exception):
    """There is no such program, or none that is new enough; `str()` says which was found."""


def folders(program: str) -> Iterator[str]:
    """Folders that may hold this program: whole installations first, the newest before others."""
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run(  # noqa: S603 - a fixed question
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        yield answer.stdout.strip()
    by_version = glob.glob("/usr/lib/postgresql/*/bin")
    yield from sorted(
        by_version, key=lambda path: [int(n) for n in re.findall(r"\d+", path)], reverse=True
    )
    if path := shutil.which(program):
        yield str(Path(path).parent)
        yield str(Path(path).resolve().parent)  # a link into an installation elsewhere


def version_of(program: Path) -> int:
    """The major version that a program tells; 0 if it tells none."""
    answer = subprocess.run(  # noqa: S603 - likewise
        [program, "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\b(\d+)(?:\.|\s|$|devel|beta|rc)", answer.stdout)
    return int(found[1]) if found else 0


def find(program: str, *, at_least: int) -> tuple[Path, int]:
    """A client program and its version: the oldest one that is not older than `at_least`.

    A newer one reads an older server. But what it writes, older ones do not read, so the nearest version
    is the best. Raises Unavailable.
    """
    found: list[tuple[int, Path]] = []
    for folder in folders(program):
        if there := shutil.which(program, path=folder):
            found.append((version_of(Path(there)), Path(there)))
    fitting = [each for each in found if each[0] >= at_least]
    if not fitting:
        newest = max((version for version, _path in found), default=0)
        raise Unavailable(
            f"{program} of PostgreSQL {at_least} or newer is needed; "
            + (f"the newest one here is of {newest}" if newest else "there is none here")
        )
    version, path = min(fitting, key=lambda each: each[0])
    return path, version
