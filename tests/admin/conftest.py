from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from akuiteo.models import User
from batches.models import Batch
from tests.admin.builders import make_batch

ROLES = ("Viewer", "Accounting", "Operations", "Administrator")


@pytest.fixture(autouse=True)
def _sample_site(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = settings.LOG_ROOT = tmp_path
    settings.BATCH_TEMPLATES = ["tests.admin.templates.Sample", "tests.admin.templates.Other"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def client_of(db: None) -> Callable[[str], Client]:
    """Return a browser in which somebody of this role is logged in; "superuser" and "nobody" are roles too."""

    def make(role: str) -> Client:
        user = User.objects.create(username=role.lower(), is_staff=role != "nobody", is_superuser=role == "superuser")
        if role in ROLES:
            user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def viewer(client_of: Callable[[str], Client]) -> Client:
    return client_of("Viewer")


@pytest.fixture
def accounting(client_of: Callable[[str], Client]) -> Client:
    return client_of("Accounting")


@pytest.fixture
def operations(client_of: Callable[[str], Client]) -> Client:
    return client_of("Operations")


@pytest.fixture
def administrator(client_of: Callable[[str], Client]) -> Client:
    return client_of("Administrator")


@pytest.fixture
def batch(db: None) -> Batch:
    return make_batch()
