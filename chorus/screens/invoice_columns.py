"""The columns of the list of invoices."""

from __future__ import annotations

import datetime

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chorus.checking import why_not_followed
from chorus.models import Invoice
from chorus.screens.badges import badge, described
from chorus.templatetags.chorus_mail import amount
from chorus.unalerted import why_nobody


class InvoiceColumns:
    """Those that can be sorted are cheap to sort: 200,000 invoices are no reason to wait."""

    @admin.display(description=gettext_lazy("company"))
    def seller(self, invoice: Invoice) -> str:
        return invoice.company.code

    @admin.display(description=gettext_lazy("amount incl. tax"), ordering="amount_incl_tax")
    def total(self, invoice: Invoice) -> str | None:
        if invoice.amount_incl_tax is None:
            return None
        return amount(invoice.amount_incl_tax, invoice.currency)

    @admin.display(description=gettext_lazy("Chorus status"), ordering="chorus_status")
    def status(self, invoice: Invoice) -> SafeString:
        return badge(invoice.chorus_status)

    @admin.display(description=gettext_lazy("Chorus status"))
    def words_and_code(self, invoice: Invoice) -> str:
        return described(invoice.chorus_status) or _("not read yet")

    @admin.display(description=gettext_lazy("since"), ordering="chorus_status_at")
    def since(self, invoice: Invoice) -> SafeString | None:
        return dated(invoice.chorus_status_at) if invoice.chorus_status_at else None

    @admin.display(description=gettext_lazy("transmission"))
    def dematerialization(self, invoice: Invoice) -> str:
        return invoice.get_dematerialization_status_display() if invoice.dematerialized else _("not dematerialized")

    @admin.display(description=gettext_lazy("manager"))
    def in_charge(self, invoice: Invoice) -> str | None:
        """Name the manager; mark one whom no alert of a followed invoice reaches."""
        manager = invoice.manager
        if manager is None:
            return None
        name = manager.get_full_name() or manager.username
        problem = "" if why_not_followed(invoice) else why_nobody(manager)
        return format_html('{} <span class="badge warn">{}</span>', name, problem) if problem else name

    @admin.display(description=gettext_lazy("last check"))
    def checked(self, invoice: Invoice) -> SafeString | None:
        return dated(invoice.chorus_checked_at) if invoice.chorus_checked_at else None


def dated(at: datetime.datetime) -> SafeString:
    """Return a day and how long ago it was; the exact time is its title."""
    here = localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time> <span class="age">{}</span>',
        at.isoformat(),
        date_format(here, "SHORT_DATETIME_FORMAT"),
        date_format(here, "SHORT_DATE_FORMAT"),
        age((localdate() - here.date()).days),
    )


def age(days: int) -> str:
    if days < 1:
        return _("today")
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
