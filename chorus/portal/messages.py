"""What is said to the portal and what it says, as small frozen types. JSON ends here. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from chorus.portal.answers import JsonObject, message_code
from chorus.portal.errors import PortalUnavailable, UnexpectedAnswer
from chorus.portal.reading import PARIS, BadValueError, as_list, as_object, moment, needed_text, text, whole_number
from chorus.portal.wording import shown

SEARCH = "rechercher/fournisseur"
INVOICE = "consulter/fournisseur"
HISTORY = "consulter/historique"
HEALTH_CHECK = "health-check"

NO_RESULT = {"TRA_MSG_00.015", "GFT_MSG_01.075"}
LONGEST_CODE, LONGEST_FLOW_NUMBER = 100, 50  # characters; the columns that they are stored in
MOST_ROWS = 2**31 - 1  # what a column for a number of rows holds; no portal has more
HISTORY_ENTRIES = 50  # the newest ones; an invoice has a handful


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; an empty field does not narrow. The times are aware."""

    changed_since: datetime | None = None
    changed_until: datetime | None = None
    number: str = ""
    flow_number: str = ""


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """One invoice as the portal lists it. supplier: SIRET without blanks; since: aware, None where unknown."""

    chorus_id: int
    number: str
    supplier: str
    flow_number: str
    code: str
    since: datetime | None
    comment: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of results. page_size: as the portal granted it; unreadable: a sentence for each row it spoiled."""

    rows: tuple[RemoteStatus, ...]
    unreadable: tuple[str, ...]
    page: int
    pages: int
    page_size: int
    total: int


@dataclass(frozen=True, slots=True)
class InvoiceStatus:
    chorus_id: int
    number: str
    code: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """at: aware, None where unknown."""

    code: str
    at: datetime | None
    comment: str


@dataclass(frozen=True, slots=True)
class StatusHistory:
    """entries: newest first."""

    chorus_id: int
    current: str
    entries: tuple[HistoryEntry, ...]

    def reason_for(self, code: str) -> str:
        """Return the comment of the newest entry of this code, empty where there is none."""
        return next((entry.comment for entry in self.entries if entry.code == code), "")


def build_search(search: Search, page: int, page_size: int) -> JsonObject:
    """Build the request; page counts from 1. Sorted by a column that never changes, so that rows move late."""
    criteria = {
        "periodeDateHeureEtatCourantDu": _paris(search.changed_since) if search.changed_since else "",
        "periodeDateHeureEtatCourantAu": _paris(_up(search.changed_until)) if search.changed_until else "",
        "numeroFacture": search.number,
        "numeroFluxDepot": search.flow_number,
    }
    paging = {
        "pageResultatDemandee": page,
        "nbResultatsParPage": page_size,
        "triColonne": "NumeroFacture",
        "triSens": "Ascendant",
    }
    return {key: value for key, value in criteria.items() if value} | {"rechercheFactureParFournisseur": paging}


def build_invoice(chorus_id: int) -> JsonObject:
    return {"identifiantFactureCPP": chorus_id}


def build_history(chorus_id: int) -> JsonObject:
    paging = {
        "pageResultatDemandeeListeHistoStatut": 1,
        "nbResultatsParPageListeHistoStatut": HISTORY_ENTRIES,
        "triSensListeHistoStatut": "Descendant",
        "triColonneListeHistoStatut": "HistoStatutDatePassage",
    }
    return {"idFacture": chorus_id, "paramRechercheHistoStatuts": paging}


def parse_search(data: JsonObject) -> SearchPage:
    """Read a page; "no result" is an empty one, and a row that cannot be read spoils no other.

    Raises UnexpectedAnswer where the portal refuses, or the page itself is not as agreed.
    """
    if says_no_result(data):
        return SearchPage((), (), page=1, pages=0, page_size=0, total=0)
    return parsed(SEARCH, data, _search_page)


def says_no_result(data: JsonObject) -> bool:
    """Whether the portal refuses only because it has found nothing."""
    label = data.get("libelle")
    return data.get("codeRetour") != 0 and isinstance(label, str) and message_code(label) in NO_RESULT


def parse_invoice(data: JsonObject) -> InvoiceStatus:
    """Raises UnexpectedAnswer where the portal refuses, or a needed key is missing."""
    return parsed(INVOICE, data, _invoice_status)


def parse_history(data: JsonObject) -> StatusHistory:
    """Raises UnexpectedAnswer where the portal refuses, or a needed key is missing."""
    return parsed(HISTORY, data, _status_history)


def check_health(data: JsonObject) -> None:
    """Raises PortalUnavailable where the portal says it is not well, UnexpectedAnswer where it says nothing."""
    try:
        status = needed_text(data, "statusCode")
        if status != "OK":
            raise PortalUnavailable(HEALTH_CHECK, text(data, "body") or _("the portal is not well"), status)
    except BadValueError as error:
        raise UnexpectedAnswer(HEALTH_CHECK, str(error)) from error


Message = TypeVar("Message")


def parsed(operation: str, data: JsonObject, read: Callable[[JsonObject], Message]) -> Message:
    """Read an answer. Raises UnexpectedAnswer where the portal refuses, or a needed key is missing."""
    try:
        _check_envelope(operation, data)
        return read(data)
    except BadValueError as error:
        raise UnexpectedAnswer(operation, str(error)) from error


def _check_envelope(operation: str, data: JsonObject) -> None:
    """The portal refuses with HTTP 200, a code that is unique within the service only, and a label."""
    code = whole_number(data, "codeRetour")
    if code != 0:
        label = text(data, "libelle")
        raise UnexpectedAnswer(operation, label or _("refused without a reason"), message_code(label) or str(code))


def _search_page(data: JsonObject) -> SearchPage:
    listed = as_list(data.get("listeFactures"), "listeFactures")
    rows, unreadable = _rows(listed)
    paging = as_object(data.get("parametresRetour"), "parametresRetour")
    return SearchPage(
        rows=tuple(rows),
        unreadable=tuple(unreadable),
        page=whole_number(paging, "pageCourante", default=1),
        pages=whole_number(paging, "pages", default=1 if listed else 0),
        page_size=whole_number(paging, "nbResultatsParPage", default=len(listed)),
        total=min(MOST_ROWS, whole_number(paging, "total", default=len(listed))),
    )


def _rows(listed: list[object]) -> tuple[list[RemoteStatus], list[str]]:
    rows, unreadable = [], []
    for position, row in enumerate(listed, start=1):
        try:
            rows.append(_remote_status(as_object(row, _("the row"))))
        except BadValueError as error:
            unreadable.append(_unreadable(position, row, error))
    return rows, unreadable


def _unreadable(position: int, row: object, error: BadValueError) -> str:
    known = row if isinstance(row, dict) else {}
    return _("Row %(position)d (invoice %(number)s, Chorus id %(id)s) cannot be read: %(error)s.") % {
        "position": position,
        "number": _told(known.get("numeroFacture")),
        "id": _told(known.get("identifiantFactureCPP")),
        "error": error,
    }


def _told(value: object) -> str:
    """Return a value as words of a message; what is no text or number may be of any size and depth."""
    return shown(str(value)) if value and isinstance(value, str | int) else "?"


def _remote_status(row: JsonObject) -> RemoteStatus:
    return RemoteStatus(
        chorus_id=whole_number(row, "identifiantFactureCPP"),
        number=needed_text(row, "numeroFacture"),
        supplier="".join(text(row, "codeFournisseur").split()),
        flow_number=text(row, "numeroFluxDepot", LONGEST_FLOW_NUMBER),
        code=needed_text(row, "statut", LONGEST_CODE),
        since=moment(row, "dateHeureEtatCourant"),
        comment=text(row, "commentaireEtatCourant"),
    )


def _invoice_status(data: JsonObject) -> InvoiceStatus:
    invoice = as_object(data.get("facture"), "facture")
    return InvoiceStatus(
        chorus_id=whole_number(invoice, "identifiantFactureCPP"),
        number=needed_text(invoice, "numeroFacture"),
        code=needed_text(invoice, "statutFacture", LONGEST_CODE),
    )


def _status_history(data: JsonObject) -> StatusHistory:
    listed = as_object(data.get("historiquesDesStatuts"), "historiquesDesStatuts").get("histoStatut")
    entries = [as_object(entry, "histoStatut") for entry in as_list(listed, "histoStatut")]
    # The order of the answer is not promised; the ids increase with time.
    entries.sort(key=lambda entry: whole_number(entry, "histoStatutId", default=0), reverse=True)
    return StatusHistory(
        chorus_id=whole_number(data, "idFacture"),
        current=needed_text(data, "statutCourantCode"),
        entries=tuple(_history_entry(entry) for entry in entries),
    )


def _history_entry(entry: JsonObject) -> HistoryEntry:
    return HistoryEntry(
        code=needed_text(entry, "histoStatutCode"),
        at=moment(entry, "histoStatutDatePassage"),
        comment=text(entry, "histoStatutCommentaire"),
    )


def _paris(moment: datetime) -> str:
    """RFC 3339 with milliseconds. Raises ValueError for a time without zone, which would be guessed at."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(PARIS).isoformat(timespec="milliseconds")


def _up(moment: datetime) -> datetime:
    """Round up to the millisecond, so that an upper bound leaves out nothing."""
    return moment + timedelta(microseconds=-moment.microsecond % 1000)
