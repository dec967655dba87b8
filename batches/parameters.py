"""Batch parameters: declared once, checked when they are saved and again when the batch starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from batches.kinds import Boolean, Choices, DirectoryName, Email, Emails, FileNamePart, Kind, Text
from batches.plain_text import quoted

__all__ = [
    "COMMON_PARAMETERS",
    "LOG_LEVELS",
    "Boolean",
    "Choices",
    "DirectoryName",
    "Email",
    "Emails",
    "FileNamePart",
    "Kind",
    "Parameter",
    "ParameterError",
    "Text",
]

LOG_LEVELS = ("DEBUG", "LOG", "WARN", "ERROR")


class ParameterError(ValueError):
    """A value is missing or refused. The message names the parameter, the value unless secret, and what is accepted."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Parameter:
    code: str
    kind: Kind
    required: bool = False
    secret: bool = False
    default: str = ""
    help: StrOrPromise = ""

    def parse(self, text: str) -> Any:
        """Return the value of the text; of an empty one, the default's. Raises ParameterError."""
        text = text if self.secret else text.strip()
        value = self._value(text or self.default)
        if self.required and value in ("", ()):
            raise ParameterError(
                self.code,
                _("%(code)s is required. Accepted: %(accepted)s") % {"code": self.code, "accepted": self.kind.accepted},
            )
        return value

    def _value(self, text: str) -> Any:
        if not text:
            return self.kind.empty
        try:
            return self.kind.parse(text)
        except ValueError as error:
            raise ParameterError(self.code, self._refusal(text, str(error))) from error

    def _refusal(self, text: str, reason: str) -> str:
        words = {"code": self.code, "accepted": self.kind.accepted}
        if self.secret:
            return _("The value of %(code)s is refused. Accepted: %(accepted)s") % words
        words |= {"value": quoted(text), "reason": reason}
        return _("%(code)s=%(value)s is refused: %(reason)s. Accepted: %(accepted)s") % words


COMMON_PARAMETERS = (
    Parameter(
        "BATCH_DEBUG_PARAMS",
        Boolean(),
        default="False",
        help=gettext_lazy("If true, the log shows the batch's parameters; secrets are masked."),
    ),
    Parameter(
        "BATCH_LOG_CONSOLE",
        Boolean(),
        default="False",
        help=gettext_lazy("If true, the log is shown on the console as well."),
    ),
    Parameter(
        "BATCH_LOG_FILE",
        DirectoryName(),
        help=gettext_lazy(
            "Name of the directory, under the log root, in which the log file is saved. "
            "Empty: no file; the run keeps its log in any case."
        ),
    ),
    Parameter("BATCH_LOG_ID", FileNamePart(), help=gettext_lazy("Log file ID: a part of the log file's name.")),
    Parameter(
        "BATCH_LOG_LEVEL",
        Choices(LOG_LEVELS),
        default="LOG;WARN;ERROR",
        help=gettext_lazy("Levels of the lines that the log keeps. Errors are always kept."),
    ),
    Parameter(
        "BATCH_MAIL",
        Emails(),
        required=True,
        help=gettext_lazy("E-mail address of the logs' recipient in case of an error; several are separated by “;”."),
    ),
    Parameter(
        "BATCH_MAIL_CC", Emails(), help=gettext_lazy("E-mail address of the logs' cc recipient in case of an error.")
    ),
    Parameter(
        "BATCH_MAIL_CCI", Emails(), help=gettext_lazy("E-mail address of the logs' bcc recipient in case of an error.")
    ),
    Parameter(
        "BATCH_MAIL_FROM",
        Email(),
        help=gettext_lazy("E-mail address of the logs' sender in case of an error. Empty: the site's default."),
    ),
    Parameter(
        "BATCH_MAIL_REPLY_TO",
        Email(),
        help=gettext_lazy("E-mail address to use when answering the e-mail sent with the logs."),
    ),
    Parameter(
        "BATCH_PWD",
        Text(),
        required=True,
        secret=True,
        help=gettext_lazy("Password of the user who starts the batch, the one that BATCH_USER names."),
    ),
    Parameter("BATCH_USER", Text(), required=True, help=gettext_lazy("Login of the user who starts the batch.")),
)
"""What every template takes, next to its own parameters."""
