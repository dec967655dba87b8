"""The admin site: the menus of its index and sidebar are those of the original."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Menu(NamedTuple):
    """`models` are "app_label.ModelName"; an entry of `labels` is not called as its model is."""

    name: str | Promise
    models: tuple[str, ...]
    labels: dict[str, str | Promise] = {}


MENUS = (
    Menu(_("Management > Sales"), ("chorus.Invoice",)),
    Menu(
        _("Setup > Batches"),
        ("batches.Batch", "batches.Run", "batches.OutgoingEmail"),
        {"batches.Batch": _("Batch creation and modification")},
    ),
    Menu(_("Setup > Special parameters"), ("chorus.Company", "chorus.ChorusConnection")),
    Menu(_("Users"), ("akuiteo.User", "auth.Group")),
)


class Site(AdminSite):
    site_header = _("Chorus Pro tracking")
    site_title = _("Chorus Pro tracking")
    index_title = _("Menu")
    empty_value_display = "-"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the menus that the user may see, then the applications' models that are in no menu."""
        apps = super().get_app_list(request, app_label)
        return apps if app_label else list(_menus(apps))


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
        "name": menu.name,
        "app_label": named[0][0].split(".")[0],
        "app_url": named[0][1]["admin_url"] or "",
        "has_module_perms": True,
        "models": [{**entry, "name": menu.labels.get(name, entry["name"])} for name, entry in named],
    }
