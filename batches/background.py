"""Starts a run in a process of its own, which neither the browser nor the web server's worker takes with it.

The one place that knows how: where one machine is not enough, a task queue would be asked here.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import Error, connections
from django.utils import translation
from django.utils.translation import gettext as _

from akuiteo.environment import for_child_process
from akuiteo.masking import masker
from batches.models import Run
from batches.plain_text import one_line, shortened
from batches.run_row import interrupt, is_in_other_hands

LONGEST_WORDS = 500  # characters of what a process said before it ended

logger = logging.getLogger(__name__)


def start(run: Run, language: str) -> None:
    """Start the process of a queued run, which writes its log in this language, and return at once.

    A process that cannot be started, or ends without closing the run, makes it interrupted, in words.
    """
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever waits for the process
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command  # nosec B603
            _command(run, language),
            cwd=settings.BASE_DIR,
            env=for_child_process(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,  # a signal to the server's group is none to the run
        )
    except OSError as error:
        errors.close()
        interrupt(run.pk, _("The process of this run could not be started: %(error)s") % {"error": error})
        return
    threading.Thread(target=_wait, args=(run.pk, process, errors, language), daemon=True).start()


def _command(run: Run, language: str) -> list[str]:
    manage = Path(settings.BASE_DIR) / "manage.py"
    options = ["--run", str(run.pk), "--language", language]
    return [sys.executable, str(manage), "run_batch", *options, "--", run.batch.code]


def _wait(run_pk: int, process: subprocess.Popen[bytes], errors: IO[bytes], language: str) -> None:
    """Wait for the process, so that it leaves no zombie, and end its run if it has not."""
    exit_code = process.wait()
    with errors, translation.override(language):
        words = _("The process of this run ended without closing it (exit code %(code)s). %(said)s Run it again.") % {
            "code": exit_code,
            "said": _last_words(errors),
        }
    try:
        if not is_in_other_hands(Run.objects.get(pk=run_pk)):
            interrupt(run_pk, words)
    except Error:  # the batch's next run ends it
        logger.exception("Run %s could not be ended", run_pk)
    finally:
        connections.close_all()


def _last_words(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return shortened(one_line(masker.mask(last)), LONGEST_WORDS)
