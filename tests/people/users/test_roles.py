"""Permission to assign a role, and the last owner, who must stay."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from app.errors import Forbidden, LastOwner, TokenInvalid
from app.extensions import db
from app.models import Organization, Role, User, UserStatus
from app.people.users.rules import Rights, is_downgrade, is_upgrade
from app.people.users.service import change_role, create_user
from app.security.actor import Actor
from app.security.permissions import Permission
from tests.support.factories import Factories
from tests.support.work import at_work, both_at_once

People = Callable[..., list[User]]

ROUNDS = 10


def acting(user: User) -> Actor:
    """Return this user as an actor."""
    return Actor(
        organization_id=user.organization_id, user_id=user.id, name=user.name, email=user.email, role=Role(user.role)
    )


def give(user: User, role: Role, actor: Actor | None = None) -> None:
    """Change the role of a user within the current transaction."""
    change_role(db.session.get_one(User, (user.organization_id, user.id)), role, actor=actor)


def test_nobody_gives_a_role_above_their_own(
    app: Flask, make: Factories, organization: Organization, owner: User, people: People
) -> None:
    admin, csr = make.user(organization, role=Role.ADMIN), make.user(organization)

    with pytest.raises(Forbidden) as refusal, at_work(app, organization.id):
        give(csr, Role.OWNER, acting(admin))

    assert refusal.value.extra == {
        "required_permission": "users:change_role",
        "required_role": "owner",
        "current_role": "admin",
    }
    assert people(id=csr.id)[0].role == Role.CSR


def test_a_downgrade_ends_what_clients_of_the_api_were_given(
    app: Flask, make: Factories, organization: Organization, owner: User, admin_engine: Engine
) -> None:
    demoted, other = make.user(organization, role=Role.ADMIN), make.user(organization, role=Role.ADMIN)
    for person in (demoted, other):
        make.refresh_token(make.session_of(person, client_id="scheduler"))

    with at_work(app, organization.id):
        give(demoted, Role.CSR)

    with admin_engine.connect() as connection:
        ended = connection.scalars(text("SELECT user_id FROM refresh_tokens WHERE revoked_at IS NOT NULL")).all()
    assert ended == [demoted.id]


def test_nobody_takes_a_role_above_their_own(
    app: Flask, make: Factories, organization: Organization, owner: User, people: People
) -> None:
    make.user(organization, role=Role.OWNER)
    admin = make.user(organization, role=Role.ADMIN)

    with pytest.raises(Forbidden), at_work(app, organization.id):
        give(owner, Role.CSR, acting(admin))

    assert people(id=owner.id)[0].role == Role.OWNER


def test_one_gives_ones_own_role(app: Flask, make: Factories, organization: Organization, people: People) -> None:
    admin, csr = make.user(organization, role=Role.ADMIN), make.user(organization)

    with at_work(app, organization.id):
        give(csr, Role.ADMIN, acting(admin))

    (changed,) = people(id=csr.id)
    assert (changed.role, changed.version) == (Role.ADMIN, csr.version + 1)


def test_nobody_makes_a_person_above_them(app: Flask, make: Factories, organization: Organization) -> None:
    admin = make.user(organization, role=Role.ADMIN)

    with pytest.raises(Forbidden), at_work(app, organization.id):
        create_user(organization.id, email="new@blue.example", name="New Owner", role=Role.OWNER, actor=acting(admin))


def test_an_inactive_owner_does_not_count(app: Flask, make: Factories, organization: Organization, owner: User) -> None:
    make.user(organization, role=Role.OWNER, status=UserStatus.INACTIVE)

    with pytest.raises(LastOwner), at_work(app, organization.id):
        give(owner, Role.ADMIN)


def test_a_change_is_audited_by_its_name(
    app: Flask, make: Factories, organization: Organization, owner: User, admin_engine: Engine
) -> None:
    csr = make.user(organization)

    with at_work(app, organization.id):
        give(csr, Role.MANAGER)

    recorded = text("SELECT before, after FROM audit_logs WHERE action = 'user.role.changed' AND resource_id = :id")
    with admin_engine.connect() as connection:
        ((before, after),) = connection.execute(recorded, {"id": csr.id}).all()
    assert (before, after) == ({"role": "csr", "version": 1}, {"role": "manager", "version": 2})


def test_two_owners_who_demote_each_other_at_once_leave_one(
    app: Flask, make: Factories, people: People, organization: Organization
) -> None:
    for _ in range(ROUNDS):
        first, second = (make.user(organization, role=Role.OWNER) for _ in range(2))
        for earlier in people(role=Role.OWNER):
            if earlier.id not in (first.id, second.id):
                with at_work(app, organization.id):
                    give(earlier, Role.CSR)

        refused = both_at_once(
            app,
            organization.id,
            partial(give, second, Role.ADMIN, acting(first)),
            partial(give, first, Role.ADMIN, acting(second)),
        )

        assert [type(error) for error in refused] == [TokenInvalid], "who came second was no owner any more"
        assert len(people(role=Role.OWNER)) == 1


@pytest.mark.parametrize(
    "take_away",
    [
        "UPDATE users SET role = 'csr' WHERE id = :id",
        "UPDATE users SET status = 'inactive' WHERE id = :id",
        "UPDATE users SET deleted_at = now() WHERE id = :id",
        "DELETE FROM users WHERE id = :id",
    ],
)
def test_the_database_itself_keeps_one_owner_of_two_taken_away_at_once(
    make: Factories, organization: Organization, people: People, admin_engine: Engine, take_away: str
) -> None:
    owners = [make.user(organization, role=Role.OWNER) for _ in range(2)]
    with admin_engine.connect() as one, admin_engine.connect() as other:
        for connection, owner in zip((one, other), owners, strict=True):
            connection.execute(text(take_away), {"id": owner.id})
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(commits, (one, other)))

    assert sorted(outcomes) == [False, True]
    assert len(people(role=Role.OWNER, status=UserStatus.ACTIVE, deleted_at=None)) == 1


def commits(connection: Connection) -> bool:
    """Commit, and return False if the database refuses because no active owner would be left.

    Other integrity errors are ignored, and the result is True.
    """
    try:
        connection.commit()
    except IntegrityError as error:
        return "at least one active owner" not in str(error)
    return True


@pytest.mark.parametrize(
    ("before", "after", "is_one"),
    [
        (Role.ADMIN, Role.MANAGER, True),
        (Role.CSR, Role.SALES_REP, True),  # the same rank, but access to the dashboard of the CSRs is lost
        (Role.CSR, Role.MANAGER, False),
        (Role.OWNER, Role.OWNER, False),
    ],
)
def test_a_downgrade_is_a_lower_rank_or_a_permission_lost(before: Role, after: Role, is_one: bool) -> None:
    assert is_downgrade(Rights(before), Rights(after)) is is_one


def test_what_reached_everybody_and_reaches_own_rows_only_is_less() -> None:
    all_calls, own_calls = Rights(Role.CSR, frozenset({Permission.CALLS_READ})), Rights(Role.CSR)

    assert is_downgrade(all_calls, own_calls)
    assert is_upgrade(own_calls, all_calls)
