"""Batch, BatchParameter, their runs (Run, RunLogLine, FailureEpisode) and mails (OutgoingEmail, Recipient)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from akuiteo.secrets import SecretField

CODE = RegexValidator(r"\A[A-Za-z0-9._-]+\Z", _("Use letters, digits, “.”, “_” and “-” only."))


class Batch(models.Model):
    code = models.CharField(_("code"), max_length=50, unique=True, validators=[CODE])
    label = models.CharField(_("label"), max_length=200)
    template = models.CharField(_("batch template"), max_length=100)
    display_restricted_to = models.ForeignKey(
        "auth.Group",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("restrict display"),
        help_text=_("Only this role sees the batch, its runs and their mails. Empty: everybody who may see batches."),
    )
    parameters_restricted_to = models.ForeignKey(
        "auth.Group",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("restrict parameter changing"),
        help_text=_("Only this role changes the batch. Empty: everybody who may change batches."),
    )
    launch_restricted_to = models.ForeignKey(
        "auth.Group",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("restrict launch"),
        help_text=_("Only this role starts the batch; BATCH_USER must have it too. Empty: all who may run batches."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("code",)
        permissions = (("run_batch", "Can run batches"),)

    def __str__(self) -> str:
        return self.code


class BatchParameter(models.Model):
    """One value of a batch, as text; that of a secret parameter is encrypted."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="parameters", verbose_name=_("batch"))
    code = models.CharField(_("code"), max_length=100)
    value = models.TextField(_("value"), blank=True)
    secret = SecretField(_("secret value"))
    secret_set_at = models.DateTimeField(_("secret set at"), null=True, blank=True)
    history = HistoricalRecords(excluded_fields=["secret"])

    class Meta:
        verbose_name = _("batch parameter")
        verbose_name_plural = _("batch parameters")
        constraints = (
            models.UniqueConstraint(fields=("batch", "code"), name="one_value_per_batch_parameter"),
            models.CheckConstraint(condition=Q(value="") | Q(secret=""), name="parameter_value_is_clear_or_secret"),  # nosec B106
        )

    def __str__(self) -> str:
        return f"{self.batch_id and self.batch.code} {self.code}"


class Outcome(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    PARTIAL = "partial", _("partial")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("refused")
    STOPPED = "stopped", _("stopped")
    INTERRUPTED = "interrupted", _("interrupted")


UNENDED = (Outcome.QUEUED, Outcome.RUNNING)


class Run(models.Model):
    """One execution of a batch. It ends, whatever happens, in an outcome other than *queued* and *running*.

    One that a screen asks for is *queued* until its process begins. A dry run has a row only if a screen asked for it.
    `only` are the keys of what it is narrowed to, as its template understands them; `companies` the companies' codes.
    """

    class Trigger(models.TextChoices):
        COMMAND = "command", _("command")
        ADMIN = "admin", _("admin")

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="runs", verbose_name=_("batch"))
    trigger = models.CharField(_("started from"), max_length=10, choices=Trigger)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("run as")
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("started by")
    )
    dry_run = models.BooleanField(_("dry run"), default=False)
    companies = models.JSONField(_("only these companies"), default=list, blank=True)
    only = models.JSONField(_("only these items"), default=list, blank=True)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, default=Outcome.RUNNING)
    exit_code = models.PositiveSmallIntegerField(_("exit code"), null=True, blank=True)
    summary = models.TextField(_("summary"), blank=True, help_text=_("The sentence that says how the run ended."))
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    parameters = models.JSONField(_("parameters used"), default=dict, blank=True, help_text=_("Secrets are masked."))

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ("-started_at", "-pk")
        indexes = (
            models.Index(fields=("-started_at", "-id"), name="run_newest"),
            models.Index(fields=("batch", "-started_at", "-id"), name="run_newest_of_batch"),
            models.Index(fields=("outcome", "-started_at", "-id"), name="run_newest_of_outcome"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("batch",),
                condition=Q(outcome=Outcome.RUNNING, dry_run=False),
                name="one_running_run_per_batch",
            ),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="run_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=UNENDED, ended_at__isnull=True)
                | (~Q(outcome__in=UNENDED) & Q(ended_at__isnull=False)),
                name="run_has_ended_unless_running",
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id and self.batch.code} #{self.pk}"


class Level(models.TextChoices):
    """Log levels as the reference spells them."""

    DEBUG = "DEBUG", "DEBUG"
    LOG = "LOG", "LOG"
    WARN = "WARN", "WARN"
    ERROR = "ERROR", "ERROR"


