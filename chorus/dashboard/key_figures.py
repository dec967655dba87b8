"""The four figures on top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chorus.dashboard import links
from chorus.dashboard.figures import Standing, Total, add, missing_total, open_by_age, paid_since, start_of
from chorus.models import Invoice
from chorus.statuses import ChorusStatus


class KeyFigure(NamedTuple):
    """One number to be seen first, and what else there is to say of it; a link to its invoices."""

    label: str
    shown: str
    details: Sequence[str]
    url: str
    tone: str = ""


def key_figures(invoices: QuerySet[Invoice], rows: Iterable[Standing], acting: Total) -> list[KeyFigure]:
    """Return the figures of the invoices; `rows` is where they stand, `acting` the total of what needs action."""
    month = timezone.localdate().replace(day=1)
    paid = links.of_status(ChorusStatus.MISE_EN_PAIEMENT) | links.status_since(start_of(month))
    missing = missing_total(invoices)
    return [
        _money(_("Open amount"), add(open_by_age(rows)), links.invoices(**links.OPEN)),
        _count(_("To act on today"), acting, acting_url()),
        _money(_("Sent for payment this month"), paid_since(invoices, month), links.invoices(**paid)),
        _count(_("Missing on the portal"), missing, links.invoices(**links.MISSING)),
    ]


def acting_url() -> str:
    return links.invoices(**links.NEEDS_ACTION)


def invoices_in_words(count: int) -> str:
    return ngettext("%(count)s invoice", "%(count)s invoices", count) % {"count": _number(count)}


def _money(label: str, total: Total, url: str) -> KeyFigure:
    first, *others = total.money() or ["-"]
    return KeyFigure(label, first, [*others, invoices_in_words(total.count)], url)


def _count(label: str, total: Total, url: str) -> KeyFigure:
    return KeyFigure(label, _number(total.count), total.money(), url, "warn" if total.count else "good")


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)
