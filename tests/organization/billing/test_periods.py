"""Start of a billing period: usage is reset, exactly once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Subscription, User
from app.organization.billing.period_service import start_period
from app.tenancy.quota_service import use_minutes, use_storage
from tests.organization.billing.conftest import END, START, Look, Trail, Work
from tests.support.work import both_at_once

Now = Callable[[], Subscription]
Rows = Callable[..., Sequence[Any]]


def test_it_counts_anew_and_moves_on(
    organization: Organization, owner: User, work: Work, subscription: Now, usage: Look, trail: Trail
) -> None:
    work(lambda: use_minutes(organization.id, 9_500))
    work(lambda: use_storage(organization.id, 1_000))
    work(lambda: start_period(organization.id, END))

    used = usage()
    assert (used["used_minutes"], used["used_storage_bytes"]) == (0, 0)
    assert [used[f"quota_warning_{percent}_sent"] for percent in (80, 90, 100)] == [[], [], []]
    assert subscription().current_period_start == END
    assert subscription().current_period_end == datetime(2026, 7, 4, 9, tzinfo=UTC)
    [entry] = trail("quota.reset")
    assert entry.details["reason"] == "billing_period_start"
    assert entry.details["used_minutes"] == 9_500


def test_a_period_that_runs_is_left_alone(
    organization: Organization, work: Work, subscription: Now, usage: Look, trail: Trail
) -> None:
    work(lambda: use_minutes(organization.id, 7))
    work(lambda: start_period(organization.id, END - timedelta(microseconds=1)))

    assert usage()["used_minutes"] == 7
    assert subscription().current_period_start == START
    assert trail("quota.reset") == []


def test_several_missed_ones_are_made_up_for_once(
    organization: Organization, work: Work, subscription: Now, trail: Trail
) -> None:
    work(lambda: start_period(organization.id, END + timedelta(days=100)))

    now = subscription()
    assert now.current_period_start == datetime(2026, 9, 4, 9, tzinfo=UTC)
    assert now.current_period_end == datetime(2026, 10, 4, 9, tzinfo=UTC)
    assert len(trail("quota.reset")) == 1


def test_two_workers_begin_it_once(app: Flask, organization: Organization, trail: Trail, subscription: Now) -> None:
    refused = both_at_once(app, organization.id, *[partial(start_period, organization.id, END)] * 2)

    assert refused == []
    assert len(trail("quota.reset")) == 1
    assert subscription().current_period_start == END


def test_a_cancelled_subscription_has_no_new_period(
    admin_engine: Engine, organization: Organization, work: Work, subscription: Now
) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE subscriptions SET status = 'cancelled'"))
    work(lambda: start_period(organization.id, END))

    assert subscription().current_period_start == START


def test_who_was_warned_is_warned_again_in_the_next_period(
    organization: Organization, owner: User, work: Work, told: Look
) -> None:
    for _period in range(2):
        work(lambda: use_minutes(organization.id, 8_000))
        work(lambda: start_period(organization.id, END))
        work(lambda: start_period(organization.id, END + timedelta(days=40)))

    assert len(told()) == 2


def test_the_neighbours_counters_stay(admin_engine: Engine, organization: Organization, work: Work) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE organization_usage SET used_minutes = 5"))
    work(lambda: start_period(organization.id, END))

    with admin_engine.connect() as connection:
        assert sorted(connection.scalars(text("SELECT used_minutes FROM organization_usage"))) == [0, 5]
