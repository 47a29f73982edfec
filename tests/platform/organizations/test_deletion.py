"""Deletion of an organization by its owner, confirmed by its URL name; all sessions end."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories

PAGE = "/organization/delete"
WHY = "We have sold the business"


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    make.subscription(organization)
    return make.user(organization, role=Role.OWNER, name="Olga Owner")


def confirm(client: Client, organization: Organization, *, status: int = 303, **values: str) -> str:
    form = {**client.get(PAGE).fields(PAGE), "slug": organization.slug, "reason": WHY, **values}
    return client.post(PAGE, form, status=status).text


def is_deleted(engine: Engine, organization: Organization) -> bool:
    with engine.connect() as connection:
        return bool(
            connection.scalar(text("SELECT is_deleted FROM organizations WHERE id = :id"), {"id": organization.id})
        )


def test_everybody_is_out_at_once_and_told_why(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    owner: User,
    admin_engine: Engine,
) -> None:
    colleague = new_client().sign_in(make.user(organization))

    confirm(client.sign_in(owner), organization)

    assert is_deleted(admin_engine, organization)
    for browser in (client, colleague):
        page = browser.follow(browser.get("/account", status=303))
        assert "Your session ended because your organization was deleted." in page.text
    client.post("/login", {"email": owner.email, "password": "x" * 12}, status=401)
    ended = text("SELECT count(*) FROM audit_logs WHERE organization_id = :id AND action = 'session.ended'")
    with admin_engine.connect() as connection:
        assert connection.scalar(ended, {"id": organization.id}) == 2


def test_the_wrong_short_name_or_no_reason_deletes_nothing(
    client: Client, organization: Organization, owner: User, admin_engine: Engine
) -> None:
    client.sign_in(owner)

    assert "Type the organization’s URL name" in confirm(client, organization, status=400, slug="another")
    assert "Enter a reason." in confirm(client, organization, status=400, reason="")
    assert not is_deleted(admin_engine, organization)


def test_it_waits_for_calls_that_are_going_on(
    client: Client, make: Factories, organization: Organization, owner: User, admin_engine: Engine
) -> None:
    make.call(organization, status="active")

    assert "still in progress" in confirm(client.sign_in(owner), organization, status=409)
    assert not is_deleted(admin_engine, organization)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_nobody_below_an_owner_may(
    client: Client, make: Factories, organization: Organization, owner: User, role: Role, admin_engine: Engine
) -> None:
    client.sign_in(make.user(organization, role=role))

    client.get(PAGE, status=403)
    client.post(PAGE, {"slug": organization.slug, "reason": WHY}, status=403)
    assert not is_deleted(admin_engine, organization)


def test_the_trail_says_who_and_for_how_long_it_is_kept(
    client: Client, organization: Organization, owner: User, trail: Callable[..., list[object]]
) -> None:
    confirm(client.sign_in(owner), organization)

    told = [row for row in trail(organization.id) if getattr(row, "action", "") == "organization.deleted"]
    assert [(getattr(row, "actor_label", ""), getattr(row, "details", {})) for row in told] == [
        ("Olga Owner", {"retentionDays": 30})
    ]
