from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.utils.translation import gettext_lazy as _

from akuiteo.models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    list_display = ("username", "email", "first_name", "last_name", "language", "is_active")
    fieldsets = (*(DjangoUserAdmin.fieldsets or ()), (_("Mails"), {"fields": ("language",)}))
