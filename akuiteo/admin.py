"""Users. Who may change users may not thereby become a superuser."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from akuiteo.models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    list_display = ("username", "email", "first_name", "last_name", "language", "is_active")
    fieldsets = (*(DjangoUserAdmin.fieldsets or ()), (_("Mails"), {"fields": ("language",)}))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return ("is_staff",) if request.user.is_superuser else ("is_staff", "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_within_reach(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Let those who have a role, or a right of their own, into the admin, and nobody else but superusers."""
        super().save_related(request, form, formsets, change)
        user: User = form.instance
        user.is_staff = user.is_superuser or user.groups.exists() or user.user_permissions.exists()
        user.save(update_fields=["is_staff"])


def _is_within_reach(request: HttpRequest, user: User | None) -> bool:
    """A superuser, whose password gives every right, is changed by superusers only."""
    return user is None or not user.is_superuser or bool(request.user.is_superuser)
