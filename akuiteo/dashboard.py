"""The dashboard on the index: panels of the floors above, named as strings in settings.DASHBOARD_PANELS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString


class Panel(Protocol):
    """A part of the dashboard. `context` is asked only of those who have `permission` ("": everybody).

    It holds for one rendering; None: there is nothing to show.
    """

    template: str
    permission: str

    def context(self, request: HttpRequest) -> dict[str, Any] | None: ...


@dataclass(frozen=True)
class DashboardWarning:
    """What is wrong, what to do next, and where; `tone` is "warn" or "bad". Without `url` somebody else must do it."""

    text: str
    advice: str
    url: str = ""
    tone: str = "warn"


def panels(request: HttpRequest) -> Iterator[SafeString]:
    """Render the panels that this user may see, in the order of the setting."""
    for name in settings.DASHBOARD_PANELS:
        panel: Panel = import_string(name)()
        if panel.permission and not request.user.has_perm(panel.permission):
            continue
        context = panel.context(request)
        if context is not None:
            yield render_to_string(panel.template, context, request)
