"""Files as suppliers deposit them: UBL, CII, Factur-X and archives, with what a test wants to be different."""

import base64
import io
import tarfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from fpdf import FPDF

ACME = "33254021516357"
CITY = "12345678200051"
COMMITMENT_CITY, SERVICE_CITY, STRICT_CITY = "12345678200036", "12345678200028", "12345678200044"

UBL = "IN_DP_E1_UBL_INVOICE"
CII = "IN_DP_E1_CII_16B"
FACTUR_X = "IN_DP_E2_CII_FACTURX"


def ubl(
    number: str = "F-1",
    supplier: str = ACME,
    recipient: str = CITY,
    mode: str | None = "A1",
    service: str | None = None,
    commitment: str | None = None,
    day: str = "2026-11-20",
    attachment: bytes | None = None,
    root: str = "Invoice",
) -> bytes:
    """Return a UBL invoice, or a credit note if that is its `root`."""
    type_code = "381" if root == "CreditNote" else "380"
    quantity = "CreditedQuantity" if root == "CreditNote" else "InvoicedQuantity"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
 {_element("cbc:ProfileID", mode)}
 <cbc:ID>{escape(number)}</cbc:ID>
 <cbc:IssueDate>{day}</cbc:IssueDate>
 {"" if root == "CreditNote" else "<cbc:DueDate>2026-12-20</cbc:DueDate>"}
 <cbc:{root}TypeCode>{type_code}</cbc:{root}TypeCode>
 <cbc:Note>Prestation d'octobre</cbc:Note>
 <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 {_element("cbc:BuyerReference", service)}
 {_element("cac:OrderReference", commitment, inside="cbc:ID")}
 <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F-0</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>
 <cac:ContractDocumentReference><cbc:ID>2026M0001</cbc:ID></cac:ContractDocumentReference>
 {_ubl_attachment(attachment)}
 {_ubl_party("Supplier", supplier)}
 {_ubl_party("Customer", recipient)}
 <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode></cac:PaymentMeans>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxSubtotal>
  <cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount>
  <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
  </cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount currencyID="EUR">120.00</cbc:TaxInclusiveAmount>
  <cbc:PayableAmount currencyID="EUR">90.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:{root}Line><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode="HUR">2</cbc:{quantity}>
  <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
  <cac:Item><cbc:Name>Conseil</cbc:Name>
   <cac:SellersItemIdentification><cbc:ID>C1</cbc:ID></cac:SellersItemIdentification>
   <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
  <cac:Price><cbc:PriceAmount currencyID="EUR">50.00</cbc:PriceAmount></cac:Price></cac:{root}Line>
</{root}>""".encode()


def cii(
    number: str = "F-1",
    supplier: str = ACME,
    recipient: str = CITY,
    mode: str | None = "A1",
    service: str | None = None,
    commitment: str | None = None,
    type_code: str = "380",
    day: str = "20261120",
    guideline: str = "urn:cen.eu:en16931:2017",
    vat_category: str | None = "S",
    attachment: bytes | None = None,
) -> bytes:
    """Return a CII invoice, which is good for the profile EN 16931 of Factur-X as well."""
    standard = "urn:un:unece:uncefact:data:standard"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{standard}:CrossIndustryInvoice:100"
 xmlns:ram="{standard}:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="{standard}:UnqualifiedDataType:100">
 <rsm:ExchangedDocumentContext>
  {_element("ram:BusinessProcessSpecifiedDocumentContextParameter", mode, inside="ram:ID")}
  <ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{guideline}</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>
 </rsm:ExchangedDocumentContext>
 <rsm:ExchangedDocument><ram:ID>{escape(number)}</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">{day}</udt:DateTimeString></ram:IssueDateTime>
  <ram:IncludedNote><ram:Content>Prestation d'octobre</ram:Content></ram:IncludedNote></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument>
   <ram:SpecifiedTradeProduct><ram:SellerAssignedID>C1</ram:SellerAssignedID><ram:Name>Conseil</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>50.00</ram:ChargeAmount>
    </ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="HUR">2</ram:BilledQuantity>
    </ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement>
    <ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode>
     <ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax>
    <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>100.00</ram:LineTotalAmount>
    </ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement>
   {_element("ram:BuyerReference", service)}
   {_cii_party("Seller", supplier)}
   {_cii_party("Buyer", recipient)}
   {_element("ram:BuyerOrderReferencedDocument", commitment, inside="ram:IssuerAssignedID")}
   <ram:ContractReferencedDocument><ram:IssuerAssignedID>2026M0001</ram:IssuerAssignedID></ram:ContractReferencedDocument>
   {_cii_attachment(attachment)}
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeDelivery/>
  <ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode></ram:SpecifiedTradeSettlementPaymentMeans>
   <ram:ApplicableTradeTax><ram:CalculatedAmount>20.00</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
    <ram:BasisAmount>100.00</ram:BasisAmount>{_element("ram:CategoryCode", vat_category)}
    <ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax>
   <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">20261220</udt:DateTimeString>
    </ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>100.00</ram:LineTotalAmount>
    <ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">20.00</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>120.00</ram:GrandTotalAmount><ram:DuePayableAmount>90.00</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
   <ram:InvoiceReferencedDocument><ram:IssuerAssignedID>F-0</ram:IssuerAssignedID></ram:InvoiceReferencedDocument>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>""".encode()


def factur_x(xml: bytes | None = None, name: str = "factur-x.xml") -> bytes:
    """Return a PDF of one page that carries an XML (a good invoice, if none is given)."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", "", 12)
    pdf.cell(0, 10, "FACTURE")
    pdf.embed_file(bytes=cii() if xml is None else xml, basename=name)
    return bytes(pdf.output())


def plain_pdf() -> bytes:
    pdf = FPDF()
    pdf.add_page()
    return bytes(pdf.output())


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _element(name: str, value: str | None, inside: str | None = None) -> str:
    if value is None:
        return ""
    content = escape(value) if inside is None else _element(inside, value)
    return f"<{name}>{content}</{name}>"


def _ubl_party(role: str, identifier: str) -> str:
    return f"""<cac:Accounting{role}Party><cac:Party><cac:PartyLegalEntity>
  <cbc:RegistrationName>{role}</cbc:RegistrationName>
  <cbc:CompanyID>{escape(identifier)}</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:Accounting{role}Party>"""


def _ubl_attachment(content: bytes | None) -> str:
    if content is None:
        return ""
    encoded = base64.b64encode(content).decode()
    return f"""<cac:AdditionalDocumentReference><cbc:ID>BL</cbc:ID><cac:Attachment>
  <cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="../bon.pdf"
  >{encoded}</cbc:EmbeddedDocumentBinaryObject>
  </cac:Attachment></cac:AdditionalDocumentReference>"""


def _cii_attachment(content: bytes | None) -> str:
    if content is None:
        return ""
    encoded = base64.b64encode(content).decode()
    return f"""<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>BL</ram:IssuerAssignedID>
   <ram:TypeCode>916</ram:TypeCode>
   <ram:AttachmentBinaryObject mimeCode="application/pdf" filename="../bon.pdf">{encoded}</ram:AttachmentBinaryObject>
   </ram:AdditionalReferencedDocument>"""


def _cii_party(role: str, identifier: str) -> str:
    return f"""<ram:{role}TradeParty><ram:Name>{role}</ram:Name><ram:SpecifiedLegalOrganization>
    <ram:ID schemeID="0002">{escape(identifier)}</ram:ID></ram:SpecifiedLegalOrganization>
    <ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress></ram:{role}TradeParty>"""
