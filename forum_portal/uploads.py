"""Uploads that nobody could use are not kept, neither on disk nor in memory."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

TOGETHER = 3  # as many times the largest file may all the files of one request be


class TooLarge(UploadedFile):
    """Stands in for a file that was dropped while it arrived: it has a name and a size, no content."""


class LimitedUploads(FileUploadHandler):
    """The first handler: what goes beyond the limit is read off the line and thrown away.

    The rest of the form arrives as it is, so its page can be shown again with all that was typed.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.kept = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.is_dropped = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        limit, size = settings.EVIDENCE_MAX_BYTES, start + len(raw_data)
        if size > limit or self.kept + len(raw_data) > TOGETHER * limit:
            self.is_dropped = True
        if self.is_dropped:
            return None
        self.kept += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self.is_dropped:
            return None
        return TooLarge(None, self.file_name, self.content_type, file_size, self.charset)
