"""CheckFacturesClientChorus: parameters -> tracking -> alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from akuiteo.fault_points import reached
from akuiteo.models import User
from akuiteo.secrets import SecretUnreadableError
from batches.error_mail import Addresses
from batches.models import Run
from batches.outcomes import ExitCode, RefusedError
from batches.parameters import Boolean, Choices, Parameter
from batches.template import BatchTemplate, ChangedItem, Job, Report, RunError, Stopped, UsageError
from chorus import alert_age, alerts, changed_invoices
from chorus.company_codes import CompanyCodes
from chorus.connections import Route, connect, credentials, joined, routes
from chorus.models import Company
from chorus.portal.client import ChorusClient
from chorus.portal.errors import AccessRefused, PortalError, PortalUnavailable
from chorus.portal.errors import Stopped as PortalStopped
from chorus.statuses import ALERTABLE, ChorusStatus, words
from chorus.tracking.following import Following
from chorus.tracking.ledger import Ledger, followed
from chorus.tracking.preview import Preview
from chorus.tracking.reporting import Reporter, Tally
from chorus.tracking.seen import Seen
from chorus.tracking.states import Change, Rules

ALERT_MANAGER = "ALERTER_RESPONSABLE_FACTURE"
ALERT_STATUSES = "LISTE_ETATS_CHORUS_A_ALERTER"
COMPANIES = "LISTE_SOCIETES_A_TRAITER"


class CheckFacturesClientChorus(BatchTemplate):
    """Follows the invoices that were sent to Chorus Pro (reference page “CheckFacturesClientChorus batch”, 4.7)."""

    code = "CheckFacturesClientChorus"
    label = gettext_lazy("Check the Chorus Pro status of customer invoices")
    parameters = (
        Parameter(
            ALERT_MANAGER,
            Boolean(),
            default="False",
            help=gettext_lazy("Alert the invoice manager by e-mail when an invoice reaches one of the statuses below."),
        ),
        Parameter(
            ALERT_STATUSES,
            Choices(tuple(status.value for status in ChorusStatus if status in ALERTABLE), words),
            help=gettext_lazy("Chorus statuses that alert the invoice manager."),
        ),
        Parameter(
            COMPANIES,
            CompanyCodes(),
            help=gettext_lazy("Companies to follow; ***** or none: all of them."),
        ),
    )
    counts = tuple(Tally().counts())
    count_labels: Mapping[str, StrOrPromise] = {
        "companies": gettext_lazy("companies"),
        "checked": gettext_lazy("invoices checked"),
        "changed": gettext_lazy("changed"),
        "final": gettext_lazy("of these final"),
        "missing": gettext_lazy("unknown to the portal"),
        "alerts": gettext_lazy("alerts"),
        "requests": gettext_lazy("requests"),
    }

    def run(self, job: Job) -> Report:
        companies = _companies(job)
        return Checking(job).check(companies)

    def sentence(self, counts: Mapping[str, int]) -> str:
        return _("; ").join(_parts(counts))

    def changed_items(self, run: Run, reader: User, most: int) -> Sequence[ChangedItem]:
        return changed_invoices.items(run, reader, most)

    def changed_url(self, run: Run) -> str:
        return changed_invoices.url(run)


class Checking:
    """One run of the batch."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tally = Tally()
        listed = job.values[ALERT_STATUSES] if job.values[ALERT_MANAGER] else ()
        final = frozenset(settings.CHORUS_FINAL_STATUSES)
        self.rules = Rules(final, frozenset(listed), alert_age.alert_since())
        self.reporter = Reporter(self.tally, job.log, self._changed, self._checkpoint, job.progress)
        self._client: ChorusClient | None = None
        self._requests_before = 0
        self._down: list[Route] = []
        self._alerted: Counter[User] = Counter()
        self._too_old = 0

    def check(self, companies: Sequence[Company]) -> Report:
        companies = self._concerned(companies)
        chosen, without = routes(companies)
        for company in without:
            self.job.log.warn(
                _("%(company)s is skipped: neither it nor ***** has an enabled Chorus connection.")
                % {"company": company.code}
            )
        _refuse_unreadable_secrets(chosen)
        chosen = joined(chosen)
        try:
            for route in chosen:
                self._follow(route)
                reached("connection: followed")
        except PortalStopped as error:
            raise Stopped from error
        self._alert(companies)
        reached("alerts: made")
        worked = len(self._down) < len(chosen) or not chosen
        return Report(self.tally.counts(), self.tally.errors, worked)

    def _concerned(self, companies: Sequence[Company]) -> Sequence[Company]:
        """Keep the companies that have the invoices to which the run is narrowed; all, where it is not."""
        if not self.job.only:
            return companies
        wanted = followed(companies, self.rules).filter(pk__in=self.job.only).order_by()
        self._tell_narrowing(wanted.count())
        concerned = set(wanted.values_list("company", flat=True).distinct())
        return [company for company in companies if company.pk in concerned]

    def _tell_narrowing(self, count: int) -> None:
        self.job.log.log(
            ngettext("Only %(count)d invoice is asked for.", "Only %(count)d invoices are asked for.", count)
            % {"count": count}
        )
        if left_out := len(self.job.only) - count:
            self.job.log.warn(
                ngettext(
                    "%(count)d invoice is not asked for: it is not followed, or this batch leaves its company out.",
                    "%(count)d invoices are not asked for: not followed, or this batch leaves their companies out.",
                    left_out,
                )
                % {"count": left_out}
            )

    def _follow(self, route: Route) -> None:
        """Follow one connection; its failure is told for each of its companies, and stops no other (rule 9)."""
        self.tally.companies += len(route.companies)
        ledger = Preview if self.job.dry_run else Ledger
        self._requests_before = self.tally.requests
        client = self._client = connect(route.connection, self.job.stop)
        with Seen() as seen:
            try:
                Following(
                    str(route),
                    route.connection.account,
                    client,
                    ledger(route.companies, self.rules, self.job.run, seen, self.job.only),
                    self.reporter,
                ).follow()
            except PortalError as error:
                self._fail(route, error)
        self._checkpoint()

    def _fail(self, route: Route, error: PortalError) -> None:
        if isinstance(error, PortalUnavailable | AccessRefused) or not self._has_answered(error):
            self._down.append(route)
        names = _("The invoices of %(companies)s were not all followed.") % {"companies": route}
        message = _("Connection of %(owner)s (%(environment)s, %(login)s): %(error)s") % {
            "owner": route.connection,
            "environment": route.connection.get_environment_display(),
            "login": route.connection.technical_login,
            "error": error,
        }
        self.job.log.error(f"{message} {names}")
        self.tally.errors.extend(RunError(company.code, "", f"{message} {names}") for company in route.companies)

    @staticmethod
    def _has_answered(error: PortalError) -> bool:
        """Whether the API itself refused something: then the connection works. Not so without token."""
        return error.operation != "token"

    def _alert(self, companies: Sequence[Company]) -> None:
        """Alert of this run's changes, and of those that a killed run has left."""
        if self._too_old:
            self.job.log.log(alert_age.not_alerted(self._too_old))
        if self.job.dry_run or self.job.run is None:
            self.tally.alerts = len(self._alerted)
            for manager, changes in self._alerted.items():
                self.job.log.log(_would_alert(manager.email, changes))
        else:
            support = Addresses.of(self.job.values)
            self.tally.alerts = alerts.make_alerts(companies, self.job.run, self.job.log, support)
        self._checkpoint()

    def _changed(self, change: Change) -> None:
        self._too_old += change.too_old
        if not self.job.dry_run:
            return
        manager_pk = change.invoice.manager_pk
        manager = User.objects.filter(pk=manager_pk).first() if manager_pk and change.alert else None
        if manager and alerts.receives_alerts(manager):
            self._alerted[manager] += 1
        self.job.show(_shown(change, manager))

    def _checkpoint(self) -> None:
        if self._client:
            self.tally.requests = self._requests_before + self._client.requests
        self.job.checkpoint(self.tally.counts())


