"""A batch template whose parameters say what shall happen to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

from django.db import OperationalError

from batches.outbox import queue
from batches.parameters import Choices, Parameter, Text
from batches.template import BatchTemplate, Job, Report, RunError, UsageError

HAPPENINGS = (
    "CRASH",
    "DATABASE_GONE",
    "DEBUG",
    "ERROR",
    "KILL",
    "LEAK",
    "MAIL",
    "NOTHING_WORKED",
    "PASSWORD",
    "WAIT",
    "WARN",
)


class Practice(BatchTemplate):
    code = "Practice"
    label = "Practice"
    parameters = (
        Parameter("HAPPENS", Choices(HAPPENINGS), help="What happens"),
        Parameter("TEXT", Text(), default="all is well"),
    )
    counts = ("done", "requests")

    def run(self, job: Job) -> Report:
        if unknown := set(job.companies) - {"ACME"}:
            raise UsageError(f"The company {unknown.pop()} does not exist.")
        happens = job.values["HAPPENS"]
        report = Report(counts={"done": 1, "requests": 2})
        job.progress("half of it")
        job.show("ACME F-1: -> DEPOSEE")
        job.log.log(job.values["TEXT"])
        if "DEBUG" in happens:
            job.log.debug("in detail")
        if "WARN" in happens:
            job.log.warn_once("manager", "F-1 has no manager")
            job.log.warn_once("manager", "F-1 has no manager")
        if "PASSWORD" in happens:
            job.log.log(f"logging in with {job.values['BATCH_PWD']}")
        if "LEAK" in happens:
            job.show(f"\x1b[2J {job.values['BATCH_PWD']}")
            report.errors.append(RunError("", "", f"login with {job.values['BATCH_PWD']} refused"))
        if "MAIL" in happens and job.run and not job.dry_run:
            queue(job.run, ["manager@example.org"], "F-1 is rejected", "See F-1.")
        if "ERROR" in happens or "NOTHING_WORKED" in happens:
            report.errors.append(RunError("ACME", "F-1", "the portal does not answer"))
            job.log.error("ACME F-1: the portal does not answer")
            report.worked = "NOTHING_WORKED" not in happens
        job.checkpoint(report.counts)
        if "CRASH" in happens:
            raise KeyError("statut")
        if "DATABASE_GONE" in happens:
            raise OperationalError("server closed the connection unexpectedly")
        if "KILL" in happens:
            os.kill(os.getpid(), signal.SIGKILL)
        while "WAIT" in happens:
            job.stop.wait(0.02)
            job.checkpoint(report.counts)
        return report

    def sentence(self, counts: Mapping[str, int]) -> str:
        return f"{counts['done']} done"
