"""The newest version of a batch's set-up: a form that was opened with an earlier one is not saved over it."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from akuiteo.reading_versions import who_saved
from batches.models import Batch, BatchParameter

WITHOUT_HISTORY = "0-0"


def newest_version(batch: Batch) -> str:
    """Return what names the present version: the newest history rows of the batch itself and of its parameters."""
    return "-".join(str(rows.aggregate(newest=Max("history_id"))["newest"] or 0) for rows in _histories(batch))


def is_newest(version: str, batch: Batch) -> bool:
    return newest_version(batch) in (version, WITHOUT_HISTORY)


def changed_meanwhile(batch: Batch) -> SafeString:
    """Say who saved the newest version and when, and what to do with a form that was opened earlier."""
    found = [rows.select_related("history_user").order_by("history_id").last() for rows in _histories(batch)]
    newest = max((row for row in found if row), key=lambda row: row.history_date)
    address = reverse("admin:batches_batch_change", args=(batch.pk,))
    words = _(
        "This batch was changed meanwhile by {who} at {time}. Nothing was saved: {link} and repeat your change; "
        "what you typed is still below."
    )
    return format_html(
        words,
        who=who_saved(newest),
        time=localize(localtime(newest.history_date)),
        link=format_html('<a href="{}" target="_blank">{}</a>', address, _("open it again in a new tab")),
    )


def _histories(batch: Batch) -> tuple[QuerySet[Any], QuerySet[Any]]:
    return Batch.history.filter(id=batch.pk), BatchParameter.history.filter(batch_id=batch.pk)
