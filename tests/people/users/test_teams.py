"""Managers and their teams."""

from collections.abc import Callable

import pytest

from app.models import Organization, Role, User, UserStatus
from app.security.permissions import Permission
from tests.people.users.pages import send
from tests.support.client import Client
from tests.support.factories import Factories

People = Callable[..., list[User]]


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Cem Csr", email="cem@comfort.example", phone="+12125550142")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER, name="Mia Manager")


def test_somebody_joins_and_leaves(as_admin: Client, csr: User, manager: User, people: People) -> None:
    for _twice in range(2):
        as_admin.post(f"/users/{manager.id}/team", {"email": "CEM@comfort.example"})
    assert people(id=csr.id)[0].manager_id == manager.id
    assert people(id=csr.id)[0].version == csr.version + 1
    assert as_admin.get(f"/users/{manager.id}").links["1 person"] == f"/users?manager={manager.id}"

    for _twice in range(2):
        as_admin.post(f"/users/{manager.id}/team/remove", {"person": str(csr.id)})
    assert people(id=csr.id)[0].manager_id is None


def test_nobody_leads_themselves_at_any_distance(
    as_admin: Client, make: Factories, organization: Organization, manager: User, admin: User
) -> None:
    middle = make.user(organization, Role.MANAGER, manager_id=manager.id)
    below = make.user(organization, Role.MANAGER, manager_id=middle.id)

    page = as_admin.post(f"/users/{below.id}/team", {"email": manager.email}, status=400)
    assert "reports to this person, directly or indirectly" in page.text
    page = as_admin.post(f"/users/{manager.id}/team", {"email": manager.email}, status=400)
    assert "People can’t be their own manager." in page.text
    send(as_admin, f"/users/{manager.id}/edit", 400, manager_id=str(below.id))


def test_who_is_in_the_trash_comes_back_into_no_circle(
    as_admin: Client, make: Factories, organization: Organization, manager: User
) -> None:
    middle = make.user(organization, Role.MANAGER, manager_id=manager.id)
    below = make.user(organization, Role.MANAGER, manager_id=middle.id)
    make.deletion(middle)

    page = send(as_admin, f"/users/{manager.id}/edit", 400, manager_id=str(below.id))

    assert "reports to this person, directly or indirectly" in page.text


@pytest.mark.parametrize("who", ["a csr", "inactive", "elsewhere"])
def test_not_everybody_can_lead(
    as_admin: Client, make: Factories, organization: Organization, csr: User, who: str, people: People
) -> None:
    leads = {
        "a csr": lambda: make.user(organization),
        "inactive": lambda: make.user(organization, Role.MANAGER, status=UserStatus.INACTIVE),
        "elsewhere": lambda: make.user(make.organization(), Role.MANAGER),
    }[who]()

    page = send(as_admin, f"/users/{csr.id}/edit", 400, manager_id=str(leads.id))

    assert "Choose an active manager" in page.text
    assert people(id=csr.id)[0].manager_id is None


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("nobody@here.example", 404, "No one here has the email address nobody@here.example."),
        ("", 400, "Enter an email address."),
    ],
    ids=["unknown", "empty"],
)
def test_an_address_that_nobody_has_adds_nobody(
    as_admin: Client, manager: User, address: str, status: int, sentence: str
) -> None:
    page = as_admin.post(f"/users/{manager.id}/team", {"email": address}, status=status)

    assert sentence in page.text
    assert "No one reports to this person yet." in page.text


def test_somebody_above_is_put_into_no_team(as_admin: Client, manager: User, owner: User) -> None:
    page = as_admin.post(f"/users/{manager.id}/team", {"email": owner.email}, status=403)

    assert "You can’t change a person with a higher role" in page.text


def test_who_sees_nobody_is_not_told_who_has_which_address(
    client: Client, make: Factories, organization: Organization, csr: User, manager: User
) -> None:
    make.grant(csr, Permission.USERS_UPDATE)
    client.sign_in(csr)

    for address in (manager.email, "nobody@here.example"):
        page = client.post(f"/users/{csr.id}/team", {"email": address}, status=404)
        assert f"No one here has the email address {address}." in page.text
