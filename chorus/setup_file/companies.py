"""[[companies]] and the connection of *****"""

from __future__ import annotations

from typing import Any

from chorus.models import ChorusConnection, Company
from chorus.setup_file.filling import fill, fill_secret, outcome
from chorus.setup_file.tables import Table

KEYS = ("code", "name", "siret", "chorus")
CLEAR = ("environment", "piste_client_id", "technical_login")
SECRET = ("piste_client_secret", "technical_password")
CONNECTION_KEYS = ("enabled", *CLEAR, *SECRET, "technical_password_set_on")


def load_company(table: Table) -> tuple[Company, str]:
    """Create or update a company. It is not saved when its own values are wrong."""
    table.require("code", "name", "siret")
    code, name, siret = table.text("code"), table.text("name"), table.text("siret")
    company = Company.objects.filter(code=code).first() or Company()
    is_new = company.pk is None
    values = {"code": code, "name": name, "siret": siret and "".join(siret.split())}
    changed = fill(company, table, values, {key: key for key in values})
    if not table.is_wrong and (is_new or changed):
        company.save()
    return company, outcome(is_new, changed)


def load_connection(table: Table, company: Company | None) -> str:
    """Create or update the connection of a company, or that of *****. What is left out stays as it is."""
    is_savable = company is None or company.pk is not None
    stored = ChorusConnection.objects.filter(company=company).first() if is_savable else None
    connection = stored or ChorusConnection(company=company)
    values: dict[str, Any] = {key: table.text(key) for key in CLEAR}
    values |= {
        "enabled": table.boolean("enabled"),
        "technical_password_set_on": table.date("technical_password_set_on"),
    }
    before = _about_the_password(connection)
    changed = fill(connection, table, values, {key: key for key in values})
    table.require(*(CLEAR + SECRET if connection.enabled else ("environment",)))
    table.refuse_empty(*SECRET)
    for name in SECRET:
        changed |= fill_secret(connection, name, table.text(name))
    if _about_the_password(connection) != before:
        connection.technical_password_ends_on = None  # what the portal has told was about another one
    if is_savable and not table.is_wrong and (stored is None or changed):
        connection.save()
    return outcome(stored is None, changed)


def _about_the_password(connection: ChorusConnection) -> tuple[object, ...]:
    return (
        connection.environment,
        connection.technical_login,
        connection.technical_password,
        connection.technical_password_set_on,
    )
