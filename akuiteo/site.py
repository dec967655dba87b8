"""The admin site: its index is the dashboard, its menus are those of the original."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from akuiteo.dashboard import panels


class Menu(NamedTuple):
    """`path` are the steps to it, `models` "app_label.ModelName", `labels` what some are called here."""

    path: tuple[str | Promise, ...]
    models: tuple[str, ...]
    labels: dict[str, str | Promise] = {}


MENUS = (
    Menu((_("Management"), _("Sales")), ("chorus.Invoice",)),
    Menu(
        (_("Setup"), _("Batches")),
        ("batches.Batch", "batches.Run", "batches.OutgoingEmail"),
        {"batches.Batch": _("Batch creation and modification"), "batches.OutgoingEmail": _("Outgoing mail")},
    ),
    Menu((_("Setup"), _("Special parameters")), ("chorus.Company", "chorus.ChorusConnection")),
    Menu((_("Users"),), ("akuiteo.User", "auth.Group"), {"auth.Group": _("Roles")}),
)


class Site(AdminSite):
    site_header = _("Chorus Pro tracking")
    site_title = _("Chorus Pro tracking")
    index_title = _("Dashboard")
    site_url = None
    enable_nav_sidebar = False  # the menus stand in the header
    empty_value_display = "-"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the menus that the user may see, then the applications' models that are in no menu."""
        apps = super().get_app_list(request, app_label)
        return apps if app_label else list(_menus(apps))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"panels": panels(request)} | (extra_context or {}))

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """Lead to the dashboard: the menus are not those of the applications."""
        return HttpResponseRedirect(reverse("admin:index", current_app=self.name))


def menu_entry(model: str) -> tuple[Menu, str | Promise] | None:
    """Return the menu of a model ("app_label.ModelName") and what the model is called there, if it has one."""
    for menu in MENUS:
        if model in menu.models:
            return menu, menu.labels.get(model, "")
    return None


def _menus(apps: list[Any]) -> Iterator[dict[str, Any]]:
    entries = {f"{app['app_label']}.{entry['object_name']}": entry for app in apps for entry in app["models"]}
    for menu in MENUS:
        named = [(name, entries[name]) for name in menu.models if name in entries]
        if named:
            yield _group(menu, named)
    in_menus = {name for menu in MENUS for name in menu.models}
    for app in apps:
        rest = [entry for entry in app["models"] if f"{app['app_label']}.{entry['object_name']}" not in in_menus]
        if rest:
            yield {**app, "models": rest}


def _group(menu: Menu, named: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "name": " > ".join(str(step) for step in menu.path),
        "app_label": named[0][0].split(".")[0],
        "app_url": "",
        "has_module_perms": True,
        "models": [{**entry, "name": menu.labels.get(name, entry["name"])} for name, entry in named],
    }
