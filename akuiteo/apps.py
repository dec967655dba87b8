from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AkuiteoConfig(AppConfig):
    name = "akuiteo"
    verbose_name = _("Users")
    default = True

    def ready(self) -> None:
        from akuiteo import (
            checks,  # noqa: F401 - registers the system checks
            contention,  # noqa: F401 - limits how long a session waits for a lock
            lock_out,  # noqa: F401 - registers what django-axes must not store
        )


class SiteConfig(admin_apps.AdminConfig):
    """Django's admin, with our own site."""

    default = False
    default_site = "akuiteo.site.Site"
