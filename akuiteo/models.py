"""Users: those of Django, with the language that they are written to."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        help_text=_("Mails to this user are written in this language."),
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
