from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, OutputWrapper
from django.utils import translation
from django.utils.translation import get_language

from batches import preflight, runner
from batches.models import Run
from batches.outcomes import RunResult
from batches.stop import Stop
from batches.terminal import Terminal


class Command(BaseCommand):
    help = "Runs a batch. Says how it ended in one sentence on stdout, problems on stderr, and in its exit code."
    requires_system_checks = []  # the preflight does them, where they end in exit code 78

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="code of the batch")
        parser.add_argument(
            "--company", metavar="CODE", action="append", default=[], help="only this company; may be repeated"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would change; write and send nothing")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="of what stands on stdout")
        parser.add_argument(
            "--wait", metavar="SECONDS", type=_seconds, default=0.0, help="wait for another run of this batch to end"
        )
        # For the screens: the run that one has asked for, and the language of the person who did.
        parser.add_argument("--run", type=int, help=argparse.SUPPRESS)
        parser.add_argument("--language", default=get_language(), help=argparse.SUPPRESS)

    def handle(self, **options: Any) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a console that lacks a character is no reason to fail
            sys.stdout.reconfigure(errors="backslashreplace")
        is_text = options["format"] == "text"
        self.stderr.style_func, self.stderr.ending = None, ""  # the terminal's lines are complete, and not all errors
        terminal = Terminal(self.stderr, shows_progress=is_text)
        stop = Stop()
        with stop.on_signals(), translation.override(options["language"]):
            result = self._run(options, stop, terminal, is_text)
        terminal.clear()
        self._tell(result.summary if is_text else json.dumps(_as_json(result)))
        _let_go(self.stdout)
        _let_go(self.stderr)
        if result.exit_code:
            sys.exit(result.exit_code)

    def _tell(self, text: str) -> None:
        with contextlib.suppress(OSError):  # stdout is closed, or on a full disk: the exit code still tells
            self.stdout.write(text)

    def _run(self, options: dict[str, Any], stop: Stop, terminal: Terminal, is_text: bool) -> RunResult:
        began = time.monotonic()
        if ending := preflight.refusal():
            return runner.not_begun(options["code"], ending, options["dry_run"], began, terminal, options["run"])

        def show(line: str) -> None:
            terminal.clear()
            if is_text:
                self._tell(line)
            else:
                terminal.write(f"{line}\n")

        return runner.run(
            options["code"],
            Run.Trigger.COMMAND,
            companies=options["company"],
            dry_run=options["dry_run"],
            wait=options["wait"],
            stop=stop,
            show=show,
            progress=terminal.progress,
            console=terminal,
            queued=options["run"],
        )


def _let_go(stream: OutputWrapper) -> None:
    """Drop what the stream cannot take: Python would try again when it ends, and then change the exit code to 120."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, 0 or more")
    return seconds


def _as_json(result: RunResult) -> dict[str, Any]:
    return {
        "batch": result.batch,
        "run": result.run_id,
        "outcome": result.outcome.value,
        "dry_run": result.dry_run,
        **result.counts,
        "errors": [
            {"company": error.company, "invoice": error.invoice, "message": error.message} for error in result.errors
        ],
        "duration_s": round(result.duration_s, 3),
    }
