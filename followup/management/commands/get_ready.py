"""All that `script/server` does before the web server starts, in one process: what is done is not redone.

Four commands took eight seconds on a second start, nearly all of it to load Django and to collect the
same static files again.
"""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Prepare the database and the static files for the web server. Only what is missing is done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also load the invented data")

    def handle(self, *args: Any, demo: bool = False, **options: Any) -> None:
        self._say("กำลังเตรียมฐานข้อมูล · Preparing the database")
        # Its checks are those that this command ran as it began.
        call_command("migrate", interactive=False, verbosity=0)
        self._say("กำลังโหลดข้อเสนอของเวทีภาคประชาสังคม · Loading the Forum's proposals")
        call_command("load_forum", stdout=self.stdout, stderr=self.stderr)
        if demo:
            self._say("กำลังโหลดข้อมูลตัวอย่าง · Loading the demonstration data")
            call_command("load_demo", stdout=self.stdout, stderr=self.stderr)
        self._say("กำลังเตรียมไฟล์หน้าเว็บ · Collecting the static files")
        collect_if_changed()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def collect_if_changed() -> bool:
    """Collect the static files, unless they are as they were, and whole; whether it did.

    The stamp is written last, so that a collection that was interrupted is done again.
    """
    if stamp().is_file() and stamp().read_text("utf-8") == state():
        return False
    stamp().unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp().parent.mkdir(exist_ok=True)
    stamp().write_text(state(), "utf-8")
    return True


def stamp() -> Path:
    path: Path = settings.ROOT / ".cache" / "static-files"
    return path


def state() -> str:
    """A digest of the static files as they are: where they come from, and what was made of them."""
    taken = hashlib.sha256(f"{django.VERSION} {settings.STORAGES['staticfiles']}".encode())
    for line in sorted(_files()):
        taken.update(line.encode("utf-8", "surrogateescape"))
    return taken.hexdigest()


def _files() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield _line("from", Path(storage.path(name)))
    root = Path(settings.STATIC_ROOT)
    for path in root.rglob("*"):
        if path.is_file():
            yield _line("to", path)


def _line(what: str, path: Path) -> str:
    about = path.stat()
    return f"{what}\0{path}\0{about.st_size}\0{about.st_mtime_ns}\n"
