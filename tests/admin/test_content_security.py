"""What a page may load, and that nothing of it needs more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from batches.models import Batch
from tests.admin.builders import make_company, make_invoice, make_run, page, url

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    file for folder in ("akuiteo", "batches", "chorus") for file in (ROOT / folder / "templates").rglob("*.html")
)
OF_MAILS = (
    *("alert.html", "alert_counts.html", "alert_lines.html", "digest_lines.html", "unreached.html"),
    *("back_to_normal.html", "error_mail.html", "undelivered.html"),
)
"""Mails have no stylesheet: what is not inline, most readers drop."""
INLINE = re.compile(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)


def policy(response: object) -> dict[str, str]:
    """Return what the policy allows, by kind."""
    value: str = response.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return dict(part.strip().split(" ", 1) for part in value.split(";"))


def test_s16_scripts_and_styles_come_from_the_site_itself(viewer: Client) -> None:
    allowed = policy(viewer.get(url("index")))
    assert (allowed["script-src"], allowed["style-src"]) == ("'self'", "'self'")
    assert (allowed["default-src"], allowed["object-src"], allowed["base-uri"]) == ("'self'", "'none'", "'none'")


def test_s16_forms_go_to_the_site_and_no_other_site_frames_it(viewer: Client) -> None:
    response = viewer.get(url("index"))
    assert (policy(response)["form-action"], policy(response)["frame-ancestors"]) == ("'self'", "'none'")
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/nowhere/", "/"])
def test_a_stranger_gets_the_policy_too(client: Client, db: None, path: str) -> None:
    assert policy(client.get(path))["script-src"] == "'self'"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_s16_no_template_has_what_the_policy_forbids(template: Path) -> None:
    if template.name not in OF_MAILS:
        assert INLINE.findall(template.read_text(encoding="utf-8")) == []


def test_what_the_policy_forbids_is_in_no_page_either(administrator: Client, batch: Batch) -> None:
    invoice = make_invoice(make_company(), chorus_status="SUSPENDUE")
    for address in (
        url("index"),
        url("chorus_invoice_changelist"),
        url("chorus_invoice_change", invoice.pk),
        url("batches_run_change", make_run(batch).pk),
        url("batches_batch_change", batch.pk),
    ):
        assert INLINE.findall(page(administrator.get(address))) == [], address
