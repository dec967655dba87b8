"""A run's log lines as rows of the database."""

from __future__ import annotations

import contextlib
import datetime
import logging

from django.db import Error, connection

from akuiteo.contention import short_transaction
from batches.levels import LEVEL
from batches.models import Run, RunLogLine

ROWS_AT_ONCE = 500


class RowHandler(logging.Handler):
    """Collects lines and writes many at once: a row at a time would cost more than the work that it tells of."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.waiting: list[RunLogLine] = []

    def emit(self, record: logging.LogRecord) -> None:
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        self.waiting.append(RunLogLine(run=self.run, at=at, level=LEVEL[record.levelno], text=record.getMessage()))
        # Rows that are written within somebody's transaction would vanish with it when it is rolled back.
        if len(self.waiting) % ROWS_AT_ONCE == 0 and not connection.in_atomic_block:
            with contextlib.suppress(Error):  # they wait for as many lines more, or for the end of the run
                self.write_rows()

    def write_rows(self) -> None:
        """Write the waiting lines. Raises django.db.Error, and then still has them."""
        self.acquire()  # lines may come from several threads
        try:
            short_transaction(lambda: RunLogLine.objects.bulk_create(self.waiting, batch_size=ROWS_AT_ONCE), retries=0)
            self.waiting = []
        finally:
            self.release()
