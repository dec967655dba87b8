"""The requests of OCA's module l10n_fr_chorus_account for Odoo 16, in its order, sent by hand: Odoo is not run.

What is asserted of an answer is what the module reads in it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from tests.chorus.local_portal.client import Client
from tests.clients.conftest import TREATMENT
from tests.clients.invoices import Invoice, archive, cii, factur_x

ENGAGEMENT_RECIPIENT = "12345678200036"


class Odoo:
    """Posts as `chorus_post` of the module does."""

    def __init__(self, url: str) -> None:
        self.client = Client(url)

    def post(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(f"/cpro/{path}", payload)
        assert answer.status_code == 200, answer.text
        known: dict[str, Any] = answer.json()
        return known

    def deposit(self, content: bytes, name: str, syntax: str) -> str:
        payload = {
            "fichierFlux": base64.b64encode(content).decode("ascii"),
            "nomFichier": name,
            "syntaxeFlux": syntax,
            "avecSignature": False,
        }
        answer = self.post("factures/v1/deposer/flux", payload)
        assert (answer["codeRetour"], len(answer["dateDepot"])) == (0, 10)
        return str(answer["numeroFluxDepot"])

    def statuses(self, flow: str) -> dict[str, str]:
        """Return the status of each invoice of a flow, asked as the module's scheduled action does."""
        found = self.post("factures/v1/rechercher/fournisseur", {"numeroFluxDepot": flow})
        statuses = {}
        for row in found["listeFactures"]:
            identifier = row["identifiantFactureCPP"]
            history = self.post("factures/v1/consulter/historique", {"idFacture": identifier})
            assert history["idFacture"] == identifier
            statuses[row["numeroFacture"]] = history["statutCourantCode"]
        return statuses


@pytest.fixture
def odoo(portal: LocalPortal) -> Odoo:
    return Odoo(portal.url)


@pytest.mark.parametrize(
    ("siret", "service", "commitment"),
    [
        ("12345678200051", False, False),
        (ENGAGEMENT_RECIPIENT, False, True),
        ("12345678200028", True, False),
        ("12345678200044", True, True),
    ],
)
def test_it_learns_of_a_customer_what_the_portal_demands(
    odoo: Odoo, siret: str, service: bool, commitment: bool
) -> None:
    wanted = {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"}
    (structure,) = odoo.post("structures/v1/rechercher", {"structure": wanted})["listeStructures"]
    identifier = structure["idStructureCPP"]
    demands = odoo.post("structures/v1/consulter", {"idStructureCPP": identifier})["parametres"]
    assert not demands.get("gestionNumeroEJOuCodeService")
    assert bool(demands.get("codeServiceDoitEtreRenseigne")) is service
    assert bool(demands.get("numeroEJDoitEtreRenseigne")) is commitment

    paging = {"parametresRechercherServicesStructure": {"nbResultatsParPage": 10000}}
    services = odoo.post("structures/v1/rechercher/services", {"idStructure": identifier, **paging})
    assert services["codeRetour"] == 0
    found = services.get("listeServices") or []
    assert bool(found) is service
    for one in found:
        assert one["codeService"], one["libelleService"]
        assert one["estActif"] is True
        asked = {"idStructure": identifier, "idService": int(one["idService"])}
        assert odoo.post("structures/v1/consulter/service", asked)["codeRetour"] == 0


@pytest.mark.parametrize(
    ("form", "suffix", "short_format", "syntax"),
    [
        (factur_x, "pdf", "factur-x", "IN_DP_E2_CII_FACTURX"),
        (cii, "xml", "cii", "IN_DP_E1_CII_16B"),
    ],
)
def test_it_sends_one_invoice_or_several_and_follows_them(
    odoo: Odoo, clock: Clock, form: Callable[[Invoice], bytes], suffix: str, short_format: str, syntax: str
) -> None:
    alone = form(Invoice(number="FAC/2026/00001"))
    flow = odoo.deposit(alone, f"{short_format}_chorus_facture_FAC-2026-00001.{suffix}", syntax)
    packed = {
        f"{short_format}_chorus_facture_FAC-2026-0000{number}.{suffix}": form(
            Invoice(number=f"FAC/2026/0000{number}", recipient=ENGAGEMENT_RECIPIENT, commitment_number=commitment)
        )
        for number, commitment in [(2, "1000054037"), (3, "1000054111"), (4, "")]
    }
    flow_of_several = odoo.deposit(archive(packed), f"{short_format}_chorus_lot_factures.tar.gz", syntax)

    clock.advance(TREATMENT)
    report = odoo.post("transverses/v1/consulterCRDetaille", {"numeroFluxDepot": flow})
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert odoo.statuses(flow) == {"FAC/2026/00001": "DEPOSEE"}
    report = odoo.post("transverses/v1/consulterCRDetaille", {"numeroFluxDepot": flow_of_several})
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    (error,) = report["listeErreurDP"]
    assert (error["numeroDP"], error["identifiantDestinataire"]) == ("FAC/2026/00004", ENGAGEMENT_RECIPIENT)
    assert error["libelleErreurDP"]
    assert odoo.statuses(flow_of_several) == {"FAC/2026/00002": "DEPOSEE", "FAC/2026/00003": "DEPOSEE"}
