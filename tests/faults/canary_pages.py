"""Visits the site with canaries in its forms: `python -m tests.faults.canary_pages FOLDER` keeps each answer there."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import NoReverseMatch, reverse  # noqa: E402

from batches.models import Batch  # noqa: E402
from batches.newest_version import newest_version  # noqa: E402
from batches.screens.batch_admin import BatchAdmin  # noqa: E402
from chorus.models import ChorusConnection  # noqa: E402
from chorus.screens.connection_admin import ChorusConnectionAdmin  # noqa: E402
from tests.faults.canaries import SECRET  # noqa: E402

numbers = itertools.count()


def main(folder: Path) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(raise_request_exception=False)

    def keep(answer: Any, status: int) -> None:
        assert answer.status_code == status, (answer.request["PATH_INFO"], answer.status_code, status)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        head = "".join(f"{name}: {value}\n" for name, value in answer.items())
        (folder / f"{next(numbers)}.txt").write_bytes(head.encode() + content)

    login = reverse("admin:login")
    keep(client.post(login, {"username": "admin", "password": SECRET["UserPassword"] + "wrong"}), 200)
    keep(client.post(login, {"username": "admin", "password": SECRET["UserPassword"]}), 302)
    for address in addresses():
        answer = client.get(address)
        keep(answer, answer.status_code)
        assert answer.status_code < 500, address
    batch, chorus = Batch.objects.get(), ChorusConnection.objects.get()
    for address, status in (("nobody", 200), ("support@example.org", 302)):
        keep(client.post(change(batch), batch_form(batch, address)), status)
    for login_name, status in (("", 200), ("TECH_1@cpro.fr", 302)):
        keep(client.post(change(chorus), connection_form(login_name)), status)
    keep(client.post(reverse("admin:chorus_chorusconnection_test", args=[chorus.pk])), 200)
    for debug in (False, True):
        settings.DEBUG = debug
        with (
            mock.patch.object(BatchAdmin, "save_model", crash),
            mock.patch.object(ChorusConnectionAdmin, "save_model", crash),
        ):
            keep(client.post(change(batch), batch_form(batch, "support@example.org")), 500)
            keep(client.post(change(chorus), connection_form("TECH_1@cpro.fr")), 500)


def crash(_admin: Any, _request: Any, obj: Any, *_others: Any) -> None:
    local = [name for name in SECRET if name != "UserPassword"]
    values = {name: SECRET[name] for name in local if name in ("BatchPwd", "PisteSecret", "TechnicalPassword")}
    raise RuntimeError(f"crash with {values} at {obj}")


def addresses() -> list[str]:
    """The list of each kind of row, and the page and the history of each row."""
    found = [reverse("admin:index")]
    for model in apps.get_models():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        try:
            found.append(reverse(f"{name}_changelist"))
            for row in model._default_manager.all():
                found += [reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history")]
        except NoReverseMatch:
            continue
    return found


def change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def batch_form(batch: Batch, mail: str) -> dict[str, str]:
    return {
        "code": batch.code,
        "label": batch.label,
        "template": batch.template,
        "version": newest_version(batch),
        "parameter_BATCH_USER": "batch",
        "parameter_BATCH_PWD": SECRET["BatchPwd"],
        "parameter_BATCH_MAIL": mail,
    }


def connection_form(login: str) -> dict[str, str]:
    return {
        "enabled": "on",
        "environment": "local",
        "piste_client_id": "acme",
        "new_client_secret": SECRET["PisteSecret"],
        "technical_login": login,
        "new_technical_password": SECRET["TechnicalPassword"],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
