from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akuiteo.rotating import Rotation, rotate
from akuiteo.secrets import SecretUnreadableError

EX_CONFIG = 78


class Command(BaseCommand):
    help = (
        "Encrypt the stored secrets with the newest key of FIELD_ENCRYPTION_KEYS. Runs and the site may go on. "
        "Exit code 78: some secrets cannot be read with any of the keys."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        rotation = rotate()
        self.stdout.write(_in_words(rotation))
        if rotation.unreadable:
            lines = "\n".join(f"- {name}" for name in rotation.unreadable)
            raise CommandError(f"{SecretUnreadableError()}\n{lines}", returncode=EX_CONFIG)


def _in_words(rotation: Rotation) -> str:
    rewritten = ngettext(
        "%(count)d secret was encrypted with the newest key",
        "%(count)d secrets were encrypted with the newest key",
        rotation.rewritten,
    ) % {"count": rotation.rewritten}
    already_new = ngettext("%(count)d had it already", "%(count)d had it already", rotation.already_new) % {
        "count": rotation.already_new
    }
    return _("%(rewritten)s, %(already_new)s.") % {"rewritten": rewritten, "already_new": already_new}
