"""An invoice as `consulter/fournisseur` and `consulter/recipiendaire` show it: the members that both have."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from chorus.local_portal import codes, dates
from chorus.local_portal.operations import reference_lists, sublists
from chorus.local_portal.operations.call import Answer, Call, filled
from chorus.local_portal.operations.sublists import SubList
from chorus.local_portal.searches.filters import Body
from chorus.local_portal.state.store import Row, Store

ATTACHED = """
SELECT attachments.id, role, type, designation, line_number, extension, length(content) AS size
FROM invoice_attachments JOIN attachments ON attachments.id = attachment_id WHERE invoice_id = ? ORDER BY attachments.id
"""


@dataclass(frozen=True)
class Pages:
    """Which pages of the lists inside an invoice are asked for."""

    vat: Body
    attachments: Body
    lines: Body


def invoice_details(call: Call, invoice: Row, pages: Pages) -> Answer:
    """Return an invoice as a `facture`; what only one of the two operations shows is to be added."""
    language = call.body.get("codeLangue", "FR")
    others, details = json.loads(invoice["other_members"]), json.loads(invoice["details"])
    attached = call.store.rows(ATTACHED, invoice["id"])
    main = [{"idPieceJointePrincipale": piece["id"]} for piece in attached if piece["role"] == "main"]
    additional = [_attachment(piece, language) for piece in attached if piece["role"] == "additional"]

    def listed(kind: SubList, items: Sequence[Answer], asked: Body) -> Answer | None:
        return kind.answer(items, asked, call.caps) if items else None

    return filled(
        {
            "identifiantFactureCPP": invoice["id"],
            "numeroFacture": invoice["number"],
            "statutFacture": invoice["status"],
            "modeDepot": invoice["deposit_mode"],
            "destinataire": _recipient(call.store, invoice, language),
            "fournisseur": _supplier(call.store, invoice, others, language),
            "cadreDeFacturation": {
                "codeCadreFacturation": invoice["billing_frame"],
                **_among(codes.VALIDATOR_MEMBERS, others),
            },
            "references": _references(invoice, language, sum(piece["size"] for piece in attached)),
            "recapitulatifDeTva": listed(sublists.VAT, _known(codes.VAT_MEMBERS, details.get("vat", ())), pages.vat),
            "montantTotal": _totals(invoice),
            "pieceJointePrincipale": main[0] if main else None,
            "listeDesPiecesJointes": listed(sublists.ATTACHMENTS, additional, pages.attachments),
            "lignesDePoste": listed(sublists.LINES, _known(codes.LINE_MEMBERS, details.get("lines", ())), pages.lines),
            "commentaire": invoice["comment"],
        }
    )


def _recipient(store: Store, invoice: Row, language: str) -> Answer:
    return filled(
        {
            "idDestinataire": invoice["recipient_id"],
            "codeDestinataire": invoice["recipient_siret"],
            "libelleDestinataire": invoice["recipient_name"],
            "idServiceExecutant": invoice["service_id"],
            "codeServiceExecutant": invoice["service_code"],
            "libelleServiceExecutant": invoice["service_name"],
            **_address(store, invoice["recipient_id"], "adresseDestinataire", language),
        }
    )


def _supplier(store: Store, invoice: Row, others: Answer, language: str) -> Answer:
    return filled(
        {
            "idFournisseur": invoice["supplier_id"],
            "typeIdentifiantFournisseur": invoice["supplier_identifier_type"],
            "codeFournisseur": invoice["supplier_siret"],
            "designationFournisseur": invoice["supplier_name"],
            "idServiceFournisseur": invoice["supplier_service_id"],
            "codeServiceFournisseur": invoice["supplier_service_code"],
            "libelleServiceFournisseur": invoice["supplier_service_name"],
            **_address(store, invoice["supplier_id"], "adresseFournisseur", language),
            **_bank_account(store, invoice["bank_account_id"]),
            **_among(codes.BANK_MEMBERS, others),
            "affactureur": _among(codes.FACTOR_MEMBERS, others) or None,
        }
    )


def _address(store: Store, structure_id: int, prefix: str, language: str) -> Answer:
    """Return the members of a postal address, if one is known."""
    structure = store.row("SELECT street, postcode, city, country FROM structures WHERE id = ?", structure_id)
    if structure is None or structure["city"] is None:
        return {}
    return {
        f"{prefix}Detail": structure["street"],
        f"{prefix}CodePostal": structure["postcode"],
        f"{prefix}Ville": structure["city"],
        f"{prefix}CodePays": structure["country"],
        f"{prefix}LibellePays": reference_lists.words(reference_lists.COUNTRIES, structure["country"], language),
    }


def _bank_account(store: Store, account_id: int | None) -> Answer:
    account = store.row("SELECT * FROM bank_accounts WHERE id = ?", account_id)
    if account is None:
        return {}
    iban = account["iban"]
    return {
        "coordBancairesFournisseurId": account["id"],
        "coordBancairesFournisseurType": "IBAN",
        "coordBancairesFournisseurLibelle": account["name"],
        "coordBancairesFournisseurCodePays": iban[:2],
        "coordBancairesFournisseurCleIban": iban[2:4],
        "coordBancairesFournisseurCompteBancaire": iban[4:],
        "coordBancairesBicSwift": account["bic"],
    }


def _references(invoice: Row, language: str, attached_bytes: int) -> Answer:
    currency = invoice["currency"]
    return filled(
        {
            "dateFacture": invoice["date"],
            "dateDepot": invoice["deposited_on"],
            "dateCreationFacture": dates.minute(invoice["deposited_at"]),
            "dateEcheancePaiement": invoice["due_on"],
            "codeDeviseFacture": currency,
            "libelleDeviseFacture": reference_lists.words(reference_lists.CURRENCIES, currency, language),
            "typeFacture": invoice["type"],
            "numeroMarche": invoice["contract_number"],
            "numeroBonCommande": invoice["commitment_number"],
            "numeroFactureOrigine": invoice["original_number"],
            "modePaiement": invoice["payment_mode"],
            "tailleTotalePiecesJointes": attached_bytes or None,
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


def _attachment(piece: Row, language: str) -> Answer:
    kinds = reference_lists.ATTACHMENT_TYPES["FACTURE"]
    return filled(
        {
            "pieceJointeId": piece["id"],
            "pieceJointeTypeCode": piece["type"],
            "pieceJointeTypeLibelle": reference_lists.words(kinds, piece["type"], language),
            "pieceJointeDesignation": piece["designation"],
            "pieceJointeNumeroLigneFacture": piece["line_number"],
            "pieceJointeExtension": piece["extension"],
        }
    )


def _known(names: Sequence[str], items: Sequence[Answer]) -> list[Answer]:
    return [filled(_among(names, item)) for item in items]


def _among(names: Sequence[str], members: Answer) -> Answer:
    return {name: members[name] for name in names if name in members}
