"""System checks of the batch engine's settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string


@register()
def check_templates(**_kwargs: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    for path in settings.BATCH_TEMPLATES:
        try:
            import_string(path)
        except ImportError as error:
            errors.append(
                Error(
                    f"BATCH_TEMPLATES names {path}, which cannot be imported: {error}.",
                    hint="Name each template by its dotted path: package.module.Class.",
                    id="batches.E001",
                )
            )
    return errors
