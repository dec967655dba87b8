"""The admin site."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class Site(AdminSite):
    site_header = _("Chorus Pro tracking")
    site_title = _("Chorus Pro tracking")
    index_title = _("Menu")
