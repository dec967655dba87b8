"""The login of a run is no login of a person: guesses of others do not stop it, and nothing of it is a guess."""

from __future__ import annotations

import pytest

from tests.batches.processes import Processes

pytestmark = pytest.mark.django_db(transaction=True)  # other processes see the rows


def test_s14_a_run_that_is_refused_says_so_in_words_of_its_own_alone(processes: Processes) -> None:
    processes.query("UPDATE batches_batchparameter SET value = 'nobody' WHERE code = 'BATCH_USER'")
    ended = processes.run("TEST")
    assert ended.returncode == 77
    assert "BATCH_USER “nobody” does not exist" in ended.stderr
    assert "AXES" not in ended.stderr.upper()
    assert processes.query("SELECT COUNT(*) FROM axes_accessattempt") == [(0,)]
