"""Fill a database of each kind with this version's code, and keep its dump: see `script/dump_release`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from throwaway_postgres import Unavailable, throwaway_cluster

from followup.tests import releases
from followup.tests.releases import ROOT
from forum_portal.version import VERSION


def main(*arguments: str) -> None:
    if arguments != (VERSION,):
        sys.exit(
            f"ระบุรุ่นของโปรแกรมนี้: script/dump_release {VERSION}\n"
            f"Name this code's version: script/dump_release {VERSION}"
        )
    folder = releases.RELEASES / VERSION
    if folder.exists():
        sys.exit(
            f"มี {folder.relative_to(ROOT)} แล้ว และไม่ทำใหม่\n"
            f"{folder.relative_to(ROOT)} is there, and is not made anew."
        )
    with TemporaryDirectory() as place:
        made = Path(place)
        database = made / "portal.sqlite3"
        fill(f"sqlite:///{database}", made / "sqlite.json")
        releases.pack(releases.dump_sqlite(database), made / releases.DUMPS["sqlite"])
        try:
            with throwaway_cluster() as server, releases.own_database(server) as url:
                fill(url, made / "postgresql.json")
                releases.pack(releases.dump_postgresql(url), made / releases.DUMPS["postgresql"])
        except Unavailable as error:
            sys.exit(f"ต้องมี PostgreSQL: {error}\nPostgreSQL is needed: {error}")
        folder.mkdir(parents=True)
        for engine, dump in releases.DUMPS.items():
            for name in (dump, f"{engine}.json"):
                (folder / name).write_bytes((made / name).read_bytes())
                print(folder.relative_to(ROOT) / name, (folder / name).stat().st_size, "bytes")


def fill(database: str, facts: Path) -> None:
    done = releases.run("fill", facts, database)
    if done.returncode:
        sys.exit(f"กรอกข้อมูลไม่สำเร็จ\nThe database could not be filled:\n{done.stderr[-3000:]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
