"""The --company option of the commands."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from batches.plain_text import quoted
from chorus.invoice_csv.lines import named
from chorus.models import Company


def find_company(code: str) -> Company:
    """Return the company of this code. Raises CommandError naming the existing ones."""
    company = Company.objects.filter(code=code).first()
    if company is None:
        existing = named(Company.objects.values_list("code", flat=True))
        message = _("The company %(code)s does not exist. Existing ones: %(existing)s.")
        raise CommandError(message % {"code": quoted(code), "existing": existing})
    return company
