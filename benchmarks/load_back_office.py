"""Fills an empty database as two years of work would have: `python load_back_office.py INVOICES RUNS`.

Everything is invented and, but for today's date, the same each time.
"""

from __future__ import annotations

import datetime
import itertools
import random
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import django

AT_ONCE = 2000
MONTHS = 24
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
COMPANIES = (("ACME", "33254021516357"), ("BATIR", "50000000000014"), ("CIEL", "60000000000025"))
CUSTOMERS, MANAGERS, BATCHES = 400, 24, 6
KINDS = ("Commune de", "Département de", "Université de", "Centre hospitalier de", "Région")
PLACES = ("Saint-Aubin", "l'Ardières", "Deux-Rives", "Val-de-Loire", "Montclair", "Haute-Rive", "Belleville")
PATH = ("DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION", "SERVICE_FAIT", "MANDATEE", "COMPTABILISEE")
ENDS = {"MISE_EN_PAIEMENT": 930, "REJETEE": 30, "SUSPENDUE": 25, "A_RECYCLER": 15}
"""How old invoices end, in thousandths."""
SHARE_OF_OPEN = 0.3
OUTCOMES = {"succeeded": 940, "partial": 30, "failed": 15, "refused": 5, "stopped": 5, "interrupted": 5}
LINES_OF_A_RUN, LINES_OF_THE_LAST = 5, 5000
CHANGES_OF_THE_LAST = 500


def main(invoices: int, runs: int) -> None:
    django.setup()
    rng = random.Random(22)  # noqa: S311 - nothing secret  # nosec B311
    managers, companies = _load_people(), _load_companies()
    keys = _load_runs(rng, runs)
    _load_mails(rng, keys)
    _load_invoices(rng, invoices, companies, managers)
    _load_changes(rng, keys)


def _load_people() -> list[int]:
    from django.contrib.auth.models import Group

    from akuiteo.models import User

    users = [User(username=f"manager{n:02}", email=f"manager{n:02}@example.org") for n in range(MANAGERS)]
    User.objects.bulk_create(users)
    administrator = User.objects.create(username="administrator", is_staff=True)
    administrator.groups.add(Group.objects.get(name="Administrator"))
    return [user.pk for user in users]


def _load_companies() -> list[int]:
    from akuiteo.secrets import Secret
    from chorus.models import ChorusConnection, Company

    companies = [Company.objects.create(code=code, name=code.title(), siret=siret) for code, siret in COMPANIES]
    for company in companies:
        ChorusConnection.objects.create(
            company=company,
            environment="local",
            piste_client_id="benchmark",
            piste_client_secret=Secret.of("benchmark"),
            technical_login=f"TECH_{company.code}@cpro.fr",
            technical_password=Secret.of("benchmark"),
        )
    return [company.pk for company in companies]


def _load_runs(rng: random.Random, count: int) -> list[int]:
    """Make the runs of two years, and log lines for each; return their keys, oldest first."""
    from batches.models import Batch, Run, RunLogLine

    batches = [
        Batch.objects.create(code=f"CHORUS{n}", label=f"Chorus statuses {n}", template="CheckFacturesClientChorus")
        for n in range(BATCHES)
    ]
    for batch in batches:
        batch.parameters.create(code="BATCH_USER", value="administrator")
        batch.parameters.create(code="BATCH_MAIL", value="support@example.org")
    step = datetime.timedelta(days=30 * MONTHS) / max(count, 1)
    begun = [NOW - step * (count - place) for place in range(count)]
    _create(Run, (Run(batch=rng.choice(batches), **_run(rng, at)) for at in begun))
    keys = list(Run.objects.order_by("pk").values_list("pk", flat=True))
    lines = [*itertools.chain.from_iterable([key] * LINES_OF_A_RUN for key in keys), *keys[-1:] * LINES_OF_THE_LAST]
    _create(RunLogLine, (RunLogLine(run_id=key, at=NOW, level=_level(rng), text=TEXT) for key in lines))
    return keys


TEXT = "ACME: F2026-0000123 (Commune de Saint-Aubin) DEPOSEE -> MISE_A_DISPOSITION since 22/11/2026 10:12."


def _run(rng: random.Random, began: datetime.datetime) -> dict[str, Any]:
    outcome = _pick(rng, OUTCOMES)
    return {
        "trigger": "command" if rng.random() < 0.95 else "admin",
        "started_at": began,
        "ended_at": began + datetime.timedelta(seconds=rng.randint(1, 90)),
        "outcome": outcome,
        "exit_code": 0 if outcome == "succeeded" else 1,
        "summary": f"4000 invoices checked, 20 changed: {outcome}.",
        "counts": {"checked": 4000, "changed": 20, "final": 7, "missing": 2, "alerts": 3, "requests": 4},
    }


