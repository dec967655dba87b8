"""Kinds of batch parameter: what a text must look like, and the value that it stands for."""

from __future__ import annotations

import abc
import re
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from batches.plain_text import has_controls, quoted

SEPARATOR = ";"

Options = Sequence[tuple[str, StrOrPromise]]


class Kind(abc.ABC):
    """Reads texts of one kind. `input_type` and `options` tell a form which input suits it.

    `everything` is the option, if any, that stands for all others.
    """

    label: ClassVar[StrOrPromise]
    input_type: ClassVar[str] = "text"
    everything: ClassVar[str] = ""
    empty: Any = ""

    @property
    @abc.abstractmethod
    def accepted(self) -> StrOrPromise:
        """What may be written, as a sentence."""

    @abc.abstractmethod
    def parse(self, text: str) -> Any:
        """Return the value of a text that is not empty. Raises ValueError with the reason in words."""

    def options(self) -> Options:
        """Return the values, with their words, of which a ";" separated list may be made; none: any text is typed."""
        return ()


class Boolean(Kind):
    label = gettext_lazy("Boolean")
    input_type = "checkbox"
    accepted = gettext_lazy("True or False (also Vrai or Faux, 1 or 0).")
    empty = False
    VALUES: ClassVar[dict[str, bool]] = {
        "true": True,
        "vrai": True,
        "1": True,
        "false": False,
        "faux": False,
        "0": False,
    }

    def parse(self, text: str) -> bool:
        if text.lower() not in self.VALUES:
            raise ValueError(_("it is not a boolean"))
        return self.VALUES[text.lower()]


class Text(Kind):
    label = gettext_lazy("String")
    accepted = gettext_lazy("A text on one line.")

    def parse(self, text: str) -> str:
        if has_controls(text):
            raise ValueError(_("it has line breaks or control characters"))
        return text


class Choices(Kind):
    """Some of a closed list of codes, in the order in which they are written. `words` says what a code means."""

    label = gettext_lazy("List")
    empty = ()

    def __init__(self, allowed: tuple[str, ...], words: Callable[[str], StrOrPromise] = str) -> None:
        self.choices = allowed
        self.words = words

    @property
    def accepted(self) -> StrOrPromise:
        return _("Any of %(choices)s, separated by “;”.") % {"choices": ", ".join(self.choices)}

    def parse(self, text: str) -> tuple[str, ...]:
        spelling = {choice.upper(): choice for choice in self.choices}
        items = split(text)
        unknown = [item for item in items if item.upper() not in spelling]
        if unknown:
            raise ValueError(_("%(items)s is unknown") % {"items": quoted(*unknown)})
        return tuple(dict.fromkeys(spelling[item.upper()] for item in items))

    def options(self) -> Options:
        return [(choice, self.words(choice)) for choice in self.choices]


class Emails(Kind):
    label = gettext_lazy("E-mail addresses")
    input_type = "emails"
    accepted = gettext_lazy("One or several e-mail addresses such as support@example.org, separated by “;”.")
    empty = ()

    def parse(self, text: str) -> tuple[str, ...]:
        addresses = split(text)
        wrong = [address for address in addresses if not is_email(address)]
        if wrong:
            raise ValueError(_("%(items)s is not an e-mail address") % {"items": quoted(*wrong)})
        return tuple(dict.fromkeys(addresses))


class Email(Kind):
    label = gettext_lazy("E-mail address")
    input_type = "email"
    accepted = gettext_lazy("One e-mail address such as support@example.org.")

    def parse(self, text: str) -> str:
        if not is_email(text):
            raise ValueError(_("it is not one e-mail address"))
        return text


class DirectoryName(Kind):
    """A directory under LOG_ROOT, wherever links may lead."""

    label = gettext_lazy("Directory name")

    @property
    def accepted(self) -> StrOrPromise:
        return _("The name of a directory under %(root)s, such as chorus; neither an absolute path nor “..”.") % {
            "root": settings.LOG_ROOT
        }

    def parse(self, text: str) -> str:
        log_directory(text)
        return text


class FileNamePart(Kind):
    label = gettext_lazy("Part of a file name")
    accepted = gettext_lazy("1 to 64 letters, digits, “.”, “_” or “-”, the first one not “.”.")

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"(?!\.)[A-Za-z0-9._-]{1,64}", text):
            raise ValueError(_("it cannot be part of a file name"))
        return text


def split(text: str) -> list[str]:
    """Return the items of a “;” separated list, without the blanks around them and without empty ones."""
    return [item.strip() for item in text.split(SEPARATOR) if item.strip()]


def is_email(text: str) -> bool:
    """Tell whether this is one address that is safe in a mail's header."""
    try:
        EmailValidator()(text)
    except ValidationError:
        return False
    return not has_controls(text)


def log_directory(name: str) -> Path:
    """Return the directory that BATCH_LOG_FILE names. Raises ValueError when it is not under LOG_ROOT."""
    if has_controls(name):
        raise ValueError(_("it has line breaks or control characters"))
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(_("it is an absolute path or has “..”"))
    root = Path(settings.LOG_ROOT).resolve()
    directory = (root / name).resolve()
    if not directory.is_relative_to(root):
        raise ValueError(_("it leads out of %(root)s") % {"root": root})
    return directory
