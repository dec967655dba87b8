"""What each invoice waits for, and what its company can do about it: one sentence, for its page."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chorus.models import Invoice
from chorus.statuses import ChorusStatus, DematerializationStatus

NOT_DEMATERIALIZED = _("It does not go through Chorus Pro, so that nothing is followed. Nothing to do here.")
TO_BE_TRANSMITTED = _("It is still to be transmitted to Chorus Pro: transmit it, then import it again.")
MISSING = _(
    "Chorus Pro does not know it: make sure that it was deposited, that its flow was accepted, and that its number and "
    "its company's SIRET are those of the deposit."
)
REOPENED = _("Its tracking was reopened: the next run asks Chorus Pro for its status. Nothing to do.")
UNREAD = _("Its status was not read yet: the next run asks Chorus Pro for it. Nothing to do.")
UNKNOWN = _("This version has no words for this status: look at the invoice on Chorus Pro.")
BY_STATUS = {
    ChorusStatus.DEPOSEE: _("Chorus Pro has received it and checks it. Nothing to do."),
    ChorusStatus.EN_COURS_ACHEMINEMENT: _("Chorus Pro sends it to the buyer. Nothing to do."),
    ChorusStatus.MISE_A_DISPOSITION: _("The buyer can take it over. Nothing to do; if this lasts, remind the buyer."),
    ChorusStatus.PRISE_EN_COMPTE_DESTINATAIRE: _(
        "The buyer checks it. Nothing to do; if this lasts, remind the buyer."
    ),
    ChorusStatus.SERVICE_FAIT: _("The buyer has certified the service; the payment order comes next. Nothing to do."),
    ChorusStatus.COMPLETEE: _("It was completed; the buyer takes it up again. Nothing to do."),
    ChorusStatus.A_RECYCLER: _(
        "It went to the wrong addressee: correct the buyer's SIRET or service on Chorus Pro and send it again, then "
        "reopen its tracking."
    ),
    ChorusStatus.SUSPENDUE: _(
        "The buyer asks for a document: complete the invoice on Chorus Pro, then reopen its tracking."
    ),
    ChorusStatus.REJETEE: _(
        "The buyer refuses it: read the reason, cancel it and issue a correct invoice under a new number. Once this is "
        "done, mark this one as not dematerialized: it leaves the list of what needs action."
    ),
    ChorusStatus.MANDATEE: _("The buyer has ordered the payment; the public accountant comes next. Nothing to do."),
    ChorusStatus.MISE_A_DISPOSITION_COMPTABLE: _("The public accountant checks it. Nothing to do."),
    ChorusStatus.COMPTABILISEE: _("It stands in the public accounts; the payment comes next. Nothing to do."),
    ChorusStatus.MISE_EN_PAIEMENT: _("The payment was sent: match it with your bank account. The tracking has ended."),
}


def next_step(invoice: Invoice) -> str | Promise:
    if not invoice.dematerialized:
        return NOT_DEMATERIALIZED
    if invoice.tracking_reopened:
        return REOPENED
    if invoice.missing_since:
        return MISSING
    if invoice.dematerialization_status == DematerializationStatus.TO_BE_TRANSMITTED:
        return TO_BE_TRANSMITTED
    if not invoice.chorus_status:
        return UNREAD
    code = invoice.chorus_status
    return BY_STATUS[ChorusStatus(code)] if code in ChorusStatus.values else UNKNOWN
