"""Where a page stands: the path of the menus, which is that of the original."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.db.models.options import Options
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from akuiteo.roles import name_of
from akuiteo.site import menu_entry

register = template.Library()


class Step(NamedTuple):
    text: str | Promise
    url: str = ""


@register.inclusion_tag("admin/site_path.html", takes_context=True)
def site_path(context: Context) -> dict[str, Any]:
    """Return the steps from the dashboard to this page; the last one is the page itself and is no link."""
    steps = [Step(_("Dashboard"), reverse("admin:index"))]
    opts: Options[Any] | None = context.get("opts")
    if opts:
        steps += _steps_to_list(opts)
    original = context.get("original") or context.get("object")
    title = str(context.get("title") or "")
    if original is not None and opts:
        steps.append(Step(name_of(original), _url(opts, "change", original.pk)))
    if opts and "cl" not in context and not _is_form_of(context, original):
        steps.append(Step(title))
    if opts is None and title:
        steps.append(Step(title))
    return {"steps": [*steps[:-1], Step(steps[-1].text)]}


@register.simple_tag(takes_context=True)
def page_title(context: Context) -> str:
    """Return what the page is about: a list's name in the menus, a thing's own name, else the title of the view."""
    opts: Options[Any] | None = context.get("opts")
    original = context.get("original")
    if opts and "cl" in context:
        return str(_list_name(opts))
    if _is_form_of(context, original):
        return name_of(original)
    return str(context.get("title") or "")


def _list_name(opts: Options[Any]) -> str | Promise:
    _menu, label = menu_entry(opts.label) or (None, "")
    return label or capfirst(str(opts.verbose_name_plural))


def _steps_to_list(opts: Options[Any]) -> list[Step]:
    menu, _label = menu_entry(opts.label) or (None, "")
    steps = [Step(text) for text in menu.path] if menu else []
    return [*steps, Step(_list_name(opts), _url(opts, "changelist"))]


def _is_form_of(context: Context, original: Any) -> bool:
    return original is not None and "adminform" in context


def _url(opts: Options[Any], view: str, *args: Any) -> str:
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=args)
    except NoReverseMatch:
        return ""
