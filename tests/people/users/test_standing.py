"""Deactivated users, who can't sign in, and reactivated ones."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text

from app.errors import Forbidden, LastOwner, NotFound, QuotaExceeded, ValidationFailed
from app.extensions import db
from app.models import Organization, Role, User, UserStatus
from app.people.users.access_service import issue_reset_link
from app.people.users.service import activate, change_role, deactivate
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work, both_at_once

WHY = "They have left the company"

People = Callable[..., list[User]]
Run = Callable[..., Result]


def here(user: User) -> User:
    """Load the user in the current transaction."""
    return db.session.get_one(User, (user.organization_id, user.id))


@pytest.fixture
def admin(make: Factories, organization: Organization, owner: User) -> User:
    return make.user(organization, Role.ADMIN)


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization)


@pytest.fixture
def put_out(app: Flask) -> Callable[..., None]:
    """Function that deactivates a user: `put_out(user, by)`."""

    def put(user: User, by: User | None = None, reason: str = WHY) -> None:
        with at_work(app, user.organization_id):
            deactivate(here(user), reason, actor=acting(by) if by else None)

    return put


def test_whoever_is_out_reads_why_and_cannot_sign_in(
    client: Client, csr: User, admin: User, put_out: Callable[..., None], people: People
) -> None:
    client.sign_in(csr)

    put_out(csr, admin)

    assert "because your account was deactivated" in client.follow(client.get("/account", status=303)).text
    client.post("/login", {"email": csr.email, "password": "correct horse battery staple"}, status=401)
    (kept,) = people(id=csr.id)
    assert (kept.status, kept.deactivation_reason, kept.version) == (UserStatus.INACTIVE, WHY, csr.version + 1)
    assert kept.deactivated_at is not None
    assert datetime.now(UTC) - kept.deactivated_at < timedelta(minutes=1)


def test_their_link_to_set_a_password_is_dead(
    app: Flask, client: Client, csr: User, put_out: Callable[..., None]
) -> None:
    with at_work(app, csr.organization_id):
        link = issue_reset_link(here(csr))

    put_out(csr)

    client.get(f"/password/{link.text}", status=404)


def test_it_is_recorded_by_its_name(
    app: Flask, csr: User, put_out: Callable[..., None], admin_engine: Engine, organization: Organization
) -> None:
    put_out(csr)
    with at_work(app, organization.id):
        activate(here(csr))

    recorded = text("SELECT action FROM audit_logs WHERE action LIKE 'user.%' AND resource_id = :id ORDER BY id")
    with admin_engine.connect() as connection:
        actions = connection.scalars(recorded, {"id": csr.id}).all()
    assert actions == ["user.created", "user.deactivated", "user.activated"]


def test_a_second_time_changes_nothing(csr: User, put_out: Callable[..., None], people: People) -> None:
    put_out(csr)
    (before,) = people(id=csr.id)

    put_out(csr, reason="Another reason")

    (after,) = people(id=csr.id)
    assert (after.deactivation_reason, after.version) == (WHY, before.version)


def test_the_last_owner_stays(owner: User, admin: User, put_out: Callable[..., None], people: People) -> None:
    with pytest.raises(LastOwner):
        put_out(owner)

    assert people(id=owner.id)[0].status == UserStatus.ACTIVE


def test_nobody_puts_out_somebody_above_them(
    app: Flask, make: Factories, organization: Organization, owner: User, admin: User, put_out: Callable[..., None]
) -> None:
    other = make.user(organization, Role.OWNER, status=UserStatus.INACTIVE)

    with pytest.raises(Forbidden) as refusal:
        put_out(owner, admin)
    assert refusal.value.extra["required_permission"] == "users:deactivate"
    with pytest.raises(Forbidden), at_work(app, organization.id):
        activate(here(other), actor=acting(admin))


@pytest.mark.parametrize("reason", ["", " a ", "x" * 501], ids=["none", "short", "long"])
def test_it_takes_a_reason(csr: User, put_out: Callable[..., None], people: People, reason: str) -> None:
    with pytest.raises(ValidationFailed):
        put_out(csr, reason=reason)

    assert people(id=csr.id)[0].status == UserStatus.ACTIVE


def test_who_comes_back_has_their_password_and_takes_a_seat(
    app: Flask, client: Client, csr: User, put_out: Callable[..., None], people: People
) -> None:
    put_out(csr)

    with at_work(app, csr.organization_id):
        activate(here(csr))

    client.sign_in(csr).get("/account")
    (kept,) = people(id=csr.id)
    assert (kept.deactivated_at, kept.deactivation_reason) == (None, None)


def test_two_who_come_back_at_once_do_not_take_the_last_seat_twice(app: Flask, make: Factories) -> None:
    organization = make.organization(team_members_quota=2)
    make.user(organization)
    away = [make.user(organization, status=UserStatus.INACTIVE) for _ in range(2)]

    refused = both_at_once(app, organization.id, *(lambda one=one: activate(here(one)) for one in away))

    assert [type(error) for error in refused] == [QuotaExceeded]


@pytest.mark.parametrize(
    "change",
    [lambda user: deactivate(user, WHY), activate, lambda user: change_role(user, Role.MANAGER)],
    ids=["deactivate", "activate", "role"],
)
def test_somebody_deleted_meanwhile_is_not_found(
    app: Flask, csr: User, admin_engine: Engine, change: Callable[[User], object]
) -> None:
    with at_work(app, csr.organization_id):
        known = here(csr)
        with admin_engine.begin() as elsewhere:
            elsewhere.execute(text("DELETE FROM users WHERE id = :id"), {"id": csr.id})

        with pytest.raises(NotFound):
            change(known)


def test_a_link_given_before_a_rise_opens_no_higher_role(app: Flask, client: Client, csr: User) -> None:
    with at_work(app, csr.organization_id):
        link = issue_reset_link(here(csr))

    with at_work(app, csr.organization_id):
        change_role(here(csr), Role.ADMIN)

    client.get(f"/password/{link.text}", status=404)


class TestCommands:
    """The commands `flask user deactivate` and `flask user activate`."""

    def run(self, flask: Run, command: str, email: str, *more: str) -> Result:
        return flask("user", command, "--organization", "blue-ridge", "--email", email, *more)

    def test_it_tells_what_work_waits(self, flask: Run, make: Factories, organization: Organization, csr: User) -> None:
        make.task(organization, assignee=csr)
        make.lead(organization, csr_id=csr.id)
        make.task(organization, assignee=make.user(organization))

        result = self.run(flask, "deactivate", csr.email, "--reason", WHY, "--json")

        assert json.loads(result.stdout)["waiting"] == {"credited_leads": 1, "tasks": 1}

    def test_people_are_told_in_sentences(self, flask: Run, make: Factories, csr: User, people: People) -> None:
        make.task(make.organization(), title="Somebody else's")
        assert self.run(flask, "deactivate", csr.email, "--reason", WHY).stdout == (
            f"Deactivated {csr.email} in blue-ridge.\n"
        )
        assert people(id=csr.id)[0].status == UserStatus.INACTIVE

        assert self.run(flask, "activate", csr.email).stdout == f"Activated {csr.email} in blue-ridge.\n"
        assert people(id=csr.id)[0].status == UserStatus.ACTIVE

    def test_the_last_owner_is_a_sentence(self, flask: Run, owner: User) -> None:
        result = self.run(flask, "deactivate", owner.email, "--reason", WHY)

        assert result.exit_code == 1
        assert "This is the organization’s only active owner" in result.output
