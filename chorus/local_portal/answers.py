"""What the API answers of invoices and of their history, in the members of AIFE's Swagger.

A member without value is left out, as the portal does.
"""

import json
from collections.abc import Sequence
from typing import Any

from chorus.local_portal import codes, dates
from chorus.local_portal.search import Page
from chorus.local_portal.store import Row

Answer = dict[str, Any]


def search_row(row: Row, with_size: bool) -> Answer:
    """Return an invoice as a row of rechercher/fournisseur, from its search.ROW_COLUMNS."""
    members = _filled(row)
    members["dateHeureEtatCourant"] = dates.exact(row["dateHeureEtatCourant"])
    members["rejetTraite"] = bool(row["rejetTraite"])
    if not with_size:
        members.pop("taille", None)
    members.update(json.loads(members.pop("other_members")))
    return members


def paging(page: Page) -> Answer:
    return {
        "pageCourante": page.current,
        "pages": page.pages,
        "nbResultatsParPage": page.size,
        "total": page.total,
    }


def invoice_details(invoice: Row) -> Answer:
    """Return an invoice as the `facture` of consulter/fournisseur."""
    others = json.loads(invoice["other_members"])
    return _filled(
        {
            "identifiantFactureCPP": invoice["id"],
            "numeroFacture": invoice["number"],
            "statutFacture": invoice["status"],
            "modeDepot": invoice["deposit_mode"],
            "rejetTraite": bool(invoice["rejection_handled"]),
            "destinataire": _recipient(invoice),
            "fournisseur": _supplier(invoice, others),
            "cadreDeFacturation": {
                "codeCadreFacturation": invoice["billing_frame"],
                **_among(codes.VALIDATOR_MEMBERS, others),
            },
            "references": _references(invoice),
            "montantTotal": _totals(invoice),
            "commentaire": invoice["comment"],
        }
    )


def _recipient(invoice: Row) -> Answer:
    return _filled(
        {
            "idDestinataire": invoice["recipient_id"],
            "codeDestinataire": invoice["recipient_siret"],
            "libelleDestinataire": invoice["recipient_name"],
            "designationDestinataire": invoice["recipient_name"],
            "idServiceExecutant": invoice["service_id"],
            "codeServiceExecutant": invoice["service_code"],
            "libelleServiceExecutant": invoice["service_name"],
        }
    )


def _supplier(invoice: Row, others: Answer) -> Answer:
    return _filled(
        {
            "idFournisseur": invoice["supplier_id"],
            "typeIdentifiantFournisseur": "SIRET",
            "codeFournisseur": invoice["supplier_siret"],
            "raisonSocialeFournisseur": invoice["supplier_name"],
            "designationFournisseur": invoice["supplier_name"],
            "idServiceFournisseur": invoice["supplier_service_id"],
            "codeServiceFournisseur": invoice["supplier_service_code"],
            "libelleServiceFournisseur": invoice["supplier_service_name"],
            **_among(codes.BANK_MEMBERS, others),
            "affactureur": _among(codes.FACTOR_MEMBERS, others) or None,
        }
    )


def _references(invoice: Row) -> Answer:
    return _filled(
        {
            "dateFacture": invoice["date"],
            "dateDepot": invoice["deposited_on"],
            "dateCreationFacture": dates.minute(invoice["deposited_at"]),
            "dateEcheancePaiement": invoice["due_on"],
            "codeDeviseFacture": invoice["currency"],
            "typeFacture": invoice["type"],
            "numeroMarche": invoice["contract_number"],
            "numeroBonCommande": invoice["commitment_number"],
            "numeroFactureOrigine": invoice["original_number"],
            "numeroDpMandat": invoice["mandate_number"],
        }
    )


def _totals(invoice: Row) -> Answer | None:
    excluding, including = invoice["amount_excl_tax"], invoice["amount_incl_tax"]
    tax = None if excluding is None or including is None else round(including - excluding, 6)
    totals = {
        "montantHtTotal": excluding,
        "montantTVA": tax,
        "montantTtcTotal": including,
        "montantAPayer": invoice["amount_payable"],
    }
    return _filled(totals) or None


def history(changes: Sequence[Row], page: Page) -> Answer:
    """Return a page of status changes as the `historiquesDesStatuts` of consulter/historique."""
    return {
        "histoStatut": [_history_entry(change) for change in changes],
        "pageCouranteHistoStatut": page.current,
        "pagesHistoStatut": page.pages,
        "nbResultatsParPageHistoStatut": page.size,
        "totalHistoStatut": page.total,
    }


def _history_entry(change: Row) -> Answer:
    return _filled(
        {
            "histoStatutId": change["id"],
            "histoStatutCode": change["status"],
            "histoStatutDatePassage": dates.minute(change["at"]),
            "histoStatutCommentaire": change["comment"],
            "histoStatutUtilisateurNom": change["author"],
        }
    )


def _filled(members: Answer) -> Answer:
    return {name: value for name, value in members.items() if value is not None}


def _among(names: Sequence[str], others: Answer) -> Answer:
    return {name: others[name] for name in names if name in others}
