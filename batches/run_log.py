"""The log of one run: kept as rows, and shown in a file and on the console where the parameters ask for it."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Collection
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akuiteo.masking import masker
from batches.levels import LEVEL, SEVERITY
from batches.log_file import LogFileHandler
from batches.log_rows import RowHandler
from batches.models import Level, Run
from batches.plain_text import one_line
from batches.terminal import Console
from batches.times import line_time

KEPT_FOR_MAIL = 5000  # lines: about 1 MB, which mail servers take and memory does not feel
ALWAYS_KEPT = frozenset({Level.LOG, Level.WARN, Level.ERROR})
Handler = TypeVar("Handler", bound=logging.Handler)


class LogFileError(Exception):
    """The log file cannot be made, and LOG_STRICT is set. The message says where, why and what to do."""


class LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{line_time(record.created)} {LEVEL[record.levelno]:<5} {record.getMessage()}"


class LevelFilter(logging.Filter):
    """Lets through the levels that were asked for, and errors always."""

    def __init__(self, levels: Collection[str]) -> None:
        super().__init__()
        self.severities = {SEVERITY[Level(level)] for level in levels} | {logging.ERROR}

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno in self.severities


class RecentHandler(logging.Handler):
    """Keeps the last lines in memory: the error mail must not need the database."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=KEPT_FOR_MAIL)
        self.seen = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
        self.seen += 1


class ConsoleHandler(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__()
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        self.console.write(f"{self.format(record)}\n")


class RunLog:
    """Takes lines at four levels. Secrets are masked and control characters escaped before anything keeps them."""

    def __init__(self, run: Run | None = None, levels: Collection[str] = ()) -> None:
        """`levels` are those of the file and of debug lines; LOG, WARN and ERROR are kept in any case."""
        self.warnings = 0
        self.errors = 0
        self._told_once: set[str] = set()
        self._levels = levels or ALWAYS_KEPT
        self._logger = logging.Logger("run", logging.DEBUG)  # of this run alone: not in logging's registry
        self._recent = self._add(RecentHandler(), ALWAYS_KEPT | set(self._levels))
        self._rows = self._add(RowHandler(run), ALWAYS_KEPT | set(self._levels)) if run else None
        self._file: LogFileHandler | None = None

    def show_on(self, console: Console, levels: Collection[str]) -> None:
        """Write the lines of these levels, and errors, to the stream as well."""
        self._add(ConsoleHandler(console), levels)

    def write_to_file(self, directory: str, name: str) -> None:
        """Write the lines to LOG_ROOT/directory/name as well. A file that cannot be made is a WARN line.

        With LOG_STRICT it is a LogFileError.
        """
        try:
            self._file = self._add(LogFileHandler(directory, name, self._file_failed), self._levels)
        except (OSError, ValueError) as error:
            words = _("There is no log file: %(name)s cannot be made in %(directory)s under %(root)s (%(error)s).") % {
                "name": name,
                "directory": directory,
                "root": settings.LOG_ROOT,
                "error": error,
            }
            if settings.LOG_STRICT:
                raise LogFileError(f"{words} {_what_to_do()}") from error
            self.warn(words)

    def debug(self, text: str) -> None:
        self._write(Level.DEBUG, text)

    def log(self, text: str) -> None:
        self._write(Level.LOG, text)

    def warn(self, text: str) -> None:
        self.warnings += 1
        self._write(Level.WARN, text)

    def error(self, text: str) -> None:
        self.errors += 1
        self._write(Level.ERROR, text)

    def warn_once(self, key: str, text: str) -> None:
        """Warn, but only the first time for this key in this run."""
        if key not in self._told_once:
            self._told_once.add(key)
            self.warn(text)

    def unexpected(self, text: str, error: BaseException) -> None:
        """Log an error together with its traceback, whose lines are indented under it."""
        lines = "".join(traceback.format_exception(error)).splitlines()
        self.errors += 1
        self._handle(Level.ERROR, "\n    ".join(one_line(masker.mask(line)) for line in (text, *lines)))

    def flush(self) -> None:
        """Write the lines that are still in memory as rows. Raises django.db.Error."""
        if self._rows:
            self._rows.write_rows()

    def recent(self) -> str:
        """Return the last lines as a text. Times are those of settings.TIME_ZONE."""
        lines = list(self._recent.lines)
        left_out = self._recent.seen - len(lines)
        if left_out:
            lines.insert(0, _("(%(count)d earlier lines are kept with the run only.)") % {"count": left_out})
        return "\n".join([*lines, ""])

    def warn_of_lost_lines(self) -> None:
        """Say in the other places of the log how many lines the file lacks, if any."""
        if self._file and self._file.lost:
            self.warn(
                ngettext(
                    "The log file lacks %(count)d line; this log has all of them.",
                    "The log file lacks %(count)d lines; this log has all of them.",
                    self._file.lost,
                )
                % {"count": self._file.lost}
            )

    def close(self) -> None:
        """Close the file. Rows are written by `flush`."""
        if self._file:
            self._logger.removeHandler(self._file)
            self._file.close()

    def _write(self, level: Level, text: str) -> None:
        self._handle(level, one_line(masker.mask(text)))

    def _handle(self, level: Level, text: str) -> None:
        self._logger.log(SEVERITY[level], "%s", text)

    def _file_failed(self, error: OSError) -> None:
        text = _("The log file is incomplete: it cannot be written (%(error)s).") % {"error": error}
        self.warn_once("log file", text)

    def _add(self, handler: Handler, levels: Collection[str]) -> Handler:
        handler.setFormatter(LineFormatter())
        handler.addFilter(LevelFilter(levels))
        self._logger.addHandler(handler)
        return handler


def _what_to_do() -> str:
    return _(
        "LOG_STRICT is set, so the run does not begin: make the directory and let this program write to it, "
        "correct BATCH_LOG_FILE or LOG_ROOT, or take LOG_STRICT away."
    )
