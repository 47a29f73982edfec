"""Setup of an organization on one page, done once, with a way to retry the parts that failed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, StaffRole
from tests.platform.organizations.lifecycle.conftest import Rows
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NEW = "/organizations/new"
GOOD = {
    "name": "Harbor Plumbing",
    "slug": "harbor-plumbing",
    "country": "US",
    "timezone": "America/Chicago",
    "plan": "professional",
    "owner_name": "Olivia Owner",
    "owner_email": "olivia@harbor.example",
    "number": "(312) 555-0142",
}


def set_up(admin: Client, *, status: int = 200, **changes: str) -> Page:
    """Fill in and submit the form for a new organization."""
    form = admin.get(NEW).fields(NEW)
    return admin.post(NEW, {**form, **GOOD, **changes}, status=status)


def link_on(page: Page) -> str:
    return urlsplit(text_of(page.one(".//*[@data-link]"))).path


def id_of(rows: Rows, slug: str = "harbor-plumbing") -> Any:
    return rows("SELECT id FROM organizations WHERE slug = :slug", slug=slug)[0][0]


def test_everything_is_there_at_once(admin: Client, rows: Rows) -> None:
    set_up(admin)

    found = id_of(rows)
    assert rows("SELECT name, timezone, team_members_quota FROM organizations WHERE id = :id", id=found) == [
        ("Harbor Plumbing", "America/Chicago", 100)
    ]
    assert rows("SELECT email, role, status FROM users WHERE organization_id = :id", id=found) == [
        ("olivia@harbor.example", "owner", "active")
    ]
    assert rows("SELECT plan FROM subscriptions WHERE organization_id = :id", id=found) == [("professional",)]
    assert rows("SELECT number FROM phone_numbers WHERE organization_id = :id", id=found) == [("+13125550142",)]
    assert rows("SELECT assistant_name, greeting FROM ai_configs WHERE organization_id = :id", id=found) == [
        ("Otto", "Thank you for calling Harbor Plumbing. How can I help you?")
    ]
    task = "SELECT subject_id, kind, status FROM provider_tasks WHERE organization_id = :id"
    assert rows(task, id=found) == [(found, "vapi_assistant", "queued")]


def test_the_owner_comes_in_by_the_link_that_is_shown_once(
    admin: Client, new_client: Callable[[], Client], rows: Rows
) -> None:
    page = set_up(admin)
    address = link_on(page)
    phrase = "a phrase that nobody else has"

    new_client().post(address, {"password": phrase, "again": phrase})

    assert "data-link" not in admin.get(f"/organizations/{id_of(rows)}").html
    assert "Waiting for the owner" not in admin.get(f"/organizations/{id_of(rows)}").text
    mail = rows("SELECT template, to_address, body FROM messages WHERE organization_id = :id", id=id_of(rows))
    assert [(name, to) for name, to, _body in mail] == [("welcome", "olivia@harbor.example")]
    assert address not in mail[0][2]


def test_sent_twice_it_is_made_once(admin: Client, rows: Rows) -> None:
    form = {**admin.get(NEW).fields(NEW), **GOOD}

    admin.post(NEW, form, status=200)
    again = admin.post(NEW, form, status=200)

    assert again.all(".//*[@data-link]") == []
    assert rows("SELECT count(*) FROM organizations WHERE slug = 'harbor-plumbing'") == [(1,)]
    assert rows("SELECT count(*) FROM users WHERE email = 'olivia@harbor.example'") == [(1,)]


def test_a_number_in_use_leaves_the_rest_and_is_done_again(
    admin: Client, make: Factories, organization: Organization, rows: Rows
) -> None:
    make.phone_number(organization, number="+13125550142")

    page = set_up(admin)

    assert "in use" in page.text
    action = f"/organizations/{id_of(rows)}/onboarding"
    refused = admin.post(action, {"number": "nonsense"}, status=200)
    assert "isn’t a phone number" in refused.text
    done = admin.follow(admin.post(action, {**page.fields(action), "number": "312-555-0177"}))
    assert "Setup finished." in done.text
    assert rows("SELECT number FROM phone_numbers WHERE organization_id = :id", id=id_of(rows)) == [("+13125550177",)]
    assert rows("SELECT count(*) FROM ai_configs WHERE organization_id = :id", id=id_of(rows)) == [(1,)]


def test_what_has_failed_is_done_again_whatever_becomes_of_the_number(
    admin: Client, rows: Rows, admin_engine: Engine
) -> None:
    set_up(admin, number="")
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM ai_configs"))
        connection.execute(text("UPDATE provider_tasks SET status = 'failed', attempts = 5"))
    assert "Finish setup" in admin.get(f"/organizations/{id_of(rows)}").text

    page = admin.post(f"/organizations/{id_of(rows)}/onboarding", {"number": "nonsense"}, status=200)

    assert "isn’t a phone number" in page.text
    assert rows("SELECT assistant_name FROM ai_configs WHERE organization_id = :id", id=id_of(rows)) == [("Otto",)]
    assert rows("SELECT status, attempts FROM provider_tasks") == [("queued", 0)]


def test_a_failed_assistant_alone_can_be_done_again(admin: Client, rows: Rows, admin_engine: Engine) -> None:
    set_up(admin)
    assert "Finish setup" not in admin.get(f"/organizations/{id_of(rows)}").text
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE provider_tasks SET status = 'failed'"))

    assert "Finish setup" in admin.get(f"/organizations/{id_of(rows)}").text


def test_the_command_leaves_nothing_out_but_the_number(app: Flask, rows: Rows) -> None:
    who = ("--owner-email", "olivia@harbor.example", "--owner-name", "Olivia Owner")
    made = app.test_cli_runner().invoke(args=["org", "create", "--name", "Harbor", "--slug", "harbor", *who])

    assert made.exit_code == 0, made.output
    found = id_of(rows, "harbor")
    assert rows("SELECT assistant_name FROM ai_configs WHERE organization_id = :id", id=found) == [("Otto",)]
    assert rows("SELECT kind, status FROM provider_tasks WHERE organization_id = :id", id=found) == [
        ("vapi_assistant", "queued")
    ]


def test_an_assistant_that_is_there_is_not_made_again(admin: Client, rows: Rows, admin_engine: Engine) -> None:
    set_up(admin)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE provider_tasks SET status = 'completed', attempts = 1"))

    admin.post(f"/organizations/{id_of(rows)}/onboarding", {"number": ""})

    assert rows("SELECT status, attempts FROM provider_tasks") == [("completed", 1)]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("slug", "admin", "reserved"),
        ("slug", "Harbor Plumbing", "letters"),
        ("name", "H", "Use 2 to 100 characters."),
        ("timezone", "Mars/Olympus", "Choose one of the options."),
        ("owner_email", "olivia", "Enter an email address"),
        ("plan", "free", "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_made(
    admin: Client, rows: Rows, field: str, value: str, told: str
) -> None:
    page = set_up(admin, status=400, **{field: value})

    assert told.lower() in page.text.lower()
    assert rows("SELECT count(*) FROM organizations WHERE name = 'Harbor Plumbing'") == [(0,)]
    assert page.fields(NEW)["owner_name"] == "Olivia Owner", "what was typed stays"


def test_a_short_name_that_is_taken_is_told(admin: Client, organization: Organization) -> None:
    page = set_up(admin, status=409, slug="blue-ridge")

    assert page.fields(NEW)["slug"] == "blue-ridge"


def test_another_link_ends_the_first(admin: Client, new_client: Callable[[], Client], rows: Rows) -> None:
    first = link_on(set_up(admin))

    second = link_on(admin.post(f"/organizations/{id_of(rows)}/owner-link", status=200))

    assert first != second
    new_client().get(first, status=404)
    new_client().get(second)


def test_what_is_done_is_told_in_its_own_trail(admin: Client, rows: Rows) -> None:
    set_up(admin)

    who = "SELECT DISTINCT actor_label, actor_role FROM audit_logs WHERE organization_id = :id"
    assert rows(who, id=id_of(rows)) == [("Sam Staff", "platform_admin")]


def test_it_is_for_the_platforms_admins(client: Client, make: Factories, organization: Organization) -> None:
    owner = make.user(organization, role=Role.OWNER)
    client.sign_in(owner).get(NEW, status=403)
    client.post(NEW, GOOD, status=403)


def test_the_platforms_support_may_not(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.staff(StaffRole.SUPPORT))

    client.get(NEW, status=403)
    client.get(f"/organizations/{organization.id}", status=403)
    assert "New organization" not in client.get("/organizations").text
