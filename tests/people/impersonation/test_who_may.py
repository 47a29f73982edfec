"""Permission to view as another user."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Organization, Role, StaffRole, User, UserPermission, UserSession, UserStatus
from app.security.permissions import Permission
from tests.people.impersonation.conftest import Looking
from tests.platform.organizations.visiting import enter
from tests.support.client import Client
from tests.support.factories import Factories


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501], ids=["none", "blank", "short", "long"])
def test_it_takes_a_reason(
    client: Client, admin: User, csr: User, look: Looking, reason: str, admin_engine: Engine
) -> None:
    client.sign_in(admin)

    look(client, csr, 400, reason)

    with Session(admin_engine) as session:
        assert {one.viewing_since for one in session.scalars(select(UserSession))} == {None}


def test_nobody_looks_at_who_is_above_them_or_sees_more(
    client: Client,
    make: Factories,
    organization: Organization,
    owner: User,
    admin: User,
    look: Looking,
    trail: Callable[..., list[Any]],
) -> None:
    peer = make.user(organization, role=Role.ADMIN)
    richer = make.user(organization, role=Role.ADMIN)
    make.add(UserPermission(organization_id=organization.id, user_id=richer.id, permission="trash:purge"))
    client.sign_in(admin)

    for person in (owner, richer):
        client.get(f"/users/{person.id}/view-as", status=403)
        look(client, person, 403)
    look(client, admin, 409)
    look(client, peer)

    assert len(trail("permission.refused")) == 2  # one for each route


def test_nobody_looks_who_lacks_the_permission_or_at_who_is_not_there(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    look: Looking,
) -> None:
    inactive = make.user(organization, status=UserStatus.INACTIVE)
    deleted = make.user(organization)
    make.deletion(deleted, root_type="user")
    stranger = make.user(make.organization())
    look(new_client().sign_in(make.user(organization, role=Role.MANAGER)), csr, 403)

    client.sign_in(admin)
    look(client, inactive, 409)
    look(client, deleted, 404)
    look(client, stranger, 404)


def test_whoever_sees_their_own_rows_only_does_not_see_those_of_a_colleague(
    client: Client, make: Factories, organization: Organization, csr: User, look: Looking
) -> None:
    colleague = make.user(organization)
    for permission in (Permission.USERS_VIEW_AS, Permission.USERS_READ):
        make.grant(colleague, permission)

    look(client.sign_in(colleague), csr, 403)


def test_a_guest_of_the_platform_does_not_look_on(
    client: Client, make: Factories, organization: Organization, owner: User, csr: User, look: Looking
) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN))
    enter(client, organization)

    assert "Guests can’t view as another person" in look(client, csr, 403).text


def test_who_looks_on_enters_nothing_and_borrows_no_right_of_the_platform(
    client: Client, make: Factories, organization: Organization, owner: User, look: Looking, admin_engine: Engine
) -> None:
    staff = make.staff(StaffRole.ADMIN)
    with Session(admin_engine) as session:
        home = session.get_one(Organization, staff.organization_id)
        client.sign_in(make.user(home, role=Role.ADMIN))

    look(client, staff)

    client.get("/organizations", status=403)
    enter(client, organization, status=403)


def test_the_database_refuses_a_look_from_inside_another_organization(
    client: Client, make: Factories, admin: User, csr: User, look: Looking, by_hand: Callable[..., None]
) -> None:
    other = make.organization()
    client.sign_in(admin)
    look(client, csr)

    with pytest.raises(IntegrityError, match="check_viewing_at_home"):
        by_hand(
            "UPDATE user_sessions SET entered_organization_id = :id, entered_at = now(), entered_reason = 'because'"
            " WHERE viewing_since IS NOT NULL",
            id=other.id,
        )
