"""A file that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from forum_portal.backups.refused import Refused


def refuse_existing(path: Path) -> None:
    """Raises Refused if something has this name."""
    if path.exists() or path.is_symlink():
        raise Refused(
            _("มีไฟล์ %(path)s อยู่แล้ว ระบุชื่ออื่น หรือสั่งด้วย --replace เพื่อแทนที่") % {"path": path},
            f"{path} exists. Name another file, or replace it with --replace.",
        )


@contextmanager
def whole_file(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """Context manager: a file to write to, which gets its name when all of it is on the disk.

    Until then it is PATH.part, which only its owner reads; any error removes that. One of an earlier run
    that was killed is overwritten: callers hold a lock. Raises Refused for an existing file unless
    `replace`, and OSError.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not replace:
            refuse_existing(path)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    """Let the new name survive a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
