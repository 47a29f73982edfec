"""The permission matrix on the page, which equals the enforced one."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from app.models import Organization, Role, User, UserStatus
from app.people.roles.words import words_of_permission
from app.security.matrix import MATRIX, Extent, permissions_of
from app.security.permissions import Permission
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

WORDS = {Extent.ALL: "Organization-wide", Extent.OWN: "Own", Extent.NONE: "No access"}


@pytest.mark.parametrize("permission", list(Permission))
def test_every_permission_has_words(permission: Permission) -> None:
    words = words_of_permission(permission)

    assert str(words.label)
    assert str(words.label) not in [str(words_of_permission(one).label) for one in Permission if one is not permission]
    assert words.rule is None or str(words.rule).endswith(".")


def cells_of(page: Page) -> dict[str, list[str]]:
    """Return the cells of each row, by the label of its permission."""
    rows = [row for row in page.all(".//div[@id='matrix-table']//tr") if row.findall("td")]
    return {text_of(row.findall("th/a")[0]): [text_of(cell) for cell in row.findall("td")] for row in rows}


def test_the_page_shows_the_matrix(client: Client, manager: User) -> None:
    page = client.sign_in(manager).get("/roles")

    assert cells_of(page) == {
        str(words_of_permission(permission).label): [WORDS[row[role]] for role in Role]
        for permission, row in MATRIX.items()
    }


def test_one_s_own_role_is_marked(client: Client, manager: User) -> None:
    page = client.sign_in(manager).get("/roles")

    (own,) = [one for one in page.all(".//thead/tr/th") if one.get("class") == "is-own-role"]
    assert text_of(own).startswith("Manager (your role)")


def test_people_are_counted_by_role_and_lead_to_their_list(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    for _ in range(2):
        make.user(organization)
    make.user(organization, status=UserStatus.INACTIVE)
    make.user(make.organization())

    page = client.sign_in(admin).get("/roles")

    link = next(one for one in page.all(".//thead//a") if one.get("href") == "/users?role=csr")
    assert text_of(link) == "2 people"
    client.get("/users?role=csr")


@pytest.mark.parametrize("role", [Role.CSR, Role.OWNER])
def test_what_one_role_can_do(client: Client, manager: User, role: Role) -> None:
    page = client.sign_in(manager).get(f"/roles?role={role}")

    assert cells_of(page) == {
        str(words_of_permission(permission).label): [WORDS[MATRIX[permission][role]]]
        for permission in MATRIX
        if permission in permissions_of(role)
    }


def test_who_can_do_one_thing_tells_of_people_with_a_grant_too(
    client: Client, make: Factories, organization: Organization, admin: User
) -> None:
    granted = make.user(organization, name="Greta Granted")
    make.grant(granted, Permission.JOBS_READ)
    make.grant(make.user(organization, name="Other Person"), Permission.REPORTS_READ)
    make.grant(make.user(organization, name="Gone Person", status=UserStatus.INACTIVE), Permission.JOBS_READ)
    make.grant(make.user(make.organization(), name="Far Stranger"), Permission.JOBS_READ)

    page = client.sign_in(admin).get("/roles?permission=jobs:read")

    assert list(cells_of(page)) == ["View background jobs"]
    holders = [text_of(row) for row in page.all(".//div[@id='holders-table']//tbody/tr")]
    assert len(holders) == 1
    assert holders[0].startswith("Greta Granted")


def test_rules_stand_below_and_are_referred_to(client: Client, manager: User) -> None:
    page = client.sign_in(manager).get("/roles?permission=calls:reclassify")

    assert text_of(page.one(".//li[@id='rule-1']")).startswith("CSRs can set a call’s booking status once.")
    assert page.one(".//a[@class='matrix-ref']").get("href") == "#rule-1"


def test_what_cannot_be_asked_is_said(client: Client, manager: User) -> None:
    client.sign_in(manager)

    client.get("/roles?role=emperor", status=400)
    assert "That role can’t do this" in client.get("/roles?role=csr&permission=jobs:read").text


def test_who_may_not_see_it_is_refused(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization)).get("/roles", status=403)


def test_many_grants_take_no_more_questions(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client.sign_in(admin).get("/roles")
    with queries() as few:
        client.get("/roles")
    for _ in range(10):
        make.grant(make.user(organization), Permission.REPORTS_READ)
    with queries() as many:
        client.get("/roles")

    assert len(many) == len(few) <= 10
