#!/usr/bin/env python
"""Django's command line. Wrong settings end in exit code 78 and a list of what to correct, not in a traceback."""

import os
import sys

EX_CONFIG = 78


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akuiteo.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()
