"""consulter/fournisseur: one invoice, as its supplier sees it."""

import json
from collections.abc import Sequence

from chorus.local_portal import codes, dates
from chorus.local_portal.checks import one_of, record, text
from chorus.local_portal.operations.call import READ, Answer, Call, Operation, filled
from chorus.local_portal.operations.fields import CURRENT_USER, LEGACY_PAGING, int32, int64
from chorus.local_portal.store import Row

BODY = record(
    {
        **CURRENT_USER,
        "identifiantFactureCPP": int64,
        "codeLangue": text,
        "getpLigneRecapTva": record(
            {
                "pageResultatDemandeeListeRecapitulatifTVA": int32,
                "nbResultatsParPageListeListeRecapitulatifTVA": int32,
                "triSensListeRecapitulatifTVA": one_of(codes.DIRECTIONS),
                "triColonneListeRecapitulatifTVA": one_of(codes.VAT_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "getpListePiecesJointes": record(
            {
                "pageResultatDemandeeListePieceJointe": int64,
                "nbResultatsParPageListePieceJointe": int64,
                "triSensListePiecesJointes": one_of(codes.DIRECTIONS),
                "triColonneListePiecesJointes": one_of(codes.ATTACHMENT_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "getpLignesPoste": record(
            {
                "pageResultatDemandeeLignesPoste": int32,
                "nbResultatsParPageLignesPoste": int32,
                "triSensListeLignesPoste": one_of(codes.DIRECTIONS),
                "triColonneListeLignesPoste": one_of(codes.LINE_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
    },
    needed=["identifiantFactureCPP"],
)


def read_as_supplier(call: Call) -> Answer:
    invoice = call.invoice(call.body["identifiantFactureCPP"], "supplier_id")
    return READ | {"facture": invoice_details(invoice)}


def invoice_details(invoice: Row) -> Answer:
    """Return an invoice as the `facture` of consulter/fournisseur."""
    others = json.loads(invoice["other_members"])
    return filled(
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
    return filled(
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
    return filled(
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
    return filled(
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
    return filled(totals) or None


def _among(names: Sequence[str], others: Answer) -> Answer:
    return {name: others[name] for name in names if name in others}


OPERATIONS = {"/cpro/factures/v1/consulter/fournisseur": Operation(BODY, read_as_supplier)}
