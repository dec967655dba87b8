"""Whether a recipient would have an invoice that is sent to it anew, by the rules of deposits."""

from dataclasses import dataclass

from chorus.local_portal.deposits import directory
from chorus.local_portal.deposits.judging import Rule, judge
from chorus.local_portal.deposits.records import DepositedInvoice
from chorus.local_portal.operations.call import RefusedError
from chorus.local_portal.state.store import Store

RETURN_CODES = {
    Rule.RECIPIENT_UNKNOWN: (20004, "GDP_MSG_11.913"),
    Rule.RECIPIENT_INACTIVE: (20005, "GDP_MSG_11.914"),
    Rule.SERVICE_MISSING: (20006, "GDP_MSG_11.915"),
    Rule.SERVICE_UNKNOWN: (20007, "GDP_MSG_11.916"),
    Rule.SERVICE_INACTIVE: (20008, "GDP_MSG_11.917"),
    Rule.COMMITMENT_MISSING: (20009, "GDP_MSG_11.918"),
}
"""20004 to 20014 exist, what each of them says was never published: these are our choice."""

SERVICE_ID = "SELECT id FROM services WHERE structure_id = ? AND code = ?"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an invoice is sent to, with the commitment number that it has; the SIRET has no blanks."""

    siret: str
    service: str | None
    commitment_number: str | None

    def __str__(self) -> str:
        parts = (self.siret, self.service and f"service {self.service}")
        commitment = self.commitment_number and f"engagement {self.commitment_number}"
        return ", ".join(part for part in (*parts, commitment) if part)


def accepted(store: Store, address: Address) -> tuple[int, int | None]:
    """Return the ids of the recipient and of the service. Raises RefusedError where the recipient would refuse it."""
    sent = DepositedInvoice(
        number=None,
        date=None,
        recipient=[address.siret],
        service=address.service,
        commitment_number=address.commitment_number,
    )
    judgement = judge(sent, directory.directory_for(store, "", [sent]))
    for breach in judgement.breaches:
        # The other rules are about what does not change.
        if breach.rule in RETURN_CODES:
            code, message = RETURN_CODES[breach.rule]
            raise RefusedError(code, f"{message} - {breach.text}")
    if judgement.recipient is None:
        raise RefusedError(*RETURN_CODES[Rule.RECIPIENT_UNKNOWN])
    service = store.row(SERVICE_ID, judgement.recipient.id, judgement.service) if judgement.service else None
    return judgement.recipient.id, service["id"] if service else None
