"""The columns of the invoice CSV."""

from __future__ import annotations

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
