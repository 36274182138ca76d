"""Opening a backup: decrypted, and found whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from forum_portal.backups import archive, encryption
from forum_portal.backups.archive import Archive


@contextmanager
def opened(path: Path, *, identity: Path | None = None) -> Iterator[Archive]:
    """Context manager: a backup of which every byte was checked. `identity`: age's file of keys.

    An encrypted one is decrypted into a file without a name, which ends with the process. Raises Refused,
    and OSError.
    """
    with ExitStack() as stack:
        file: BinaryIO = stack.enter_context(path.open("rb"))
        if encryption.kind_of(file):
            plain = cast(BinaryIO, stack.enter_context(tempfile.TemporaryFile()))
            encryption.decrypt(file, plain, identity)
            file = plain
        yield archive.whole(file)
