"""What must be right before a template may work: the batch, its parameters, its user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _

from akuiteo.masking import MASK, masker
from akuiteo.models import User
from akuiteo.roles import name_of
from akuiteo.secrets import SecretUnreadableError
from batches.access import RUN_BATCH, has_role
from batches.models import Batch, BatchParameter
from batches.outcomes import ExitCode, RefusedError
from batches.parameters import Parameter, ParameterError
from batches.plain_text import quoted
from batches.template import UsageError


def find_batch(code: str) -> Batch:
    """Return the batch of this code. Raises UsageError, which names those that exist."""
    try:
        return Batch.objects.get(code=code)
    except Batch.DoesNotExist:
        existing = ", ".join(Batch.objects.order_by("code").values_list("code", flat=True)) or _("none")
        raise UsageError(
            _("The batch %(code)s does not exist. Existing ones: %(existing)s.")
            % {"code": quoted(code), "existing": existing}
        ) from None


@dataclass
class Parameters:
    """A batch's parameters as a run uses them. `values` has those that could be read; `problems` says what else."""

    values: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def refuse_problems(self) -> None:
        """Raise RefusedError that tells all of them at once."""
        if self.problems:
            raise RefusedError(ExitCode.CONFIGURATION, self.problems)


def read_parameters(batch: Batch, declared: Mapping[str, Parameter]) -> Parameters:
    """Decrypt and check all parameters of the batch."""
    stored = {row.code: row for row in batch.parameters.all()}
    read = Parameters()
    for code, parameter in declared.items():
        _read(read, parameter, stored.get(code))
    if undeclared := sorted(stored.keys() - declared.keys()):
        read.problems.append(
            _("%(codes)s: the batch template %(template)s does not know this parameter. Remove it.")
            % {"codes": ", ".join(undeclared), "template": batch.template}
        )
    return read


def _read(read: Parameters, parameter: Parameter, row: BatchParameter | None) -> None:
    try:
        text = _text(parameter, row)
        read.values[parameter.code] = parameter.parse(text)
    except (ParameterError, SecretUnreadableError) as error:
        words = str(error) if isinstance(error, ParameterError) else f"{parameter.code} - {error}"
        read.problems.append(words)
        text = row.value if row and not parameter.secret else ""
    read.shown[parameter.code] = _shown(parameter, row, text or parameter.default)


def _text(parameter: Parameter, row: BatchParameter | None) -> str:
    if row is None:
        return ""
    text = row.secret.reveal() or row.value
    if parameter.secret:
        masker.learn(text)
    return text


def _shown(parameter: Parameter, row: BatchParameter | None, text: str) -> str:
    if parameter.secret:
        return MASK if row and (row.secret or row.value) else ""
    return masker.mask(text)


def batch_user(batch: Batch, values: Mapping[str, Any]) -> User:
    """Return the user that BATCH_USER and BATCH_PWD name. Raises RefusedError when they may not run this batch."""
    login = values["BATCH_USER"]
    user = authenticate(username=login, password=values["BATCH_PWD"])
    if not isinstance(user, User):
        raise RefusedError(ExitCode.USER_REFUSED, [_why_not(login)])
    if not user.has_perm(RUN_BATCH):
        raise RefusedError(
            ExitCode.USER_REFUSED,
            [
                _("BATCH_USER %(login)s may not run batches: the permission %(permission)s is missing.")
                % {"login": quoted(login), "permission": RUN_BATCH}
            ],
        )
    if not has_role(user, batch.launch_restricted_to):
        raise RefusedError(ExitCode.USER_REFUSED, [_lacks_role(login, batch)])
    return user


def _lacks_role(login: str, batch: Batch) -> str:
    return _(
        "BATCH_USER %(login)s may not start the batch %(batch)s: its launch is restricted to the role %(role)s. "
        "Give this user the role, or name a user who has it."
    ) % {"login": quoted(login), "batch": batch, "role": quoted(name_of(batch.launch_restricted_to))}


def _why_not(login: str) -> str:
    user = User.objects.filter(username=login).first()
    words = {"login": quoted(login)}
    if user is None:
        return _("BATCH_USER %(login)s does not exist. Create this user or correct the parameter.") % words
    if not user.is_active:
        return _("BATCH_USER %(login)s is inactive. Activate this user or name another one.") % words
    return _("BATCH_USER %(login)s is refused with this BATCH_PWD. Enter the user's present password.") % words
