"""Drop uploads over the size limit on arrival, so that they fill neither disk nor memory."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

TOGETHER = 3  # all files of one request together may have this many times EVIDENCE_MAX_BYTES


class TooLarge(UploadedFile):
    """Placeholder for a file that was dropped on arrival: a name and a size, no content."""


class LimitedUploads(FileUploadHandler):
    """The first upload handler: it reads and discards bytes beyond the limit.

    The rest of the form arrives intact, so the page can be shown again with everything typed.
    """

    request: Any

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.kept = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.is_dropped = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.is_dropped:
            return None
        limit = settings.EVIDENCE_MAX_BYTES
        self.kept += len(raw_data)
        if start + len(raw_data) <= limit and self.kept <= TOGETHER * limit:
            return raw_data
        self.is_dropped = True
        self.kept -= start + len(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self.is_dropped:
            return None
        for handler in self.request.upload_handlers:
            if handler is not self:
                handler.upload_interrupted()  # discards at once what arrived before the limit
        return TooLarge(BytesIO(), self.file_name, self.content_type, file_size, self.charset)
