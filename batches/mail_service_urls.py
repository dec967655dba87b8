"""The address at which the mail service that is set up tells what became of mails. Other services have none here."""

from __future__ import annotations

from anymail import urls as services
from django.conf import settings

app_name = "anymail"


def service() -> str:
    """Return the service that settings.EMAIL_BACKEND names, as anymail spells it: "brevo"."""
    return str(settings.EMAIL_BACKEND).removeprefix("anymail.backends.").removesuffix(".EmailBackend")


urlpatterns = [pattern for pattern in services.urlpatterns if pattern.name == f"{service()}_tracking_webhook"]
