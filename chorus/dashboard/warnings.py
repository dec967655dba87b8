"""What is wrong with the set-up of companies and connections, and invoices that nobody hears of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akuiteo.dashboard import DashboardWarning
from akuiteo.models import User
from batches.plain_text import quoted
from chorus.access import visible_companies, visible_connections, visible_invoices
from chorus.connections import WARN_BEFORE, password_ends_on, routes
from chorus.dashboard import links
from chorus.dashboard.figures import open_ones
from chorus.models import ChorusConnection
from chorus.unalerted import alerting_nobody

NAMED = 5


def warnings(user: User) -> Iterator[DashboardWarning]:
    """Yield what the user may know of: connections are not for everybody."""
    if user.has_perm("chorus.view_chorusconnection"):
        yield from _passwords(user)
        yield from _companies_without_connection(user)
    if user.has_perm("chorus.view_invoice"):
        yield from _alerts_to_nobody(user)


def _passwords(user: User) -> Iterator[DashboardWarning]:
    today = timezone.localdate()
    connections = visible_connections(user).filter(enabled=True).select_related("company")
    for connection in connections.defer("piste_client_secret", "technical_password"):
        ends_on = password_ends_on(connection)
        if ends_on and ends_on - today <= WARN_BEFORE:
            yield _password(connection, ends_on, today)


def _password(connection: ChorusConnection, ends_on: date, today: date) -> DashboardWarning:
    named = {"company": connection, "date": localize(ends_on)}
    if ends_on < today:
        text = _("The technical password of %(company)s ended on %(date)s.") % named
    else:
        text = _("The technical password of %(company)s ends on %(date)s.") % named
    advice = _("Set a new one on Chorus Pro, then enter it in the connection.")
    url = reverse("admin:chorus_chorusconnection_change", args=(connection.pk,))
    return DashboardWarning(text, advice, url, "bad" if ends_on < today else "warn")


def _companies_without_connection(user: User) -> Iterator[DashboardWarning]:
    _routes, without = routes(visible_companies(user))
    if not without:
        return
    text = ngettext(
        "%(count)d company has no enabled Chorus connection: %(codes)s.",
        "%(count)d companies have no enabled Chorus connection: %(codes)s.",
        len(without),
    )
    codes = quoted(*(company.code for company in without[:NAMED])) + (", …" if len(without) > NAMED else "")
    advice = _("Their invoices are not followed: add or enable a connection.")
    url = reverse("admin:chorus_chorusconnection_changelist")
    yield DashboardWarning(text % {"count": len(without), "codes": codes}, advice, url, "bad")


def _alerts_to_nobody(user: User) -> Iterator[DashboardWarning]:
    count = alerting_nobody(open_ones(visible_invoices(user))).count()
    if count:
        text = ngettext(
            "The alerts of %(count)d open invoice reach nobody.",
            "The alerts of %(count)d open invoices reach nobody.",
            count,
        )
        advice = _("No manager, or one who is inactive or has no e-mail address: assign a manager.")
        yield DashboardWarning(text % {"count": count}, advice, links.invoices(**links.ALERTING_NOBODY, **links.OPEN))
