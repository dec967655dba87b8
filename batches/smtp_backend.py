"""Django's SMTP backend, which also tells which recipients the server refused where it took others."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

Answer = tuple[int, bytes]
"""An SMTP code and the server's words."""


class _Remembering(smtplib.SMTP):
    """Keeps what smtplib tells its caller, which here is Django, that drops it."""

    refused: Mapping[str, Answer] = {}
    last_command = ""

    def sendmail(self, *args: Any, **kwargs: Any) -> dict[str, Answer]:
        self.refused = super().sendmail(*args, **kwargs)
        return dict(self.refused)

    def data(self, msg: Any) -> Answer:
        """Let a refused DATA command be answered as refused data are: smtplib would leave the mail half begun."""
        try:
            return super().data(msg)
        except smtplib.SMTPDataError as error:
            return error.smtp_code, _in_bytes(error.smtp_error)

    def putcmd(self, cmd: str, args: str = "") -> None:
        self.last_command = cmd.lower()
        super().putcmd(cmd, args)


class _Plain(_Remembering):
    pass


class _Encrypted(_Remembering, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """After a mail was taken, `mail.refused` has the server's answer for each recipient that it did not take."""

    connection: _Remembering | None

    @property
    def connection_class(self) -> type[_Remembering]:
        return _Encrypted if self.use_ssl else _Plain

    def is_lost(self) -> bool:
        """Tell whether the server, or the network, has ended the connection."""
        return self.connection is None or self.connection.sock is None

    def was_at(self, *commands: str) -> bool:
        """Tell whether the last command that was sent is one of these, in small letters."""
        return self.connection is not None and self.connection.last_command in commands

    def _send(self, email_message: EmailMessage) -> bool:
        sent = bool(super()._send(email_message))  # type: ignore[misc]
        if sent and self.connection:
            email_message.refused = answers(self.connection.refused, email_message)  # type: ignore[attr-defined]
        return sent


def answers(refused: Mapping[str, Answer], mail: EmailMessage) -> dict[str, Answer]:
    """Return smtplib's answers by the addresses as the mail spells them."""
    spelled = {sanitize_address(address, "utf-8"): address for address in mail.recipients()}
    return {spelled.get(address, address): answer for address, answer in refused.items()}


def _in_bytes(words: str | bytes) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
