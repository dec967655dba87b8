"""Lists inside an answer that have a paging of their own, under names of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from chorus.local_portal import codes
from chorus.local_portal.checks import Check, one_of, record
from chorus.local_portal.operations.call import Answer
from chorus.local_portal.operations.fields import LEGACY_PAGING, count
from chorus.local_portal.operations.listing import by_value
from chorus.local_portal.searches.filters import Body
from chorus.local_portal.searches.search import Caps, Page


@dataclass(frozen=True)
class SubList:
    """The names of such a list: the ends of its members in requests and answers, and the columns of its sort.

    `natural` is the column, if any, in whose order the items are given, and `direction` the usual one.
    """

    items: str
    page: str
    size: str
    order: str
    answered: str
    columns: Sequence[str]
    natural: str | None = None
    direction: str = "Ascendant"

    def check(self) -> Check:
        """Return the check of its paging block in a request."""
        return record(
            {
                f"pageResultatDemandee{self.page}": count,
                f"nbResultatsParPage{self.size}": count,
                f"triSens{self.order}": one_of(codes.DIRECTIONS),
                f"triColonne{self.order}": one_of(self.columns),
                **LEGACY_PAGING,
            }
        )

    def answer(self, items: Sequence[Answer], asked: Body, caps: Caps) -> Answer:
        """Return the page that is asked for of the items, as the answer has it."""
        size = asked.get(f"nbResultatsParPage{self.size}", 10)
        page = Page(asked.get(f"pageResultatDemandee{self.page}", 1), min(size, caps.page or size), len(items))
        return {
            self.items: page.cut(self._sorted(items, asked)),
            f"pageCourante{self.answered}": page.current,
            f"pages{self.answered}": page.pages,
            f"nbResultatsParPage{self.answered}": page.size,
            f"total{self.answered}": page.total,
        }

    def _sorted(self, items: Sequence[Answer], asked: Body) -> list[Answer]:
        column = asked.get(f"triColonne{self.order}", self.natural)
        in_order = list(items)
        if column is not None and column != self.natural:
            member = column[0].lower() + column[1:]
            in_order.sort(key=lambda item: by_value(item.get(member)))
        return in_order if asked.get(f"triSens{self.order}", self.direction) == "Ascendant" else in_order[::-1]


STATUSES = SubList(
    items="histoStatut",
    page="ListeHistoStatut",
    size="ListeHistoStatut",
    order="ListeHistoStatut",
    answered="HistoStatut",
    columns=codes.HISTORY_COLUMNS,
    natural="HistoStatutDatePassage",
    direction="Descendant",
)
EVENTS = SubList(
    items="evenement",
    page="ListeHistoEvenement",
    size="ListeHistoEvenement",
    order="ListeHistoEvenement",
    answered="Evenement",
    columns=codes.EVENT_COLUMNS,
    natural="EvenementDateHeure",
    direction="Descendant",
)
USER_ACTIONS = SubList(
    items="histoAction",
    page="ListeHistoAction",
    size="ListeHistoAction",
    order="ListeHistoAction",
    answered="HistoAction",
    columns=codes.ACTION_COLUMNS,
    natural="HistoActionDateHeure",
    direction="Descendant",
)
LINES = SubList(
    items="lignePoste",
    page="LignesPoste",
    size="LignesPoste",
    order="ListeLignesPoste",
    answered="LignesPoste",
    columns=codes.LINE_COLUMNS,
    natural="LignePosteNumero",
)
VAT = SubList(
    items="ligneTva",
    page="ListeRecapitulatifTVA",
    size="ListeListeRecapitulatifTVA",
    order="ListeRecapitulatifTVA",
    answered="LignesRecapitulativesTVA",
    columns=codes.VAT_COLUMNS,
)
ATTACHMENTS = SubList(
    items="pieceJointe",
    page="ListePieceJointe",
    size="ListePieceJointe",
    order="ListePiecesJointes",
    answered="ListePiecesJointe",
    columns=codes.ATTACHMENT_COLUMNS,
)
