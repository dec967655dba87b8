"""The one thing of Tryton's module that is set from outside: the base URLs of its service "Qualification"."""

from trytond.modules.account_fr_chorus import account


def use_portal(url: str) -> None:
    account.OAUTH_TOKEN_URL["service-qualif"] = f"{url}/api/oauth/token"
    account.API_URL["service-qualif"] = url
