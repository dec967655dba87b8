"""Words and sets: the portal's statuses and the ERP's own. Imports nothing of this project."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChorusStatus(models.TextChoices):
    """The statuses of a simple invoice, as the portal spells them. They document; any other code may come too."""

    DEPOSEE = "DEPOSEE", _("deposited")
    EN_COURS_ACHEMINEMENT = "EN_COURS_ACHEMINEMENT", _("on its way to the buyer")
    MISE_A_DISPOSITION = "MISE_A_DISPOSITION", _("made available to the buyer")
    PRISE_EN_COMPTE_DESTINATAIRE = "PRISE_EN_COMPTE_DESTINATAIRE", _("taken over by the buyer")
    SERVICE_FAIT = "SERVICE_FAIT", _("service certified as rendered")
    COMPLETEE = "COMPLETEE", _("completed by the supplier")
    A_RECYCLER = "A_RECYCLER", _("to be recycled (wrong addressee)")
    SUSPENDUE = "SUSPENDUE", _("suspended (document missing)")
    REJETEE = "REJETEE", _("rejected")
    MANDATEE = "MANDATEE", _("payment ordered")
    MISE_A_DISPOSITION_COMPTABLE = "MISE_A_DISPOSITION_COMPTABLE", _("made available to the accountant")
    COMPTABILISEE = "COMPTABILISEE", _("entered in the accounts")
    MISE_EN_PAIEMENT = "MISE_EN_PAIEMENT", _("sent for payment")


FINAL = frozenset(
    {ChorusStatus.A_RECYCLER, ChorusStatus.SUSPENDUE, ChorusStatus.REJETEE, ChorusStatus.MISE_EN_PAIEMENT}
)
"""After these an invoice is no longer followed, unless CHORUS_FINAL_STATUSES says otherwise."""

ALERTABLE = frozenset(set(ChorusStatus) - {ChorusStatus.PRISE_EN_COMPTE_DESTINATAIRE, ChorusStatus.SERVICE_FAIT})
"""The 11 values that LISTE_ETATS_CHORUS_A_ALERTER takes."""

NEEDS_REASON = frozenset({ChorusStatus.REJETEE, ChorusStatus.SUSPENDUE, ChorusStatus.A_RECYCLER})
"""The buyer says why, and the supplier must know."""


class DematerializationStatus(models.IntegerChoices):
    """The ERP's own numbered status of a dematerialized invoice."""

    TO_BE_TRANSMITTED = 1, _("1 - To be transmitted")
    TRANSMITTED = 2, _("2 - Transmitted")
    TRANSMISSION_DENIED = 3, _("3 - Transmission denied")


def after_marking(dematerialized: bool, present: int) -> DematerializationStatus:
    """Return the status of an invoice that is marked as dematerialized or not: one that is, counts as transmitted.

    A denied transmission stays denied.
    """
    if present == DematerializationStatus.TRANSMISSION_DENIED:
        return DematerializationStatus.TRANSMISSION_DENIED
    return DematerializationStatus.TRANSMITTED if dematerialized else DematerializationStatus.TO_BE_TRANSMITTED


def words(code: str) -> str:
    """Return a Chorus status in the reader's words, or the code itself where we have none."""
    return str(ChorusStatus(code).label) if code in ChorusStatus.values else code