def _load_mails(rng: random.Random, runs: list[int]) -> None:
    from batches.models import OutgoingEmail

    statuses = {"sent": 996, "due": 2, "given up": 2}
    _create(
        OutgoingEmail,
        (
            OutgoingEmail(
                run_id=key,
                message_id=f"<{key}@benchmark>",
                to=[f"manager{rng.randrange(MANAGERS):02}@example.org"],
                subject=f"{rng.randint(2, 40)} factures ont changé de statut",
                text=TEXT * 20,
                status=(status := _pick(rng, statuses)),
                sent_at=NOW if status == "sent" else None,
                attempts=1 if status == "sent" else 12,
            )
            for key in runs
        ),
    )


def _load_invoices(rng: random.Random, count: int, companies: list[int], managers: list[int]) -> None:
    from chorus.models import Invoice

    _create(Invoice, (Invoice(**_invoice(rng, place, count, companies, managers)) for place in range(count)))


def _invoice(rng: random.Random, place: int, count: int, companies: list[int], managers: list[int]) -> dict[str, Any]:
    """Return an invoice's fields: `place` 0 is the oldest; the newer, the more are still open."""
    deposited = NOW - datetime.timedelta(days=30 * MONTHS) * (1 - place / count)
    is_open = rng.random() < SHARE_OF_OPEN * (2 * place / count) ** 2 / 1.33
    status = rng.choice(PATH) if is_open else _pick(rng, ENDS)
    followed = rng.random() < 0.97
    missing = followed and is_open and rng.random() < 0.02
    read = followed and not missing and place < count * 0.998
    customer = min(int(rng.expovariate(1 / 80)), CUSTOMERS - 1)
    excl = round(rng.lognormvariate(7.5, 1.2), 2)
    return {
        "company_id": companies[place % len(companies)],
        "number": f"F{deposited:%Y}-{place:07}",
        "date": deposited.date() - datetime.timedelta(days=rng.randint(0, 5)),
        "customer": f"{KINDS[customer % len(KINDS)]} {PLACES[customer % len(PLACES)]} {customer}",
        "customer_siret": f"{12345678000000 + customer * 10007}",
        "amount_excl_tax": excl,
        "amount_incl_tax": round(excl * 1.2, 2),
        "currency": "EUR" if rng.random() < 0.999 else "CHF",
        "manager_id": rng.choice(managers) if rng.random() < 0.95 else None,
        "dematerialized": followed,
        "dematerialization_status": (3 if read and status == "REJETEE" else 2) if followed else 1,
        "commitment_number": f"EJ{rng.randrange(10**8):08}",
        "flow_number": f"CPP001111700000000{place:08}" if followed else "",
        "deposited_on": deposited.date() if followed else None,
        "chorus_id": 4_000_000 + place if read else None,
        "chorus_status": status if read else "",
        "chorus_status_at": _changed_at(rng, deposited) if read else None,
        "chorus_comment": "Bon de livraison manquant : merci de le joindre." if read and status != PATH[0] else "",
        "chorus_checked_at": NOW if followed else None,
        "ask_by_number": followed and not read,
        "missing_since": deposited if missing else None,
    }


def _changed_at(rng: random.Random, deposited: datetime.datetime) -> datetime.datetime:
    return min(deposited + datetime.timedelta(days=rng.gammavariate(4, 8)), NOW)


def _load_changes(rng: random.Random, runs: list[int]) -> None:
    """Make each invoice's way to its present status, two or three steps of it; the last run changed many."""
    from chorus.models import Invoice, StatusChange

    read = Invoice.objects.exclude(chorus_status="").order_by("pk")
    invoices: list[tuple[int, str, Any]] = list(read.values_list("pk", "chorus_status", "chorus_status_at"))
    last = len(invoices) - CHANGES_OF_THE_LAST

    def changes() -> Iterator[StatusChange]:
        for place, (key, status, at) in enumerate(invoices):
            seen_by = runs[-1] if place > last else rng.choice(runs)
            steps = ("", *PATH[: rng.randint(1, 2)], status)
            for back, (old, new) in enumerate(itertools.pairwise(steps)):
                day = at - datetime.timedelta(days=2 * (len(steps) - 2 - back))
                yield StatusChange(invoice_id=key, run_id=seen_by, old=old, new=new, at=day, seen_at=day)

    _create(StatusChange, changes())


def _level(rng: random.Random) -> str:
    return _pick(rng, {"LOG": 950, "WARN": 40, "ERROR": 10})


def _pick(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _create(model: Any, rows: Iterable[Any]) -> None:
    unmade = iter(rows)
    while chunk := list(itertools.islice(unmade, AT_ONCE)):
        model.objects.bulk_create(chunk)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
