"""Believes every password, so that a measure of memory does not have that of the password check in it."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from akuiteo.models import User


class TrustingBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_credentials: Any,
    ) -> User:
        return User.objects.get(username=username)
