"""The project's settings with every logger at DEBUG and crashes where a test wants them."""

import logging
import os

from akuiteo.settings import *  # noqa: F403
from akuiteo.settings import LOGGING

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_TIMEOUT = 5  # seconds
LOGGING = LOGGING | {
    "root": {"handlers": ["console"], "level": "DEBUG"},
    "loggers": {"django": {"level": "DEBUG"}, "django.db.backends": {"level": "DEBUG"}},
}

if os.environ.get("CRASH"):
    from chorus.portal import auth

    real = auth.build_token_request

    def crash(credentials: object) -> bytes:
        logging.getLogger("somebody").error("credentials: %s, %s", vars_of(credentials), real(credentials))  # type: ignore[arg-type]
        raise RuntimeError(f"crash with {vars_of(credentials)}")

    def vars_of(credentials: object) -> dict[str, object]:
        return {name: getattr(credentials, name) for name in ("client_id", "client_secret", "login", "password")}

    auth.build_token_request = crash
