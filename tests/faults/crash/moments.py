"""Ends a process at a moment of its work that the environment names. For processes that tests start."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from akuiteo import fault_points

STATEMENT = "SQL statement"


class Moments:
    """Hears of every fault point and every SQL statement.

    At the arrival that END_AT names ("page: committed 2": the second one) the process gets the signal END_BY, in the
    middle of what it does. A file TRACE gets a line for each arrival.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.end_at = variables.get("END_AT")
        self.signal = int(variables.get("END_BY", signal.SIGKILL))
        self.trace = Path(variables["TRACE"]) if "TRACE" in variables else None
        self.arrivals: Counter[str] = Counter()

    def listen(self) -> None:
        fault_points.listen(self.arrive)
        connection_created.connect(self._watch, weak=False)

    def arrive(self, moment: str) -> None:
        self.arrivals[moment] += 1
        if self.trace:
            with self.trace.open("a", encoding="utf-8") as file:
                file.write(f"{moment}\n")
        if f"{moment} {self.arrivals[moment]}" == self.end_at:
            os.kill(os.getpid(), self.signal)

    def _watch(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        if self._statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._statement)

    def _statement(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.arrive(STATEMENT)
        return execute(*args)
