"""chorus-api, a client in Python on PyPI, works against the local Chorus Pro; only its base URLs are set."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from tests.chorus.local_portal.client import PASSWORDS, SUPPLIER_LOGIN, TREAT, Client
from tests.clients.conftest import TREATMENT, WAY_TO_BUYER
from tests.clients.invoices import RECIPIENT, SUPPLIER, Invoice, archive, cii, factur_x, ubl
from tests.clients.programs import run

DEPOSITED = "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"


@dataclass(frozen=True)
class ChorusApi:
    """The client's methods; each call is a process of its own, with a token of its own."""

    url: str
    password: str = PASSWORDS[SUPPLIER_LOGIN]

    def __call__(self, method: str, **arguments: Any) -> Any:
        ended = self.run(method, **arguments)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def run(self, method: str, **arguments: Any) -> Any:
        words = (self.url, SUPPLIER_LOGIN, self.password, method)
        return run("chorus-api", "chorus_api_client", *words, stdin=json.dumps(arguments))

    def deposit(self, content: bytes, name: str, **options: str) -> str:
        """Deposit a file; return the number of its flow."""
        answer = self("deposer_flux", fichier_flux=base64.b64encode(content).decode(), file_name=name, **options)
        assert (answer["code_retour"], answer["libelle"]) == (0, "GCU_MSG_01_000")
        return str(answer["numero_flux_depot"])


@pytest.fixture
def chorus_api(portal: LocalPortal) -> ChorusApi:
    return ChorusApi(portal.url)


def test_it_gets_a_token_and_hears_that_the_portal_is_there(chorus_api: ChorusApi) -> None:
    assert len(chorus_api("get_token")) == 54
    assert chorus_api("health_check")["status_code"] == "OK"


def test_it_is_told_that_the_technical_account_is_wrong(portal: LocalPortal) -> None:
    ended = ChorusApi(portal.url, password="wrong").run("health_check")
    assert ended.returncode == 1
    assert "Erreur Chorus API: Code: 401" in ended.stderr


def test_it_finds_a_recipient_what_it_demands_and_its_services(chorus_api: ChorusApi) -> None:
    (found,) = chorus_api("rechercher_structure", siret="12345678200028")["liste_structures"]
    structure = chorus_api("consulter_structure", id_structure_cpp=found["id_structure_cpp"])
    services = chorus_api("rechercher_services", id_structure=found["id_structure_cpp"])["liste_structures"]
    assert (found["designation_structure"], found["statut"]) == ("DESTINATAIRE SERVICE OBLIGATOIRE", "ACTIVE")
    assert structure["information_generales"]["identifiant_structure"] == "12345678200028"
    assert structure["parametres"]["code_service_doit_etre_renseigne"] is True
    assert structure["parametres"]["numero_ej_doit_etre_renseigne"] is False
    assert [service["code_service"] for service in services] == ["SERVICE_DEST_SERV_OBL"]


def test_it_reads_the_currencies_and_the_directory_of_recipients(chorus_api: ChorusApi) -> None:
    assert "EUR" in [currency["code_devise"] for currency in chorus_api("devises")["liste_devises"]]
    directory = base64.b64decode(chorus_api("annuaire_destinataire")["fichier_resultat"])
    assert directory.startswith(b"PK")


