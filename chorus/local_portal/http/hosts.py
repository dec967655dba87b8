"""Tells hosts apart: this server's own, and the State's platforms, with which it never has anything to do."""

import re
import unicodedata
from collections import deque
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

STATE_DOMAINS = ("piste.gouv.fr", "chorus-pro.gouv.fr", "aife.economie.gouv.fr")
_DOMAINS = "|".join(re.escape(domain) for domain in STATE_DOMAINS)
STATE_HOST = re.compile(rf"(?<![\w-])(?:[\w-]+\.)*(?:{_DOMAINS})(?!\.?[\w-])")


def state_host(text: str) -> str | None:
    """Return the first host of the State's platforms that a text names, in whatever spelling; None if it names none."""
    found = STATE_HOST.search(unicodedata.normalize("NFKC", unquote(text)).replace("。", ".").lower())
    return found[0] if found else None


def state_host_in(value: Any) -> str | None:
    """Return the first such host in the texts and keys of some JSON."""
    return next((host for host in map(state_host, _texts(value)) if host), None)


def names_one_of(host: str, own_hosts: Collection[str]) -> bool:
    """Tell whether a Host header names this server, which a name that is only made to resolve to it does not."""
    try:
        return urlsplit(f"//{host}").hostname in own_hosts
    except ValueError:
        return False


def _texts(value: Any) -> Iterator[str]:
    pending = deque([value])
    while pending:
        match pending.popleft():
            case str() as text:
                yield text
            case list() as items:
                pending.extend(items)
            case dict() as members:
                pending.extend(members)
                pending.extend(members.values())
