"""Codes in a reader's words, and how they look. The words are translated where they are shown."""


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


STATUSES = {
    "DEPOSEE": gettext_noop("Deposited"),
    "EN_COURS_ACHEMINEMENT": gettext_noop("On its way"),
    "MISE_A_DISPOSITION": gettext_noop("Made available"),
    "PRISE_EN_COMPTE_DESTINATAIRE": gettext_noop("Taken over"),
    "SERVICE_FAIT": gettext_noop("Service certified"),
    "TRANSMISE_MOA": gettext_noop("With the project owner"),
    "COMPLETEE": gettext_noop("Completed"),
    "A_RECYCLER": gettext_noop("To be recycled"),
    "SUSPENDUE": gettext_noop("Suspended"),
    "REJETEE": gettext_noop("Rejected"),
    "MANDATEE": gettext_noop("Payment ordered"),
    "MISE_A_DISPOSITION_COMPTABLE": gettext_noop("With the accountant"),
    "COMPTABILISEE": gettext_noop("Entered in the accounts"),
    "MISE_EN_PAIEMENT": gettext_noop("Sent for payment"),
    "ABANDONNEE": gettext_noop("Abandoned"),
    "SUPPRIMEE": gettext_noop("Deleted"),
}
"""The statuses of a simple invoice; any other is shown by its code."""

LOOKS = {
    **dict.fromkeys(("DEPOSEE", "EN_COURS_ACHEMINEMENT"), "travelling"),
    **dict.fromkeys(
        ("MISE_A_DISPOSITION", "PRISE_EN_COMPTE_DESTINATAIRE", "SERVICE_FAIT", "TRANSMISE_MOA", "COMPLETEE"), "open"
    ),
    **dict.fromkeys(("MANDATEE", "MISE_A_DISPOSITION_COMPTABLE", "COMPTABILISEE"), "paying"),
    "MISE_EN_PAIEMENT": "paid",
    "A_RECYCLER": "returned",
    "SUSPENDUE": "returned",
    "REJETEE": "refused",
}
"""The shape and colour of a status's badge."""

FLOW_STATES = {
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": gettext_noop("Waiting"),
    "IN_RECU": gettext_noop("Received"),
    "IN_TRAITE_SE_CPP": gettext_noop("Passed on to Chorus Pro"),
    "IN_EN_ATTENTE_TRAITEMENT_CPP": gettext_noop("Waiting for its treatment"),
    "IN_EN_COURS_TRAITEMENT_CPP": gettext_noop("Being treated"),
    "IN_INTEGRE": gettext_noop("Integrated"),
    "IN_INTEGRE_PARTIEL": gettext_noop("Integrated in part"),
    "IN_REJETE": gettext_noop("Flow rejected"),
    "IN_INCIDENTE": gettext_noop("Could not be treated"),
}
FLOW_LOOKS = {
    "IN_INTEGRE": "paid",
    "IN_INTEGRE_PARTIEL": "returned",
    "IN_REJETE": "refused",
    "IN_INCIDENTE": "refused",
}

DUTIES = {
    "completer": gettext_noop("It waits for its supplier, who completes it by “completer”."),
    "recycler": gettext_noop("It waits for its supplier, who sends it again, corrected, by “recycler”."),
    "traiterRejet": gettext_noop("Its life is over. The supplier may acknowledge the rejection by “traiterRejet”."),
}
"""What an invoice waits for, by the operation that its supplier may call."""

INVOICE_TYPES = {
    "FACTURE": gettext_noop("Invoice"),
    "AVOIR": gettext_noop("Credit note"),
    "ACOMPTE": gettext_noop("Advance"),
}

KINDS = {"supplier": gettext_noop("supplier"), "recipient": gettext_noop("buyer")}
