"""Files in forms: a request that is too large is refused before it is read, or it would fill the disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BodyLimit(FileUploadHandler):
    """Stands before Django's own handlers, which keep any file: even that of a stranger, sent to the login page."""

    def largest_body(self) -> int:
        """Return the bytes of a form with its files."""
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_others: Any) -> None:  # noqa: N803
        """Raise RequestDataTooBig by what the request says of itself: no more than that is read of it."""
        if content_length > self.largest_body():
            raise RequestDataTooBig(f"{content_length} bytes are more than a form may have.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
