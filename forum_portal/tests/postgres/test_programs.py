"""The client programs of PostgreSQL: the nearest version that is not too old."""

from pathlib import Path

import pytest

from forum_portal.postgres import programs


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return a function that installs a program of some versions, and nothing else."""

    def install(name: str, *versions: str) -> list[str]:
        found = []
        for number, said in enumerate(versions):
            folder = tmp_path / str(number)
            folder.mkdir()
            path = folder / name
            path.write_text(f"#!/bin/sh\necho '{said}'\n")
            path.chmod(0o755)
            found.append(str(folder))
        monkeypatch.setattr(programs, "folders", lambda program: iter([*found, "/nowhere"]))
        return found

    return install


def test_the_nearest_version_that_is_not_older_is_taken(installed):
    folders = installed(
        "pg_dump",
        "pg_dump (PostgreSQL) 17.2",
        "pg_dump (PostgreSQL) 16beta1",
        "pg_dump (PostgreSQL) 14.9 (Debian 14.9-1)",
        "pg_dump (PostgreSQL) 16.1",
    )
    assert programs.find("pg_dump", at_least=15) == (Path(folders[1], "pg_dump"), 16)
    assert programs.find("pg_dump", at_least=17) == (Path(folders[0], "pg_dump"), 17)


def test_a_program_that_is_too_old_is_told(installed):
    installed("pg_dump", "pg_dump (PostgreSQL) 13.1", "nonsense")
    with pytest.raises(programs.Unavailable) as refused:
        programs.find("pg_dump", at_least=15)
    assert str(refused.value) == (
        "pg_dump of PostgreSQL 15 or newer is needed; the newest one here is of 13"
    )


def test_no_program_is_told(installed):
    installed("psql", "psql (PostgreSQL) 15.1")
    with pytest.raises(programs.Unavailable, match="15 or newer is needed; there is none here"):
        programs.find("pg_dump", at_least=15)


def test_the_folders_are_those_of_the_path_as_well(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "bin").mkdir()
    program = tmp_path / "real" / "pg_dump"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "bin" / "pg_dump").symlink_to(program)
    config = tmp_path / "bin" / "pg_config"
    config.write_text("#!/bin/sh\necho /of/pg_config\n")
    config.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    found = list(programs.folders("pg_dump"))
    assert found[0] == "/of/pg_config"
    assert found[-2:] == [str(tmp_path / "bin"), str(tmp_path / "real")]
