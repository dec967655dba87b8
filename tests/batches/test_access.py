"""Who may see, change and start which batch."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from akuiteo.models import User
from batches import access
from batches.models import Batch, OutgoingEmail, Run

RIGHTS = ("view_batch", "change_batch", "run_batch", "view_run", "view_outgoingemail")


@pytest.fixture
def role(db: None) -> Group:
    return Group.objects.create(name="Night shift")


@pytest.fixture
def batch(role: Group) -> Batch:
    restrictions = ("display_restricted_to", "parameters_restricted_to", "launch_restricted_to")
    return Batch.objects.create(
        code="NIGHT", label="At night", template="Practice", **dict.fromkeys(restrictions, role)
    )


@pytest.fixture
def run(batch: Batch) -> Run:
    return Run.objects.create(batch=batch, trigger="command", started_at=timezone.now())


def person(*rights: str, role: Group | None = None) -> User:
    user = User.objects.create(username=f"person{User.objects.count()}")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    if role:
        user.groups.add(role)
    return user


def open_to_all(batch: Batch, *names: str) -> Batch:
    for name in names:
        setattr(batch, name, None)
    batch.save()
    return batch


def test_a_batch_is_visible_to_its_role_only(batch: Batch, role: Group) -> None:
    assert list(access.visible(person(*RIGHTS, role=role))) == [batch]
    assert list(access.visible(person(*RIGHTS))) == []


def test_a_batch_without_restriction_is_visible_to_all_who_may_see_batches(batch: Batch) -> None:
    open_to_all(batch, "display_restricted_to")
    assert list(access.visible(person("view_batch"))) == [batch]
    assert list(access.visible(person())) == []


def test_a_role_does_not_stand_for_the_permission(batch: Batch, run: Run, role: Group) -> None:
    user = person(role=role)
    assert not access.visible(user).exists()
    assert not access.visible_runs(user).exists()
    assert not access.may_change(user, batch)
    assert not access.may_launch(user, batch)


def test_runs_are_visible_with_their_batch(run: Run, role: Group) -> None:
    assert list(access.visible_runs(person(*RIGHTS, role=role))) == [run]
    assert list(access.visible_runs(person(*RIGHTS))) == []


def test_mails_are_visible_with_the_batch_of_their_run(run: Run, role: Group) -> None:
    mail = OutgoingEmail.objects.create(run=run, message_id="<1@test>", to=["a@example.org"], subject="1", text="1")
    assert list(access.visible_mails(person(*RIGHTS, role=role))) == [mail]
    assert list(access.visible_mails(person(*RIGHTS))) == []


def test_a_mail_without_a_run_is_visible(db: None) -> None:
    OutgoingEmail.objects.create(message_id="<1@test>", to=["a@example.org"], subject="1", text="1")
    assert access.visible_mails(person("view_outgoingemail")).count() == 1
    assert access.visible_mails(person()).count() == 0


def test_a_batch_is_changed_and_started_by_its_role_only(batch: Batch, role: Group) -> None:
    open_to_all(batch, "display_restricted_to")
    inside, outside = person(*RIGHTS, role=role), person(*RIGHTS)
    assert (access.may_change(inside, batch), access.may_launch(inside, batch)) == (True, True)
    assert (access.may_change(outside, batch), access.may_launch(outside, batch)) == (False, False)


def test_who_may_not_see_a_batch_may_neither_change_nor_start_it(batch: Batch) -> None:
    open_to_all(batch, "parameters_restricted_to", "launch_restricted_to")
    user = person(*RIGHTS)
    assert (access.may_change(user, batch), access.may_launch(user, batch)) == (False, False)


def test_the_three_restrictions_are_independent(batch: Batch) -> None:
    open_to_all(batch, "display_restricted_to", "launch_restricted_to")
    user = person(*RIGHTS)
    assert access.visible(user).exists()
    assert (access.may_change(user, batch), access.may_launch(user, batch)) == (False, True)


def test_a_superuser_may_everything(batch: Batch, run: Run) -> None:
    superuser = User.objects.create(username="root", is_superuser=True)
    assert (access.visible(superuser).count(), access.visible_runs(superuser).count()) == (1, 1)
    assert (access.may_change(superuser, batch), access.may_launch(superuser, batch)) == (True, True)


def test_a_user_of_several_roles_sees_each_row_once(batch: Batch, run: Run, role: Group) -> None:
    user = person(*RIGHTS, role=role)
    user.groups.add(Group.objects.create(name="Day shift"))
    assert (access.visible(user).count(), access.visible_runs(user).count()) == (1, 1)
