from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from batches.plain_text import one_line
from chorus.management.companies import find_company
from chorus.models import Invoice
from chorus.reopening import final, reopen

SOME_WERE_NOT = 3


class Command(BaseCommand):
    help = "Follow final invoices again. Exit code 3: some were not reopened."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", metavar="CODE", required=True)
        parser.add_argument("numbers", nargs="+", metavar="NUMBER", help="number of an invoice whose status is final")

    def handle(self, *_args: Any, company: str, numbers: list[str], **_options: Any) -> None:
        invoices = Invoice.objects.filter(company=find_company(company), number__in=numbers)
        statuses = dict(invoices.values_list("number", "chorus_status"))
        reopened = set(final(invoices).values_list("number", flat=True))
        reopen(invoices)
        for number in dict.fromkeys(numbers):
            if number in reopened:
                self.stdout.write(_("%s is followed again from the next run on.") % number)
            else:
                self.stderr.write(_why_not(number, statuses))
        if len(reopened) < len(set(numbers)):
            sys.exit(SOME_WERE_NOT)


def _why_not(number: str, statuses: dict[str, str]) -> str:
    if number not in statuses:
        return _("%s is not an invoice of this company.") % one_line(number)
    if not statuses[number]:
        return _("%s has no Chorus status yet: it is followed anyway.") % number
    return _("%(number)s is %(status)s, which is not final: it is followed anyway.") % {
        "number": number,
        "status": statuses[number],
    }
