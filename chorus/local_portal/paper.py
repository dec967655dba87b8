"""Pages of the PDFs that the local Chorus Pro makes."""

from fpdf import FPDF

# The PDF's own fonts know no more characters than these.
CHARACTERS = "cp1252"
BLUE, GREY = (0, 51, 102), (90, 90, 90)


class Paper(FPDF):
    """Pages that say what they are not."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.core_fonts_encoding = CHARACTERS
        self.set_margin(18)
        self.set_auto_page_break(True, 20)
        self.set_lang("fr")

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("helvetica", "", 8)
        self.set_text_color(*GREY)
        self.cell(0, 5, shown("Chorus Pro local, pour essais : ce document n'émane pas de l'État."))
        self.set_x(self.l_margin)
        self.cell(0, 5, f"{self.page_no()}/{{nb}}", align="R")


def shown(text: str) -> str:
    """Return the text with a question mark for each character that the fonts do not have."""
    return text.encode(CHARACTERS, "replace").decode(CHARACTERS)
