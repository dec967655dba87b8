"""A batch template with one parameter of each kind that the form treats differently."""

from __future__ import annotations

from collections.abc import Mapping

from batches.parameters import Boolean, Choices, Email, Parameter, Text
from batches.template import BatchTemplate, Job, Report


class Sample(BatchTemplate):
    code = "Sample"
    label = "Sample of a template"
    parameters: tuple[Parameter, ...] = (
        Parameter("ALERT", Boolean(), default="True", help="Whether to alert"),
        Parameter("COLOURS", Choices(("RED", "BLUE")), help="Colours of the alert"),
        Parameter("REPLY", Email(), help="Address for answers"),
        Parameter("TOKEN", Text(), secret=True, help="A secret that may be left out"),
    )
    counts = ("checked", "changed")

    def run(self, job: Job) -> Report:
        raise NotImplementedError

    def sentence(self, counts: Mapping[str, int]) -> str:
        return f"{counts['checked']} checked, {counts['changed']} changed"


class Other(Sample):
    code = "Other"
    label = "Another template"
    parameters = ()
