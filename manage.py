#!/usr/bin/env python
"""Django's command line. Wrong settings end in exit code 78 and a list of what to correct, not in a traceback."""

import json
import os
import sys

EX_CONFIG = 78
COUNTS = ("companies", "checked", "changed", "final", "missing", "alerts", "requests")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akuiteo.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from akuiteo.masking import mask_tracebacks

    mask_tracebacks()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        if "run_batch" in sys.argv[1:2] and {"json", "--format=json"}.intersection(sys.argv):
            sys.stdout.write(f"{json.dumps(refused_run(str(error)))}\n")
        sys.exit(EX_CONFIG)


def refused_run(problem: str) -> dict[str, object]:
    """Return what run_batch would say in JSON, which has not begun where the settings cannot be read."""
    code = next((word for word in sys.argv[2:] if not word.startswith("-")), "")
    return {
        "batch": code,
        "run": None,
        "outcome": "refused",
        "dry_run": "--dry-run" in sys.argv,
        **dict.fromkeys(COUNTS, 0),
        "errors": [{"company": "", "invoice": "", "message": problem}],
        "duration_s": 0.0,
    }


if __name__ == "__main__":
    main()
