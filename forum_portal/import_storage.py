"""Where the admin's import keeps an upload between its preview and its confirmation."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core import signing
from import_export.tmp_storages import TempFolderStorage

SALT = "forum_portal.import_storage"
MAX_AGE = 24 * 60 * 60  # seconds an upload may wait for its confirmation


class OwnTempStorage(TempFolderStorage):
    """Files under random names in a folder of our own; the form carries a signed name.

    The library's own storage opens whatever path its hidden form field holds. Here a name that this
    portal did not sign, or signed more than a day ago, raises `signing.BadSignature`.
    """

    name: str | None

    def get_full_path(self) -> str:
        stem = signing.loads(self.name or "", salt=SALT, max_age=MAX_AGE)
        folder: Path = settings.IMPORT_FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(folder / stem)

    def save(self, data: bytes) -> None:
        # The library would write bytes into a file that it opens for text.
        self.name = signing.dumps(secrets.token_hex(16), salt=SALT)
        Path(self.get_full_path()).write_bytes(data)

    def read(self) -> bytes:
        # As it was uploaded: which encoding it is in, the reader finds out.
        return Path(self.get_full_path()).read_bytes()
