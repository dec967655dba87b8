"""The house: arrows point down, and what one place does no other does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import FLOORS, sources, violations

ROOT = Path(__file__).resolve().parent.parent


def found(root: Path, path: str, source: str) -> list[str]:
    """Return what is told of a project that consists of this file."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    return violations(root)


def test_the_house_keeps_its_rules() -> None:
    assert violations(ROOT) == []


def test_every_floor_is_read() -> None:
    paths = {source.path for source in sources(ROOT)}
    assert {path.partition("/")[0] for path in paths} == {*FLOORS, "manage.py"}
    assert {"chorus/portal/exchange.py", "batches/management/commands/run_batch.py", "akuiteo/wsgi.py"} <= paths


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("akuiteo/x.py", "import batches"),
        ("akuiteo/x.py", "from chorus.models import Invoice"),
        ("akuiteo/x.py", "def late():\n    from chorus import models"),
        ("akuiteo/deep/x.py", "from ...chorus import models"),
        ("batches/x.py", "import chorus.models"),
        ("batches/x.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from chorus.models import Invoice"),
        ("chorus/local_portal/x.py", "from chorus.statuses import ChorusStatus"),
        ("chorus/local_portal/x.py", "from .. import statuses"),
        ("chorus/local_portal/x.py", "from akuiteo.masking import masker"),
        ("chorus/statuses.py", "from chorus import models"),
        ("batches/parameters.py", "from batches.models import Batch"),
        ("batches/kinds.py", "from batches.parameters import Parameter"),
        ("batches/kinds.py", "from akuiteo.secrets import Secret"),
    ],
)
def test_an_arrow_that_points_up_is_found(tmp_path: Path, path: str, source: str) -> None:
    (violation,) = found(tmp_path, path, source)
    assert violation.startswith(f"{path} imports ")


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("chorus/tracking/x.py", "import requests"),
        ("chorus/x.py", "from requests import Session"),
        ("chorus/x.py", "from http import client"),
        ("batches/x.py", "import urllib3.util"),
        ("chorus/local_portal/x.py", "from urllib.request import urlopen"),
        ("chorus/portal/x.py", "import flask"),
        ("akuiteo/x.py", "from werkzeug.serving import make_server"),
        ("batches/delivery.py", "from anymail.exceptions import AnymailError"),
        ("chorus/alerts.py", "from django.core.mail import send_mail"),
        ("chorus/alerts.py", "from django.core import mail"),
        ("batches/runner.py", "import smtplib"),
        ("chorus/x.py", "import environ"),
    ],
)
def test_a_library_in_another_place_than_its_own_is_found(tmp_path: Path, path: str, source: str) -> None:
    (violation,) = found(tmp_path, path, source)
    assert "which is for" in violation


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("batches/x.py", "import os\nos.environ['A']"),
        ("chorus/x.py", "import os\nos.getenv('A')"),
        ("chorus/x.py", "from os import environ"),
        (
            "manage.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'akuiteo.settings')\nos.environ['A']",
        ),
        ("batches/x.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'akuiteo.settings')"),
    ],
)
def test_a_reader_of_the_environment_is_found(tmp_path: Path, path: str, source: str) -> None:
    (violation,) = found(tmp_path, path, source)
    assert "akuiteo/settings.py" in violation


@pytest.mark.parametrize("source", ["template.run(job)", "self.template.run(job)", "batch_template.run(job)"])
def test_another_caller_of_a_template_is_found(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, "batches/admin.py", source) == [
        "batches/admin.py runs a template in line 1, as only batches/execution.py does"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "invoices.update(chorus_status=new)",
        "invoices.update(**{'chorus_status': new})",
        "Invoice.objects.create(chorus_status=new)",
        "Invoice(chorus_status=new)",
        "Invoice.objects.update_or_create(number=1, defaults={'chorus_status': new})",
        "invoice.chorus_status = new",
        "setattr(invoice, 'chorus_status', new)",
        "invoice.save(update_fields=['chorus_status'])",
        "Invoice.objects.bulk_update(invoices, ['chorus_status'])",
    ],
)
def test_another_writer_of_the_chorus_status_is_found(tmp_path: Path, source: str) -> None:
    assert "chorus/x.py writes chorus_status in line 1, as only chorus/tracking/ledger.py does" in found(
        tmp_path, "chorus/x.py", source
    )


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("akuiteo/settings.py", "import os\nos.environ['A']\nINSTALLED_APPS = ['chorus']"),
        ("akuiteo/wsgi.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'akuiteo.settings')"),
        ("batches/x.py", "from akuiteo.secrets import Secret\nfrom . import models"),
        ("batches/execution.py", "execution.template.run(job)"),
        ("batches/outbox.py", "from django.core.mail import EmailMultiAlternatives"),
        ("chorus/x.py", "import choruses, requests_cache\nfrom batches.models import Run"),
        ("chorus/x.py", "invoices.filter(Q(chorus_status=''), chorus_status=old).exclude(chorus_status=new)"),
        ("chorus/x.py", "STATUSES = ('chorus_status',)\ninvoices.values_list('number', 'chorus_status')"),
        ("chorus/models.py", "class Invoice:\n    chorus_status = models.CharField()"),
        ("chorus/local_portal/x.py", "import flask\nfrom chorus.local_portal import dates"),
        ("chorus/portal/x.py", "import http.client\nimport requests"),
        ("chorus/tracking/ledger.py", "invoices.update(chorus_status=new)"),
        ("chorus/migrations/0009_x.py", "invoices.update(chorus_status=new)"),
    ],
)
def test_what_is_in_its_place_is_not_found(tmp_path: Path, path: str, source: str) -> None:
    assert found(tmp_path, path, source) == []
