"""The project's settings for processes that tests end at a moment of their choice."""

import os

from akuiteo.settings import *  # noqa: F403
from tests.faults.crash.moments import Moments

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_TIMEOUT = 20  # seconds

Moments(os.environ).listen()
