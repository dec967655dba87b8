"""Rows that a batch needs, and looks at what a run left."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission

from akuiteo.models import User
from akuiteo.secrets import Secret
from batches import runner
from batches.models import Batch, OutgoingEmail, Run
from batches.outcomes import RunResult

PASSWORD = "canary-batch-password"


def batch_user(**fields: Any) -> User:
    user = User.objects.create_user(**{"username": "operator", "password": PASSWORD} | fields)
    user.user_permissions.add(Permission.objects.get(codename="run_batch"))
    return user


def make_batch(code: str = "TEST", **parameters: str) -> Batch:
    """A batch that runs well as `operator`; parameters are added, or replace its own, or leave them out (None)."""
    batch = Batch.objects.create(code=code, label="Every hour", template="Practice")
    texts = {"BATCH_USER": "operator", "BATCH_MAIL": "support@example.org"} | parameters
    for name, text in texts.items():
        if text is not None:
            batch.parameters.create(code=name, value=text)
    if "BATCH_PWD" not in texts:
        batch.parameters.create(code="BATCH_PWD", secret=Secret.of(PASSWORD))
    return batch


def start(batch: Batch | str, **options: Any) -> RunResult:
    return runner.run(batch, "command", **options)


def only_run() -> Run:
    return Run.objects.get()


def error_mail() -> OutgoingEmail:
    return OutgoingEmail.objects.get(to=["support@example.org"])


def log_of(run: Run) -> str:
    return "\n".join(f"{line.level} {line.text}" for line in run.log_lines.all())
