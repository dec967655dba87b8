"""Users and their roles. Who may change users may not thereby become a superuser."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from akuiteo.history import ShowsVersions
from akuiteo.lock_out import unlock
from akuiteo.models import User
from akuiteo.role_fields import RightsField, RolesField
from akuiteo.roles import right_name, role_name

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin):
    list_display = ("role",)
    search_fields = ()  # what is stored is not what the page shows

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        may_write = obj is None or self.has_change_permission(request, obj)
        return ("name", "permissions") if may_write else ("role", "rights")

    @admin.display(description=_("role"), ordering="name")
    def role(self, group: Group) -> str:
        return role_name(group)

    @admin.display(description=_("rights"))
    def rights(self, group: Group) -> SafeString:
        names = [(right_name(permission),) for permission in group.permissions.select_related("content_type")]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", names))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, form_class=RightsField, **kwargs)


class RoleFilter(admin.RelatedFieldListFilter):
    """Django calls the roles groups."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(_("role"))

    def field_choices(self, *_others: Any) -> list[Any]:
        return [(group.pk, role_name(group)) for group in Group.objects.order_by("name")]


@admin.register(User)
class UserAdmin(ShowsVersions, DjangoUserAdmin[User]):
    list_display = ("username", "first_name", "last_name", "email", "roles", "language", "is_active")
    list_filter = (("groups", RoleFilter), "is_active", "is_superuser")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("user_permissions",)
    version_labels: ClassVar = {"groups": _("Roles")}
    not_in_versions = ("is_staff", "date_joined")
    actions = ("unlock",)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        roles = "groups" if self.has_change_permission(request, obj) else "roles"
        rights = ((_("Beyond the roles"), {"fields": ("is_superuser", "user_permissions")}),)
        return (
            (None, {"fields": ("username", "password", "is_active")}),
            (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
            (_("Roles"), {"fields": (roles,)}),
            *(rights if request.user.is_superuser else ()),
            (_("Dates"), {"fields": ("last_login", "date_joined")}),
        )

    @admin.action(permissions=["change"], description=_("Unlock the login after wrong passwords"))
    def unlock(self, request: HttpRequest, users: QuerySet[User]) -> None:
        unlock(users.values_list("username", flat=True))
        count = users.count()
        text = ngettext(
            "The wrong passwords of %(count)d user are forgotten: the login works again.",
            "The wrong passwords of %(count)d users are forgotten: their logins work again.",
            count,
        )
        messages.success(request, text % {"count": count})

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(sorted(role_name(group) for group in user.groups.all())) or "-"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, form_class=RightsField, **kwargs)
        return RolesField(
            Group.objects.order_by("name"),
            label=_("Roles"),
            required=False,
            help_text=_("Who has a role may log in. A person who only gets mails needs none."),
        )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        is_oneself = obj is not None and obj.pk == request.user.pk
        return super().has_delete_permission(request, obj) and _is_within_reach(request, obj) and not is_oneself

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name the users alone and count what goes with them: log entries name what not everybody may see."""
        named, *others = super().get_deleted_objects(objs, request)
        return [each for each in named if isinstance(each, str)], *others

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Let those who have a role, or a right of their own, into the admin, and nobody else but superusers."""
        super().save_related(request, form, formsets, change)
        user: User = form.instance
        user.is_staff = user.is_superuser or user.groups.exists() or user.user_permissions.exists()
        user.save(update_fields=["is_staff"])


def _is_within_reach(request: HttpRequest, user: User | None) -> bool:
    """A superuser, whose password gives every right, is changed by superusers only."""
    return user is None or not user.is_superuser or bool(request.user.is_superuser)
