"""Real invoices, where they lie beside the checkout: the good ones are integrated, the broken one is not."""

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.records import Account, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.conftest import SHARED
from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.depositor import Depositor, encoded
from tests.chorus.local_portal.deposits.files import CII, FACTUR_X, UBL

SAMPLES = SHARED / "samples"
SYNTAXES = {"ubl": UBL, "cii": CII, "facturx": FACTUR_X}
BROKEN = "invalid-xml-encoding-attribute.pdf"
# Twice the same number of the same supplier.
SAME_NUMBER = "Facture_FR_MINIMUM.pdf"
SUPPLIERS = ("99999999800010", "57151520", "DK16356706", "NL16356706", "0000000196")
RECIPIENTS = ("78787878400035", "10202", "987654321", "5790000436057", "5790000435975", "DK16356607", "0000000295")

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the checkout")

GOOD = [
    (folder, file.name)
    for folder in SYNTAXES
    for file in sorted((SAMPLES / folder).glob("*"))
    if file.name not in (BROKEN, SAME_NUMBER)
]


@pytest.fixture
def depositor(store: Store, portal: LocalPortal, clock: Clock) -> Depositor:
    """One who deposits for all the suppliers of the samples."""
    for siret in SUPPLIERS:
        store.add_structure(Structure(siret, f"Supplier {siret}", "supplier"))
    for siret in RECIPIENTS:
        store.add_structure(Structure(siret, f"Recipient {siret}", "recipient"))
    store.add_account(Account("TECH_9", "local-password-9", SUPPLIERS))
    client = Client(portal.url)
    client.headers["cpro-account"] = encoded(b"TECH_9:local-password-9")
    return Depositor(client, clock)


@pytest.mark.parametrize(("folder", "name"), GOOD)
def test_a_good_sample_is_integrated(depositor: Depositor, folder: str, name: str) -> None:
    report = depositor.treated((SAMPLES / folder / name).read_bytes(), SYNTAXES[folder])
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE", report


def test_the_samples_of_one_syntax_are_deposited_together(depositor: Depositor) -> None:
    folder = SAMPLES / "facturx"
    archive = files.tar_gz({file.name: file.read_bytes() for file in folder.glob("*.pdf") if file.name != BROKEN})
    report = depositor.treated(archive, FACTUR_X)
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    (error,) = report["listeErreurDP"]
    assert error["libelleErreurDP"] == "La facture FA-2017-0010 a deja ete deposee par le fournisseur 99999999800010."


def test_the_broken_sample_is_rejected_with_a_technical_error(depositor: Depositor) -> None:
    report = depositor.treated((SAMPLES / "facturx" / BROKEN).read_bytes(), FACTUR_X)
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert report["listeErreurTechnique"] == [
        {
            "codeErreur": "ERR_XML_002",
            "libelleErreur": "IRRECEVABILITE: l'encodage UTF-8-W/O-BOM n'est pas accepte - ligne: 1 - position: 30",
            "natureErreur": "BLOQUANTE",
        }
    ]


@pytest.mark.parametrize(("folder", "name"), GOOD)
def test_a_sample_of_unknown_parties_is_refused(depositor: Depositor, store: Store, folder: str, name: str) -> None:
    with store.writing() as connection:
        connection.execute(
            "UPDATE structures SET siret = 'X' || siret WHERE id NOT IN (SELECT supplier_id FROM invoices)"
        )
    report = depositor.treated((SAMPLES / folder / name).read_bytes(), SYNTAXES[folder])
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert "n'est pas reference dans notre systeme" in report["listeErreurDP"][0]["libelleErreurDP"]
