"""Two companies and their invoices, here and on a local Chorus Pro: one run has read them; then much has happened."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from chorus.local_portal.state.records import Account, Application, Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Store

BUYER = "12345678200051"
SIRETS = {"ACME": "33254021516357", "BETA": "73282932000074"}
FIRST_DEPOSIT = datetime.datetime(2026, 9, 1, 9, tzinfo=datetime.UTC)
FIRST_MOVE = datetime.datetime(2026, 10, 20, 9, tzinfo=datetime.UTC)
PAGE_SIZE = 3

COMPANY = """
[[companies]]
code = "{code}"
name = "{code} Conseil"
siret = "{siret}"
[companies.chorus]
environment = "local"
piste_client_id = "app"
piste_client_secret = "canary-piste"
technical_login = "TECH_{code}@cpro.fr"
technical_password = "canary-technical"
"""
BATCH = """
[[batches]]
code = "{code}"
label = "Chorus statuses"
template = "CheckFacturesClientChorus"
[batches.parameters]
BATCH_USER = "batch"
BATCH_PWD = "canary-batch"
BATCH_MAIL = "support@example.org"
ALERTER_RESPONSABLE_FACTURE = true
LISTE_ETATS_CHORUS_A_ALERTER = "REJETEE;SUSPENDUE;MISE_EN_PAIEMENT;A_RECYCLER"
"""
USERS = """
[[users]]
login = "batch"
password = "canary-batch"
roles = ["Operations"]

[[users]]
login = "claire"
email = "claire@example.org"
language = "fr"

[[users]]
login = "denis"
email = "denis@example.org"
language = "en"
"""
SETUP = "".join(
    [
        USERS,
        *(COMPANY.format(code=code, siret=siret) for code, siret in SIRETS.items()),
        *(BATCH.format(code=code) for code in ("CHORUS", "SECOND")),
    ]
)


@dataclass(frozen=True)
class Story:
    """An invoice: what becomes of it between two runs. Its reason may stand in its history alone."""

    company: str
    number: str
    manager: str = ""
    moved_to: str = ""
    reason: str = ""
    in_history_alone: bool = False


STORIES = (
    Story("ACME", "A-1", "claire", "REJETEE", "Doublon"),
    Story("ACME", "A-2", "claire", "REJETEE", "Numéro d’engagement absent", in_history_alone=True),
    Story("ACME", "A-3", "claire", "MISE_EN_PAIEMENT"),
    Story("ACME", "A-4", "denis", "SUSPENDUE", "Bon de livraison absent", in_history_alone=True),
    Story("ACME", "A-5", "", "REJETEE", "Montant erroné"),
    Story("ACME", "A-6", "claire"),
    Story("ACME", "A-7", "denis", "MANDATEE"),
    Story("BETA", "B-1", "claire", "REJETEE", "Adresse erronée"),
    Story("BETA", "B-2", "denis", "MISE_EN_PAIEMENT"),
    Story("BETA", "B-3", "denis", "A_RECYCLER", "Service inconnu", in_history_alone=True),
    Story("BETA", "B-4", "claire", "MANDATEE"),
    Story("BETA", "B-5", ""),
)
LATECOMERS = (
    Story("ACME", "L-1", "claire", "SUSPENDUE", "Contrat absent"),
    Story("ACME", "L-2", "denis"),  # the portal does not know it
    Story("BETA", "L-3", "denis"),  # nor this one
)
"""Imported after the first run; L-1 was suspended long before."""


def csv(stories: tuple[Story, ...]) -> str:
    lines = [f"{story.company},{story.number},2026-09-01,Mairie de Lyon,{story.manager}" for story in stories]
    return "\n".join(["company,number,date,customer,manager", *lines, ""])


def fill(store: Store) -> dict[str, int]:
    """Put the deposits on the portal; return the portal's ids of the invoices."""
    store.add_application(Application("app", "canary-piste"))
    store.add_structure(Structure(BUYER, "Mairie de Lyon", "recipient"))
    for code, siret in SIRETS.items():
        store.add_structure(Structure(siret, code, "supplier"))
        store.add_account(Account(f"TECH_{code}@cpro.fr", "canary-technical", [siret]))
    ids = {
        story.number: _deposit(store, story, FIRST_DEPOSIT + datetime.timedelta(days=place))
        for place, story in enumerate(STORIES)
    }
    late = LATECOMERS[0]
    ids[late.number] = _deposit(store, late, FIRST_DEPOSIT - datetime.timedelta(days=9))
    store.set_status(ids[late.number], late.moved_to, FIRST_DEPOSIT - datetime.timedelta(days=5), late.reason)
    return ids


def _deposit(store: Store, story: Story, at: datetime.datetime) -> int:
    history = [StatusChange("DEPOSEE", at)]
    return store.add_invoice(
        Invoice(number=story.number, supplier=SIRETS[story.company], recipient=BUYER, date=at.date(), history=history)
    )


def go_on(store: Store, ids: dict[str, int]) -> None:
    """Let happen what the next run shall find."""
    for place, story in enumerate(STORIES):
        if story.moved_to:
            at = FIRST_MOVE + datetime.timedelta(hours=place)
            store.set_status(ids[story.number], story.moved_to, at, story.reason or None)
        if story.in_history_alone:
            with store.writing() as connection:
                connection.execute("UPDATE invoices SET status_comment = NULL WHERE id = ?", (ids[story.number],))
