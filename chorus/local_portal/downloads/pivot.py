"""An invoice as XML in the State's pivot format, with the elements that public clients of the portal read."""

import base64
import io
import re
import xml.etree.ElementTree as ET  # nosec B405
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from chorus.local_portal.downloads.kept import KeptFile
from chorus.local_portal.operations import reference_lists
from chorus.local_portal.state.store import Row

SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# XML 1.0 has no other control characters than tab and line ends.
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CATEGORIES = {entry.code: entry.french for entry in reference_lists.ATTACHMENT_TYPES["FACTURE"]}

Details = Mapping[str, Any]


def render(invoice: Row, details: Details, files: Sequence[KeptFile], day: str) -> bytes:
    """Return the pivot XML of an invoice, a row of `full_invoices`, made on a day as 2026-11-22."""
    root = ET.Element(
        "CPPFacturePivot",
        {"xmlns:xsi": SCHEMA_INSTANCE, "xsi:noNamespaceSchemaLocation": "CPPFacturePivot.xsd"},
    )
    envelope = ET.SubElement(root, "Enveloppe")
    _add(envelope, ID=f"FACTURE-{invoice['id']}", Date=day)
    invoices = ET.SubElement(root, "CPPFactures", Compteur="1")
    unit = ET.SubElement(invoices, "CPPFacturePivotUnitaire", NumOrdre="1")
    _add(
        ET.SubElement(unit, "Fournisseur"),
        TypeIdentifiant=invoice["supplier_identifier_type"],
        Identifiant=invoice["supplier_siret"],
        RaisonSociale=invoice["supplier_name"],
        CodePays=invoice["supplier_country"],
        ModeEmission=invoice["deposit_mode"],
    )
    _add(
        ET.SubElement(unit, "Debiteur"),
        TypeIdentifiant="SIRET",
        Identifiant=invoice["recipient_siret"],
        Nom=invoice["recipient_name"],
        CodeService=invoice["service_code"] or "",
        NomService=invoice["service_name"] or "",
    )
    _add_data(ET.SubElement(unit, "DonneesFacture"), invoice, details)
    for place, file in enumerate(files, 1):
        _add_file(ET.SubElement(unit, "PJ", NumOrdre=str(place)), file)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _add_data(data: ET.Element, invoice: Row, details: Details) -> None:
    _add(
        data,
        Id=invoice["number"],
        IdFactureOrigine=invoice["original_number"],
        IdCPRO=invoice["id"],
        Renvoi="Non",
        Type=2 if invoice["type"] == "AVOIR" else 1,
        Cadre=invoice["billing_frame"].partition("_")[0],
        DateEmissionFacture=invoice["date"],
        DateLivraison=invoice["date"],
        DateReception=invoice["deposited_on"],
    )
    mode = invoice["payment_mode"] or "VIREMENT"
    _add(ET.SubElement(data, "ModePaiement"), Code=mode, Libelle=mode.capitalize())
    _add(data, Devise=invoice["currency"])
    _add(
        ET.SubElement(data, "Montants"),
        MontantHT=invoice["amount_excl_tax"],
        MontantTTC=invoice["amount_incl_tax"],
        MontantNetAPayer=invoice["amount_payable"],
    )
    rates = ET.SubElement(data, "TVAs")
    for vat in details.get("vat", ()):
        _add(
            ET.SubElement(rates, "TVA"),
            Taux=vat.get("ligneTvaTauxManuel", vat.get("ligneTvaTauxRefValeur")),
            BaseHt=vat.get("ligneTvaMontantBaseHtParTaux"),
            MontantTVA=vat.get("ligneTvaMontantTvaParTaux"),
        )
    _add(
        ET.SubElement(data, "Engagement"),
        NumeroEngagement=invoice["commitment_number"] or "",
        NumeroMarche=invoice["contract_number"],
    )
    lines = ET.SubElement(data, "Lignes")
    for place, line in enumerate(details.get("lines", ()), 1):
        _add(
            ET.SubElement(lines, "Ligne", NumOrdre=str(line.get("lignePosteNumero", place))),
            ReferenceProduit=line.get("lignePosteReference"),
            PrixUnitaire=line.get("lignePosteMontantUnitaireHT"),
            Quantite=line.get("lignePosteQuantite"),
            MontantHT=line.get("lignePosteMontantHtApresRemise"),
            TauxTVA=line.get("lignePosteTauxTvaManuel"),
        )


def _add_file(element: ET.Element, kept: KeptFile) -> None:
    """Add a file, whose content is the base64 of a ZIP with that one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(kept.file.name, kept.file.content)
    _add(
        element,
        Contenu=base64.b64encode(buffer.getvalue()).decode(),
        NomPJ=kept.file.name,
        CategoriePJ=CATEGORIES.get(kept.type, CATEGORIES["02"]),
        TypePJ="01" if kept.is_main else "02",
        MimeTypePJ=kept.file.mime_type,
        NomPJOrigine=kept.designation,
    )


def _add(parent: ET.Element, **members: Any) -> None:
    """Add an element for each member that has a value."""
    for name, value in members.items():
        if value is not None:
            ET.SubElement(parent, name).text = NOT_XML.sub("", str(value))
