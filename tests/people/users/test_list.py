"""The page that lists the users."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import Organization, Role, User, UserStatus
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of


def names(page: Page) -> list[str]:
    """Return the names in the list, in order."""
    return [text_of(link) for link in page.all(".//th[@scope='row']//a")]


def test_it_has_the_people_of_the_organization_by_name(
    as_admin: Client, make: Factories, organization: Organization
) -> None:
    make.user(make.organization(), name="Somebody Else")
    make.user(organization, name="bea small", last_seen_at=datetime.now(UTC) - timedelta(minutes=4))
    make.user(organization, name="Zoe Gone", status=UserStatus.INACTIVE)

    page = as_admin.get("/users")

    assert names(page)[:2] == ["Ada Admin (you)", "bea small"]
    assert names(page)[-1] == "Zoe Gone"
    assert "Somebody Else" not in page.text
    assert "3 of 25 seats are in use." in page.text
    assert page.one(".//*[@data-count]").get("data-count") == "4"


def test_oneself_has_the_avatar_that_others_see(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization, Role.MANAGER, name="Mia"))

    (cell,) = client.get("/users?q=mia").all(".//tbody//th[@scope='row']")

    assert text_of(cell).startswith("M Mia (you)")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=BEA", ["Bea Rep"]),
        ("q=cem@", ["Cem Csr"]),
        ("q=Rep", ["Bea Rep"]),
        ("q=nobody", []),
        ("role=sales_rep", ["Bea Rep"]),
        ("role=sales_rep,csr&status=active", ["Bea Rep"]),
        ("status=inactive", ["Cem Csr"]),
        ("second_factor=yes", ["Bea Rep"]),
        ("seen=no&role=csr", ["Cem Csr"]),
    ],
)
def test_a_filter_keeps_what_it_says(
    as_admin: Client, make: Factories, organization: Organization, query: str, expected: list[str]
) -> None:
    seen = datetime.now(UTC)
    make.user(organization, Role.SALES_REP, name="Bea Rep", mfa_secret=b"x", last_seen_at=seen)
    make.user(organization, name="Cem Csr", email="Cem@comfort.example", status=UserStatus.INACTIVE)

    assert names(as_admin.get(f"/users?{query}")) == expected


def test_a_team_is_the_people_of_a_manager(as_admin: Client, make: Factories, organization: Organization) -> None:
    manager = make.user(organization, Role.MANAGER, name="Mia Manager")
    make.user(organization, name="In Her Team", manager_id=manager.id)
    make.user(organization, name="In Nobodys")

    page = as_admin.get(f"/users?manager={manager.id}")

    assert names(page) == ["In Her Team"]
    assert "In Nobodys" in names(as_admin.get("/users?manager=none"))


@pytest.mark.parametrize(
    ("sort", "first"),
    [("name", "Aaron"), ("-name", "Zed"), ("-lastSeen", "Zed"), ("lastSeen", "Never"), ("-role", "Olive")],
)
def test_it_is_sorted_as_asked(
    client: Client, make: Factories, organization: Organization, sort: str, first: str
) -> None:
    now = datetime.now(UTC)
    make.user(organization, name="Never", role=Role.CSR)
    make.user(organization, name="Aaron", role=Role.MANAGER, last_seen_at=now - timedelta(days=2))
    make.user(organization, name="Zed", role=Role.SALES_REP, last_seen_at=now + timedelta(minutes=1))
    make.user(organization, name="Olive", role=Role.OWNER, last_seen_at=now - timedelta(days=1))
    client.sign_in(make.user(organization, name="Mia", role=Role.MANAGER))

    assert names(client.get(f"/users?sort={sort}"))[0] == first


def test_pages_follow_each_other_in_every_order(client: Client, make: Factories, organization: Organization) -> None:
    with make.batch():
        for number in range(55):
            make.user(organization, name=f"Person {number:03}", last_seen_at=None if number % 3 else datetime.now(UTC))
    client.sign_in(make.user(organization, Role.MANAGER, name="Zz Manager"))

    for sort in ("name", "-name", "lastSeen", "-lastSeen", "role", "-role"):
        first = client.get(f"/users?sort={sort}")
        second = client.get(first.links["Next"])
        assert len(names(first)) == 50
        assert len({*names(first), *names(second)}) == 56, sort


def test_open_invitations_are_told_to_those_who_invite(
    as_admin: Client, client: Client, make: Factories, organization: Organization
) -> None:
    make.invitation(organization)
    make.invitation(organization, expires_at=datetime.now(UTC))

    assert as_admin.get("/users").links["1 open invitation"] == "/invitations?status=open"


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP])
def test_it_is_not_for_everybody(client: Client, make: Factories, organization: Organization, role: Role) -> None:
    client.sign_in(make.user(organization, role)).get("/users", status=403)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_who_only_looks_finds_nothing_to_press(
    client: Client, make: Factories, organization: Organization, owner: User, role: Role
) -> None:
    client.sign_in(make.user(organization, role))

    assert "Invite someone" not in client.get("/users").text
    page = client.get(f"/users/{owner.id}")
    assert "You can view people but not change them." in page.text
    client.get(f"/users/{owner.id}/edit", status=403)


def test_the_address_of_somebody_beside_is_not_offered(
    as_admin: Client, make: Factories, organization: Organization
) -> None:
    beside, below = make.user(organization, role=Role.ADMIN), make.user(organization)

    forms = [as_admin.get(f"/users/{person.id}/edit") for person in (beside, below)]

    assert [page.one(".//input[@name='email']").get("readonly") is None for page in forms] == [False, True]
    assert "only this person or someone with a higher role can change the address" in forms[0].text


@pytest.mark.parametrize("query", ["sort=email", "role=king", "cursor=nonsense", "nonsense=1", "manager=me"])
def test_what_cannot_be_asked_is_refused(as_admin: Client, query: str) -> None:
    as_admin.get(f"/users?{query}", status=400)
