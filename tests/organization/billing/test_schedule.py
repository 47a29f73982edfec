"""Selection of the organizations for which the schedule runs the billing jobs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, User
from app.organization.billing.feature import FEATURE
from app.tenancy.quota_service import use_minutes, warn_of_quotas
from tests.organization.billing.conftest import Work
from tests.support.factories import DAY, Factories

Due = Callable[[str], set[UUID]]

DOWNGRADES, PERIODS, WARNINGS = (
    f"organizations_with_{name}_due" for name in ("downgrades", "billing_periods", "quota_warnings")
)


@pytest.fixture
def due(admin_engine: Engine) -> Due:
    """Function that returns the IDs of the organizations that a database function selects.

    For example: `due("organizations_with_…")`.
    """

    def ask(function: str) -> set[UUID]:
        with admin_engine.connect() as connection:
            return set(connection.scalars(text(f"SELECT {function}()")))

    return ask


def test_the_schedule_asks_these_functions() -> None:
    asked = {job.schedule.only for job in FEATURE.jobs if job.schedule and job.schedule.only}

    assert asked == {DOWNGRADES, PERIODS, WARNINGS}


def test_a_downgrade_is_due_when_its_moment_has_come(
    organization: Organization, change: Callable[..., None], due: Due
) -> None:
    assert due(DOWNGRADES) == set()

    change(scheduled_plan="starter", scheduled_for=DAY)

    assert due(DOWNGRADES) == {organization.id}


@pytest.mark.parametrize(
    "later",
    [{"status": "cancelled"}, {"current_period_end": "2099-01-01"}, {"deleted_at": DAY}],
    ids=["cancelled", "it runs", "deleted"],
)
def test_a_period_is_due_when_the_one_before_is_over(
    later: dict[str, Any], organization: Organization, change: Callable[..., None], due: Due
) -> None:
    assert organization.id in due(PERIODS)

    change(**later)

    assert organization.id not in due(PERIODS)


def test_a_warning_is_due_until_it_is_given(
    make: Factories, organization: Organization, owner: User, admin_engine: Engine, work: Work, due: Due
) -> None:
    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE organization_usage SET used_minutes = 8000 WHERE organization_id = :id"),
            {"id": organization.id},
        )
    assert due(WARNINGS) == {organization.id}

    work(lambda: warn_of_quotas(organization.id))
    assert due(WARNINGS) == set()

    work(lambda: use_minutes(organization.id, 500))  # which reports it immediately
    assert due(WARNINGS) == set()


def test_seats_and_numbers_are_counted_for_it_too(make: Factories, due: Due) -> None:
    crowded, with_numbers = make.organization(team_members_quota=2), make.organization(phone_numbers_quota=1)
    make.user(crowded)
    make.user(crowded)
    make.phone_number(with_numbers)

    assert due(WARNINGS) == {crowded.id, with_numbers.id}
