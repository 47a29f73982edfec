"""Seats of the plan, including two people who take the last one at the same time."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask

from app.errors import QuotaExceeded
from app.models import Organization, Role, User, UserStatus
from app.people.users.service import create_imported_people, create_user
from tests.support.factories import DAY, Factories
from tests.support.work import at_work, both_at_once

People = Callable[..., list[User]]

ROUNDS = 5


@pytest.fixture
def organization(make: Factories) -> Organization:
    """A company with two seats, alongside another one that is full."""
    full = make.organization(team_members_quota=1)
    make.user(full)
    return make.organization(team_members_quota=2)


def new(organization: Organization, email: str) -> None:
    """Create a user who needs a seat."""
    create_user(organization.id, email=email, name="One More", role=Role.CSR)


def test_a_person_beyond_the_seats_is_refused_with_the_numbers(
    app: Flask, make: Factories, organization: Organization
) -> None:
    make.user(organization)
    make.user(organization)

    with pytest.raises(QuotaExceeded) as refusal, at_work(app, organization.id):
        new(organization, "third@here.example")

    assert refusal.value.extra == {"quota": {"limit": 2, "used": 2, "remaining": 0}}


def test_who_has_left_takes_no_seat(app: Flask, make: Factories, organization: Organization, people: People) -> None:
    make.user(organization)
    make.user(organization, status=UserStatus.INACTIVE)
    make.user(organization, deleted_at=DAY)

    with at_work(app, organization.id):
        new(organization, "second@here.example")

    assert len(people(status=UserStatus.ACTIVE, deleted_at=None)) == 2


def test_who_is_suspended_keeps_the_seat(app: Flask, make: Factories, organization: Organization) -> None:
    make.user(organization)
    make.user(organization, status=UserStatus.SUSPENDED)

    with pytest.raises(QuotaExceeded), at_work(app, organization.id):
        new(organization, "third@here.example")


def test_agents_of_a_file_take_none(app: Flask, make: Factories, organization: Organization) -> None:
    make.user(organization)

    with at_work(app, organization.id):
        create_imported_people(organization.id, ["Ann Lee", "Bo Diaz", "Cy Young"], Role.CSR)
        new(organization, "second@here.example")


def test_two_at_once_do_not_take_the_last_seat_twice(app: Flask, make: Factories) -> None:
    for round_ in range(ROUNDS):
        organization = make.organization(team_members_quota=2)
        make.user(organization)

        refused = both_at_once(
            app,
            organization.id,
            partial(new, organization, f"left{round_}@here.example"),
            partial(new, organization, f"right{round_}@here.example"),
        )

        assert [type(error) for error in refused] == [QuotaExceeded]
