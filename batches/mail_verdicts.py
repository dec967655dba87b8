"""What a mail backend's answer or error, SMTP's or an anymail service's, means for a mail and for the others."""

from __future__ import annotations

import enum
import smtplib
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from akuiteo.masking import masker
from batches.models import MailStatus
from batches.outbox import Message
from batches.plain_text import one_line, shortened
from batches.recipients import Fate
from batches.smtp_backend import Answer, answers

LONGEST_ERROR = 500  # characters
LONGEST_KEY = 200  # characters
PERMANENT = 500  # SMTP codes from here on are refusals for good
NOT_ALLOWED = frozenset({530, 534, 535, 538})  # ... but these say that our own access is set up wrongly (RFC 4954)
SETUP_OR_BUSY = frozenset({401, 402, 403, 407, 408, 429})  # HTTP codes that do not concern one mail
REJECTED = frozenset({"invalid", "rejected"})  # anymail's words for recipients whom the service refused
FAILED = frozenset({"failed", None})  # ... and for those to whom it may send later


class Verdict(enum.Enum):
    REFUSED = "this mail will never be taken"
    LATER = "this mail may be taken later"
    UNREACHABLE = "no mail can be sent now"


def verdict(error: Exception, mail: Message) -> Verdict:
    """Tell what an error that a backend raised means for this mail and for the others."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _of_smtp([code for code, _words in error.recipients.values()])
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return _of_smtp([error.smtp_code])
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Verdict.REFUSED
    if isinstance(status := getattr(error, "status_code", None), int):
        return Verdict.UNREACHABLE if status in SETUP_OR_BUSY or status >= PERMANENT else Verdict.LATER
    if (statuses := getattr(_told_by_service(mail), "status", None)) and statuses <= REJECTED:
        return Verdict.REFUSED
    if isinstance(error, OSError):
        return Verdict.UNREACHABLE
    return Verdict.REFUSED if isinstance(error, ValueError) else Verdict.LATER


def fates_after(error: Exception, found: Verdict, mail: Message) -> dict[str, Fate]:
    """Return what became of a mail that nobody got, at each of those to whom it was due."""
    if isinstance(error, smtplib.SMTPRecipientsRefused) and found is not Verdict.UNREACHABLE:
        said = answers(error.recipients, mail)
        return {address: _refused(said[address]) if address in said else Fate(MailStatus.DUE) for address in mail.due}
    words = in_words(error)
    if found is Verdict.REFUSED and _told_by_service(mail):
        return {address: Fate(MailStatus.REFUSED, words) for address in mail.due}
    status = MailStatus.GIVEN_UP if found is Verdict.REFUSED else MailStatus.DUE
    return {address: Fate(status, words) for address in mail.due}


def fates(mail: Message) -> dict[str, Fate]:
    """Return what became of a mail that the backend took, at each of those to whom it was due."""
    refused: dict[str, Answer] = getattr(mail, "refused", {})
    told = _by_address(getattr(_told_by_service(mail), "recipients", {}))
    return {
        address: _refused(refused[address]) if address in refused else _told(told.get(address.lower()))
        for address in mail.due
    }


def problem_of(found: Mapping[str, Fate]) -> str:
    """Return what was said of the first recipient who did not get the mail."""
    return next((fate.words for fate in found.values() if fate.words), "")


def in_words(error: Exception) -> str:
    return _shown(f"{type(error).__name__}: {error}")


def _of_smtp(codes: Sequence[int]) -> Verdict:
    if NOT_ALLOWED.intersection(codes):
        return Verdict.UNREACHABLE
    return Verdict.REFUSED if all(code >= PERMANENT for code in codes) else Verdict.LATER


def _refused(answer: Answer) -> Fate:
    code, words = answer
    status = MailStatus.REFUSED if code >= PERMANENT else MailStatus.DUE
    return Fate(status, _shown(f"{code} {words.decode(errors='replace')}"))


def _told_by_service(mail: Message) -> Any:
    return getattr(mail, "anymail_status", None)


def _by_address(recipients: Any) -> dict[str, Any]:
    """Return anymail's words by address in small letters: some services answer so."""
    return {address.lower(): told for address, told in recipients.items()}


def _told(told: Any) -> Fate:
    """Return what became of the mail at one recipient; `told` is anymail's word of it, None with SMTP."""
    if told is None:
        return Fate(MailStatus.SENT)
    key = one_line(str(told.message_id or ""))[:LONGEST_KEY]
    if told.status in REJECTED:
        return Fate(MailStatus.REFUSED, _service_says(told.status), key)
    if told.status in FAILED:
        return Fate(MailStatus.DUE, _service_says(told.status), key)
    return Fate(MailStatus.SENT, "", key)


def _service_says(word: str | None) -> str:
    return _shown(_("the mail service says: %(word)s") % {"word": word})


def _shown(text: str) -> str:
    return shortened(one_line(masker.mask(text)), LONGEST_ERROR)
