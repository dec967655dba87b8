"""The page that stands for an invoice of which no PDF is kept."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from chorus.local_portal.paper import BLUE, GREY, Paper, shown
from chorus.local_portal.state.store import Row

MAX_LINES = 200
# A row that is higher than a page cannot be drawn.
MAX_TEXT = 300
LINE_HEADINGS = ("N°", "Désignation", "Quantité", "Prix unitaire HT", "Montant HT")
LINE_WIDTHS = (8, 52, 14, 20, 20)


def render(invoice: Row, lines: Sequence[dict[str, Any]], at: datetime.datetime) -> bytes:
    """Return a PDF of an invoice, a row of `full_invoices`, with its lines by the API's names."""
    paper = Paper()
    title = f"{'Avoir' if invoice['type'] == 'AVOIR' else 'Facture'} {invoice['number'][:MAX_TEXT]}"
    paper.set_title(shown(title))
    paper.set_creation_date(at)
    paper.add_page()
    paper.set_font("helvetica", "B", 17)
    paper.set_text_color(*BLUE)
    paper.multi_cell(0, 9, shown(title), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(3)
    for name, value in _facts(invoice):
        _fact(paper, name, value)
    if lines:
        _table(paper, lines)
    return bytes(paper.output())


def _facts(invoice: Row) -> Iterator[tuple[str, str]]:
    service = " - ".join(invoice[name] for name in ("service_code", "service_name") if invoice[name])
    currency = invoice["currency"]
    for name, value in (
        ("Fournisseur", f"{invoice['supplier_name']}\n{invoice['supplier_siret']}"),
        ("Destinataire", f"{invoice['recipient_name']}\n{invoice['recipient_siret']}"),
        ("Service exécutant", service),
        ("Date de la facture", _day(invoice["date"])),
        ("Date d'échéance", _day(invoice["due_on"])),
        ("Date de dépôt", _day(invoice["deposited_on"])),
        ("Numéro d'engagement", invoice["commitment_number"]),
        ("Numéro de marché", invoice["contract_number"]),
        ("Facture d'origine", invoice["original_number"]),
        ("Montant HT", _amount(invoice["amount_excl_tax"], currency)),
        ("Montant TTC", _amount(invoice["amount_incl_tax"], currency)),
        ("Montant à payer", _amount(invoice["amount_payable"], currency)),
    ):
        if value:
            yield name, value


def _fact(paper: Paper, name: str, value: str) -> None:
    paper.set_font("helvetica", "", 10)
    paper.set_text_color(*GREY)
    paper.cell(45, 6, shown(name))
    paper.set_text_color(0, 0, 0)
    paper.multi_cell(0, 6, shown(value[:MAX_TEXT]), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(paper: Paper, lines: Sequence[dict[str, Any]]) -> None:
    paper.ln(6)
    paper.set_font("helvetica", "", 9)
    with paper.table(
        col_widths=LINE_WIDTHS,
        headings_style=FontFace(emphasis="BOLD", color=(255, 255, 255), fill_color=BLUE),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=5,
        text_align=("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
        padding=1.5,
    ) as table:
        table.row(LINE_HEADINGS)
        for line in lines[:MAX_LINES]:
            table.row([shown(cell[:MAX_TEXT]) for cell in _cells(line)])
    if len(lines) > MAX_LINES:
        _fact(paper, "", f"… et {len(lines) - MAX_LINES} autres lignes.")


def _cells(line: dict[str, Any]) -> Iterator[str]:
    yield str(line.get("lignePosteNumero", ""))
    yield str(line.get("lignePosteDenomination", ""))
    yield _number(line.get("lignePosteQuantite"))
    yield _amount(line.get("lignePosteMontantUnitaireHT"))
    yield _amount(line.get("lignePosteMontantHtApresRemise"))


def _day(day: str | None) -> str:
    return "" if day is None else f"{datetime.date.fromisoformat(day):%d/%m/%Y}"


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:g}".replace(".", ",")


def _amount(amount: float | None, currency: str = "") -> str:
    if amount is None:
        return ""
    return f"{amount:,.2f} {currency}".replace(",", " ").replace(".", ",").strip()
