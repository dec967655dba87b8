"""UN/CEFACT Cross Industry Invoices, by the business terms of EN 16931; Factur-X is one of them in a PDF."""

from lxml import etree

from chorus.local_portal.deposits.reading import schemas, xml
from chorus.local_portal.deposits.reading.errors import unreadable
from chorus.local_portal.deposits.reading.values import Node, filled, invoice_type, payment_mode
from chorus.local_portal.deposits.records import DepositedInvoice

STANDARD = "urn:un:unece:uncefact:data:standard"
PREFIXES = {
    "rsm": f"{STANDARD}:CrossIndustryInvoice:100",
    "ram": f"{STANDARD}:ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{STANDARD}:UnqualifiedDataType:100",
}
ROOT = f"{{{PREFIXES['rsm']}}}CrossIndustryInvoice"
GUIDELINE = "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
MODE = "rsm:ExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
FACTUR_X_PROFILES = ("minimum", "basicwl", "basic", "extended")

IDENTIFIERS = (
    "ram:SpecifiedLegalOrganization/ram:ID",
    "ram:GlobalID",
    "ram:ID",
    "ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
)


def read(content: bytes) -> DepositedInvoice:
    """Return the invoice of a CII document. Raises UnreadableError."""
    node = _parsed(content)
    schemas.validate(node.element, "cii")
    return _invoice(node)


def read_factur_x(content: bytes) -> DepositedInvoice:
    """Return the invoice of the XML in a Factur-X file, checked by its own profile. Raises UnreadableError."""
    node = _parsed(content)
    schemas.validate(node.element, _profile_schema(node.text(GUIDELINE) or ""))
    return _invoice(node)


def _parsed(content: bytes) -> Node:
    root = xml.parse(content)
    if root.tag != ROOT:
        name = etree.QName(root).localname
        raise unreadable("ERR_SYN_001", f"{name} n'est pas une facture CII", root.sourceline)
    return Node(root, PREFIXES)


def _profile_schema(guideline: str) -> str:
    """Return the schema of a profile, which BT-24 names as in urn:factur-x.eu:1p0:basicwl."""
    profile = guideline.rpartition(":")[2]
    if profile in FACTUR_X_PROFILES:
        return f"facturx-{profile}"
    # EN 16931 has no profile's name of its own; other rules built on it may follow after a #.
    if guideline.partition("#")[0] == "urn:cen.eu:en16931:2017":
        return "facturx-en16931"
    raise unreadable("ERR_SYN_002", f"le profil Factur-X {guideline[:80]} n'est pas connu")


def _invoice(node: Node) -> DepositedInvoice:
    document = "rsm:ExchangedDocument"
    agreement = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
    settlement = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
    totals = f"{settlement}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
    lines = node.all("rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem")
    terms = f"{settlement}/ram:SpecifiedTradePaymentTerms"
    return DepositedInvoice(
        number=node.text(f"{document}/ram:ID"),
        date=node.day(f"{document}/ram:IssueDateTime/udt:DateTimeString"),
        supplier=node.identifiers(*(f"{agreement}/ram:SellerTradeParty/{path}" for path in IDENTIFIERS)),
        recipient=node.identifiers(*(f"{agreement}/ram:BuyerTradeParty/{path}" for path in IDENTIFIERS)),
        type=invoice_type(node.text(f"{document}/ram:TypeCode")),
        billing_mode=node.text(MODE),
        service=node.text(f"{agreement}/ram:BuyerReference"),
        commitment_number=node.text(f"{agreement}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
        contract_number=node.text(f"{agreement}/ram:ContractReferencedDocument/ram:IssuerAssignedID"),
        original_number=node.text(f"{settlement}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID"),
        currency=node.text(f"{settlement}/ram:InvoiceCurrencyCode"),
        due_on=node.day(f"{terms}/ram:DueDateDateTime/udt:DateTimeString"),
        amount_excl_tax=node.number(f"{totals}/ram:TaxBasisTotalAmount"),
        amount_incl_tax=node.number(f"{totals}/ram:GrandTotalAmount"),
        amount_payable=node.number(f"{totals}/ram:DuePayableAmount"),
        payment_mode=payment_mode(node.text(f"{settlement}/ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode")),
        comment=node.text(f"{document}/ram:IncludedNote/ram:Content"),
        lines=[_line(line, place) for place, line in enumerate(lines, 1)],
        vat=[_vat(tax) for tax in node.all(f"{settlement}/ram:ApplicableTradeTax")],
        vat_categories=[tax.text("ram:CategoryCode") for tax in node.all(f"{settlement}/ram:ApplicableTradeTax")],
        attachments=node.embedded(f"{agreement}/ram:AdditionalReferencedDocument/ram:AttachmentBinaryObject"),
    )


def _line(line: Node, place: int) -> dict[str, object]:
    quantity = "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
    settlement = "ram:SpecifiedLineTradeSettlement"
    total = f"{settlement}/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    return filled(
        {
            "lignePosteNumero": place,
            "lignePosteReference": line.text("ram:SpecifiedTradeProduct/ram:SellerAssignedID"),
            "lignePosteDenomination": line.text("ram:SpecifiedTradeProduct/ram:Name"),
            "lignePosteQuantite": line.number(quantity),
            "lignePosteUniteLibelle": line.attribute(quantity, "unitCode"),
            "lignePosteMontantUnitaireHT": line.number(
                "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount"
            ),
            "lignePosteTauxTvaManuel": line.number(f"{settlement}/ram:ApplicableTradeTax/ram:RateApplicablePercent"),
            "lignePosteMontantHtApresRemise": line.number(total),
        }
    )


def _vat(tax: Node) -> dict[str, object]:
    return filled(
        {
            "ligneTvaTauxManuel": tax.number("ram:RateApplicablePercent"),
            "ligneTvaMontantBaseHtParTaux": tax.number("ram:BasisAmount"),
            "ligneTvaMontantTvaParTaux": tax.number("ram:CalculatedAmount"),
        }
    )
