"""Where the admin's import keeps an upload between its preview and its confirmation."""

import secrets

from django.core import signing
from import_export.tmp_storages import BaseStorage

from forum_portal import pending_files

SALT = "forum_portal.import_storage"
MAX_AGE = 24 * 60 * 60  # seconds an upload may wait for its confirmation


class OwnTempStorage(BaseStorage):
    """Uploads under random names, beside those of the wizard; the form carries the signed name.

    The library's own storage opens any path in its hidden form field. Here a name that this portal
    did not sign, or signed more than MAX_AGE ago, raises `signing.BadSignature`.
    """

    name: str | None

    def save(self, data: bytes) -> None:
        stem = secrets.token_hex(16)
        pending_files.put(stem, data)
        self.name = signing.dumps(stem, salt=SALT)

    def read(self) -> bytes:
        # The bytes as uploaded: the reader detects their encoding.
        return pending_files.fetch(self._stem)

    def remove(self) -> None:
        pending_files.storage().delete(self._stem)

    @property
    def _stem(self) -> str:
        stem: str = signing.loads(self.name or "", salt=SALT, max_age=MAX_AGE)
        return stem
