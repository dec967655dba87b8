"""Chorus Pro for a supplier: one method per operation. Build, post and parse are three functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from chorus.portal import messages, structures
from chorus.portal.messages import InvoiceStatus, Search, SearchPage, StatusHistory
from chorus.portal.transport import Operation, Transport

SEARCH = Operation(messages.SEARCH, "POST", "/cpro/factures/v1/rechercher/fournisseur")
SEARCH_OF_ONE = replace(SEARCH, about_one_invoice=True)
INVOICE = Operation(messages.INVOICE, "POST", "/cpro/factures/v1/consulter/fournisseur", about_one_invoice=True)
HISTORY = Operation(messages.HISTORY, "POST", "/cpro/factures/v1/consulter/historique", about_one_invoice=True)
HEALTH_CHECK = Operation(messages.HEALTH_CHECK, "GET", "/cpro/transverses/v1/health-check")
FIND_STRUCTURE = Operation(structures.FIND, "POST", "/cpro/structures/v1/rechercher")
STRUCTURE = Operation(structures.READ, "POST", "/cpro/structures/v1/consulter")


class ChorusClient:
    """Asks the portal. Every method raises PortalUnavailable, AccessRefused, UnexpectedAnswer or Stopped."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def requests(self) -> int:
        """HTTP calls made so far, those for the token included."""
        return self._transport.requests

    @property
    def answered_at(self) -> datetime | None:
        """When the portal says that it gave its last answer (aware, whole seconds), if it does."""
        return self._transport.answered_at

    def search(self, search: Search, page: int, page_size: int) -> SearchPage:
        """Return one page of the supplier's invoices; page counts from 1. The portal may grant smaller pages."""
        operation = SEARCH_OF_ONE if search.number else SEARCH
        data = self._transport.call(operation, messages.build_search(search, page, page_size))
        return messages.parse_search(data)

    def invoice(self, chorus_id: int) -> InvoiceStatus:
        """Return the current status of one invoice; it comes without date and comment."""
        return messages.parse_invoice(self._transport.call(INVOICE, messages.build_invoice(chorus_id)))

    def history(self, chorus_id: int) -> StatusHistory:
        """Return the newest statuses of one invoice, with the buyer's reasons."""
        return messages.parse_history(self._transport.call(HISTORY, messages.build_history(chorus_id)))

    def renew_token(self) -> None:
        """Return if PISTE gives this application a token; one that is kept already proves nothing."""
        self._transport.renew_token()

    def structure_id(self, siret: str) -> int | None:
        """Return the portal's key of a structure, None where the technical account does not see it."""
        return structures.parse_found(self._transport.call(FIND_STRUCTURE, structures.build_search(siret)), siret)

    def password_ends_on(self, structure_id: int) -> date | None:
        """Return the last day of the technical account's password, told with a structure of its own."""
        return structures.parse_password_end(self._transport.call(STRUCTURE, structures.build_read(structure_id)))

    def health_check(self) -> None:
        """Return if token, technical account and API work; raise what is wrong otherwise."""
        messages.check_health(self._transport.call(HEALTH_CHECK))
