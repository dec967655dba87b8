"""Who may see, change and start which batch: the permission, and the batch's own restriction to a role.

Superusers may everything.
"""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from akuiteo.models import User
from batches.models import Batch, OutgoingEmail, Run

RUN_BATCH = "batches.run_batch"


def visible(user: User) -> QuerySet[Batch]:
    """Return the batches that the user may see."""
    return Batch.objects.filter(_shown_to(user)) if _may_view(user, "batch") else Batch.objects.none()


def visible_runs(user: User) -> QuerySet[Run]:
    """Return the runs that the user may see: those of the batches that are shown to them."""
    return Run.objects.filter(_shown_to(user, "batch__")) if _may_view(user, "run") else Run.objects.none()


def visible_mails(user: User) -> QuerySet[OutgoingEmail]:
    """Return the mails that the user may see: those of such runs, and those without a run."""
    if not _may_view(user, "outgoingemail"):
        return OutgoingEmail.objects.none()
    shown = _shown_to(user, "run__batch__")
    return OutgoingEmail.objects.filter(shown | Q(run=None) if shown else shown)


def may_change(user: User, batch: Batch) -> bool:
    return (
        user.has_perm("batches.change_batch")
        and has_role(user, batch.parameters_restricted_to)
        and has_role(user, batch.display_restricted_to)
    )


def may_launch(user: User, batch: Batch) -> bool:
    """Tell whether the user may start the batch from a screen."""
    return (
        user.has_perm(RUN_BATCH)
        and has_role(user, batch.launch_restricted_to)
        and has_role(user, batch.display_restricted_to)
    )


def has_role(user: User, role: Group | None) -> bool:
    """Tell whether what is restricted to this role is open to the user; None: to everybody."""
    return role is None or user.is_superuser or user.groups.filter(pk=role.pk).exists()


def _may_view(user: User, model: str) -> bool:
    return user.has_perm(f"batches.view_{model}") or user.has_perm(f"batches.change_{model}")


def _shown_to(user: User, path: str = "") -> Q:
    if user.is_superuser:
        return Q()
    restriction = f"{path}display_restricted_to"
    return Q(**{restriction: None}) | Q(**{f"{restriction}__in": user.groups.values("pk")})