@pytest.mark.parametrize(
    ("form", "name", "options"),
    [
        (factur_x, "F-2026-042.pdf", {}),  # its own default, Factur-X
        (cii, "F-2026-042.xml", {"syntaxe_flux": "IN_DP_E1_CII_16B"}),
        (cii, "F-2026-042.xml", {"syntaxe_flux": "IN_DP_E2_CII_MIN_16B"}),
        (ubl, "F-2026-042.xml", {"syntaxe_flux": "IN_DP_E1_UBL_INVOICE"}),
        (ubl, "F-2026-042.xml", {"syntaxe_flux": "IN_DP_E2_UBL_INVOICE_MIN"}),
    ],
)
def test_it_deposits_an_invoice_follows_its_flow_and_finds_it_with_its_status(
    chorus_api: ChorusApi,
    clock: Clock,
    buyer: Client,
    form: Callable[[Invoice], bytes],
    name: str,
    options: dict[str, str],
) -> None:
    flow = chorus_api.deposit(form(Invoice(number="F-2026-042")), name, **options)
    assert chorus_api("consulter_cr_detaille", numero_flux_depot=flow)["etat_courant_depot_flux"] == DEPOSITED
    assert chorus_api("rechercher_facture", numero_flux_depot=flow)["liste_factures"] == []

    clock.advance(TREATMENT)
    report = chorus_api("consulter_cr_detaille", numero_flux_depot=flow)
    assert report["etat_courant_depot_flux"] == "IN_INTEGRE"
    assert (report["liste_erreur_dp"], report["liste_erreur_technique"]) == ([], [])
    report = chorus_api("consulter_cr", numero_flux_depot=flow)
    assert (report["etat_courant_flux"], report["numero_flux_depot"]) == ("IN_INTEGRE", flow)
    assert base64.b64decode(report["fichier_cr"]).startswith(b"%PDF-")

    (invoice,) = chorus_api("rechercher_facture", numero_flux_depot=flow)["liste_factures"]
    assert (invoice["numero_facture"], invoice["numero_flux_depot"]) == ("F-2026-042", flow)
    assert (invoice["code_fournisseur"], invoice["code_destinataire"]) == (SUPPLIER, RECIPIENT)
    assert (invoice["montant_ht"], invoice["montant_ttc"], invoice["devise"]) == (1000, 1200, "EUR")
    assert (invoice["statut"], invoice["mode_depot"]) == ("DEPOSEE", "UPLOAD_API")

    clock.advance(WAY_TO_BUYER)
    (invoice,) = chorus_api("rechercher_facture", numero_flux_depot=flow)["liste_factures"]
    assert invoice["statut"] == "MISE_A_DISPOSITION"
    rejection = {"nouveauStatut": "REJETEE", "motif": "Doublon"}
    buyer.post(TREAT, {"idFacture": invoice["identifiant_facture_cpp"], **rejection})
    (invoice,) = chorus_api("rechercher_facture", numero_flux_depot=flow)["liste_factures"]
    assert invoice["statut"] == "REJETEE"


def test_it_is_told_why_some_invoices_of_an_archive_are_refused(chorus_api: ChorusApi, clock: Clock) -> None:
    files = {
        "good.xml": ubl(Invoice(number="F-1", recipient="12345678200028", service="SERVICE_DEST_SERV_OBL")),
        "no-service.xml": ubl(Invoice(number="F-2", recipient="12345678200028")),
    }
    flow = chorus_api.deposit(archive(files), "lot.tar.gz", syntaxe_flux="IN_DP_E1_UBL_INVOICE")
    clock.advance(TREATMENT)
    report = chorus_api("consulter_cr_detaille", numero_flux_depot=flow)
    (error,) = report["liste_erreur_dp"]
    assert (report["etat_courant_depot_flux"], error["numero_dp"]) == ("IN_INTEGRE_PARTIEL", "F-2")
    assert (error["identifiant_fournisseur"], error["identifiant_destinataire"]) == (SUPPLIER, "12345678200028")
    found = chorus_api("rechercher_facture", numero_flux_depot=flow)["liste_factures"]
    assert [invoice["numero_facture"] for invoice in found] == ["F-1"]


def test_it_is_told_why_a_file_cannot_be_read(chorus_api: ChorusApi, clock: Clock) -> None:
    flow = chorus_api.deposit(b"<Invoice>", "broken.xml", syntaxe_flux="IN_DP_E1_UBL_INVOICE")
    clock.advance(TREATMENT)
    report = chorus_api("consulter_cr_detaille", numero_flux_depot=flow)
    assert report["etat_courant_depot_flux"] == "IN_REJETE"
    assert all(error["code_erreur"] and error["libelle_erreur"] for error in report["liste_erreur_technique"])
    assert report["liste_erreur_technique"]


def test_it_is_told_that_a_flow_does_not_exist(chorus_api: ChorusApi) -> None:
    report = chorus_api("consulter_cr_detaille", numero_flux_depot="CPP0011117000000000000000")
    assert (report["code_retour"], report["libelle"]) == (20001, "POQ_MSG_01.003 - Flux introuvable.")
