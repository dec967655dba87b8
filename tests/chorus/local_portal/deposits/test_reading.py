"""What the portal reads in a deposited file."""

import dataclasses
import datetime

import pytest

from chorus.local_portal.deposits.reading import read
from chorus.local_portal.deposits.records import DepositedInvoice, File, UnreadableError, UnsupportedError
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.files import ACME, CII, CITY, FACTUR_X, UBL

EXPECTED = DepositedInvoice(
    number="F-1",
    date=datetime.date(2026, 11, 20),
    supplier=[ACME],
    recipient=[CITY],
    billing_mode="A1",
    service="SERV",
    commitment_number="E-7",
    contract_number="2026M0001",
    original_number="F-0",
    currency="EUR",
    due_on=datetime.date(2026, 12, 20),
    amount_excl_tax=100.0,
    amount_incl_tax=120.0,
    amount_payable=90.0,
    payment_mode="VIREMENT",
    comment="Prestation d'octobre",
    lines=[
        {
            "lignePosteNumero": 1,
            "lignePosteReference": "C1",
            "lignePosteDenomination": "Conseil",
            "lignePosteQuantite": 2.0,
            "lignePosteUniteLibelle": "HUR",
            "lignePosteMontantUnitaireHT": 50.0,
            "lignePosteTauxTvaManuel": 20.0,
            "lignePosteMontantHtApresRemise": 100.0,
        }
    ],
    vat=[{"ligneTvaTauxManuel": 20.0, "ligneTvaMontantBaseHtParTaux": 100.0, "ligneTvaMontantTvaParTaux": 20.0}],
    vat_categories=["S"],
    attachments=[File("bon.pdf", b"%PDF-", "application/pdf")],
)


def read_one(content: bytes, syntax: str) -> DepositedInvoice:
    (found,) = read(File("facture", content), syntax)
    return found.invoice


@pytest.mark.parametrize(
    ("content", "syntax"),
    [
        (files.ubl(service="SERV", commitment="E-7", attachment=b"%PDF-"), UBL),
        (files.cii(service="SERV", commitment="E-7", attachment=b"%PDF-"), CII),
        (files.factur_x(files.cii(service="SERV", commitment="E-7", attachment=b"%PDF-")), FACTUR_X),
    ],
    ids=["UBL", "CII", "Factur-X"],
)
def test_an_invoice_is_read_whole_whatever_its_syntax(content: bytes, syntax: str) -> None:
    assert dataclasses.asdict(read_one(content, syntax)) == dataclasses.asdict(EXPECTED)


@pytest.mark.parametrize(
    ("content", "syntax", "expected"),
    [
        (files.ubl(root="CreditNote"), UBL, "AVOIR"),
        (files.cii(type_code="380"), CII, "FACTURE"),
        (files.cii(type_code="381"), CII, "AVOIR"),
        (files.cii(type_code="386"), CII, "ACOMPTE"),
    ],
)
def test_credit_notes_and_prepayments_are_told_from_invoices(content: bytes, syntax: str, expected: str) -> None:
    assert read_one(content, syntax).type == expected


def test_what_an_invoice_does_not_say_is_left_open() -> None:
    invoice = read_one(files.ubl(mode=None), UBL)
    assert (invoice.billing_mode, invoice.service, invoice.commitment_number) == (None, None, None)


def test_blanks_in_identifiers_do_not_count() -> None:
    assert read_one(files.ubl(supplier=" 332 540 215\n16357 "), UBL).supplier == [ACME]


def test_a_party_has_all_the_identifiers_that_its_file_gives() -> None:
    others = (
        b"<cac:PartyIdentification><cbc:ID>552 100 554 00013</cbc:ID></cac:PartyIdentification><cac:PartyTaxScheme>"
        b"<cbc:CompanyID>FR123</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    )
    supplier = b"<cac:AccountingSupplierParty><cac:Party>"
    content = files.ubl().replace(supplier, supplier + others)
    assert read_one(content, UBL).supplier == [ACME, "55210055400013", "FR123"]


def test_a_vat_line_without_category_is_noticed() -> None:
    assert read_one(files.cii(vat_category=None), CII).vat_categories == [None]


@pytest.mark.parametrize("day", ["20261345", "1"])
def test_a_day_that_does_not_exist_is_none(day: str) -> None:
    assert read_one(files.cii(day=day), CII).date is None


@pytest.mark.parametrize(
    "guideline",
    [
        "urn:cen.eu:en16931:2017",
        "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
        "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
    ],
)
def test_factur_x_is_held_against_the_profile_that_it_names(guideline: str) -> None:
    assert read_one(files.factur_x(files.cii(guideline=guideline)), FACTUR_X).number == "F-1"


@pytest.mark.parametrize("profile", ["minimum", "basicwl"])
def test_factur_x_with_more_than_its_profile_allows_is_refused(profile: str) -> None:
    content = files.factur_x(files.cii(guideline=f"urn:factur-x.eu:1p0:{profile}"))
    with pytest.raises(UnreadableError, match="ERR_XSD_001"):
        read_one(content, FACTUR_X)


def test_an_archive_is_read_file_by_file() -> None:
    archive = files.tar_gz({"un.xml": files.ubl("F-1"), "deux/deux.xml": files.ubl("F-2")})
    read_files = read(File("lot.tar.gz", archive), UBL)
    assert [(each.invoice.number, each.file.name) for each in read_files] == [("F-1", "un.xml"), ("F-2", "deux.xml")]


@pytest.mark.parametrize("syntax", ["IN_DP_E1_XCBL", "IN_DP_E1_PES_FACTURE", "IN_DP_E2_CPP_FACTURE_MIN"])
def test_syntaxes_without_public_schema_are_not_supported(syntax: str) -> None:
    with pytest.raises(UnsupportedError):
        read(File("facture.xml", files.ubl()), syntax)
