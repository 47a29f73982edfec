"""Downgrade at the end of the period: applied once, and kept pending if it no longer fits."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from app.errors import LastOwner
from app.models import (
    Organization,
    Role,
    Subscription,
    Task,
    User,
    UserSession,
    UserStatus,
)
from app.organization.billing import downgrade_service
from app.organization.billing.downgrade_service import apply_due_downgrade
from app.people.users.service import change_role, create_user
from tests.organization.billing.conftest import END, PROFESSIONAL, STARTER, STARTER_SEATS, Look, Trail, Work
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import both_at_once

Rows = Callable[..., Sequence[Any]]
Now = Callable[[], Subscription]


def test_it_waits_for_the_end_of_the_period(
    schedule: Callable[..., None], team: list[User], subscription: Now, work: Work, organization: Organization
) -> None:
    schedule(*team[:2])
    work(lambda: apply_due_downgrade(organization.id, END - timedelta(seconds=1)))

    now = subscription()
    assert (now.plan, now.scheduled_plan, now.scheduled_for) == ("professional", "starter", END)
    assert set(now.scheduled_users_to_deactivate) == {team[0].id, team[1].id}


def test_it_brings_the_plans_quotas_and_clears_the_schedule(
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    subscription: Now,
    quotas: Look,
    trail: Trail,
) -> None:
    schedule(*team[:2])
    apply()

    now = subscription()
    assert (now.plan, now.scheduled_plan, now.scheduled_for) == ("starter", None, None)
    assert now.scheduled_users_to_deactivate == []
    assert quotas() == STARTER
    [entry] = trail("subscription.downgraded")
    assert ((entry.before or {})["plan"], (entry.after or {})["plan"]) == ("professional", "starter")
    assert entry.details["before"] == "professional"


def test_those_who_were_chosen_are_out_and_nobody_else(
    make: Factories,
    client: Client,
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    rows: Rows,
    trail: Trail,
) -> None:
    client.sign_in(team[0])
    schedule(*team[:2])
    apply()

    out = rows(User, deactivation_reason="plan_downgrade")
    assert {person.id for person in out} == {team[0].id, team[1].id}
    assert all(person.status == UserStatus.INACTIVE and person.deactivated_at for person in out)
    assert len(rows(User, status=UserStatus.ACTIVE)) == STARTER_SEATS
    [session] = rows(UserSession, user_id=team[0].id)
    assert (session.revoked_reason, bool(session.revoked_at)) == ("user_deactivated", True)
    assert client.status_of("GET", "/calls") in (302, 303)
    assert len(trail("user.deactivated")) == 2


def test_two_workers_apply_it_once(
    app: Flask, organization: Organization, schedule: Callable[..., None], team: list[User], trail: Trail, told: Look
) -> None:
    schedule(*team[:2])
    refused = both_at_once(app, organization.id, *[partial(apply_due_downgrade, organization.id, END)] * 2)

    assert refused == []
    assert len(trail("subscription.downgraded")) == 1
    assert len([text for _who, text in told() if "plan was downgraded" in text]) == 1


def test_when_too_few_were_chosen_nothing_changes_and_the_owner_is_told_once(
    make: Factories,
    organization: Organization,
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    subscription: Now,
    quotas: Look,
    rows: Rows,
    owner: User,
    told: Look,
    trail: Trail,
) -> None:
    schedule(*team[:2])
    make.user(organization, name="Hired meanwhile")
    apply()
    apply()

    now = subscription()
    assert (now.plan, now.scheduled_plan) == ("professional", "starter")
    assert quotas() == PROFESSIONAL
    assert rows(User, deactivation_reason="plan_downgrade") == []
    [task] = rows(Task)
    assert task.assigned_to_user_id == owner.id
    assert task.description.startswith("Choose 1 more person")
    assert [who for who, _text in told()] == [owner.name]
    [entry] = trail("subscription.downgrade.refused")
    assert entry.details["reason"] == "too_few_chosen"


def test_a_chosen_person_who_became_the_last_owner_stays(
    make: Factories,
    app: Flask,
    organization: Organization,
    work: Work,
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    owner: User,
    subscription: Now,
    rows: Rows,
) -> None:
    second = make.user(organization, Role.OWNER)
    schedule(second, *team[:2])
    work(lambda: change_role(owner, Role.ADMIN))
    apply()

    assert subscription().plan == "professional"
    assert rows(User, id=second.id)[0].status == UserStatus.ACTIVE
    assert "needs at least one" in rows(Task)[0].description


def test_a_suspended_owner_is_no_owner_who_stays(
    make: Factories,
    organization: Organization,
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    subscription: Now,
    rows: Rows,
    behind: Behind,
    owner: User,
) -> None:
    second = make.user(organization, Role.OWNER)
    schedule(owner, *team[:2])
    behind.change(second, status=UserStatus.SUSPENDED)
    apply()
    apply()

    assert subscription().plan == "professional"
    assert rows(User, deactivation_reason="plan_downgrade") == []
    [task] = rows(Task)
    assert "needs at least one" in task.description


def test_whatever_refuses_it_the_owner_is_told(
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    subscription: Now,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_person: object) -> None:
        raise LastOwner(count=1)

    schedule(*team[:2])
    monkeypatch.setattr(downgrade_service, "deactivate", refuse)
    apply()

    assert subscription().plan == "professional"
    assert len(rows(Task)) == 1


def test_what_did_not_fit_begins_as_soon_as_it_does(
    make: Factories,
    organization: Organization,
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    subscription: Now,
) -> None:
    schedule(*team[:2])
    hired = make.user(organization)
    apply()
    assert subscription().downgrade_refused_at is not None

    make.deletion(hired)
    apply()

    assert (subscription().plan, subscription().downgrade_refused_at) == ("starter", None)


def test_somebody_chosen_who_left_before_is_no_obstacle(
    make: Factories,
    schedule: Callable[..., None],
    apply: Callable[[], None],
    team: list[User],
    subscription: Now,
    rows: Rows,
) -> None:
    schedule(*team[:2])
    make.deletion(team[0])
    apply()

    assert subscription().plan == "starter"
    assert [person.id for person in rows(User, deactivation_reason="plan_downgrade")] == [team[1].id]


def test_somebody_hired_at_the_same_moment_waits_and_is_refused(
    app: Flask,
    organization: Organization,
    schedule: Callable[..., None],
    team: list[User],
    subscription: Now,
    rows: Rows,
) -> None:
    """A downgrade and a hire at the same time never leave more active users than seats."""
    schedule(*team[:2])
    both_at_once(
        app,
        organization.id,
        partial(apply_due_downgrade, organization.id, END),
        partial(create_user, organization.id, email="new@here.example", name="One More", role=Role.CSR),
    )

    seats = STARTER_SEATS if subscription().plan == "starter" else PROFESSIONAL["team_members_quota"]
    assert len(rows(User, status=UserStatus.ACTIVE)) <= seats
