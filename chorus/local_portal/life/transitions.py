"""traiter/recue: what a public buyer may do with an invoice.

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
NEEDS_REASON = frozenset({"REJETEE", "SUSPENDUE"})


def may_follow(status: str, new_status: str) -> bool:
    return new_status in FOLLOWING.get(status, ())
