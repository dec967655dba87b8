"""What a developer sees of a failure where DEBUG is on: without the secrets, which Django shows there."""

from __future__ import annotations

import re
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from akuiteo.masking import masker


class SecretsFilter(SafeExceptionReporterFilter):
    """Hides what is called a secret, and the forms in which one is typed, whatever DEBUG says."""

    hidden_settings = re.compile("API|AUTH|TOKEN|KEY|SECRET|PASS|PWD|SIGNATURE|HTTP_COOKIE", re.IGNORECASE)

    def is_active(self, request: Any) -> bool:
        return True


class MaskingReporter(ExceptionReporter):
    """Masks the values of known secrets wherever they stand: in local variables, messages and settings."""

    def get_traceback_html(self) -> SafeString:
        return mark_safe(masker.mask(super().get_traceback_html()))  # noqa: S308 - as safe as before  # nosec B703, B308

    def get_traceback_text(self) -> SafeString:
        return mark_safe(masker.mask(super().get_traceback_text()))  # noqa: S308 - as safe as before  # nosec B703, B308
