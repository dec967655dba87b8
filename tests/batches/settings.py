"""The project's settings with a template of the tests: for processes that tests start."""

from akuiteo.settings import *  # noqa: F403

BATCH_TEMPLATES = ["tests.batches.templates.Practice"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_TIMEOUT = 1  # seconds
