"""The columns of the invoice CSV."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KEY = ("company", "number")
REQUIRED = (*KEY, "date")
OPTIONAL = (
    "customer",
    "customer_siret",
    "service_code",
    "commitment_number",
    "contract_number",
    "project_group",
    "amount_excl_tax",
    "amount_incl_tax",
    "currency",
    "manager",
    "flow_number",
    "chorus_id",
    "deposited_on",
    "dematerialized",
)
IMPORTED = (*REQUIRED, *OPTIONAL)
STATUSES = ("chorus_status", "chorus_status_at", "chorus_comment", "chorus_checked_at", "dematerialization_status")
"""Exported only: an import never touches a status."""
EXPORTED = (*IMPORTED, *STATUSES)
REASON = "refused_because"
"""The column that a file of refused lines has more than the file that they come from."""
IGNORED = (*STATUSES, REASON)
"""A file may have these, and an import does not read them."""

DESCRIPTIONS = {
    "company": _("Code of a company. May be left out when one is chosen for the file."),
    "number": _("Invoice number, at most 50 characters. Company and number say which invoice a line is about."),
    "date": _("Date of the invoice: 2026-11-22 or 22/11/2026."),
    "customer": _("Name of the customer."),
    "customer_siret": _("SIRET of the customer: 14 digits, blanks allowed."),
    "service_code": _("Service of the customer that the invoice goes to."),
    "commitment_number": _("Commitment number that the buyer gave."),
    "contract_number": _("Contract number."),
    "project_group": _("Name of the project group."),
    "amount_excl_tax": _("Amount without tax: 1234.56 or 1 234,56."),
    "amount_incl_tax": _("Amount with tax: 1234.56 or 1 234,56."),
    "currency": _("Three letters; EUR when empty."),
    "manager": _("Invoice manager: login or e-mail of an active user."),
    "flow_number": _("Number of the flow that the invoice was deposited with."),
    "chorus_id": _("The portal's own key of the invoice: a whole number."),
    "deposited_on": _("Date of the deposit on Chorus Pro: 2026-11-22 or 22/11/2026."),
    "dematerialized": _(
        "True or False (Vrai, Faux, 1, 0); True when empty. Only dematerialized invoices are followed."
    ),
}
"""What each imported column takes, for who prepares a file."""
