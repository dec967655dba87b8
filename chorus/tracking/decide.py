"""What a portal row means for an invoice. Pure."""

from __future__ import annotations

from chorus.portal.messages import RemoteStatus
from chorus.statuses import NEEDS_REASON, ChorusStatus, DematerializationStatus
from chorus.tracking.states import Change, InvoiceState, Rules


def decide(invoice: InvoiceState, remote: RemoteStatus, rules: Rules) -> Change | None:
    """Return the change to write, or None where the portal says nothing new.

    A final invoice is never overwritten, unless its tracking was reopened.
    """
    if invoice.code in rules.final and not invoice.reopened:
        return None
    if remote.code == invoice.code and not _entered_again(invoice, remote):
        return None
    alerting, too_old = remote.code in rules.alerting, _is_too_old(remote, rules)
    return Change(
        invoice=invoice,
        chorus_id=remote.chorus_id,
        flow_number=remote.flow_number,
        old=invoice.code,
        new=remote.code,
        since=remote.since,
        comment=remote.comment,
        final=remote.code in rules.final,
        alert=alerting and not too_old,
        too_old=alerting and too_old,
        dematerialization=_dematerialization(invoice.code, remote.code),
        reason_due=remote.code in NEEDS_REASON and not remote.comment,
    )


def _entered_again(invoice: InvoiceState, remote: RemoteStatus) -> bool:
    """A reopened invoice that was, say, completed and suspended again between two runs."""
    return bool(invoice.reopened and invoice.since and remote.since and remote.since > invoice.since)


def _is_too_old(remote: RemoteStatus, rules: Rules) -> bool:
    """What has no date may be new."""
    return rules.alert_since is not None and remote.since is not None and remote.since < rules.alert_since


def _dematerialization(old: str, new: str) -> DematerializationStatus | None:
    if new == ChorusStatus.REJETEE:
        return DematerializationStatus.TRANSMISSION_DENIED
    if old == ChorusStatus.REJETEE:
        return DematerializationStatus.TRANSMITTED
    return None
