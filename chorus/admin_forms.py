"""Forms of companies, Chorus connections and invoices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from akuiteo.forms import SecretInput
from chorus.models import ALL_COMPANIES, ChorusConnection, Company, Invoice
from chorus.statuses import after_marking

SECRETS = {"new_client_secret": "piste_client_secret", "new_technical_password": "technical_password"}
"""Inputs, and the fields that they are stored in."""


class SiretInput(forms.CharField):
    """Takes a SIRET as people write it, with blanks, and gives it without."""

    def to_python(self, value: Any) -> str:
        return "".join((super().to_python(value) or "").split())


class CompanyForm(forms.ModelForm[Company]):
    siret = SiretInput(label=_("SIRET"))

    class Meta:
        model = Company
        fields = ("code", "name", "siret")


class InvoiceForm(forms.ModelForm[Invoice]):
    customer_siret = SiretInput(label=_("Customer's SIRET"), required=False)

    class Meta:
        model = Invoice
        fields = ("customer_siret", "dematerialized")

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
        for name, field in self.fields.items():
            if isinstance(field, SecretInput):
                stored = bool(getattr(self.instance, SECRETS[name]))
                field.tell_stored(stored)
                field.required = not stored

    def save(self, commit: bool = True) -> ChorusConnection:
        for name, stored_in in SECRETS.items():
            if self.cleaned_data[name]:
                setattr(self.instance, stored_in, self.cleaned_data[name])
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
