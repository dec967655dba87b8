"""The body of soumettre, by AIFE's Swagger, and the invoice that it is."""

from typing import Any

from chorus.local_portal import codes, dates
from chorus.local_portal.checks import Check, MalformedError, day, list_of, number, one_of, record, text, text_up_to
from chorus.local_portal.deposits import attachments
from chorus.local_portal.deposits.attachments import Link
from chorus.local_portal.deposits.judging import DEPOSITED_FRAMES
from chorus.local_portal.deposits.records import DepositedInvoice
from chorus.local_portal.operations.fields import CURRENT_USER, int32, int64

Body = dict[str, Any]


def _one_or_many(check: Check) -> Check:
    def check_either(value: Any) -> None:
        (list_of(check) if isinstance(value, list) else check)(value)

    return check_either


MAX_COMMENT = 2000
MAIN_ATTACHMENT = record({"pieceJointePrincipaleDesignation": text, "pieceJointePrincipaleId": int64})

BODY = record(
    {
        **CURRENT_USER,
        "modeDepot": one_of(("SAISIE_API", "DEPOT_PDF_API", "DEPOT_PDF_SIGNE_API")),
        "numeroFactureSaisi": text,
        "dateFacture": day,
        "destinataire": record({"codeDestinataire": text, "codeServiceExecutant": text}),
        "fournisseur": record(
            {"idFournisseur": int64, "idServiceFournisseur": int64, "codeCoordonneesBancairesFournisseur": int64},
        ),
        "cadreDeFacturation": record(
            {
                "codeCadreFacturation": one_of(tuple(DEPOSITED_FRAMES.values())),
                "codeStructureValideur": text,
                "codeServiceValideur": text,
            }
        ),
        "references": record(
            {
                "deviseFacture": text,
                "typeFacture": one_of(("AVOIR", "FACTURE")),
                "typeTva": one_of(("TVA_SUR_DEBIT", "TVA_SUR_ENCAISSEMENT", "EXONERATION", "SANS_TVA")),
                "motifExonerationTva": text,
                "numeroMarche": text,
                "numeroBonCommande": text,
                "numeroFactureOrigine": text,
                "modePaiement": one_of(codes.PAYMENT_MODES),
            }
        ),
        "lignePoste": list_of(
            record(
                {
                    "lignePosteNumero": int32,
                    "lignePosteReference": text,
                    "lignePosteDenomination": text,
                    "lignePosteQuantite": number,
                    "lignePosteUnite": text,
                    "lignePosteMontantUnitaireHT": number,
                    "lignePosteMontantRemiseHT": number,
                    "lignePosteTauxTva": text,
                    "lignePosteTauxTvaManuel": number,
                }
            )
        ),
        "ligneTva": list_of(
            record(
                {
                    "ligneTvaTaux": text,
                    "ligneTvaMontantBaseHtParTaux": number,
                    "ligneTvaMontantTvaParTaux": number,
                    "ligneTvaTauxManuel": number,
                }
            )
        ),
        "montantTotal": record(
            {
                "montantHtTotal": number,
                "montantTVA": number,
                "montantTtcTotal": number,
                "montantRemiseGlobaleTTC": number,
                "motifRemiseGlobaleTTC": text,
                "montantAPayer": number,
            }
        ),
        # An object in AIFE's Swagger, a list with clients in production.
        "pieceJointePrincipale": _one_or_many(MAIN_ATTACHMENT),
        "pieceJointeComplementaire": list_of(
            record(
                {
                    "pieceJointeComplementaireDesignation": text_up_to(100),
                    "pieceJointeComplementaireType": text_up_to(30),
                    "pieceJointeComplementaireNumeroLigneFacture": int32,
                    "pieceJointeComplementaireId": int64,
                    "pieceJointeComplementaireIdLiaison": int64,
                },
                needed=["pieceJointeComplementaireId"],
            )
        ),
        "commentaire": text_up_to(MAX_COMMENT),
    },
    needed=["modeDepot", "destinataire", "fournisseur", "cadreDeFacturation", "references", "montantTotal"],
)


def needed(body: Body, *steps: str) -> Any:
    """Return a member inside a body that no schema demands and nothing goes without. Raises MalformedError."""
    value: Any = body
    for step in steps:
        if step not in value:
            raise MalformedError("missing", ".".join(steps))
        value = value[step]
    return value


def invoice_of(body: Body, supplier: str, today: str) -> DepositedInvoice:
    """Return the invoice that a body is, of the supplier with this identifier; it is of today if no day is given."""
    recipient, references, totals = body["destinataire"], body["references"], body["montantTotal"]
    return DepositedInvoice(
        number=_filled_text(body.get("numeroFactureSaisi")),
        date=dates.read(body.get("dateFacture", today)).date(),
        supplier=[_without_blanks(supplier)],
        recipient=[_without_blanks(needed(body, "destinataire", "codeDestinataire"))],
        type=references.get("typeFacture", "FACTURE"),
        billing_mode=needed(body, "cadreDeFacturation", "codeCadreFacturation"),
        service=_filled_text(recipient.get("codeServiceExecutant")),
        commitment_number=_filled_text(references.get("numeroBonCommande")),
        contract_number=_filled_text(references.get("numeroMarche")),
        original_number=_filled_text(references.get("numeroFactureOrigine")),
        currency=_filled_text(references.get("deviseFacture")),
        amount_excl_tax=totals.get("montantHtTotal"),
        amount_incl_tax=totals.get("montantTtcTotal"),
        amount_payable=totals.get("montantAPayer"),
        payment_mode=references.get("modePaiement"),
        comment=_filled_text(body.get("commentaire")),
        lines=[_renamed(line, "lignePosteUnite", "lignePosteUniteLibelle") for line in body.get("lignePoste", ())],
        vat=[_renamed(vat, "ligneTvaTaux", "ligneTvaTauxRefCode") for vat in body.get("ligneTva", ())],
    )


def links_of(body: Body) -> list[Link]:
    """Return the attachments that a body names, the main one first."""
    main = body.get("pieceJointePrincipale", [])
    return [
        *(
            Link(
                needed(each, "pieceJointePrincipaleId"),
                "main",
                each.get("pieceJointePrincipaleDesignation", ""),
                attachments.INVOICE_TYPE,
            )
            for each in (main if isinstance(main, list) else [main])
        ),
        *(
            Link(
                each["pieceJointeComplementaireId"],
                "additional",
                each.get("pieceJointeComplementaireDesignation", ""),
                each.get("pieceJointeComplementaireType", attachments.OTHER_TYPE),
                each.get("pieceJointeComplementaireNumeroLigneFacture"),
            )
            for each in body.get("pieceJointeComplementaire", ())
        ),
    ]


def _renamed(members: Body, name: str, new_name: str) -> Body:
    return {new_name if each == name else each: value for each, value in members.items()}


def _filled_text(value: str | None) -> str | None:
    return (value or "").strip() or None


def _without_blanks(identifier: str) -> str:
    return "".join(identifier.split())
