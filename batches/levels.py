"""Our log levels and those of the standard library."""

from __future__ import annotations

import logging

from batches.models import Level

SEVERITY = {
    Level.DEBUG: logging.DEBUG,
    Level.LOG: logging.INFO,
    Level.WARN: logging.WARNING,
    Level.ERROR: logging.ERROR,
}
LEVEL = {severity: level for level, severity in SEVERITY.items()}
