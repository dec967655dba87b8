"""docs/local-chorus-pro.md says what the matrix says."""

import re
from pathlib import Path

from chorus.local_portal.life.transitions import FOLLOWING

PAGE = Path(__file__).resolve().parents[4] / "docs" / "local-chorus-pro.md"
ROW = re.compile(r"^\| ([A-Z_]+) \| ([A-Z_, ]+) \|$", re.MULTILINE)


def test_the_documented_matrix_is_the_one_in_force() -> None:
    rows = {status: tuple(following.split(", ")) for status, following in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    assert rows == FOLLOWING
