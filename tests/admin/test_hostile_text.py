"""Text of others on pages: whatever the portal, the ERP, a file or an address says is shown, and does nothing (S12)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import lxml.html
import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.test import Client

from akuiteo.models import User
from akuiteo.secrets import SecretField
from batches.models import Run
from chorus.models import Company, Invoice, InvoiceImport
from tests.admin.builders import make_change, make_mail, make_run, url
from tests.admin.test_permissions import address, make_rows, table

MARKUP = '\'"><hostile-tag> onload="x" -->{{ 7|add:7 }}{% now %}\u202e\x1b[2J\r\n'
ADDRESS = "javascript:hostile-tag"
LONG = "hostile-tag " * 10_000
OURS = ("akuiteo", "batches", "chorus", "auth")
KEPT_AS_THEY_ARE = frozenset({"password", "template", "model", "app_label", "codename", "history_type", "trigger"})
"""Fields that only the program writes, with words of its own."""
LEADING = ("href", "src", "action", "formaction", "xlink:href")
SHOW_TEXT_OF_OTHERS = (
    "/admin/",
    "/admin/chorus/invoice/",
    "/admin/chorus/invoice/<path:object_id>/change/",
    "/admin/chorus/invoice/<path:object_id>/history/",
    "/admin/chorus/invoice/import/",
    "/admin/chorus/invoice/import/<int:pk>/",
    "/admin/chorus/company/",
    "/admin/chorus/company/<path:object_id>/change/",
    "/admin/chorus/company/<path:object_id>/history/",
    "/admin/chorus/chorusconnection/",
    "/admin/chorus/chorusconnection/<path:object_id>/change/",
    "/admin/batches/batch/",
    "/admin/batches/batch/<path:object_id>/change/",
    "/admin/batches/batch/<path:object_id>/history/",
    "/admin/batches/run/",
    "/admin/batches/run/<path:object_id>/change/",
    "/admin/batches/run/<int:pk>/progress/",
    "/admin/batches/run/launch/<int:batch_pk>/",
    "/admin/batches/outgoingemail/",
    "/admin/batches/outgoingemail/<path:object_id>/change/",
    "/admin/akuiteo/user/",
    "/admin/akuiteo/user/<path:object_id>/change/",
    "/admin/akuiteo/user/<path:object_id>/history/",
    "/admin/auth/group/",
)


def rewrite(text: str) -> None:
    """Put the text into every field of every row that can hold it."""
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for field in model._meta.fields:
                if isinstance(field, models.CharField | models.TextField) and field.name not in KEPT_AS_THEY_ARE:
                    rewrite_field(model, field, text)


def rewrite_field(model: type[models.Model], field: models.Field[Any, Any], text: str) -> None:
    if field.choices or isinstance(field, SecretField):
        return
    rows = model._default_manager.all()
    for pk in list(rows.values_list("pk", flat=True)):
        value = f"{pk}{text}" if field.unique or model is Company else text
        try:
            with transaction.atomic():
                rows.filter(pk=pk).update(**{field.name: value[: field.max_length]})
        except IntegrityError:
            continue  # what the database itself refuses cannot be shown


def documents(answer: Any) -> Iterator[Any]:
    """Yield what a browser makes of the answer: of a page, or of the parts of one that a script asks for."""
    kind = answer.headers.get("Content-Type", "")
    content = answer.getvalue().decode(errors="replace")
    if kind.startswith("text/html") and content:
        yield lxml.html.document_fromstring(content)
    elif kind.startswith("application/json") and "parts" in content:
        said = json.loads(content)
        yield from (lxml.html.fromstring(f"<div>{part}</div>") for part in (*said["parts"].values(), said["lines"]))


def made_by_data(document: Any) -> list[str]:
    """Return what of the document is neither ours nor text."""
    found = [f"<{element.tag}>" for element in document.iter("hostile-tag")]
    for element in document.iter():
        for name, value in element.attrib.items():
            leads_away = name in LEADING and value.strip().lower().startswith(("javascript:", "data:", "//"))
            if name.startswith("on") or leads_away:
                found.append(f"<{element.tag} {name}={value!r}>")
    return found


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    """Addresses by route, of rows whose texts are long enough to be shown everywhere."""
    rows = make_rows()
    superuser = User.objects.create(username="root", first_name="Root")
    content = f"company,number,date,customer\nNONE,{MARKUP[:30]},x,y\n".replace('"', "").encode()
    kept = InvoiceImport.objects.create(user=superuser, file_name="invoices.csv", content=content)
    invoice, run = Invoice.objects.get(), Run.objects.get()
    invoice.manager = superuser
    invoice.save()
    change = make_change(invoice, "DEPOSEE", "SUSPENDUE", comment="why", run=run)
    change.alert = make_mail(run=run)
    change.save()
    run.log_lines.create(at=run.started_at, level="ERROR", text="a line")
    make_run(run.batch, outcome="failed", summary="it failed", started_by=superuser)
    return {route: address(route, {**rows, "import": kept.pk}) for route in table()}


@pytest.mark.parametrize("text", [MARKUP, ADDRESS, LONG], ids=["markup", "address", "long"])
def test_s12_text_of_others_is_shown_on_every_page_and_makes_nothing_of_it(
    client_of: Callable[[str], Client], addresses: dict[str, str], text: str
) -> None:
    browser = client_of("superuser")
    rewrite(text)
    shown = set()
    for route, path in addresses.items():
        if "export" in route or route.endswith(("/log/", "/sample/", "/refused/")):
            continue  # files, which are no pages
        for document in documents(browser.get(path)):
            assert made_by_data(document) == [], route
            if "hostile-tag" in document.text_content() or any("hostile-tag" in value for value in values(document)):
                shown.add(route)
    assert set(SHOW_TEXT_OF_OTHERS) - shown == set()


def values(document: Any) -> list[str]:
    return [str(value) for value in document.xpath("//input/@value | //option/text() | //a/@title")]


def test_s12_a_template_in_a_text_is_not_run(client_of: Callable[[str], Client], addresses: dict[str, str]) -> None:
    rewrite(MARKUP)
    text = client_of("superuser").get(addresses["/admin/chorus/invoice/<path:object_id>/change/"]).content.decode()
    assert "{{ 7|add:7 }}{% now %}" in text


@pytest.mark.parametrize("view", ["chorus_invoice", "chorus_company", "batches_batch", "batches_run", "akuiteo_user"])
def test_s12_what_an_address_says_is_text_too(
    client_of: Callable[[str], Client], addresses: dict[str, str], view: str
) -> None:
    browser = client_of("superuser")
    for name in ("q", "o", "p", "level", "status", "company", "nonsense"):
        for text in (MARKUP, "\x00", "9" * 18):
            answer = browser.get(url(f"{view}_changelist"), {name: text}, follow=True)
            assert answer.status_code == 200
            assert [found for document in documents(answer) for found in made_by_data(document)] == []


@pytest.mark.parametrize("key", [MARKUP, "\x00", "9" * 40, "%00", "../../etc/passwd", "é" * 300])
def test_s05_s12_a_key_that_is_none_finds_nothing(client_of: Callable[[str], Client], key: str) -> None:
    browser = client_of("superuser")
    for model in ("chorus/invoice", "chorus/company", "batches/run", "batches/batch", "akuiteo/user", "auth/group"):
        for ending in ("change", "history", "delete"):
            answer: Any = browser.get(f"/admin/{model}/{quote(key, safe='')}/{ending}/", follow=True)
            assert answer.status_code in (200, 403, 404)
            assert [found for document in documents(answer) for found in made_by_data(document)] == []
