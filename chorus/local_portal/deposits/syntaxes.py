"""The syntaxes in which a flow may be deposited, as AIFE's Swagger "Factures" spells them."""

from dataclasses import dataclass
from typing import Literal

DEFAULT_INTERFACE = "1110"


@dataclass(frozen=True)
class Syntax:
    """`form` is how the local Chorus Pro reads it; without one it cannot. `answered`: deposer/flux repeats its name."""

    form: Literal["ubl", "cii", "facturx"] | None
    interface: str = DEFAULT_INTERFACE
    answered: bool = True


SYNTAXES = {
    "IN_DP_E1_UBL_INVOICE": Syntax("ubl"),
    "IN_DP_E1_CII": Syntax("cii"),
    "IN_DP_E1_PES_FACTURE": Syntax(None),
    "IN_DP_E1_XCBL": Syntax(None),
    "IN_DP_E2_UBL_INVOICE_MIN": Syntax("ubl"),
    "IN_DP_E2_CII_MIN": Syntax("cii"),
    "IN_DP_E2_PES_FACTURE_MIN": Syntax(None),
    "IN_DP_E2_CPP_FACTURE_MIN": Syntax(None),
    "IN_DP_PDFARCHIVE_UBL_INVOICE_MUG": Syntax(None, answered=False),
    "IN_DP_PDFARCHIVE_CII_MUG": Syntax(None, answered=False),
    "IN_DP_E1_CII_16B": Syntax("cii"),
    "IN_DP_E2_CII_MIN_16B": Syntax("cii"),
    "IN_DP_E2_CII_FACTURX": Syntax("facturx", interface="1117"),
}
