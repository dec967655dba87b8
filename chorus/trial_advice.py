"""What a person is told of a connection that does not work: what is wrong, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.formats import localize
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from chorus.connections import endpoints, password_ends_on
from chorus.models import ChorusConnection
from chorus.portal import auth
from chorus.portal.errors import AccessRefused, PortalError, PortalUnavailable, Stopped

CLIENT_REFUSED = "invalid_client"
ACCOUNT_REFUSED = "HTTP 401"
FORBIDDEN = "HTTP 403"


def words_for(error: PortalError | Stopped) -> str:
    """Say in one sentence what is wrong. The portal says of a pair of id and secret only that it is wrong."""
    if isinstance(error, Stopped):
        return _("There was no complete answer in time.")
    if error.code == CLIENT_REFUSED:
        return _("PISTE does not accept the client id or the client secret; it does not say which (invalid_client).")
    if isinstance(error, AccessRefused) and error.code == ACCOUNT_REFUSED and error.operation != auth.OPERATION:
        return _("Chorus Pro does not accept the technical login or its password; it does not say which (HTTP 401).")
    if isinstance(error, AccessRefused) and error.code == FORBIDDEN and error.operation != auth.OPERATION:
        return _("A right is missing: PISTE or Chorus Pro does not allow “%(operation)s” (HTTP 403).") % {
            "operation": error.operation
        }
    what = error.words if not error.code or error.code in error.words else f"{error.code}, {error.words}"
    return f"{what[:1].upper()}{what[1:].rstrip(' .')}."


def advice_for(error: PortalError | Stopped, connection: ChorusConnection) -> str:
    return " ".join(_advice(error, connection))


def _advice(error: PortalError | Stopped, connection: ChorusConnection) -> Iterator[str]:
    if isinstance(error, AccessRefused):
        yield from _advice_on_access(error, connection)
    elif isinstance(error, PortalUnavailable) and error.retry_at:
        yield _("Test again after %(moment)s: the portal asks not to be called before.") % {
            "moment": localize(error.retry_at)
        }
    else:
        yield from _advice_on_the_way(error, connection)


def _advice_on_access(error: AccessRefused, connection: ChorusConnection) -> Iterator[str]:
    if error.code == CLIENT_REFUSED:
        yield _(
            "Compare the client id with the application on piste.gouv.fr and enter its secret again. Those of "
            "production and of qualification differ: this connection is for %(environment)s."
        ) % {"environment": connection.get_environment_display()}
    elif error.operation == auth.OPERATION:
        yield _("See on piste.gouv.fr whether the application is active and may use OAuth.")
    elif error.code == ACCOUNT_REFUSED:
        yield from _advice_on_account(connection)
    elif error.code == FORBIDDEN:
        yield _(
            "On piste.gouv.fr, subscribe the application to the Chorus Pro API and accept its conditions of use; on "
            "the portal, see whether the technical account still exists and is attached to the company's structure."
        )
    else:
        yield _("Ask the administrator of this server.")


def _advice_on_account(connection: ChorusConnection) -> Iterator[str]:
    ends_on = password_ends_on(connection)
    if ends_on and ends_on < localdate():
        yield _("The password has ended on %(date)s: set a new one on the portal, and enter it here.") % {
            "date": localize(ends_on)
        }
        return
    if not connection.technical_login.upper().startswith("TECH_"):
        yield _("The login is not that of a technical account, which looks like TECH_1_00001@cpro.fr.")
    yield _(
        "Compare the login with that on the portal (%(environment)s) and enter the password again. A password ends "
        "after 424 days, and a new account works about 30 minutes after it was made."
    ) % {"environment": connection.get_environment_display()}


def _advice_on_the_way(error: PortalError | Stopped, connection: ChorusConnection) -> Iterator[str]:
    """For what lies between here and the portal: network, TLS, proxies, addresses, a portal that is down."""
    if connection.environment == ChorusConnection.Environment.LOCAL:
        yield _("See whether the local Chorus Pro runs at %(host)s (manage.py local_chorus_pro), then test again.") % {
            "host": _host(error, connection)
        }
        return
    yield _(
        "See whether %(host)s is the right address and can be reached from this server, through its proxy if it has "
        "one; if so, test again later."
    ) % {"host": _host(error, connection)}


def _host(error: PortalError | Stopped, connection: ChorusConnection) -> str:
    addresses = endpoints(connection)
    is_token = isinstance(error, PortalError) and error.operation == auth.OPERATION
    return urlsplit(addresses.token_url if is_token else addresses.api_url).netloc
