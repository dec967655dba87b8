"""A file to begin with: all columns, and one line, in the form of the reader's language."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

from django.utils.translation import get_language

from akuiteo.models import User
from chorus.access import visible_companies
from chorus.invoice_csv.columns import IMPORTED
from chorus.invoice_exports.csv_forms import FRENCH, INTERNATIONAL

VALUES = {
    "number": "F-2026-001",
    "date": dt.date(2026, 11, 22),
    "customer": "Mairie de Lyon",
    "customer_siret": "21690123100011",
    "amount_excl_tax": Decimal("1028.80"),
    "amount_incl_tax": Decimal("1234.56"),
    "currency": "EUR",
    "deposited_on": dt.date(2026, 11, 23),
    "dematerialized": True,
}


def sample(reader: User) -> list[str]:
    form = FRENCH if get_language() == "fr" else INTERNATIONAL
    company = visible_companies(reader).values_list("code", flat=True).first() or "ACME"
    values = {"company": company} | VALUES
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.delimiter)
    writer.writerow(IMPORTED)
    writer.writerow(form.cells([values.get(column) for column in IMPORTED]))
    return [form.beginning, text.getvalue()]
