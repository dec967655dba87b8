"""How buyers treat invoices when nobody plays them: what comes next, how often, after how many days. All our choice."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chorus.local_portal.life.reasons import SENDING_BACK
from chorus.local_portal.life.transitions import FOLLOWING, ON_THE_PLATFORM

PLATFORM = "Chorus Pro"
DAY = 24 * 60 * 60 * 1000
SECOND_IN_DAYS = 1 / (24 * 60 * 60)


@dataclass(frozen=True, slots=True)
class Step:
    """A status that may come next; `share` is weighed against the other steps from the same status.

    It comes after a number of days, at least the first and at most the second of `days`.
    """

    status: str
    share: int
    days: tuple[float, float]


@dataclass(frozen=True)
class Scenario:
    """What follows each status; an invoice whose status is not in `steps` stays as it is.

    `at_once` of all moves, a share from 0 to 1, come at the very moment of the move before. Where `round_hours` is
    given, the others wait for the next multiple of so many hours, so that many come together.
    """

    steps: Mapping[str, Sequence[Step]]
    at_once: float = 0
    round_hours: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where an invoice stands: its status since an instant, after so many status changes, and who its buyer is."""

    invoice_id: int
    status: str
    at: int
    changes: int
    recipient: str
    payment_hidden: bool


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A status that an invoice takes at an instant, unless somebody moves it before."""

    invoice_id: int
    due_at: int
    status: str
    comment: str | None
    author: str


ON_THE_WAY = Scenario(
    {
        "DEPOSEE": [Step("EN_COURS_ACHEMINEMENT", 100, days=(5 * SECOND_IN_DAYS, 15 * SECOND_IN_DAYS))],
        "EN_COURS_ACHEMINEMENT": [Step("MISE_A_DISPOSITION", 100, days=(10 * SECOND_IN_DAYS, 40 * SECOND_IN_DAYS))],
    }
)
"""What the platform does by itself, whatever the scenario."""

# Each is paid after 30 days or so, few come back.
STEADY = Scenario(
    {
        "MISE_A_DISPOSITION": [
            Step("PRISE_EN_COMPTE_DESTINATAIRE", 90, days=(2, 5)),
            Step("SERVICE_FAIT", 4, days=(6, 12)),
            Step("SUSPENDUE", 3, days=(2, 8)),
            Step("A_RECYCLER", 1, days=(1, 3)),
            Step("REJETEE", 2, days=(3, 9)),
        ],
        "COMPLETEE": [Step("PRISE_EN_COMPTE_DESTINATAIRE", 100, days=(1, 3))],
        "PRISE_EN_COMPTE_DESTINATAIRE": [Step("SERVICE_FAIT", 100, days=(4, 8))],
        "TRANSMISE_MOA": [Step("SERVICE_FAIT", 100, days=(4, 8))],
        "SERVICE_FAIT": [Step("MANDATEE", 100, days=(5, 9))],
        "MANDATEE": [
            Step("MISE_A_DISPOSITION_COMPTABLE", 80, days=(3, 6)),
            Step("COMPTABILISEE", 20, days=(5, 9)),
        ],
        "MISE_A_DISPOSITION_COMPTABLE": [Step("COMPTABILISEE", 100, days=(2, 4))],
        "COMPTABILISEE": [Step("MISE_EN_PAIEMENT", 100, days=(4, 8))],
    }
)

# Each is paid after 75 days or so; long pauses, and more questions.
SLOW_PAYER = Scenario(
    {
        "MISE_A_DISPOSITION": [
            Step("PRISE_EN_COMPTE_DESTINATAIRE", 70, days=(8, 16)),
            Step("TRANSMISE_MOA", 10, days=(8, 16)),
            Step("SUSPENDUE", 17, days=(15, 30)),
            Step("A_RECYCLER", 2, days=(10, 20)),
            Step("REJETEE", 1, days=(20, 35)),
        ],
        "COMPLETEE": [
            Step("PRISE_EN_COMPTE_DESTINATAIRE", 90, days=(5, 12)),
            Step("SUSPENDUE", 10, days=(10, 20)),
        ],
        "PRISE_EN_COMPTE_DESTINATAIRE": [Step("SERVICE_FAIT", 100, days=(10, 20))],
        "TRANSMISE_MOA": [Step("SERVICE_FAIT", 100, days=(12, 24))],
        "SERVICE_FAIT": [Step("MANDATEE", 100, days=(15, 30))],
        "MANDATEE": [Step("MISE_A_DISPOSITION_COMPTABLE", 100, days=(8, 14))],
        "MISE_A_DISPOSITION_COMPTABLE": [Step("COMPTABILISEE", 100, days=(5, 10))],
        "COMPTABILISEE": [Step("MISE_EN_PAIEMENT", 100, days=(6, 10))],
    }
)

# Four of five come back, soon or after the work was looked at; the others are paid as by the steady ones.
REJECTS = Scenario(
    {
        **STEADY.steps,
        "MISE_A_DISPOSITION": [
            Step("REJETEE", 40, days=(1, 5)),
            Step("SUSPENDUE", 25, days=(1, 4)),
            Step("A_RECYCLER", 10, days=(0.5, 2)),
            Step("PRISE_EN_COMPTE_DESTINATAIRE", 25, days=(1, 3)),
        ],
        "COMPLETEE": [
            Step("REJETEE", 30, days=(1, 4)),
            Step("SUSPENDUE", 20, days=(1, 4)),
            Step("PRISE_EN_COMPTE_DESTINATAIRE", 50, days=(1, 3)),
        ],
        "PRISE_EN_COMPTE_DESTINATAIRE": [
            Step("REJETEE", 20, days=(2, 6)),
            Step("SERVICE_FAIT", 80, days=(4, 8)),
        ],
    }
)

# Whatever the buyer may set, each as often, also several at one moment and many invoices at once.
CHAOS = Scenario(
    {
        status: [Step(new_status, 1, days=(0, 3)) for new_status in following]
        for status, following in FOLLOWING.items()
        if status not in ON_THE_PLATFORM
    },
    at_once=0.3,
    round_hours=6,
)

SCENARIOS = {"steady": STEADY, "slow-payer": SLOW_PAYER, "rejects": REJECTS, "chaos": CHAOS}


@dataclass(frozen=True)
class Life:
    """A scenario, or none, with the seed of its chances: the same seed repeats the same life."""

    scenario: Scenario = field(default=Scenario({}))
    seed: int = 0


def next_move(life: Life, position: Position) -> PlannedMove | None:
    """Return what happens next to an invoice if nobody else moves it, None if nothing does.

    The chances depend on the seed, the invoice and the number of its status changes, and on nothing else.
    """
    on_the_way = position.status in ON_THE_PLATFORM
    scenario = ON_THE_WAY if on_the_way else life.scenario
    steps = [
        step
        for step in scenario.steps.get(position.status, ())
        if not (position.payment_hidden and step.status == "MISE_EN_PAIEMENT")
    ]
    if not steps:
        return None
    chance = random.Random(f"{life.seed}/{position.invoice_id}/{position.changes}")  # noqa: S311 - no secret  # nosec B311
    (step,) = chance.choices(steps, [step.share for step in steps])
    reasons = SENDING_BACK.get(step.status)
    return PlannedMove(
        position.invoice_id,
        _due_at(scenario, step, position.at, chance),
        step.status,
        chance.choice(reasons) if reasons else None,
        PLATFORM if on_the_way else position.recipient,
    )


def _due_at(scenario: Scenario, step: Step, at: int, chance: random.Random) -> int:
    if chance.random() < scenario.at_once:
        return at
    due_at = at + round(chance.uniform(*step.days) * DAY)
    if scenario.round_hours:
        round_length = scenario.round_hours * DAY // 24
        due_at = -(-due_at // round_length) * round_length
    return due_at
