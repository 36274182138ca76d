"""Files of imports that wait between two requests, at most a day.

`storages["imports"]` has them: the folder IMPORT_FOLDER, or object storage that every host sees. A
program that reads a file by its path gets one from `here`; with object storage IMPORT_FOLDER holds such
copies, which may be removed at any time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from forum_portal.storage_fault import StorageUnavailable

logger = logging.getLogger(__name__)


class FolderStorage(FileSystemStorage):
    """The folder IMPORT_FOLDER. A file that is stored again takes the place of the former as a whole."""

    def __init__(self, **options: Any) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    @property
    def base_location(self) -> str:
        return str(settings.IMPORT_FOLDER)

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:
        part = f"{name}.{secrets.token_hex(8)}.part"
        try:
            super()._save(part, content)  # type: ignore[misc]
            os.replace(self.path(part), self.path(name))
        finally:
            Path(self.path(part)).unlink(missing_ok=True)
        return name


def storage() -> Storage:
    return storages["imports"]


def is_remote() -> bool:
    """Whether the files are elsewhere than in IMPORT_FOLDER."""
    return not isinstance(storage(), FolderStorage)


def put(name: str, content: bytes) -> None:
    """Store a file, in the place of a former one. A reader sees either of them, never half of one."""
    storage().save(name, ContentFile(content))


def fetch(name: str) -> bytes:
    """A file's content. Raises FileNotFoundError."""
    with storage().open(name) as file:
        return file.read()


def share(name: str) -> None:
    """Store a file that was written into IMPORT_FOLDER, so that other hosts see it as well."""
    if is_remote():
        with _local(name).open("rb") as file:
            storage().save(name, File(file))


def here(name: str, sha256: str = "") -> Path:
    """The path of a file on this host; from object storage it is fetched once.

    Raises FileNotFoundError, also if the object has another SHA-256 than is told.
    """
    path = _local(name)
    if path.exists() or not is_remote():
        return path
    content = fetch(name)
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        logger.error("the stored file %s has another SHA-256 than its row", name)
        raise FileNotFoundError(f"{name} was changed")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def is_there(name: str) -> bool:
    return _local(name).exists() or (is_remote() and storage().exists(name))


def drop(folder: str) -> None:
    """Remove a folder with its files. What object storage does not remove now, `sweep` removes later."""
    shutil.rmtree(_local(folder), ignore_errors=True)
    if is_remote():
        try:
            _delete_all(folder)
        except StorageUnavailable as error:
            logger.warning("files of imports were not removed: %s", error)


def folders(*, everywhere: bool) -> set[str]:
    """The folders on this host and, with `everywhere`, in object storage (one listing)."""
    found = {path.name for path in Path(settings.IMPORT_FOLDER).glob("*") if path.is_dir()}
    if everywhere and is_remote():
        found |= set(storage().listdir("")[0])
    return found


def sweep(known: Collection[str], *, until: datetime, dry_run: bool = False) -> int:
    """Remove from object storage what no record knows and is older than `until`; returns how many.

    A file beside the folders is an upload of the admin that was never confirmed. 0 without object
    storage: whoever removes what is left in IMPORT_FOLDER finds it there.
    """
    if not is_remote():
        return 0
    there, files = storage().listdir("")
    removed = 0
    for name in files:
        if _is_older(name, until):
            removed += 1
            if not dry_run:
                storage().delete(name)
    for folder in set(there) - set(known):
        inside = storage().listdir(folder)[1]
        if all(_is_older(f"{folder}/{name}", until) for name in inside):
            removed += 1
            if not dry_run:
                _delete_all(folder)
    return removed


def _is_older(name: str, moment: datetime) -> bool:
    try:
        return storage().get_modified_time(name) <= moment
    except FileNotFoundError:  # another host was faster
        return False


def _delete_all(folder: str) -> None:
    for name in storage().listdir(folder)[1]:
        storage().delete(f"{folder}/{name}")


def _local(name: str) -> Path:
    return Path(settings.IMPORT_FOLDER, name)
