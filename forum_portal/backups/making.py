"""Making a backup."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files.storage import Storage
from django.utils.translation import gettext as _

from forum_portal.backups import engines, stored_files, surroundings
from forum_portal.backups.archive import Writer
from forum_portal.backups.content import content_of
from forum_portal.backups.encryption import encrypted, program_for
from forum_portal.backups.manifest import Manifest
from forum_portal.backups.refused import Refused
from forum_portal.backups.stored_files import Column
from forum_portal.backups.whole_file import refuse_existing, whole_file
from forum_portal.version import VERSION

_ATTEMPTS = 5
_CHUNK = 1024 * 1024
_SHOWN = 5  # names in a sentence


class _Vanished(Exception):
    def __init__(self, names: set[str]) -> None:
        super().__init__(names)
        self.names = names


@dataclass(frozen=True)
class Made:
    manifest: Manifest
    size: int  # bytes of the file
    files: int  # of the storage


def make(
    path: Path,
    *,
    storage: Storage,
    columns: Sequence[Column],
    recipients: Sequence[str] = (),
    replace: bool = False,
    despite_damage: bool = False,
) -> Made:
    """Write a backup of the database and of the files that it names to `path`.

    `despite_damage`: also if files that rows need are lost or changed; the manifest names them. Raises
    Refused, OSError, and the database's errors; then there is no file.

    The database is copied first, then the files. A file is stored before the row that names it is
    committed, and is never written again, so that every row of the copy had its file when it was
    copied. The other way round, rows that were committed in between would lack theirs. What can still
    happen is that a row and its file are deleted in between. Then all is done again, with a copy that no
    longer has the row; a file that is missing twice was lost before.
    """
    if not path.parent.is_dir():
        raise Refused(
            _("ไม่มีโฟลเดอร์ %(folder)s") % {"folder": path.parent},
            f"There is no folder {path.parent}.",
        )
    if not replace:
        refuse_existing(path)
    program_for(recipients)
    missing: set[str] = set()
    for _attempt in range(_ATTEMPTS):
        try:
            return _once(
                path,
                storage=storage,
                columns=columns,
                recipients=recipients,
                replace=replace,
                accepted=missing if despite_damage else set(),
                despite_damage=despite_damage,
            )
        except _Vanished as vanished:
            if (lost := vanished.names & missing) and not despite_damage:
                raise _damaged(lost) from vanished
            missing |= vanished.names
    raise Refused(
        _("ไฟล์หลักฐานถูกลบระหว่างสำรองข้อมูลทุกครั้งที่ลอง สั่งใหม่ในเวลาที่มีผู้ใช้น้อย"),
        f"Evidence files were deleted during each of {_ATTEMPTS} attempts. Run this again when there is "
        "less work.",
    )


def _once(
    path: Path,
    *,
    storage: Storage,
    columns: Sequence[Column],
    recipients: Sequence[str],
    replace: bool,
    accepted: Collection[str],
    despite_damage: bool,
) -> Made:
    engine = engines.ours()
    with TemporaryDirectory(prefix="portal-backup-") as folder:
        database = Path(folder, engine.MEMBER)
        made_at = datetime.now(UTC)
        with engine.copied(database) as copy:
            tables = content_of(copy)
            named = stored_files.named_by(copy, columns)
            migrations = surroundings.applied(copy)
        if not migrations:
            raise Refused(
                _("ฐานข้อมูลนี้ว่าง ไม่มีอะไรให้สำรอง ตรวจสอบว่า DATABASE_URL ชี้ไปยังฐานข้อมูลของระบบ"),
                "The database is empty, and there is nothing to back up. Does DATABASE_URL name the "
                "portal's own?",
            )
        with whole_file(path, replace=replace) as file:
            with encrypted(file, recipients) as sink:
                writer = Writer(sink)
                with database.open("rb") as content:
                    chunks = iter(lambda: content.read(_CHUNK), b"")
                    writer.add(engine.MEMBER, database.stat().st_size, chunks)
                added = stored_files.add_to(writer, storage, named)
                if vanished := added.gone - set(accepted):
                    raise _Vanished(vanished)
                if added.changed and not despite_damage:
                    raise _damaged(added.changed)
                manifest = Manifest(
                    made_at=made_at.isoformat(timespec="seconds"),
                    version=VERSION,
                    engine=engine.NAME,
                    program=engine.program(),
                    database=engine.MEMBER,
                    migrations=migrations,
                    secret_key=surroundings.fingerprints()[0],
                    settings=surroundings.told_settings(),
                    tables=tables,
                    lost=sorted(added.gone | added.changed),
                    members=dict(writer.members),
                )
                writer.close(manifest.as_json())
            file.flush()
            size = file.seek(0, 2)
    return Made(manifest, size, len(writer.members) - 2)


def _damaged(names: Collection[str]) -> Refused:
    shown = ", ".join(sorted(names)[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    return Refused(
        _(
            "ไฟล์หลักฐาน %(n)s ไฟล์ที่ฐานข้อมูลอ้างถึงหายไปหรือถูกแก้ไขก่อนสำรองข้อมูล: %(names)s "
            "นำไฟล์กลับมาก่อน หรือสั่งด้วย --despite-damage"
        )
        % {"n": len(names), "names": shown},
        f"{len(names)} evidence files that the database names were lost or changed before the backup: "
        f"{shown}. Bring them back, or run this with --despite-damage.",
    )
