"""The connection to the mail server: one at a time, made anew where the server ended it between two mails."""

from __future__ import annotations

import contextlib

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from batches.outbox import Message
from batches.smtp_backend import EmailBackend as SmtpBackend

MOST_TIME_OUTS = 2
"""More would let a server that hangs hold a run for 20 s a mail."""


class LostError(Exception):
    """The connection was lost. `by_mail`: perhaps by this very mail, so that others may be sent after it."""

    def __init__(self, reason: Exception, by_mail: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.by_mail = by_mail


class Line:
    """Sends messages, each of which may cost the connection.

    Servers end a connection after so many mails (421), or after a minute; then the mail in hand goes over a new one.
    That is tried once: a server that ends connections without taking a mail is not there.
    """

    connection: BaseEmailBackend

    def __init__(self) -> None:
        self._answered = 0  # mails on this connection
        self._lost_by_mails = 0  # connections, since the server last answered
        self._time_outs = 0

    def open(self) -> None:
        """Raises whatever the backend raises when it is set up wrongly, or cannot reach the server."""
        self.connection = get_connection()
        self.connection.open()

    def close(self) -> None:
        if hasattr(self, "connection"):
            with contextlib.suppress(OSError):  # what was accepted is sent, however the server says good-bye
                self.connection.close()

    def send(self, message: Message) -> int:
        """Return how many messages were taken: 1 or 0. Raises LostError, and whatever the backend raises."""
        if self._is_lost():
            self._open_again()
        try:
            taken = self.connection.send_messages([message])
        except Exception as error:
            if not self._is_lost() or self._was_at("rset"):  # the server has said what it thinks of the mail
                self._answered_once()
                raise
            return self._lost(message, error)
        self._answered_once()
        return int(taken or 0)

    def _answered_once(self) -> None:
        self._answered += 1
        self._lost_by_mails = 0

    def _lost(self, message: Message, error: Exception) -> int:
        self._time_outs += _is_time_out(error)
        if self._time_outs >= MOST_TIME_OUTS:
            raise LostError(error, by_mail=False) from error
        if self._answered and not self._was_at("data"):
            self._open_again()
            return self.send(message)
        self._lost_by_mails += 1
        # After DATA the server may have the mail: sent again, with its Message-ID, it is better twice than never.
        raise LostError(error, by_mail=self._was_at("rcpt", "data") and self._lost_by_mails == 1) from error

    def _open_again(self) -> None:
        self._answered = 0
        with contextlib.suppress(OSError):
            self.connection.close()
        self.connection.open()

    def _is_lost(self) -> bool:
        return isinstance(self.connection, SmtpBackend) and self.connection.is_lost()

    def _was_at(self, *commands: str) -> bool:
        return isinstance(self.connection, SmtpBackend) and self.connection.was_at(*commands)


def _is_time_out(error: BaseException) -> bool:
    """Tell whether smtplib gave up waiting; it says only that the connection was closed."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, TimeoutError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
