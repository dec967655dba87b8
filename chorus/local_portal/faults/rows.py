"""Faults in which rows a search grants."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from chorus.local_portal.checks import one_of
from chorus.local_portal.faults.fault import Fault, checked, count
from chorus.local_portal.http import paths
from chorus.local_portal.operations import Call
from chorus.local_portal.searches.search import Caps

PAGING = "rechercheFactureParFournisseur"


@dataclass(frozen=True, kw_only=True)
class PageCap(Fault):
    """No page has more than `rows`, whatever is asked; the answer says how many were granted."""

    kind: ClassVar[str] = "page-cap"
    paths: ClassVar[frozenset[str]] = paths.API

    rows: int = field(metadata=checked(count))

    def granted(self, caps: Caps) -> Caps:
        return dataclasses.replace(caps, page=min(self.rows, caps.page or self.rows))


@dataclass(frozen=True, kw_only=True)
class TotalCap(Fault):
    """No search finds more than `rows`, and announces them as the total."""

    kind: ClassVar[str] = "total-cap"
    paths: ClassVar[frozenset[str]] = paths.API

    rows: int = field(metadata=checked(count))

    def granted(self, caps: Caps) -> Caps:
        return dataclasses.replace(caps, total=min(self.rows, caps.total or self.rows))


@dataclass(frozen=True, kw_only=True)
class MovingRows(Fault):
    """Rows move while the supplier reads page after page.

    `dates`: once a page is read, the portal gives the statuses of its first `rows` a new date, unless it is the last.
    `order`: every other page is cut from the rows in the opposite order, so that rows come twice, or never.
    """

    kind: ClassVar[str] = "moving-rows"
    paths: ClassVar[frozenset[str]] = frozenset({paths.SEARCH})

    how: str = field(default="dates", metadata=checked(one_of(("dates", "order"))))
    rows: int = field(default=1, metadata=checked(count))

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        paging = body.get(PAGING, {})
        if self.how == "dates" or paging.get("pageResultatDemandee", 1) % 2:
            return body
        opposite = "Descendant" if paging.get("triSens") == "Ascendant" else "Ascendant"
        return {**body, PAGING: {**paging, "triSens": opposite}}

    def done(self, call: Call, answer: Mapping[str, Any]) -> None:
        page = answer["parametresRetour"]
        if self.how == "order" or page["pageCourante"] >= page["pages"]:
            return
        for row in answer["listeFactures"][: self.rows]:
            comment = row.get("commentaireEtatCourant")
            call.store.set_status(row["identifiantFactureCPP"], row["statut"], call.store.clock.now(), comment)
