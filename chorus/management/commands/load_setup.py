from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akuiteo.secrets import SecretUnreadableError
from batches.plain_text import one_line
from chorus.setup_file.loading import SetupFileError, load, read

EX_CONFIG = 78
KINDS = {
    "users": gettext_lazy("Users"),
    "companies": gettext_lazy("Companies"),
    "connections": gettext_lazy("Chorus connections"),
    "batches": gettext_lazy("Batches"),
}


class Command(BaseCommand):
    help = "Create or update users, companies, Chorus connections and batches from one TOML file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.toml")
        parser.add_argument("--check", action="store_true", help="look for problems, write nothing")

    def handle(self, *_args: Any, file: Path, check: bool, **_options: Any) -> None:
        try:
            counts = load(read(file), check)
        except SetupFileError as error:
            lines = "\n".join(f"- {problem}" for problem in error.problems)
            message = _("%(file)s was not loaded, nothing was changed:\n%(problems)s")
            raise CommandError(message % {"file": one_line(str(file)), "problems": lines}) from error
        except SecretUnreadableError as error:
            raise CommandError(str(error), returncode=EX_CONFIG) from error
        for kind, words in KINDS.items():
            self.stdout.write(f"{words}: {_in_words(counts[kind])}")
        if check:
            self.stdout.write(_("This is what loading would do; nothing was written."))


def _in_words(counts: Counter[str]) -> str:
    return _("%(created)d created, %(updated)d updated, %(unchanged)d unchanged") % {
        what: counts[what] for what in ("created", "updated", "unchanged")
    }
