"""The faults in force, and the one place where it is chosen which of them a call meets."""

import random
import secrets
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chorus.local_portal.faults.fault import Fault

LARGEST_SEED = 2**31


@dataclass
class _Plan:
    """A fault in force, with what it did so far."""

    fault: Fault
    name: str
    seen: int = 0
    hit: int = 0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)


class Faults:
    """Faults that calls meet, in the order in which they were added; every method may be called from any thread.

    `seed` makes what is random the same at every start: whether the first, second… call of an account to a path is hit
    depends on it alone. Without one there is another at every start; `seed` says which.
    """

    def __init__(self, faults: Iterable[Fault] = (), seed: int | None = None) -> None:
        self.seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
        self._lock = threading.Lock()
        self._plans: list[_Plan] = []
        self.add(faults)

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            for fault in faults:
                self._plans.append(_Plan(fault, f"{len(self._plans)} {fault.kind}"))

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()

    @property
    def are_random(self) -> bool:
        """Tell whether the seed matters."""
        with self._lock:
            return any(plan.fault.is_random and plan.fault.seed is None for plan in self._plans)

    def choose(self, path: str, account: str) -> list[Fault]:
        """Return the faults that a call meets; both are empty where the gateway does not know them.

        Of those that make the whole answer, only the first.
        """
        chosen: list[Fault] = []
        with self._lock:
            for plan in self._plans:
                is_decided = plan.fault.decides and any(fault.decides for fault in chosen)
                if not is_decided and plan.fault.fits(path, account) and self._hits(plan, path, account):
                    chosen.append(plan.fault)
        return chosen

    def as_json(self) -> list[dict[str, Any]]:
        """Return the faults as they were asked for, each with the number of calls that it has `hit`."""
        with self._lock:
            return [{**plan.fault.as_json(), "hit": plan.hit} for plan in self._plans]

    def _hits(self, plan: _Plan, path: str, account: str) -> bool:
        fault = plan.fault
        plan.seen += 1
        if plan.seen <= fault.after or (fault.times is not None and plan.hit >= fault.times):
            return False
        if fault.is_random and not self._is_drawn(plan, path, account):
            return False
        plan.hit += 1
        return True

    def _is_drawn(self, plan: _Plan, path: str, account: str) -> bool:
        # A draw of its own for each call of an account keeps threads from changing each other's luck.
        plan.calls[path, account] += 1
        seed = self.seed if plan.fault.seed is None else plan.fault.seed
        draw = random.Random(f"{seed} {plan.name} {account} {path} {plan.calls[path, account]}")  # noqa: S311 - no secret  # nosec B311
        return draw.random() < plan.fault.rate
