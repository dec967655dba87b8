"""No address leads to a file that is not offered (S05)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from batches.models import Batch
from tests.admin.builders import make_run, url

NOT_FOUND = 404


@pytest.mark.parametrize(
    "path",
    [
        "/static/../akuiteo/settings.py",
        "/static/akuiteo/../../akuiteo/settings.py",
        "/static/%2e%2e/akuiteo/settings.py",
        "/static/..%2fakuiteo/settings.py",
        "/static/..%5cakuiteo%5csettings.py",
        "/static//etc/passwd",
        "/static/akuiteo",
        "/static/akuiteo/site.css%00.txt",
        "/akuiteo/settings.py",
        "/manage.py",
        "/var/keys.env",
        "/.env",
        "/.git/config",
        "/media/x",
    ],
)
def test_s05_no_file_but_the_static_ones_has_an_address(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == NOT_FOUND


@pytest.mark.parametrize("run", ["..%2f..%2fkeys.env", "../1", "1;2", "1%00", "-1", "９"])
def test_s05_a_log_is_asked_for_by_the_number_of_its_run_alone(viewer: Client, batch: Batch, run: str) -> None:
    make_run(batch)
    assert viewer.get(f"/admin/batches/run/{run}/log/").status_code in (302, NOT_FOUND)


def test_s05_the_log_that_is_taken_away_is_never_read_from_a_file(viewer: Client, batch: Batch, tmp_path: Path) -> None:
    """Its rows are: a parameter that names a directory cannot make another file of it."""
    (tmp_path / "secret.log").write_text("canary")
    run = make_run(batch)
    run.log_lines.create(at=run.started_at, level="LOG", text="a line")
    batch.parameters.create(code="BATCH_LOG_FILE", value=str(tmp_path))
    answer: Any = viewer.get(url("batches_run_log", run.pk))
    text = answer.getvalue().decode()
    assert "a line" in text
    assert "canary" not in text
