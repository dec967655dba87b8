"""A run's log file: made new, never through a link, readable by its owner and group."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from batches.kinds import log_directory


class LogFileHandler(logging.Handler):
    """Writes each line at once and unbuffered, so that what failed is known and a later line can succeed.

    `lost` counts the lines that the file lacks, or has the beginning of.
    """

    def __init__(self, directory: str, name: str, on_failure: Callable[[OSError], None]) -> None:
        """Make the file. Raises OSError, or ValueError when the directory is not under LOG_ROOT."""
        super().__init__()
        self.on_failure = on_failure
        self.lost = 0
        self._is_mid_line = False
        folder = log_directory(directory)
        folder.mkdir(parents=True, exist_ok=True)
        self.file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{self.format(record)}\n".encode()
        if self._is_mid_line:
            line = b"\n" + line
        try:
            while line:
                line = line[os.write(self.file, line) :]
                self._is_mid_line = bool(line)
        except OSError as error:
            self.lost += 1
            self.on_failure(error)

    def close(self) -> None:
        os.close(self.file)
        super().close()
