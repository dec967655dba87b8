"""What a mail's status is, given its recipients'; and what an event that a mail service tells of changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from batches.models import MailStatus

BEST_FIRST = (
    MailStatus.DELIVERED,
    MailStatus.SENT,
    MailStatus.COMPLAINED,
    MailStatus.BOUNCED,
    MailStatus.REFUSED,
    MailStatus.GIVEN_UP,
    MailStatus.DUE,
)
"""A mail is due while one of its recipients is; then it has the worst status of them."""

EARLIEST_FIRST = (
    MailStatus.DUE,
    MailStatus.GIVEN_UP,
    MailStatus.SENT,
    MailStatus.DELIVERED,
    MailStatus.COMPLAINED,
    MailStatus.BOUNCED,
    MailStatus.REFUSED,
)
"""Events may come twice, late, and in any order: a recipient only ever moves on in this row.

So a mailbox that took a mail and then sent it back is *bounced*, in whichever order the two are told. A wrong
"bounced" costs somebody a look; a wrong "delivered" hides an alert that nobody got.
"""


def worst(statuses: Iterable[str]) -> MailStatus:
    """Return the status of a mail whose recipients have these; without any it is given up."""
    return max((MailStatus(status) for status in statuses), key=BEST_FIRST.index, default=MailStatus.GIVEN_UP)


def after(status: str, told: MailStatus) -> MailStatus:
    """Return the status of a recipient that had the first one, when a mail service tells of the other."""
    return max(MailStatus(status), told, key=EARLIEST_FIRST.index)
