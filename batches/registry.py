"""Finds the batch templates that settings.BATCH_TEMPLATES names."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from batches.plain_text import quoted
from batches.template import BatchTemplate


class UnknownTemplateError(LookupError):
    """No template has this code; the message names those that exist."""


def templates() -> dict[str, BatchTemplate]:
    """Return the templates by code. Raises ImportError for a wrong path, which the system check batches.E001 tells."""
    found: list[BatchTemplate] = [import_string(path)() for path in settings.BATCH_TEMPLATES]
    return {template.code: template for template in found}


def template(code: str) -> BatchTemplate:
    """Return the template of this code. Raises UnknownTemplateError."""
    existing = templates()
    if code not in existing:
        raise UnknownTemplateError(
            _("The batch template %(code)s does not exist. Existing ones: %(existing)s.")
            % {"code": quoted(code), "existing": ", ".join(sorted(existing))}
        )
    return existing[code]
