"""The places between two steps of a run where a process may die. Tests kill it there; nothing else listens."""

from __future__ import annotations

from collections.abc import Callable


def _nothing(_point: str) -> None:
    pass


_listener: Callable[[str], None] = _nothing


def reached(point: str) -> None:
    """Say that a run has come to this point. tests/faults/crash/points.py lists them."""
    _listener(point)


def listen(listener: Callable[[str], None]) -> None:
    """Let a test hear of every point that this process reaches. No setting or variable leads here."""
    global _listener
    _listener = listener
