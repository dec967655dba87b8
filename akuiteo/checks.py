"""System checks of the settings that can be read but cannot be right."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured

STATE_DOMAIN = "piste.gouv.fr"
STATE_HOST = re.compile(rf"([a-z0-9-]+\.)*{re.escape(STATE_DOMAIN)}")


def refuse_wrong_settings() -> None:
    """Raise ImproperlyConfigured where a check finds an error: a web server, unlike commands, makes none itself."""
    wrong = [message for message in run_checks() if message.is_serious() and not message.is_silenced()]
    if wrong:
        raise ImproperlyConfigured("\n".join(map(str, wrong)))


@register(Tags.security)
def check_encryption_keys(**_kwargs: Any) -> list[CheckMessage]:
    wrong = [place for place, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, 1) if not _is_fernet_key(key)]
    return [
        Error(
            f"Key {place} of FIELD_ENCRYPTION_KEYS is not a Fernet key.",
            hint='Make one: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
            id="akuiteo.E001",
        )
        for place in wrong
    ]


@register(Tags.urls)
def check_chorus_addresses(**_kwargs: Any) -> list[CheckMessage]:
    return list(_address_errors())


def _address_errors() -> Iterator[CheckMessage]:
    for environment, addresses in settings.CHORUS_ENVIRONMENTS.items():
        for name, url in addresses.items():
            if environment == "local" and not _is_this_machine(url):
                yield Error(
                    f"CHORUS_LOCAL_URL={url} is not on this machine.",
                    hint="The local Chorus Pro is reached on this machine only, as on http://127.0.0.1:8100.",
                    id="akuiteo.E002",
                )
            elif environment != "local" and not _is_state_platform(url) and not _is_this_machine(url):
                yield Error(
                    f"CHORUS_{environment.upper()}_{name.upper()}={url} is not an https address of {STATE_DOMAIN}.",
                    hint="Technical accounts are sent there. Leave the variable out to use the State's platform.",
                    id="akuiteo.E003",
                )


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_state_platform(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(STATE_HOST.fullmatch(parts.hostname or ""))


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
