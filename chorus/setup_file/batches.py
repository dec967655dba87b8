"""[[batches]]"""

from __future__ import annotations

from django.utils import timezone

from akuiteo.secrets import Secret
from batches.models import Batch, BatchParameter
from batches.parameters import Parameter, ParameterError
from batches.registry import UnknownTemplateError, template
from chorus.setup_file.filling import fill, fill_secret, outcome
from chorus.setup_file.tables import Table

KEYS = ("code", "label", "template", "parameters")


def load_batch(table: Table) -> str:
    """Create or update a batch with exactly the parameters that the table has."""
    table.require("code", "label", "template")
    values = {key: table.text(key) for key in ("code", "label", "template")}
    batch = Batch.objects.filter(code=values["code"]).first() or Batch()
    is_new = batch.pk is None
    changed = fill(batch, table, values, {key: key for key in values})
    declared = _declared(table, values["template"])
    texts = _checked_parameters(table, declared)
    if table.is_wrong:
        return outcome(is_new, changed)
    if is_new or changed:
        batch.save()
    changed |= _set_parameters(batch, texts, declared)
    return outcome(is_new, changed)


def _declared(table: Table, code: str | None) -> dict[str, Parameter]:
    if not code:
        return {}
    try:
        return template(code).declared()
    except UnknownTemplateError as error:
        table.problem(f"template: {error}")
        return {}


def _checked_parameters(table: Table, declared: dict[str, Parameter]) -> dict[str, str]:
    """Return the texts of the parameters that are given and not empty."""
    if not declared:
        return {}
    given = table.table("parameters", tuple(declared))
    texts = {code: given.scalar_as_text(code) for code in given if code in declared} if given else {}
    for code, parameter in declared.items():
        text = texts.get(code, "")
        try:
            if text is not None:  # None: its problem is noted already
                parameter.parse(text)
        except ParameterError as error:
            table.problem(f"parameters: {error}")
    return {code: text for code, text in texts.items() if text}


def _set_parameters(batch: Batch, texts: dict[str, str], declared: dict[str, Parameter]) -> bool:
    stored = {parameter.code: parameter for parameter in batch.parameters.all()}
    changed = [
        _set_parameter(stored.get(code) or BatchParameter(batch=batch, code=code), text, declared[code].secret)
        for code, text in texts.items()
    ]
    removed, _details = batch.parameters.exclude(code__in=texts).delete()
    return any(changed) or removed > 0


def _set_parameter(row: BatchParameter, text: str, is_secret: bool) -> bool:
    value = "" if is_secret else text.strip()
    changed = row.pk is None or row.value != value
    row.value = value
    if is_secret:
        if fill_secret(row, "secret", text):
            row.secret_set_at = timezone.now()
            changed = True
    elif row.secret:
        row.secret, row.secret_set_at = Secret(), None
        changed = True
    if changed:
        row.save()
    return changed
