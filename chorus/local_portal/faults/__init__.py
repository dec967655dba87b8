"""What goes wrong on purpose: kinds of faults, how they are asked for, and which of them a call meets."""

from chorus.local_portal.faults.choosing import Faults
from chorus.local_portal.faults.fault import Fault, FaultError
from chorus.local_portal.faults.kinds import KINDS, parse_json, parse_text
from chorus.local_portal.faults.refusals import DyingToken, StateHostError
from chorus.local_portal.faults.rows import PageCap, TotalCap
from chorus.local_portal.faults.slowness import ConnectionResetOnPurposeError, Latency

__all__ = [
    "KINDS",
    "ConnectionResetOnPurposeError",
    "DyingToken",
    "Fault",
    "FaultError",
    "Faults",
    "Latency",
    "PageCap",
    "StateHostError",
    "TotalCap",
    "parse_json",
    "parse_text",
]
