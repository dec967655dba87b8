"""UBL 2.1 invoices and credit notes, by the business terms of EN 16931."""

from lxml import etree

from chorus.local_portal.deposits.reading import schemas, xml
from chorus.local_portal.deposits.reading.errors import unreadable
from chorus.local_portal.deposits.reading.values import Node, filled, invoice_type, payment_mode
from chorus.local_portal.deposits.records import DepositedInvoice

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
PREFIXES = {"cac": f"{UBL}:CommonAggregateComponents-2", "cbc": f"{UBL}:CommonBasicComponents-2"}
ROOTS = {f"{{{UBL}:Invoice-2}}Invoice": "ubl-invoice", f"{{{UBL}:CreditNote-2}}CreditNote": "ubl-creditnote"}

IDENTIFIERS = (
    "cac:PartyLegalEntity/cbc:CompanyID",
    "cac:PartyIdentification/cbc:ID",
    "cac:PartyTaxScheme/cbc:CompanyID",
)


def read(content: bytes) -> DepositedInvoice:
    """Return the invoice of a UBL document. Raises UnreadableError."""
    root = xml.parse(content)
    schema = ROOTS.get(str(root.tag))
    if schema is None:
        name = etree.QName(root).localname
        raise unreadable("ERR_SYN_001", f"{name} n'est pas une facture UBL 2.1", root.sourceline)
    schemas.validate(root, schema)
    return _invoice(Node(root, PREFIXES), is_credit_note=schema == "ubl-creditnote")


def _invoice(node: Node, is_credit_note: bool) -> DepositedInvoice:
    kind = "CreditNote" if is_credit_note else "Invoice"
    code = node.text(f"cbc:{kind}TypeCode")
    return DepositedInvoice(
        number=node.text("cbc:ID"),
        date=node.day("cbc:IssueDate"),
        supplier=node.identifiers(*(f"cac:AccountingSupplierParty/cac:Party/{path}" for path in IDENTIFIERS)),
        recipient=node.identifiers(*(f"cac:AccountingCustomerParty/cac:Party/{path}" for path in IDENTIFIERS)),
        type="AVOIR" if is_credit_note else invoice_type(code),
        billing_mode=node.text("cbc:ProfileID"),
        service=node.text("cbc:BuyerReference"),
        commitment_number=node.text("cac:OrderReference/cbc:ID"),
        contract_number=node.text("cac:ContractDocumentReference/cbc:ID"),
        original_number=node.text("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"),
        currency=node.text("cbc:DocumentCurrencyCode"),
        due_on=node.day("cbc:DueDate") or node.day("cac:PaymentMeans/cbc:PaymentDueDate"),
        amount_excl_tax=node.number("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount"),
        amount_incl_tax=node.number("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"),
        amount_payable=node.number("cac:LegalMonetaryTotal/cbc:PayableAmount"),
        payment_mode=payment_mode(node.text("cac:PaymentMeans/cbc:PaymentMeansCode")),
        comment=node.text("cbc:Note"),
        lines=[_line(line, place) for place, line in enumerate(node.all(f"cac:{kind}Line"), 1)],
        vat=[_vat(subtotal) for subtotal in node.all("cac:TaxTotal/cac:TaxSubtotal")],
        vat_categories=[
            subtotal.text("cac:TaxCategory/cbc:ID") for subtotal in node.all("cac:TaxTotal/cac:TaxSubtotal")
        ],
        attachments=node.embedded("cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject"),
    )


def _line(line: Node, place: int) -> dict[str, object]:
    quantity = "cbc:CreditedQuantity" if line.first("cbc:CreditedQuantity") else "cbc:InvoicedQuantity"
    return filled(
        {
            "lignePosteNumero": place,
            "lignePosteReference": line.text("cac:Item/cac:SellersItemIdentification/cbc:ID"),
            "lignePosteDenomination": line.text("cac:Item/cbc:Name"),
            "lignePosteQuantite": line.number(quantity),
            "lignePosteUniteLibelle": line.attribute(quantity, "unitCode"),
            "lignePosteMontantUnitaireHT": line.number("cac:Price/cbc:PriceAmount"),
            "lignePosteTauxTvaManuel": line.number("cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"),
            "lignePosteMontantHtApresRemise": line.number("cbc:LineExtensionAmount"),
        }
    )


def _vat(subtotal: Node) -> dict[str, object]:
    return filled(
        {
            "ligneTvaTauxManuel": subtotal.number("cac:TaxCategory/cbc:Percent"),
            "ligneTvaMontantBaseHtParTaux": subtotal.number("cbc:TaxableAmount"),
            "ligneTvaMontantTvaParTaux": subtotal.number("cbc:TaxAmount"),
        }
    )
