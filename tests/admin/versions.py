"""Versions to look at, and what the pages about them show."""

from __future__ import annotations

from typing import Any

from django.test import Client

from akuiteo.versions import one_version
from batches.models import Batch
from tests.admin.builders import make_batch, page, url

SECRETS = ("stored-password", "typed-password", "stored-piste-secret", "typed-piste-secret")


def versions(client: Client, view: str, key: int, query: str = "") -> list[Any]:
    """Return the versions that the history page shows, newest first."""
    response = client.get(url(view, key) + query)
    text = page(response)
    assert not any(secret in text for secret in SECRETS)
    return [version for _number, version in response.context["versions"]]


def changes(version: Any) -> dict[str, tuple[str, str]]:
    return {line.what: (line.old, line.new) for line in version.changes}


def save_with(batch: Batch, **values: str) -> None:
    """Change parameters as one save does."""
    with one_version():
        for code, value in values.items():
            row = batch.parameters.get(code=code)
            row.value = value
            row.save()


def make_numbered() -> Batch:
    """Return a batch of which version 1 is its making, and 2 and 3 changed BATCH_MAIL."""
    with one_version():
        made = make_batch()
    save_with(made, BATCH_MAIL="two@example.org")
    save_with(made, BATCH_MAIL="three@example.org")
    return made


def lines(response: Any) -> dict[str, tuple[str, str]]:
    return {line.what: (line.old, line.new) for line in response.context["lines"] if line.differs}
