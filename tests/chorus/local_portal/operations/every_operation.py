"""Calls every operation of a local Chorus Pro that holds the built-in seed, as clients in production do.

    python -m tests.chorus.local_portal.operations.every_operation http://127.0.0.1:8100

Good cases and documented refusals, as a supplier and as a buyer. Invoices are deposited and moved on, so that the
server should be a new one. Prints a line for each call; exit code 1 as soon as an answer is not the one that is due.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

import requests

from tests.chorus.local_portal.client import FACTURES, HEALTH_CHECK, STRUCTURES, TRANSVERSES, USERS
from tests.chorus.local_portal.operations.every_deposit import add_file, deposit, submit
from tests.chorus.local_portal.operations.sessions import Session, UnexpectedAnswerError

ACME_ID, FREE_ID, STATE_ID, STATE_SERVICE_ID = 26073617, 25784152, 25784156, 10653103
STATE = "11000201100044"
# What is to be done with invoices of the seed.
TO_COMPLETE, TO_RECYCLE, REJECTED = 4321004, 4321006, 4321005
AVAILABLE, TO_PAY, SOMEONE_ELSE_S = 4321008, 4321002, 4321011
UNKNOWN = 1


def run(session: Session) -> None:
    """Call every operation. Raises UnexpectedAnswerError."""
    for part in (
        check_health,
        read_lists,
        find_recipients,
        search_as_supplier,
        read_invoices,
        complete,
        recycle,
        handle_rejection,
        play_the_buyer,
        download,
        deposit,
        submit,
    ):
        part(session)


def check_health(session: Session) -> None:
    answer = requests.get(session.url + HEALTH_CHECK, headers=session.supplier.headers, timeout=10)
    session.paths.add(HEALTH_CHECK)
    if answer.json()["statusCode"] != "OK":
        raise UnexpectedAnswerError(answer.text)


def read_lists(session: Session) -> None:
    for name in (
        *("tauxtva", "devises", "pays", "motifs/exonerationtva", "motifs/refus/Facture/AValider", "typespj"),
        *("modereglements", "modedepot", "formatflux", "typedp", "typeidentifiant/structure", "cadrefacturation"),
    ):
        session.call(session.supplier, f"{TRANSVERSES}/recuperer/{name}", {})
        session.call(session.supplier, f"{TRANSVERSES}/recuperer/{name}", {"codeLangue": "EN"})
    session.call(session.supplier, f"{TRANSVERSES}/recuperer/typespj", {"typeObjet": "FACTURE", "codeLangue": "FR"})
    session.call(session.supplier, f"{TRANSVERSES}/recuperer/etat/typedp", {"typeDemandePaiement": "FACTURE"})
    session.call(session.buyer, f"{TRANSVERSES}/recuperer/etats/traitement", {"statutCourant": "MISE_A_DISPOSITION"})


def find_recipients(session: Session) -> None:
    supplier, call = session.supplier, session.call
    call(supplier, f"{TRANSVERSES}/recuperer/structures/actives/fournisseur", {})
    call(supplier, f"{TRANSVERSES}/recuperer/coordbanc/valides", {"idStructure": ACME_ID})
    call(supplier, f"{TRANSVERSES}/recuperer/coordbanc/valides", {"idStructure": STATE_ID}, code=20000)
    page = {"pageResultatDemandee": 1, "nbResultatsParPage": 5}
    call(
        supplier, f"{TRANSVERSES}/rechercher/destinataire", {"nomVilleCodePostal": "Paris", "parametresRecherche": page}
    )
    call(supplier, f"{TRANSVERSES}/rechercher/serviceexecutant", {"idDestinataireCPP": STATE_ID, "actif": True})
    call(session.supplier, f"{USERS}/monCompte/recuperer/rattachements", {"parametresRecherche": page})
    structure = {"identifiantStructure": STATE, "typeIdentifiantStructure": "SIRET"}
    call(supplier, f"{STRUCTURES}/rechercher", {"structure": structure, "restreindreStructuresPrivees": False})
    call(supplier, f"{STRUCTURES}/consulter", {"idStructureCPP": STATE_ID})
    call(supplier, f"{STRUCTURES}/consulter", {"idStructureCPP": ACME_ID, "codeLangue": "EN"})
    call(supplier, f"{STRUCTURES}/consulter", {"idStructureCPP": UNKNOWN}, code=20000)
    services = {"nbResultatsParPage": 10000, "triColonne": "CodeService", "triSens": "Ascendant"}
    call(
        supplier,
        f"{STRUCTURES}/rechercher/services",
        {"idStructure": STATE_ID, "parametresRechercherServicesStructure": services},
    )
    call(supplier, f"{STRUCTURES}/consulter/service", {"idStructure": STATE_ID, "idService": STATE_SERVICE_ID})
    call(supplier, f"{STRUCTURES}/consulter/service", {"idStructure": STATE_ID, "idService": UNKNOWN}, code=20001)


def search_as_supplier(session: Session) -> None:
    path = f"{FACTURES}/rechercher/fournisseur"
    for body in searches():
        session.call(session.supplier, path, body)
    to_treat = {"idStructure": ACME_ID, "masquerRejetee": True, "recupererTaille": True}
    paging = {"nbResultatsParPage": 3, "triColonne": "MontantTTC", "triSens": "Ascendant"}
    for body in ({}, {**to_treat, "rechercheFactureATraiterParFournisseur": paging}):
        session.call(session.supplier, f"{FACTURES}/rechercher/atraiter/fournisseur", body)


def searches() -> Iterator[dict[str, Any]]:
    yield {}
    yield {"numeroFacture": "NONE"}
    yield {"numeroFluxDepot": "CPP0011117000000000425903"}
    yield {"periodeDateHeureEtatCourantDu": "2026-10-08T00:00:00", "recupererTaille": True}
    yield {"statutCourant": ["REJETEE", "SUSPENDUE"], "idFournisseur": ACME_ID, "rejetTraite": False}
    yield {"rechercheFactureParFournisseur": {"nbResultatsParPage": 5, "pageResultatDemandee": 2}}


def read_invoices(session: Session) -> None:
    as_supplier, history = f"{FACTURES}/consulter/fournisseur", f"{FACTURES}/consulter/historique"
    page = {"nbResultatsParPageLignesPoste": 1, "pageResultatDemandeeLignesPoste": 2}
    session.call(session.supplier, as_supplier, {"identifiantFactureCPP": TO_COMPLETE, "getpLignesPoste": page})
    session.call(session.supplier, as_supplier, {"identifiantFactureCPP": UNKNOWN}, code=20000)
    session.call(session.supplier, as_supplier, {"identifiantFactureCPP": SOMEONE_ELSE_S}, code=20001)
    session.call(session.supplier, history, {"idFacture": TO_PAY})
    session.call(session.buyer, history, {"idFacture": SOMEONE_ELSE_S})
    session.call(session.supplier, history, {"idFacture": UNKNOWN}, code=20000)


def complete(session: Session) -> None:
    path = f"{FACTURES}/completer"
    piece = {
        "pieceJointeComplementaireDesignation": "Bon de livraison signé",
        "pieceJointeComplementaireType": "02",
        "pieceJointeComplementaireId": add_file(session),
    }
    body = {"identifiantFactureCPP": TO_COMPLETE, "commentaire": "Bon joint", "pieceJointeComplementaire": [piece]}
    wrong = {**body, "pieceJointeComplementaire": [{"pieceJointeComplementaireId": UNKNOWN}]}
    session.call(session.supplier, path, wrong, code=20003)
    session.call(session.supplier, path, body)
    session.call(session.supplier, path, body, code=20002)
    session.call(session.supplier, path, {"identifiantFactureCPP": UNKNOWN}, code=20000)
    session.call(session.supplier, path, {"identifiantFactureCPP": SOMEONE_ELSE_S}, code=20001)


def recycle(session: Session) -> None:
    path = f"{FACTURES}/recycler"
    to_state = {"codeDestinataire": STATE, "codeServiceExecutant": "SFACETAT"}
    body = {"identifiantFactureCPP": TO_RECYCLE, "destinataire": to_state, "commentaire": "Nouveau destinataire"}
    session.call(session.supplier, path, body, code=20009)
    session.call(session.supplier, path, {**body, "destinataire": {"codeDestinataire": "1"}}, code=20004)
    session.call(session.supplier, path, {**body, "destinataire": {"codeDestinataire": STATE}}, code=20006)
    session.call(session.supplier, path, {**body, "reference": {"numeroBonCommande": "1000054999"}})
    session.call(session.supplier, path, body, code=20002)
    session.call(session.supplier, path, {"identifiantFactureCPP": UNKNOWN}, code=20000)


def handle_rejection(session: Session) -> None:
    path = f"{FACTURES}/traiterRejet"
    session.call(session.supplier, path, {"listeDemandePaiement": [{"idDemandePaiement": REJECTED}]})
    session.call(session.supplier, path, {"listeDemandePaiement": [{"idDemandePaiement": TO_PAY}]}, code=20002)
    session.call(session.supplier, f"{FACTURES}/rechercher/fournisseur", {"rejetTraite": True})


def play_the_buyer(session: Session) -> None:
    search, treat = f"{FACTURES}/rechercher/recipiendaire", f"{FACTURES}/traiter/recue"
    paging = {"pageResultatDemandee": 1, "nbResultatsParPage": 1000}
    session.call(session.buyer, search, {"statutCourant": ["MISE_A_DISPOSITION"], "paramRecherche": paging})
    session.call(
        session.buyer, search, {"periodeDateHeureEtatCourantDu": "2026-11-01T23:59:59", "idDestinataire": FREE_ID}
    )
    session.call(session.buyer, search, {"numeroFacture": "NONE"}, code=20000)
    session.call(session.buyer, f"{FACTURES}/consulter/recipiendaire", {"identifiantFactureCPP": AVAILABLE})
    session.call(
        session.supplier, f"{FACTURES}/consulter/recipiendaire", {"identifiantFactureCPP": AVAILABLE}, code=20001
    )
    session.call(session.buyer, treat, {"idFacture": AVAILABLE, "nouveauStatut": "REJETEE"}, code=20003)
    session.call(
        session.buyer, treat, {"idFacture": AVAILABLE, "nouveauStatut": "SUSPENDUE", "motif": "Pièce manquante"}
    )
    session.call(session.buyer, treat, {"idFacture": AVAILABLE, "nouveauStatut": "MANDATEE"}, code=20002)
    session.call(
        session.buyer, treat, {"idFacture": TO_PAY, "nouveauStatut": "MISE_EN_PAIEMENT", "numeroDPMandat": "M1"}
    )
    session.call(session.supplier, treat, {"idFacture": TO_PAY, "nouveauStatut": "MANDATEE"}, code=20001)
    session.call(session.supplier, f"{FACTURES}/consulter/historique", {"idFacture": AVAILABLE})


def download(session: Session) -> None:
    path = f"{FACTURES}/telecharger/groupe"
    one, two = [{"idFacture": TO_COMPLETE}], [{"idFacture": TO_COMPLETE}, {"idFacture": TO_PAY}]
    attached = {"avecPiecesJointesComplementaires": "OUI"}
    session.call(session.supplier, path, {"listeFacture": one, "format": "PDF"})
    session.call(session.buyer, path, {"listeFacture": two, "format": "PDF", **attached})
    session.call(session.buyer, path, {"listeFacture": one, "format": "PIVOT"})
    session.call(session.supplier, path, {"listeFacture": one, "format": "DOCX"}, code=20002)
    session.call(session.supplier, path, {"listeFacture": [{"idFacture": UNKNOWN}], "format": "PDF"}, code=20000)
    request = {"format": "PDF", "listeFacture": one, **attached}
    attachment = f"{TRANSVERSES}/telecharger/pieceJointe"
    session.call(session.buyer, attachment, {"objetPieceJointe": "DEMANDE_PAIEMENT", "demandePaiement": request})
    session.call(session.buyer, attachment, {"objetPieceJointe": "SOLLICITATION"}, code=20003)
    session.call(session.supplier, f"{TRANSVERSES}/telecharger/annuaire/destinataire", {})
    session.call(session.supplier, f"{FACTURES}/consulter/historique", {"idFacture": TO_COMPLETE})


def main(url: str) -> int:
    session = Session(url, wait=lambda: time.sleep(0.5))
    try:
        run(session)
    except UnexpectedAnswerError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(session.paths)} operations")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
