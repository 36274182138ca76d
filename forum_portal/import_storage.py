"""Where the admin's import keeps an upload between its preview and its confirmation."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core import signing
from import_export.tmp_storages import TempFolderStorage

SALT = "forum_portal.import_storage"
MAX_AGE = 24 * 60 * 60  # seconds an upload may wait for its confirmation


class OwnTempStorage(TempFolderStorage):
    """Uploads under random names in a private folder; the form carries the signed name.

    The library's own storage opens any path in its hidden form field. Here a name that this portal
    did not sign, or signed more than MAX_AGE ago, raises `signing.BadSignature`.
    """

    name: str | None

    def get_full_path(self) -> str:
        stem = signing.loads(self.name or "", salt=SALT, max_age=MAX_AGE)
        folder: Path = settings.IMPORT_FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(folder / stem)

    def save(self, data: bytes) -> None:
        # The library's own `save` opens the file in text mode and cannot write bytes.
        self.name = signing.dumps(secrets.token_hex(16), salt=SALT)
        Path(self.get_full_path()).write_bytes(data)

    def read(self) -> bytes:
        # The bytes as uploaded: the reader detects their encoding.
        return Path(self.get_full_path()).read_bytes()
