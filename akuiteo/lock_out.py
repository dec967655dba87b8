"""Guessing passwords: after some wrong ones a login is refused for a while from that address (django-axes)."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Max
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

log = logging.getLogger(__name__)


class LockOutBackend(AxesStandaloneBackend):  # type: ignore[misc]
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        """Raise PermissionDenied while the login is locked out. A batch, which has no request, is not concerned."""
        return super().authenticate(request, **credentials) if request else None


def client_address(request: HttpRequest) -> str | None:
    """Return the address that a request comes from, or None where it is not known (a Unix socket).

    X-Forwarded-For can be written by anybody: of its addresses only that one is believed which the outermost of
    TRUSTED_PROXY_COUNT proxies wrote there.
    """
    written = [request.META.get("REMOTE_ADDR", "")]
    if settings.TRUSTED_PROXY_COUNT:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        written += forwarded[-settings.TRUSTED_PROXY_COUNT :][:1]
    return next(filter(None, map(_address, reversed(written))), None)


def refuse(request: HttpRequest, _response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """Return the page that says until when this login is locked out."""
    login, address = (credentials or {}).get("username"), client_address(request)
    log.warning("Login %s is locked out from %s after too many wrong passwords.", login, address)
    until = _locked_out_until(login, address)
    shown = until + timedelta(minutes=1)  # without its seconds
    answer = render(request, "429.html", {"until": shown, "limit": settings.AXES_FAILURE_LIMIT}, status=429)
    answer.headers["Retry-After"] = str(max(0, round((until - timezone.now()).total_seconds())))
    add_never_cache_headers(answer)
    return answer


def unlock(logins: Iterable[str]) -> None:
    """Forget the wrong passwords of these logins, from wherever they came."""
    AccessAttempt.objects.filter(username__in=logins).delete()


@receiver(pre_save, sender=AccessAttempt)
def keep_no_form(instance: AccessAttempt, **_others: Any) -> None:
    """Let django-axes store what it counts, and nothing that a person typed beside the login."""
    instance.get_data = instance.post_data = ""


def _locked_out_until(login: str | None, address: str | None) -> datetime:
    attempts = AccessAttempt.objects.filter(username=login, ip_address=address)
    last: datetime | None = attempts.aggregate(last=Max("attempt_time"))["last"]
    return (last or timezone.now()) + settings.AXES_COOLOFF_TIME


def _address(text: str) -> str:
    """Return an address as the database takes it, of IPv6 that of the network: one machine has billions there."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and not address.ipv4_mapped:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(getattr(address, "ipv4_mapped", address))
