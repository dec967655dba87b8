"""The part of every_operation that deposits, follows and submits invoices, and adds files."""

from tests.chorus.local_portal.client import FACTURES, TRANSVERSES
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.operations.sessions import Session, UnexpectedAnswerError, in_base64

ACME_ID, FREE = 26073617, "12345678200051"


def deposit(session: Session) -> None:
    good = files.ubl(number="EVERY-UBL-1")
    partly = files.tar_gz(
        {"1.xml": files.ubl(number="EVERY-UBL-2"), "2.xml": files.ubl(number="EVERY-UBL-3", recipient="1")}
    )
    for syntax, content, name, state in (
        (files.UBL, good, "facture.xml", "IN_INTEGRE"),
        (files.CII, files.cii(number="EVERY-CII-1"), "facture.xml", "IN_INTEGRE"),
        (files.FACTUR_X, files.factur_x(files.cii(number="EVERY-FX-1")), "facture.pdf", "IN_INTEGRE"),
        (files.UBL, partly, "lot.tar.gz", "IN_INTEGRE_PARTIEL"),
        (files.UBL, good, "facture.xml", "IN_REJETE"),
        (files.UBL, b"<Invoice>", "facture.xml", "IN_REJETE"),
    ):
        follow(session, send(session, syntax, content, name), state)
    session.call(session.supplier, f"{TRANSVERSES}/consulterCRDetaille", {"numeroFluxDepot": "CPP"}, code=20001)


def send(session: Session, syntax: str, content: bytes, name: str) -> str:
    body = {"fichierFlux": in_base64(content), "nomFichier": name, "syntaxeFlux": syntax, "avecSignature": False}
    return str(session.call(session.supplier, f"{FACTURES}/deposer/flux", body)["numeroFluxDepot"])


def follow(session: Session, flow: str, state: str) -> None:
    """Ask for the report of a flow until it is treated, and find its invoices."""
    path, ends = f"{TRANSVERSES}/consulterCRDetaille", ("IN_INTEGRE", "IN_INTEGRE_PARTIEL", "IN_REJETE")
    report = session.call(session.supplier, path, {"numeroFluxDepot": flow})
    while report["etatCourantDepotFlux"] not in ends:
        session.wait()
        report = session.call(session.supplier, path, {"numeroFluxDepot": flow})
    session.call(session.supplier, f"{TRANSVERSES}/consulterCR", {"numeroFluxDepot": flow})
    found = session.call(session.supplier, f"{FACTURES}/rechercher/fournisseur", {"numeroFluxDepot": flow})
    if report["etatCourantDepotFlux"] != state or bool(found["listeFactures"]) != (state != "IN_REJETE"):
        raise UnexpectedAnswerError(f"flow {flow}: {state} is due, not {report} with {found}")


def submit(session: Session) -> None:
    pdf = session.call(
        session.supplier,
        f"{FACTURES}/deposer/pdf",
        {"fichierFacture": in_base64(files.plain_pdf()), "nomFichier": "f.pdf", "formatDepot": "PDF_NON_SIGNE"},
    )
    body = {
        "modeDepot": "DEPOT_PDF_API",
        "numeroFactureSaisi": "EVERY-PDF-1",
        "dateFacture": "2026-11-20",
        "destinataire": {"codeDestinataire": FREE},
        "fournisseur": {"idFournisseur": ACME_ID},
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {
            "deviseFacture": "EUR",
            "typeFacture": "FACTURE",
            "typeTva": "TVA_SUR_DEBIT",
            "modePaiement": "VIREMENT",
        },
        "montantTotal": {"montantHtTotal": 100, "montantTVA": 20, "montantTtcTotal": 120, "montantAPayer": 120},
        "pieceJointePrincipale": [
            {"pieceJointePrincipaleDesignation": "Facture", "pieceJointePrincipaleId": pdf["pieceJointeId"]}
        ],
    }
    submitted = session.call(session.supplier, f"{FACTURES}/soumettre", body)
    session.call(session.supplier, f"{FACTURES}/soumettre", body, code=20011)
    invoice_id = submitted["identifiantFactureCPP"]
    session.call(session.supplier, f"{FACTURES}/consulter/fournisseur", {"identifiantFactureCPP": invoice_id})
    session.call(
        session.supplier,
        f"{FACTURES}/telecharger/groupe",
        {"listeFacture": [{"idFacture": invoice_id}], "format": "PDF"},
    )


def add_file(session: Session) -> int:
    added = session.call(
        session.supplier,
        f"{TRANSVERSES}/ajouter/fichier",
        {
            "pieceJointeFichier": in_base64(files.plain_pdf()),
            "pieceJointeNom": "bon-de-livraison.pdf",
            "pieceJointeTypeMime": "application/pdf",
            "pieceJointeExtension": "PDF",
        },
    )
    return int(added["pieceJointeId"])