def _companies(job: Job) -> list[Company]:
    """The companies of the batch, narrowed by --company. Raises UsageError for one that is not among them."""
    listed: tuple[str, ...] = job.values[COMPANIES]
    companies = Company.objects.filter(code__in=listed) if listed else Company.objects.all()
    if not listed and not job.only:
        job.log.log(_("All companies are followed (%(parameter)s).") % {"parameter": COMPANIES})
    by_code = {company.code: company for company in companies.order_by("code")}
    unknown = [code for code in job.companies if code not in by_code]
    if unknown:
        raise UsageError(
            _("--company %(codes)s: not a company of this batch, which has %(known)s.")
            % {"codes": ", ".join(unknown), "known": ", ".join(by_code) or _("none")}
        )
    return [by_code[code] for code in dict.fromkeys(job.companies)] if job.companies else list(by_code.values())


def _refuse_unreadable_secrets(chosen: Sequence[Route]) -> None:
    """A lost encryption key ends the run before the first call. Raises RefusedError."""
    problems = []
    for route in chosen:
        try:
            credentials(route.connection)
        except SecretUnreadableError as error:
            problems.append(_("Connection of %(owner)s: %(error)s") % {"owner": route.connection, "error": error})
    if problems:
        raise RefusedError(ExitCode.CONFIGURATION, problems)


def _parts(counts: Mapping[str, int]) -> list[str]:
    companies, checked = counts["companies"], counts["checked"]
    if not companies:
        return [_("nothing to do, no company to follow")]
    parts = [
        ngettext("%(count)d company", "%(count)d companies", companies) % {"count": companies},
        ngettext("%(count)d invoice checked", "%(count)d invoices checked", checked) % {"count": checked},
        _("%(changed)d changed (%(final)d final)") % dict(counts),
    ]
    if counts["missing"]:
        parts.append(_("%(missing)d unknown to the portal") % dict(counts))
    parts.append(
        ngettext("%(count)d alert", "%(count)d alerts", counts["alerts"]) % {"count": counts["alerts"]},
    )
    parts.append(
        ngettext("%(count)d request", "%(count)d requests", counts["requests"]) % {"count": counts["requests"]}
    )
    return parts


def _would_alert(address: str, changes: int) -> str:
    return ngettext(
        "%(address)s would be alerted of %(count)d change.",
        "%(address)s would be alerted of %(count)d changes.",
        changes,
    ) % {"address": address, "count": changes}


def _shown(change: Change, manager: User | None) -> str:
    invoice = change.invoice
    status = f"{change.old or '-'} -> {change.new} ({words(change.new)})"
    line = f"{invoice.company}  {invoice.number}  {invoice.customer}  {status}"
    if not change.alert:
        return line
    if manager and alerts.receives_alerts(manager):
        return f"{line}  " + _("alert to %(address)s") % {"address": manager.email}
    return f"{line}  " + _("alert to nobody: no manager with an address")
