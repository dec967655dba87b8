"""Which status may follow which, and whom an invoice waits for.

AIFE says which statuses a recipient sets and that REJETEE and SUSPENDUE need a reason; which status may follow which
is served by the portal alone and was never published: FOLLOWING is our choice.
"""

_LATER = ("MISE_A_DISPOSITION_COMPTABLE", "COMPTABILISEE", "MISE_EN_PAIEMENT")
_PROCESSED = ("SERVICE_FAIT", "TRANSMISE_MOA", "MANDATEE", *_LATER)
_SENT_BACK = ("A_RECYCLER", "SUSPENDUE", "REJETEE")

FOLLOWING: dict[str, tuple[str, ...]] = {
    "DEPOSEE": ("MISE_A_DISPOSITION",),
    "EN_COURS_ACHEMINEMENT": ("MISE_A_DISPOSITION",),
    "MISE_A_DISPOSITION": ("PRISE_EN_COMPTE_DESTINATAIRE", *_PROCESSED, *_SENT_BACK),
    "COMPLETEE": ("MISE_A_DISPOSITION", "PRISE_EN_COMPTE_DESTINATAIRE", *_PROCESSED, *_SENT_BACK),
    "PRISE_EN_COMPTE_DESTINATAIRE": (*_PROCESSED, *_SENT_BACK),
    "SERVICE_FAIT": ("MANDATEE", *_LATER, *_SENT_BACK),
    "TRANSMISE_MOA": ("SERVICE_FAIT", "MANDATEE", *_LATER, *_SENT_BACK),
    "SUSPENDUE": ("COMPLETEE",),
    "MANDATEE": _LATER,
    "MISE_A_DISPOSITION_COMPTABLE": ("COMPTABILISEE", "MISE_EN_PAIEMENT"),
    "COMPTABILISEE": ("MISE_EN_PAIEMENT",),
}
"""What a public buyer may set, by present status."""

NEEDS_REASON = frozenset({"REJETEE", "SUSPENDUE"})

ON_THE_PLATFORM = frozenset({"DEPOSEE", "EN_COURS_ACHEMINEMENT"})
"""The platform itself moves these on."""

WAITS_FOR_SUPPLIER = {"SUSPENDUE": "completer", "A_RECYCLER": "recycler", "REJETEE": "traiterRejet"}
"""What the supplier may call, by present status."""


def may_follow(status: str, new_status: str) -> bool:
    return new_status in FOLLOWING.get(status, ())


def following(status: str, payment_hidden: bool = False) -> tuple[str, ...]:
    """Return what the buyer may set; one whose payments are hidden never shows MISE_EN_PAIEMENT."""
    return tuple(
        new_status
        for new_status in FOLLOWING.get(status, ())
        if not (payment_hidden and new_status == "MISE_EN_PAIEMENT")
    )
