"""What can go wrong with Chorus Pro, by what the caller can do: try later, fix the set-up, call a developer."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _


class PortalError(Exception):
    """Something went wrong between this application and Chorus Pro. Its text is a full sentence.

    operation: the portal's name of what was asked ("rechercher/fournisseur", "token"); words: what happened, the
    portal's own words where it said some, without secrets; code: the portal's code, "HTTP 403", or empty.
    """

    def __init__(self, operation: str, words: str, code: str = "") -> None:
        super().__init__(operation, words, code)
        self.operation = operation
        self.words = words
        self.code = code

    def __str__(self) -> str:
        what = self.words if not self.code or self.code in self.words else f"{self.code}, {self.words}"
        return _("Chorus Pro (%(operation)s): %(what)s. %(advice)s") % {
            "operation": self.operation,
            "what": what.rstrip(" ."),
            "advice": self.advice(),
        }

    def advice(self) -> str:
        """What to do next."""
        return _("Please report this message to your administrator.")


class PortalUnavailable(PortalError):  # noqa: N818 - named by what the caller does, as in the design
    """Try later: the portal is down, busy, talks nonsense, or its identity cannot be verified.

    retry_at: not to be called before this moment (aware, UTC), where the portal said so.
    """

    def __init__(self, operation: str, words: str, code: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(operation, words, code)
        self.retry_at = retry_at

    def advice(self) -> str:
        if self.retry_at is None:
            return _("Try again later; nothing is lost, the next run reads what this one could not.")
        return _("The portal asks not to be called before %(when)s; the next run after that reads on.") % {
            "when": self.retry_at.isoformat(sep=" ", timespec="seconds")
        }


class AccessRefused(PortalError):  # noqa: N818
    """Fix the set-up: the portal, or PISTE before it, does not accept this connection's credentials or rights."""

    def advice(self) -> str:
        return _("Correct the Chorus Pro connection, then check it with the command check_chorus.")


class UnexpectedAnswer(PortalError):  # noqa: N818
    """Call a developer: the portal refuses this one request, or answers something else than its contract says."""

    def advice(self) -> str:
        return _("Nothing was changed by this request; report this message to the maintainers of this application.")


class Stopped(Exception):  # noqa: N818
    """The caller asked to stop while the client was waiting, or before it sent the next request."""

    def __init__(self) -> None:
        super().__init__(_("Stopped on request while talking to Chorus Pro; the next run reads on."))
