"""The one list of the places where a run may die. tests/faults/crash/test_points.py kills a run at each of them."""

from __future__ import annotations

BEFORE_ITS_ROW = (
    "lock: taken",
    "run: in the transaction",
)
"""A run that dies here leaves no row."""

WHILE_IT_RUNS = (
    "run: open",
    "user: accepted",
    "page: read",
    "page: about to be written",
    "page: invoices written, in the transaction",
    "page: in the transaction",
    "page: committed",
    "changes: read",
    "missing invoice: in the transaction",
    "numbers: asked",
    "watermark: in the transaction",
    "watermark: saved",
    "time of asking: noted",
    "reason: read",
    "reason: in the transaction",
    "reason: written",
    "connection: followed",
    "alert: in the transaction",
    "alert: committed",
    "alerts: made",
    "work: done",
    "close: in the transaction",
)
"""A run that dies here is interrupted."""

AFTER_ITS_END = (
    "close: committed",
    "lock: about to be let go",
    "lock: let go",
    "mail: before sending",
    "mail: accepted, row not written",
    "mail: row written",
    "mails: sent",
)
"""A run that dies here has ended already; its mails may be unsent."""

OF_A_RUN = (*BEFORE_ITS_ROW, *WHILE_IT_RUNS, *AFTER_ITS_END)

OF_A_QUEUED_RUN = (
    "queued run: in the transaction",
    "queued run: taken over",
)
"""Where a run begins that a screen has asked for."""

SENT_TWICE = frozenset({"mail: accepted, row not written"})
"""Who dies here cannot know that the mail server has the mail."""
