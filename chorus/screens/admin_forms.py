"""Forms of companies, Chorus connections and invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akuiteo.forms import SecretInput
from akuiteo.models import User
from akuiteo.secrets import Secret
from batches.screens.admin_forms import refuse_to_shut_out
from chorus.access import hidden_companies
from chorus.invoice_csv.cells import CellError, parse_amount
from chorus.models import ALL_COMPANIES, SIRET, ChorusConnection, Company, Invoice
from chorus.moving import free_companies, is_free_for_all
from chorus.screens.invoice_forms import ManagerChoice, possible_managers
from chorus.statuses import after_marking

SECRETS = {"new_client_secret": "piste_client_secret", "new_technical_password": "technical_password"}  # nosec B105
"""Inputs, and the fields that they are stored in."""

ABOUT_THE_PASSWORD = {"environment", "technical_login", "new_technical_password", "technical_password_set_on"}
"""Inputs after whose change the end of the password that the portal has told is that of another one."""

ENVIRONMENTS = (
    ("production", _("production: real invoices, at portail.chorus-pro.gouv.fr")),
    ("qualification", _("qualification: the State's portal for tests, with accounts and keys of its own")),
    ("local", _("local: the local Chorus Pro of this installation, for trying and demonstrating")),
)


class SiretInput(forms.CharField):
    """Takes a SIRET as people write it, with blanks, and gives it without."""

    def to_python(self, value: Any) -> str:
        return "".join((super().to_python(value) or "").split())


class AmountInput(forms.DecimalField):
    """Takes an amount as a cell of the invoice CSV does, whatever the reader's language; shows it in that one."""

    widget = forms.TextInput
    default_error_messages: ClassVar = {
        "invalid": _("Enter an amount such as 1234.56 or 1 234,56: two decimals and 13 digits before them at most.")
    }

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = "" if value is None else str(value).strip()
        try:
            return parse_amount(text) if text else None
        except CellError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal"}


class CompanyForm(forms.ModelForm[Company]):
    """`user` is the one who fills it in."""

    user: User
    siret = SiretInput(label=_("SIRET"))

    class Meta:
        model = Company
        fields = ("code", "name", "siret", "display_restricted_to")

    def clean_display_restricted_to(self) -> Group | None:
        role: Group | None = self.cleaned_data["display_restricted_to"]
        if "display_restricted_to" in self.changed_data:
            refuse_to_shut_out(self.user, role)
        return role


class InvoiceForm(forms.ModelForm[Invoice]):
    customer_siret = SiretInput(label=_("Customer's SIRET"), required=False, validators=[SIRET])

    class Meta:
        model = Invoice
        fields = ("customer_siret", "dematerialized")
        localized_fields = ("amount_excl_tax", "amount_incl_tax")
        field_classes: ClassVar = {
            "amount_excl_tax": AmountInput,
            "amount_incl_tax": AmountInput,
            "manager": ManagerChoice,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = self.fields.get("manager")
        if isinstance(manager, ManagerChoice):
            manager.queryset = possible_managers(self.instance.manager_id)

    def save(self, commit: bool = True) -> Invoice:
        if "dematerialized" in self.fields and (self.instance.pk is None or "dematerialized" in self.changed_data):
            follow_if_dematerialized(self.instance)
        return super().save(commit)

    def fields_to_write(self) -> list[str]:
        follows = ["dematerialization_status", "ask_by_number"] if "dematerialized" in self.changed_data else []
        return [*self.changed_data, *follows]


def follow_if_dematerialized(invoice: Invoice) -> None:
    """Count a dematerialized invoice as transmitted, as an import does; a denied transmission stays denied."""
    invoice.dematerialization_status = after_marking(invoice.dematerialized, invoice.dematerialization_status)
    invoice.ask_by_number = invoice.dematerialized


class ChorusConnectionForm(forms.ModelForm[ChorusConnection]):
    new_client_secret = SecretInput(label=_("PISTE client secret"))
    new_technical_password = SecretInput(label=_("Technical account password"))

    class Meta:
        model = ChorusConnection
        fields = (
            "company",
            "enabled",
            "environment",
            "piste_client_id",
            "technical_login",
            "technical_password_set_on",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "environment" in self.fields:
            self.fields["environment"].choices = ENVIRONMENTS  # type: ignore[attr-defined]
        for name, stored_in in SECRETS.items():
            field = self.fields.get(name)
            if isinstance(field, SecretInput):
                stored: Secret = getattr(self.instance, stored_in)
                field.tell_stored(stored, getattr(self.instance, f"{stored_in}_set_at"))
                field.required = not stored

    def clean(self) -> dict[str, Any]:
        """Let no secret of one portal be sent to another one by mistake, or on purpose."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk and "environment" in self.changed_data:
            for name in SECRETS:
                if name in cleaned and not cleaned[name]:
                    self.add_error(name, _("Enter it again: what is stored is of the former environment."))
        return cleaned

    def password_is_newer_than_its_date(self) -> bool:
        """Tell whether there is a new technical password with the former date on which it was set."""
        is_new = bool(self.cleaned_data["new_technical_password"])
        has_date = self.instance.technical_password_set_on is not None
        return is_new and has_date and "technical_password_set_on" not in self.changed_data

    def save(self, commit: bool = True) -> ChorusConnection:
        for name, stored_in in SECRETS.items():
            if self.cleaned_data[name]:
                setattr(self.instance, stored_in, self.cleaned_data[name])
                setattr(self.instance, f"{stored_in}_set_at", timezone.now())
        if ABOUT_THE_PASSWORD.intersection(self.changed_data):
            self.instance.technical_password_ends_on = None
        return super().save(commit)


class OwnedConnectionForm(ChorusConnectionForm):
    """Of a connection on its own page, where a new one's company is chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        company = self.fields.get("company")
        if isinstance(company, forms.ModelChoiceField):
            company.empty_label = _("%(all)s (all companies)") % {"all": ALL_COMPANIES}

    def clean_company(self) -> Company | None:
        company: Company | None = self.cleaned_data["company"]
        if ChorusConnection.objects.filter(company=company).exists():
            raise forms.ValidationError(
                _("%(owner)s has a connection already: change that one."), params={"owner": company or ALL_COMPANIES}
            )
        return company


class MoveForm(forms.Form):
    """The company that a connection goes to: one without a connection of its own, or *****."""

    to = forms.ChoiceField(label=_("New company"))

    def __init__(self, user: User, data: Any = None) -> None:
        """Offer the companies that the user sees."""
        super().__init__(data)
        companies = free_companies().exclude(pk__in=hidden_companies(user))
        choices = [(str(company.pk), f"{company.code} - {company.name}") for company in companies]
        if is_free_for_all():
            choices.insert(0, (ALL_COMPANIES, str(_("%(all)s (all companies)") % {"all": ALL_COMPANIES})))
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    @property
    def target(self) -> Company | None:
        chosen = self.cleaned_data["to"]
        return None if chosen == ALL_COMPANIES else Company.objects.get(pk=chosen)