class RunLogLine(models.Model):
    run = models.ForeignKey(Run, models.CASCADE, related_name="log_lines", verbose_name=_("run"))
    at = models.DateTimeField(_("time"))
    level = models.CharField(_("level"), max_length=5, choices=Level)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("log line")
        verbose_name_plural = _("log lines")
        ordering = ("pk",)
        indexes = (models.Index(fields=("run", "level", "id"), name="log_line_of_level"),)
        constraints = (models.CheckConstraint(condition=Q(level__in=Level.values), name="log_level_is_known"),)

    def __str__(self) -> str:
        return f"{self.level} {self.text}"


class FailureEpisode(models.Model):
    """A batch's bad runs in a row: support is told of what is new, reminded once a day, and told when it is over.

    `runs` counts them; `told` has a key of each problem that a mail of the episode has told.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="failure_episodes", verbose_name=_("batch"))
    began_at = models.DateTimeField(_("began at"))
    mailed_at = models.DateTimeField(_("last mail at"))
    runs = models.PositiveIntegerField(_("runs"))
    told = models.JSONField(_("told"), default=list)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("failure episode")
        verbose_name_plural = _("failure episodes")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("batch",), condition=Q(ended_at__isnull=True), name="one_open_failure_episode_per_batch"
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id and self.batch.code} {self.began_at:%Y-%m-%d}"


class MailStatus(models.TextChoices):
    """What is known of a mail, and of each of its recipients. A mail has the worst one of its recipients."""

    DUE = "due", _("due")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    COMPLAINED = "complained", _("marked as spam")
    BOUNCED = "bounced", _("bounced")
    REFUSED = "refused", pgettext_lazy("mail", "refused")
    GIVEN_UP = "given up", _("given up")


UNDELIVERED = (MailStatus.GIVEN_UP, MailStatus.REFUSED, MailStatus.BOUNCED)
"""Nobody got it, and nothing more is tried unless a person asks for it."""


class OutgoingEmail(models.Model):
    """A mail that is due, or what became of it. Its Message-ID is made with it and never changes."""

    Status = MailStatus

    run = models.ForeignKey(Run, models.SET_NULL, null=True, blank=True, related_name="mails", verbose_name=_("run"))
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True)
    to = models.JSONField(_("to"))
    cc = models.JSONField(_("cc"), default=list, blank=True)
    bcc = models.JSONField(_("bcc"), default=list, blank=True)
    sender = models.CharField(_("from"), max_length=320, blank=True, help_text=_("Empty: the site's default."))
    reply_to = models.CharField(_("reply to"), max_length=320, blank=True)
    subject = models.CharField(_("subject"), max_length=500)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    attachment_name = models.CharField(_("attachment"), max_length=200, blank=True)
    attachment = models.TextField(_("attached text"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=MailStatus, default=MailStatus.DUE)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("id",), condition=Q(status="due"), name="mail_due"),
            models.Index(fields=("id",), condition=Q(status__in=UNDELIVERED), name="mail_undelivered"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(status__in=MailStatus.values), name="mail_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=(MailStatus.SENT, MailStatus.DELIVERED)) | Q(sent_at__isnull=False),
                name="mail_sent_at_if_sent",
            ),
        )

    def __str__(self) -> str:
        return self.subject


class Recipient(models.Model):
    """One address of a mail and what became of the mail there. `detail` is what its server or the mail service said."""

    mail = models.ForeignKey(OutgoingEmail, models.CASCADE, related_name="recipients", verbose_name=_("mail"))
    address = models.CharField(_("address"), max_length=320)
    status = models.CharField(_("status"), max_length=10, choices=MailStatus, default=MailStatus.DUE)
    detail = models.TextField(_("what was said"), blank=True)
    service_id = models.CharField(_("the mail service's own key"), max_length=200, blank=True)
    at = models.DateTimeField(_("known since"), null=True, blank=True)
    support_told_at = models.DateTimeField(_("support told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("address", "-id"), name="recipient_newest_of_address"),
            models.Index(fields=("service_id",), condition=~Q(service_id=""), name="recipient_of_service"),
            models.Index(
                fields=("id",),
                condition=Q(status__in=UNDELIVERED, support_told_at__isnull=True),
                name="recipient_to_tell_support",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("mail", "address"), name="one_row_per_recipient"),
            models.CheckConstraint(condition=Q(status__in=MailStatus.values), name="recipient_status_is_known"),
        )

    def __str__(self) -> str:
        return self.address
