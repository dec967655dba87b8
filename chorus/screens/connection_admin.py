"""Setup > Special parameters > Chorus connections."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from akuiteo.forms import set_or_not
from akuiteo.history import ShowsVersions
from akuiteo.models import User
from akuiteo.reading_versions import Source, Versions
from akuiteo.secrets import SecretUnreadableError
from batches.screens.run_views import user_of
from chorus.access import hidden_companies, visible_companies, visible_connections
from chorus.connection_trial import try_connection
from chorus.connections import companies_without_their_own
from chorus.models import ALL_COMPANIES, ChorusConnection, Company
from chorus.moving import TargetTakenError, move
from chorus.screens.admin_forms import ChorusConnectionForm, MoveForm, OwnedConnectionForm
from chorus.screens.connection_parts import enabled_badge, password_end_badge

COMPANIES_SHOWN = 50
CONNECTION_FIELDSETS: Any = (
    (None, {"fields": ("enabled", "environment")}),
    (gettext_lazy("PISTE application"), {"fields": ("piste_client_id", "new_client_secret")}),
    (
        gettext_lazy("Technical account of Chorus Pro"),
        {"fields": ("technical_login", "new_technical_password", "technical_password_set_on", "password_end")},
    ),
)


RADIOS: Any = {"environment": admin.VERTICAL}


class ConnectionShown:
    """What is shown of a connection beside its inputs; of the secrets, to those who may look but not change."""

    @admin.display(description=gettext_lazy("PISTE client secret"))
    def new_client_secret(self, connection: ChorusConnection) -> str:
        return set_or_not(connection.piste_client_secret, connection.piste_client_secret_set_at)

    @admin.display(description=gettext_lazy("technical account password"))
    def new_technical_password(self, connection: ChorusConnection) -> str:
        return set_or_not(connection.technical_password, connection.technical_password_set_at)

    @admin.display(description=gettext_lazy("technical password ends on"))
    def password_end(self, connection: ChorusConnection | None) -> str:
        return password_end_badge(connection or ChorusConnection())


class ChorusConnectionInline(ConnectionShown, admin.StackedInline[ChorusConnection, Company]):
    model = ChorusConnection
    form = ChorusConnectionForm
    fieldsets = CONNECTION_FIELDSETS
    radio_fields = RADIOS
    readonly_fields = ("password_end",)
    show_change_link = True

    class Media:
        css: ClassVar = {"all": ["chorus/connection.css"]}


@admin.register(ChorusConnection)
class ChorusConnectionAdmin(ConnectionShown, ShowsVersions, admin.ModelAdmin[ChorusConnection]):
    form = OwnedConnectionForm
    radio_fields = RADIOS
    readonly_fields = ("owner", "password_end")
    list_display = ("owner", "state", "environment", "technical_login", "password_end")
    list_filter = ("enabled", "environment")
    list_select_related = ("company",)
    search_fields = ("company__code", "company__name", "technical_login")
    ordering = ("company__code",)

    class Media:
        css: ClassVar = {"all": ["chorus/connection.css"]}

    @admin.display(description=gettext_lazy("company"), ordering="company__code")
    def owner(self, connection: ChorusConnection) -> str:
        return str(connection)

    @admin.display(description=gettext_lazy("state"), ordering="enabled")
    def state(self, connection: ChorusConnection) -> str:
        return enabled_badge(connection)

    def get_fieldsets(self, request: HttpRequest, obj: ChorusConnection | None = None) -> Any:
        """The company of a connection is chosen once: its secrets are not another company's."""
        (name, options), *others = CONNECTION_FIELDSETS
        return ((name, {"fields": ("owner" if obj else "company", *options["fields"])}), *others)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChorusConnection]:
        return visible_connections(user_of(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field of the company, which offers those that the user sees."""
        return super().formfield_for_foreignkey(
            db_field, request, **{"queryset": visible_companies(user_of(request))} | kwargs
        )

    def history_context(self, request: HttpRequest, obj: ChorusConnection, versions: Versions) -> dict[str, Any]:
        """Leave out the versions in which it was the connection of a company that the user does not see."""
        rows, read = self.own_source(obj)
        shown = rows.exclude(company__in=hidden_companies(user_of(request)))
        return super().history_context(request, obj, Versions((Source(shown, read),)))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/test/", view(self.test_view), name="chorus_chorusconnection_test"),
            path("<path:object_id>/move/", view(self.move_view), name="chorus_chorusconnection_move"),
            *super().get_urls(),
        ]

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        without_their_own = companies_without_their_own().exclude(pk__in=hidden_companies(user_of(request)))
        companies = list(without_their_own.select_related("chorus")[: COMPANIES_SHOWN + 1])
        shared = ChorusConnection.objects.filter(company=None).first()
        without = {
            "companies_without": companies[:COMPANIES_SHOWN],
            "more_companies_without": len(companies) > COMPANIES_SHOWN,
            "shared_is_enabled": bool(shared and shared.enabled),
            "all_companies": ALL_COMPANIES,
        }
        return super().changelist_view(request, without | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["may_test"] = _may_test(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: ChorusConnection, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.password_is_newer_than_its_date():
            words = _(
                "The technical password is new, but the date on which it was set is still the former one. "
                "Correct the date, or test the connection: the portal says when the password ends."
            )
            messages.warning(request, words)

    def test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then with POST try the stored values and show step by step how it went."""
        connection = self._connection(request, object_id)
        if not self.has_view_or_change_permission(request, connection) or not _may_test(request):
            raise PermissionDenied
        context = self._context(request, connection, _("Test the connection"))
        if request.method == "POST":
            context |= _tried(connection, user_of(request))
        return TemplateResponse(request, "admin/chorus/chorusconnection/test.html", context)

    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the company that the connection shall go to, and with POST move it there."""
        connection = self._connection(request, object_id)
        if not self.has_change_permission(request, connection):
            raise PermissionDenied
        form = MoveForm(user_of(request), request.POST or None)
        if request.method == "POST" and form.is_valid() and self._move(request, connection, form):
            return HttpResponseRedirect(_address("change", connection))
        context = self._context(request, connection, _("Move to another company")) | {"form": form}
        return TemplateResponse(request, "admin/chorus/chorusconnection/move.html", context)

    def _move(self, request: HttpRequest, connection: ChorusConnection, form: MoveForm) -> bool:
        source = str(connection)
        try:
            move(connection, form.target)
        except TargetTakenError:
            form.add_error("to", _("This company was given a connection meanwhile: choose another one."))
            return False
        self.log_change(request, connection, f"{source} -> {connection}")
        words = _("The connection of %(source)s is now that of %(target)s; %(source)s has none of its own any more.")
        messages.success(request, words % {"source": source, "target": connection})
        return True

    def _connection(self, request: HttpRequest, object_id: str) -> ChorusConnection:
        connection: ChorusConnection | None = self.get_object(request, unquote(object_id))
        if connection is None:
            raise Http404
        return connection

    def _context(self, request: HttpRequest, connection: ChorusConnection, title: str) -> dict[str, Any]:
        own = {"title": title, "opts": self.opts, "original": connection, "media": self.media}
        return self.admin_site.each_context(request) | own


def _may_test(request: HttpRequest) -> bool:
    return request.user.has_perm("chorus.test_chorusconnection")


def _tried(connection: ChorusConnection, user: User) -> dict[str, Any]:
    try:
        return {"trial": try_connection(connection, hidden_companies(user))}
    except SecretUnreadableError as error:
        return {"unreadable": str(error)}


def _address(view: str, connection: ChorusConnection) -> str:
    return reverse(f"admin:chorus_chorusconnection_{view}", args=(connection.pk,))
