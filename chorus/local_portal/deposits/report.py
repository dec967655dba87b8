"""The report of a flow as a PDF, as a person reads it; the texts are French, as the portal's."""

import datetime
from collections.abc import Sequence

from fpdf.enums import TableBordersLayout, VAlign, XPos, YPos
from fpdf.fonts import FontFace

from chorus.local_portal import dates
from chorus.local_portal.paper import BLUE, GREY, Paper, shown
from chorus.local_portal.state.store import Row

MAX_ROWS = 200

STATES = {
    "IN_INTEGRE": "Toutes les factures du flux sont intégrées.",
    "IN_INTEGRE_PARTIEL": "Une partie des factures du flux est intégrée ; les autres sont rejetées.",
    "IN_REJETE": "Le flux est rejeté : aucune facture n'est intégrée.",
    "IN_INCIDENTE": "Le flux n'a pas pu être traité ; il est à déposer de nouveau.",
}
WAITING = "Le traitement du flux n'est pas terminé."

GREEN, AMBER, RED = (0, 110, 60), (170, 90, 0), (176, 0, 32)
STATE_COLOURS = {"IN_INTEGRE": GREEN, "IN_INTEGRE_PARTIEL": AMBER, "IN_REJETE": RED, "IN_INCIDENTE": RED}


def render(flow: Row, invoices: Sequence[Row], errors: Sequence[Row]) -> bytes:
    """Return the PDF of a flow, of its integrated invoices (rows of `full_invoices`) and of its errors."""
    report = _Report(flow)
    refused = [error for error in errors if error["kind"] == "invoice"]
    technical = [error for error in errors if error["kind"] == "technical"]
    report.table(
        "Factures intégrées",
        ("Numéro", "Fournisseur", "Destinataire", "Date", "Montant TTC"),
        (28, 26, 26, 20, 26),
        [_integrated(invoice) for invoice in invoices],
    )
    report.table(
        "Factures rejetées",
        ("Numéro", "Fournisseur", "Destinataire", "Motif"),
        (24, 24, 24, 54),
        [(row["number"] or "", row["supplier"] or "", row["recipient"] or "", _lines(row["text"])) for row in refused],
    )
    report.table(
        "Erreurs techniques",
        ("Code", "Nature", "Libellé"),
        (26, 24, 76),
        [(row["code"] or "", row["nature"] or "", row["text"]) for row in technical],
    )
    return report.content()


def _integrated(invoice: Row) -> tuple[str, ...]:
    amount = invoice["amount_incl_tax"]
    return (
        invoice["number"],
        invoice["supplier_siret"],
        invoice["recipient_siret"],
        f"{datetime.date.fromisoformat(invoice['date']):%d/%m/%Y}",
        "" if amount is None else f"{amount:,.2f} {invoice['currency']}".replace(",", " ").replace(".", ","),
    )


def _lines(text: str) -> str:
    """Return one error a line; the report's text joins them."""
    return text.replace("|", "\n")


class _Report:
    """A PDF with a heading; tables without rows are left out."""

    def __init__(self, flow: Row) -> None:
        self._pdf = Paper()
        self._pdf.set_title(shown(f"Compte rendu du flux {flow['number']}"))
        self._pdf.add_page()
        self._title(flow)
        self._facts(flow)

    def content(self) -> bytes:
        return bytes(self._pdf.output())

    def _title(self, flow: Row) -> None:
        pdf = self._pdf
        pdf.set_font("helvetica", "B", 17)
        pdf.set_text_color(*BLUE)
        pdf.cell(0, 9, shown("Compte rendu de traitement du flux"), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.set_font("helvetica", "", 12)
        pdf.cell(0, 7, shown(flow["number"]), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(3)

    def _facts(self, flow: Row) -> None:
        pdf = self._pdf
        for name, value in (
            ("Fichier déposé", flow["file_name"]),
            ("Syntaxe", flow["syntax"]),
            ("Compte déposant", flow["login"]),
            ("Date de dépôt", _moment(flow["deposited_at"])),
            ("Date de l'état", _moment(flow["state_at"])),
        ):
            if not value:
                continue
            pdf.set_font("helvetica", "", 10)
            pdf.set_text_color(*GREY)
            pdf.cell(38, 6, shown(name))
            pdf.set_text_color(0, 0, 0)
            pdf.multi_cell(0, 6, shown(value), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(2)
        pdf.set_font("helvetica", "B", 12)
        pdf.set_text_color(*STATE_COLOURS.get(flow["state"], GREY))
        pdf.cell(0, 7, shown(flow["state"]), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.set_font("helvetica", "", 10)
        pdf.cell(0, 6, shown(STATES.get(flow["state"], WAITING)), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.set_text_color(0, 0, 0)

    def table(
        self, title: str, headings: tuple[str, ...], widths: tuple[int, ...], rows: Sequence[tuple[str, ...]]
    ) -> None:
        if not rows:
            return
        pdf = self._pdf
        # A title is not left alone at the foot of a page.
        if pdf.will_page_break(50):
            pdf.add_page()
        pdf.ln(5)
        pdf.set_font("helvetica", "B", 12)
        pdf.set_text_color(*BLUE)
        pdf.cell(0, 8, shown(f"{title} ({len(rows)})"), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.set_text_color(0, 0, 0)
        pdf.set_font("helvetica", "", 9)
        style = FontFace(emphasis="BOLD", color=(255, 255, 255), fill_color=BLUE)
        with pdf.table(
            col_widths=widths,
            headings_style=style,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=5,
            text_align="LEFT",
            v_align=VAlign.T,
            padding=1.5,
        ) as table:
            for row in (headings, *rows[:MAX_ROWS]):
                table.row([shown(cell) for cell in row])
        if len(rows) > MAX_ROWS:
            pdf.ln(2)
            pdf.cell(0, 6, shown(f"… et {len(rows) - MAX_ROWS} autres."), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _moment(instant: int) -> str:
    return f"{dates.in_paris(instant):%d/%m/%Y à %H:%M:%S}"
