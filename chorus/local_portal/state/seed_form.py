"""The form of a seed file, as checks; docs/local-chorus-pro.md describes it."""

import re
from typing import Any

from chorus.local_portal import codes
from chorus.local_portal.checks import (
    MalformedError,
    boolean,
    date,
    day,
    filled,
    integer,
    list_of,
    number,
    one_of,
    record,
    text,
)

identifier = integer(low=1)

OTHER_CHECKS = {
    name: (
        one_of(codes.IDENTIFIER_TYPES)
        if "TypeIdentifiant" in name or name.startswith("typeIdentifiant")
        else day
        if name.startswith("dateValidation")
        else text
    )
    for name in codes.OTHER_MEMBERS
}

IBAN = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", re.ASCII)


def iban(value: Any) -> None:
    """Check the form of an IBAN, without blanks."""
    text(value)
    if not IBAN.fullmatch(value):
        raise MalformedError("an IBAN without blanks is due, as FR7630006000011234567890189")


DETAILS = record(
    {
        "lines": list_of(
            record(
                {
                    "lignePosteNumero": identifier,
                    "lignePosteReference": text,
                    "lignePosteDenomination": text,
                    "lignePosteQuantite": number,
                    "lignePosteUniteCode": identifier,
                    "lignePosteUniteLibelle": text,
                    "lignePosteMontantUnitaireHT": number,
                    "lignePosteMontantRemiseHT": number,
                    "lignePosteTauxTva": text,
                    "lignePosteTauxTvaManuel": number,
                    "lignePosteMontantHtApresRemise": number,
                    "lignePosteMontantTva": number,
                    "lignePosteMontantTtcApresRemise": number,
                }
            )
        ),
        "vat": list_of(
            record(
                {
                    "ligneTvaTauxRefId": identifier,
                    "ligneTvaTauxRefCode": text,
                    "ligneTvaTauxRefLibelle": text,
                    "ligneTvaTauxRefValeur": number,
                    "ligneTvaTauxManuel": number,
                    "ligneTvaMontantBaseHtParTaux": number,
                    "ligneTvaMontantTvaParTaux": number,
                }
            )
        ),
    }
)
"""The lines and the VAT of an invoice, by the API's names."""

INVOICE = record(
    {
        "id": identifier,
        "number": filled,
        "supplier": filled,
        "supplier_service": filled,
        "recipient": filled,
        "service": filled,
        "type": one_of(codes.INVOICE_TYPES),
        "billing_frame": one_of(codes.READABLE_BILLING_FRAMES),
        "deposit_mode": one_of(codes.DEPOSIT_MODES),
        "date": day,
        "due_on": day,
        "amount_excl_tax": number,
        "amount_incl_tax": number,
        "amount_payable": number,
        "currency": filled,
        "commitment_number": filled,
        "contract_number": filled,
        "original_number": filled,
        "flow_number": filled,
        "comment": filled,
        "rejection_handled": boolean,
        "size": integer(low=0),
        "creator_id": identifier,
        "validator_id": identifier,
        "bank_account_id": identifier,
        "payment_mode": one_of(codes.PAYMENT_MODES),
        "other_members": record(OTHER_CHECKS),
        "details": DETAILS,
        "history": list_of(
            record(
                {"status": one_of(codes.KNOWN_STATUSES), "at": date, "comment": filled, "author": filled},
                needed=["status", "at"],
            ),
            at_least=1,
        ),
    },
    needed=["number", "supplier", "recipient", "date", "history"],
)

SEED = record(
    {
        "applications": list_of(
            record({"client_id": filled, "client_secret": filled}, needed=["client_id", "client_secret"])
        ),
        "structures": list_of(
            record(
                {
                    "id": identifier,
                    "siret": filled,
                    "name": filled,
                    "kind": one_of(("supplier", "recipient")),
                    "services": list_of(
                        record(
                            {
                                "id": identifier,
                                "code": filled,
                                "name": filled,
                                "active": boolean,
                                "commitment_required": boolean,
                            },
                            needed=["code", "name"],
                        )
                    ),
                    "identifier_type": one_of(codes.IDENTIFIER_TYPES),
                    "active": boolean,
                    "service_required": boolean,
                    "commitment_required": boolean,
                    "payment_hidden": boolean,
                    "street": filled,
                    "postcode": filled,
                    "city": filled,
                    "country": filled,
                    "bank_accounts": list_of(
                        record({"id": identifier, "name": filled, "iban": iban, "bic": filled}, needed=["name", "iban"])
                    ),
                },
                needed=["siret", "name", "kind"],
            )
        ),
        "accounts": list_of(
            record(
                {"login": filled, "password": filled, "structures": list_of(filled), "password_expires_on": day},
                needed=["login", "password", "structures"],
            )
        ),
        "invoices": list_of(INVOICE),
    }
)
