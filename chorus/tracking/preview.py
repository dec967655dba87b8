"""What tracking does with the database in a dry run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chorus.portal.messages import RemoteStatus
from chorus.tracking.ledger import Ledger, ReasonDue
from chorus.tracking.states import Change, InvoiceState
from chorus.tracking.windows import Progress


class Preview(Ledger):
    """The ledger of a dry run: reads the same, writes nothing, and remembers what would have been written."""

    def write(self, changes: Sequence[Change]) -> tuple[list[Change], list[tuple[Change, str]]]:
        known = self.seen.codes(change.invoice.pk for change in changes)
        return [change for change in changes if known.get(change.invoice.pk) != change.new], []

    def confirm(self, pairs: Sequence[tuple[InvoiceState, RemoteStatus]]) -> None:
        pass

    def mark_missing(self, state: InvoiceState) -> None:
        pass

    def ask_again(self, pk: int) -> None:
        pass

    def reasons_due(self) -> Iterator[ReasonDue]:
        yield from ()

    def mark_checked(self) -> None:
        pass

    def save_progress(self, account: str, progress: Progress) -> None:
        pass
