"""A downgrade from start to finish: the owner chooses who leaves, and they are signed out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text

from app.models import Notification, Organization, Role, Subscription, User, UserStatus
from app.ops.jobs.clock import Clock
from app.ops.jobs.worker import run_worker
from app.organization.billing.feature import FEATURE
from tests.support.client import Client
from tests.support.factories import Factories

PLAN = "/organization/billing/plan"


def test_an_owner_moves_to_a_smaller_plan(
    app: Flask,
    make: Factories,
    organization: Organization,
    owner: User,
    client: Client,
    new_client: Callable[[], Client],
    admin_engine: Engine,
    subscription: Callable[[], Subscription],
    rows: Callable[..., Sequence[Any]],
) -> None:
    people = [make.user(organization, name=f"Person {number:02}") for number in range(26)]
    leaving, staying = new_client().sign_in(people[0]), new_client().sign_in(people[1])

    fields = client.sign_in(owner).get(f"{PLAN}?plan=starter").fields(PLAN)
    chosen = [str(people[0].id), str(people[9].id)]
    client.post(PLAN, {**fields, "users": chosen})
    assert leaving.status_of("GET", "/account") == 200  # nothing happens before the period ends

    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE subscriptions SET scheduled_for = now() WHERE organization_id = :id"), {"id": organization.id}
        )
    Clock(app, FEATURE.jobs).tick(datetime.now(UTC))
    run_worker(app, schedule=(), until_idle=True)

    assert (subscription().plan, subscription().scheduled_plan) == ("starter", None)
    out = rows(User, status=UserStatus.INACTIVE)
    assert sorted(person.name for person in out) == ["Person 00", "Person 09"]
    assert leaving.status_of("GET", "/account") == 303
    assert staying.status_of("GET", "/account") == 200
    assert {notice.user_id for notice in rows(Notification, kind="plan_changed")} == {owner.id}
    assert rows(User, role=Role.OWNER)[0].status == UserStatus.ACTIVE
