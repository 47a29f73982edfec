"""Suspension and reactivation of an organization: its users are locked out, platform staff isn't."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from app.models import Organization, Role, StaffRole, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import PASSWORD, Factories

WHY = "Invoices have not been paid for months"


@pytest.fixture
def staff(client: Client, make: Factories) -> Client:
    return client.sign_in(make.staff(StaffRole.ADMIN))


@pytest.fixture
def person(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.OWNER)


def close(staff: Client, organization: Organization, reason: str = WHY) -> None:
    page = f"/organizations/{organization.id}/suspend"
    staff.post(page, {**staff.get(page).fields(page), "reason": reason})


def test_nobody_is_let_in_until_it_is_opened_again(
    staff: Client, new_client: Callable[[], Client], organization: Organization, person: User, behind: Behind
) -> None:
    theirs = new_client().sign_in(person)

    close(staff, organization)

    assert "Your organization is suspended." in theirs.follow(theirs.get("/account", status=303)).text
    told = new_client().post("/login", {"email": person.email, "password": PASSWORD}, status=401)
    assert f"{organization.name} is suspended." in told.text
    assert WHY not in told.text
    assert WHY in staff.get(f"/organizations/{organization.id}").text
    assert behind.trail(organization.id, "organization")[-1].action == "organization.suspended"

    staff.post(f"/organizations/{organization.id}/let-back")

    new_client().post("/login", {"email": person.email, "password": PASSWORD}, status=303)
    assert behind.one(Organization, id=organization.id).suspension_reason is None
    assert behind.trail(organization.id, "organization")[-1].action == "organization.let_back"


def test_a_second_suspension_changes_the_reason_only(staff: Client, organization: Organization, behind: Behind) -> None:
    close(staff, organization)
    since = behind.one(Organization, id=organization.id).suspended_at
    close(staff, organization)

    close(staff, organization, "They asked for it")

    suspended = behind.one(Organization, id=organization.id)
    assert (suspended.suspension_reason, suspended.suspended_at) == ("They asked for it", since)
    actions = [entry.action for entry in behind.trail(organization.id, "organization")]
    assert actions.count("organization.suspended") == 2


def test_staff_goes_on_working_there(staff: Client, organization: Organization) -> None:
    close(staff, organization)
    page = f"/organizations/{organization.id}/enter"

    staff.post(page, {**staff.get(page).fields(page), "reason": "They asked for help"})

    staff.get("/calls")


def test_a_reason_is_asked_for(staff: Client, organization: Organization, behind: Behind) -> None:
    page = f"/organizations/{organization.id}/suspend"

    staff.post(page, {**staff.get(page).fields(page), "reason": ""}, status=400)

    assert behind.one(Organization, id=organization.id).status == "active"


def test_the_platforms_own_stays_open(staff: Client, make: Factories, behind: Behind) -> None:
    own = make.staff().organization_id

    staff.post(f"/organizations/{own}/suspend", {"reason": WHY}, status=409)

    assert behind.one(Organization, id=own).status == "active"


def test_support_and_strangers_suspend_nothing(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.staff(StaffRole.SUPPORT))

    client.post(f"/organizations/{organization.id}/suspend", {"reason": WHY}, status=403)
    client.post(f"/organizations/{organization.id}/let-back", status=403)


def test_what_is_not_there_is_not_found(staff: Client) -> None:
    staff.get(f"/organizations/{uuid4()}/suspend", status=404)
