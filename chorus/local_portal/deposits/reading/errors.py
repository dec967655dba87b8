"""The technical errors of a report."""

from chorus.local_portal.deposits.records import TechnicalError, UnreadableError
from chorus.local_portal.deposits.texts import cut, plain


def technical(code: str, message: str, line: int | None = None, position: int | None = None) -> TechnicalError:
    """Return an error in the portal's words: what is wrong, and where, if that is known."""
    place = "" if line is None else f" - ligne: {line} - position: {position or 0}"
    text = plain(f"IRRECEVABILITE: {' '.join(message.split())}")
    # The place is told whatever the length of the message.
    return TechnicalError(code, cut(text[: 200 - len(place)] + place))


def unreadable(code: str, message: str, line: int | None = None, position: int | None = None) -> UnreadableError:
    return UnreadableError(technical(code, message, line, position))
