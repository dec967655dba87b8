"""Asks for known weaknesses of the locked dependencies, and says so where nobody could be asked.

Exit code 1 when pip-audit has found one; 0 otherwise.
"""

from __future__ import annotations

import json
import subprocess
import sys

LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "tests/clients/requirements-chorus-api.txt",
    "tests/clients/requirements-tryton.txt",
)
OPTIONS = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")


def main() -> int:
    return max([_audit(lock) for lock in LOCKS])


def _audit(lock: str) -> int:
    done = subprocess.run(  # noqa: S603 - our own command  # nosec B603
        [sys.executable, "-m", "pip_audit", "-r", lock, *OPTIONS], capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):  # no answer at all: pip-audit ends with a traceback or a sentence
        print(f"{lock}: NOT AUDITED, the advisory database could not be reached: {_last_line(done.stderr)}")
        return 0
    weak = [each for each in found if each.get("vulns")]
    skipped = [each["name"] for each in found if "skip_reason" in each]
    for each in weak:
        for weakness in each["vulns"]:
            print(f"{lock}: {each['name']} {each['version']}: {weakness['id']}, mended in {weakness['fix_versions']}")
    if skipped:
        print(f"{lock}: NOT AUDITED, the advisory database does not know or tell of {len(skipped)} of {len(found)}.")
    print(f"{lock}: {len(found) - len(skipped)} of {len(found)} dependencies audited, {len(weak)} with weaknesses.")
    return bool(weak)


def _last_line(text: str) -> str:
    return next(reversed(text.strip().splitlines()), "no reason given")


if __name__ == "__main__":
    sys.exit(main())
