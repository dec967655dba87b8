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
from chorus.connections import WARN_BEFORE, password_ends_on, routes
from chorus.dashboard import links
from chorus.dashboard.figures import open_ones
from chorus.models import ChorusConnection, Company

NAMED = 5


def warnings(user: User) -> Iterator[DashboardWarning]:
    """Yield what the user may know of: connections are not for everybody."""
    if user.has_perm("chorus.view_chorusconnection"):
        yield from _passwords()
        yield from _companies_without_connection()
    if user.has_perm("chorus.view_invoice"):
        yield from _invoices_without_manager()


def _passwords() -> Iterator[DashboardWarning]:
    today = timezone.localdate()
    connections = ChorusConnection.objects.filter(enabled=True).select_related("company")
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


def _companies_without_connection() -> Iterator[DashboardWarning]:
    _routes, without = routes(Company.objects.all())
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


def _invoices_without_manager() -> Iterator[DashboardWarning]:
    count = open_ones().filter(manager=None).count()
    if count:
        text = ngettext(
            "%(count)d open invoice has no invoice manager.", "%(count)d open invoices have no invoice manager.", count
        )
        advice = _("Nobody gets their alerts: assign a manager.")
        yield DashboardWarning(text % {"count": count}, advice, links.invoices(**links.UNMANAGED, **links.OPEN))
