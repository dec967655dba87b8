"""The commands of docs/other-clients.md do what the page says, on the portal as people start it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.programs import ROOT

PAGE = ROOT / "docs" / "other-clients.md"
COMMAND = [sys.executable, "manage.py", "local_chorus_pro", "--port", "0", "--speed", "60"]
ADDRESS = re.compile(r"^Local Chorus Pro on (\S+)$")


@pytest.fixture
def url() -> Iterator[str]:
    """The portal in a process of its own, on which a minute is a second."""
    with subprocess.Popen(COMMAND, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield next(found[1] for line in process.stdout if (found := ADDRESS.match(line)))
        finally:
            process.terminate()


def test_the_commands_deposit_an_invoice_follow_it_and_play_the_buyer(url: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = "".join(["set -eo pipefail\n", *blocks]).replace("http://127.0.0.1:8100", url)
    ended = subprocess.run(
        ["bash"], input=script, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    report, found, rejected, history = ended.stdout.splitlines()
    assert '"etatCourantDepotFlux":"IN_INTEGRE"' in report
    assert re.search(r'"numeroFacture":"F-\d{8}-\d{6}"', found)
    assert '"statut":"MISE_A_DISPOSITION"' in found
    assert '"nouveauStatut":"REJETEE"' in rejected
    assert '"histoStatutCommentaire":"Doublon"' in history
