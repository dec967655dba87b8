"""Companies, their Chorus connections, invoices and their status changes. No I/O happens here."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from akuiteo.secrets import SecretField
from chorus.searching import SEARCHED
from chorus.statuses import ChorusStatus, DematerializationStatus

ALL_COMPANIES = "*****"
COMPANY_CODE = RegexValidator(r"\A[^\s;*]+\Z", _("A company code has neither blanks nor “;” nor “*”."))
SIRET = RegexValidator(r"\A[0-9]{14}\Z", _("A SIRET has 14 digits."))


class Company(models.Model):
    """A seller. Its SIRET is not unique: one establishment may keep its books as several companies."""

    code = models.CharField(_("code"), max_length=50, unique=True, validators=[COMPANY_CODE])
    name = models.CharField(_("name"), max_length=200)
    siret = models.CharField(_("SIRET"), max_length=14, validators=[SIRET], db_index=True)
    display_restricted_to = models.ForeignKey(
        "auth.Group",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("restrict display"),
        help_text=_(
            "Only this role sees the company and its invoices; restrict the batches that follow it as well. "
            "Empty: everybody who may see invoices."
        ),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class ChorusConnection(models.Model):
    """A company's access to Chorus Pro; without a company it is that of `*****`, for all that have none."""

    class Environment(models.TextChoices):
        PRODUCTION = "production", _("production")
        QUALIFICATION = "qualification", _("qualification")
        LOCAL = "local", _("local")

    company = models.OneToOneField(
        Company,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="chorus",
        verbose_name=_("company"),
        help_text=_("Empty: the connection of *****, used by the companies that have none of their own."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    environment = models.CharField(_("environment"), max_length=13, choices=Environment)
    piste_client_id = models.CharField(_("PISTE client id"), max_length=200)
    piste_client_secret = SecretField(_("PISTE client secret"))
    technical_login = models.CharField(_("technical account login"), max_length=200)
    technical_password = SecretField(_("technical account password"))
    piste_client_secret_set_at = models.DateTimeField(_("PISTE client secret set at"), null=True, blank=True)
    technical_password_set_at = models.DateTimeField(_("technical account password entered at"), null=True, blank=True)
    technical_password_set_on = models.DateField(
        _("technical password set on"),
        null=True,
        blank=True,
        help_text=_("The day on which the password was set on the portal: it ends 424 days later."),
    )
    technical_password_ends_on = models.DateField(
        _("technical password ends on"), null=True, blank=True, help_text=_("As the portal said at the last test.")
    )
    history = HistoricalRecords(excluded_fields=["piste_client_secret", "technical_password"])

    class Meta:
        verbose_name = _("Chorus connection")
        verbose_name_plural = _("Chorus connections")
        constraints = (
            models.UniqueConstraint(Coalesce("company", Value(0)), name="one_connection_per_company_and_one_for_all"),
            models.CheckConstraint(
                condition=Q(environment__in=("production", "qualification", "local")), name="environment_is_known"
            ),
        )
        permissions = (("test_chorusconnection", "Can test Chorus connections"),)

    def __str__(self) -> str:
        return self.company.code if self.company else ALL_COMPANIES

    @property
    def account(self) -> str:
        """What the portal knows us by: a watermark read with another account means nothing."""
        return f"{self.environment}:{self.technical_login}"


class Watermark(models.Model):
    """How far the portal's changes were read for a company. It moves last, and only forwards (L4)."""

    company = models.OneToOneField(Company, models.CASCADE, related_name="watermark", verbose_name=_("company"))
    account = models.CharField(_("account"), max_length=220)
    changed_since = models.DateTimeField(_("next window begins"), null=True)
    settled_until = models.DateTimeField(_("all changes read until"), null=True)
    shortcut_since = models.DateTimeField(_("shortcut begins"), null=True)
    shortcut_rows = models.PositiveIntegerField(_("rows left out by the shortcut"), default=0)
    largest_total = models.PositiveIntegerField(_("largest total announced"), default=0)
    missing_asked_on = models.DateField(_("missing invoices asked for on"), null=True)

    class Meta:
        verbose_name = _("watermark")
        verbose_name_plural = _("watermarks")

    def __str__(self) -> str:
        return f"{self.company_id and self.company.code} {self.settled_until}"


class Invoice(models.Model):
    company = models.ForeignKey(Company, models.PROTECT, related_name="invoices", verbose_name=_("company"))
    number = models.CharField(_("number"), max_length=50)
    date = models.DateField(_("date"))
    customer = models.CharField(_("customer"), max_length=200, blank=True)
    customer_siret = models.CharField(_("customer's SIRET"), max_length=14, blank=True)
    amount_excl_tax = models.DecimalField(_("amount excl. tax"), max_digits=19, decimal_places=2, null=True, blank=True)
    amount_incl_tax = models.DecimalField(_("amount incl. tax"), max_digits=19, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invoices",
        verbose_name=_("invoice manager"),
    )
    dematerialized = models.BooleanField(_("dematerialized"), default=True)
    dematerialization_status = models.PositiveSmallIntegerField(
        _("dematerialization status"),
        choices=DematerializationStatus,
        default=DematerializationStatus.TO_BE_TRANSMITTED,
    )

    contract_number = models.CharField(_("contract number"), max_length=50, blank=True)
    project_group = models.CharField(_("project group name"), max_length=200, blank=True)
    commitment_number = models.CharField(_("commitment number"), max_length=50, blank=True)
    service_code = models.CharField(_("service code"), max_length=100, blank=True)
    service_label = models.CharField(_("service label"), max_length=200, blank=True)
    flow_number = models.CharField(_("flow number"), max_length=50, blank=True)
    deposited_on = models.DateField(_("deposited on"), null=True, blank=True)
    chorus_id = models.BigIntegerField(_("Chorus id"), null=True, blank=True)

    chorus_status = models.CharField(_("Chorus status"), max_length=100, blank=True)
    chorus_status_at = models.DateTimeField(_("Chorus status since"), null=True, blank=True)
    chorus_comment = models.TextField(_("buyer's comment"), blank=True)
    chorus_checked_at = models.DateTimeField(_("last check"), null=True, blank=True)
    tracking_reopened = models.BooleanField(
        _("tracking reopened"), default=False, help_text=_("Followed again although its status is final.")
    )
    ask_by_number = models.BooleanField(
        _("to be asked for by number"),
        default=True,
        help_text=_("Imported or reopened since the last run: its last change may have been read past (L3)."),
    )
    missing_since = models.DateTimeField(
        _("missing on the portal since"), null=True, blank=True, help_text=_("The portal does not know this invoice.")
    )
    reason_due = models.BooleanField(
        _("reason still to be read"), default=False, help_text=_("The buyer's reason could not be read yet (L9).")
    )
    search_text = models.GeneratedField(
        expression=SEARCHED, output_field=models.TextField(), db_persist=True, verbose_name=_("searched text")
    )

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ("-date", "-pk")
        permissions = (
            ("import_invoice", "Can import invoices"),
            ("export_invoice", "Can export invoices"),
            ("reopen_invoice", "Can reopen the tracking of invoices"),
            ("check_invoice", "Can check invoices on the portal"),
        )
        indexes = (
            models.Index(fields=("company", "chorus_status"), name="invoice_status"),
            models.Index(fields=("company", "ask_by_number"), condition=Q(ask_by_number=True), name="invoice_to_ask"),
            models.Index(fields=("company",), condition=Q(missing_since__isnull=False), name="invoice_missing"),
            models.Index(fields=("company",), condition=Q(reason_due=True), name="invoice_reason_due"),
            models.Index(fields=("-date", "-id", "search_text"), name="invoice_newest_searched"),
            models.Index(fields=("customer", "-id"), name="invoice_customer"),
            models.Index(fields=("amount_incl_tax", "-id"), name="invoice_amount"),
            models.Index(
                fields=(
                    "chorus_status",
                    "currency",
                    "tracking_reopened",
                    "deposited_on",
                    "date",
                    "manager",
                    "amount_incl_tax",
                    "dematerialized",
                    "missing_since",
                ),
                name="invoice_standing",
            ),
            models.Index(
                fields=(
                    "chorus_status",
                    "chorus_status_at",
                    "customer",
                    "deposited_on",
                    "currency",
                    "amount_incl_tax",
                    "dematerialized",
                ),
                name="invoice_status_since",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("company", "number"), name="one_invoice_per_company_and_number"),
            models.UniqueConstraint(fields=("company", "chorus_id"), name="one_invoice_per_company_and_chorus_id"),
            models.CheckConstraint(
                condition=Q(dematerialization_status__in=DematerializationStatus.values),
                name="dematerialization_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(chorus_status=ChorusStatus.REJETEE)
                | Q(dematerialization_status=DematerializationStatus.TRANSMISSION_DENIED),
                name="rejected_invoice_is_denied",
            ),
        )

    def __str__(self) -> str:
        return self.number


class StatusChange(models.Model):
    """One transition of an invoice. Rows are only ever added; `alert_due` and `alert` follow the mail."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="status_changes", verbose_name=_("invoice"))
    run = models.ForeignKey(
        "batches.Run", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("run")
    )
    old = models.CharField(_("old status"), max_length=100, blank=True)
    new = models.CharField(_("new status"), max_length=100)
    at = models.DateTimeField(_("portal's date"), null=True, blank=True)
    comment = models.TextField(_("buyer's comment"), blank=True)
    seen_at = models.DateTimeField(_("seen at"))
    alert_due = models.BooleanField(_("alert due"), default=False)
    alert = models.ForeignKey(
        "batches.OutgoingEmail", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("alert")
    )

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("id",), condition=Q(alert_due=True), name="status_change_alert_due"),)
        constraints = (
            models.CheckConstraint(condition=~Q(new=""), name="status_change_has_a_new_status"),
            models.CheckConstraint(condition=Q(alert_due=False) | Q(alert__isnull=True), name="alert_due_or_made"),
        )

    def __str__(self) -> str:
        return f"{self.old or '-'} -> {self.new}"


class InvoiceImport(models.Model):
    """A file of invoices, kept from its preview until somebody imports it or a day has gone; then only its counts."""

    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(_("content"))
    company = models.ForeignKey(
        Company,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("company"),
        help_text=_("The company of lines that name none."),
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)

    class Meta:
        verbose_name = _("import of invoices")
        verbose_name_plural = _("imports of invoices")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.file_name
