"""The checklist for setting up an organization: computed from what is there, hidden and shown by those in charge."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from pydantic import SecretStr

from app.config import Settings
from app.models import Organization, Role, User, UserSession
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

PAGE = "/organization"
STEPS = {
    "People": "/users",
    "Two-factor authentication": "/organization/security",
    "Email": "/outbox",
    "Phone numbers": "/phone-numbers",
    "Import": "/imports",
    "Integrations": "/organization/integrations",
    "Targets": "/targets",
}


def checklist(page: Page) -> dict[str, str]:
    """Return the state of each step, by its label."""
    return {
        text_of(step.findall(".//span[@class='hit-text']/span")[0]): text_of(step.findall("span")[-1])
        for step in page.all(".//main//ol//a[@class='hit']")
    }


def press(client: Client) -> None:
    """Press the button that hides the checklist, or the one that shows it again."""
    client.post(f"{PAGE}/setup", client.get(PAGE).fields(f"{PAGE}/setup"), status=303)


def protect(behind: Behind, user: User) -> None:
    """Give a signed-in user two-factor authentication."""
    behind.change(user, mfa_secret=b"sealed")
    behind.change(behind.one(UserSession, user_id=user.id), mfa_passed_at=DAY)


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    return client.sign_in(owner)


def test_an_owner_who_is_alone_has_everything_to_do(as_owner: Client) -> None:
    page = as_owner.get(PAGE)

    assert checklist(page) == dict.fromkeys(STEPS, "To do")
    assert {text_of(link.findall(".//span/span")[0]): link.get("href") for link in page.all(".//main//ol//a")} == STEPS
    assert "0 of 7 done" in page.text


def test_each_step_is_done_once_there_is_something(
    app: Flask, as_owner: Client, owner: User, organization: Organization, make: Factories, behind: Behind
) -> None:
    def now_done() -> set[str]:
        return {label for label, state in checklist(as_owner.get(PAGE)).items() if state == "Done"}

    steps: dict[str, Callable[[], object]] = {
        "People": lambda: make.user(organization),
        "Two-factor authentication": lambda: protect(behind, owner),
        "Phone numbers": lambda: make.phone_number(organization),
        "Import": lambda: make.import_of_calls(organization, status="completed", finished_at=DAY),
        "Integrations": lambda: make.integration(organization),
        "Targets": lambda: make.target(organization),
    }
    done: set[str] = set()
    for label, do in steps.items():
        do()
        done.add(label)
        assert now_done() == done

    settings: Settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"smtp_url": SecretStr("smtp://mail.example")})
    try:
        assert now_done() == set(STEPS)
    finally:
        app.config["SETTINGS"] = settings


def test_what_is_unfinished_or_belongs_to_others_does_not_count(
    as_owner: Client, organization: Organization, make: Factories
) -> None:
    other = make.organization()
    make.user(other, Role.OWNER, mfa_secret=b"sealed")
    make.phone_number(other)
    make.import_of_calls(other, status="completed", finished_at=DAY)
    make.integration(other)
    make.target(other)
    make.phone_number(organization, is_active=False)
    make.import_of_calls(organization, status="failed", finished_at=DAY)
    make.deletion(make.target(organization))

    assert checklist(as_owner.get(PAGE)) == dict.fromkeys(STEPS, "To do")


def test_one_admin_without_a_second_factor_is_one_too_many(
    as_owner: Client, owner: User, organization: Organization, make: Factories, behind: Behind
) -> None:
    protect(behind, owner)
    make.user(organization, Role.CSR)
    assert checklist(as_owner.get(PAGE))["Two-factor authentication"] == "Done"

    make.user(organization, Role.ADMIN)
    assert checklist(as_owner.get(PAGE))["Two-factor authentication"] == "To do"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_who_cannot_change_the_settings_sees_no_checklist(
    client: Client, organization: Organization, make: Factories, role: Role
) -> None:
    page = client.sign_in(make.user(organization, role=role)).get(PAGE)

    assert checklist(page) == {}
    assert "checklist" not in page.text
    client.post(f"{PAGE}/setup", {"version": "1", "setup_hidden": "y"}, status=403)


def test_it_is_hidden_for_everyone_and_shown_again(
    new_client: Callable[[], Client], owner: User, admin: User, organization: Organization, behind: Behind
) -> None:
    as_owner, as_admin = new_client().sign_in(owner), new_client().sign_in(admin)
    press(as_owner)
    assert "Checklist hidden." in as_owner.get(PAGE).text
    assert checklist(as_admin.get(PAGE)) == {}

    press(as_admin)
    assert checklist(as_owner.get(PAGE)).keys() == STEPS.keys()

    hidden, shown = behind.trail(organization.id, "organization")
    assert (hidden.user_id, (hidden.before or {})["setup_hidden"], (hidden.after or {})["setup_hidden"]) == (
        owner.id, False, True,
    )  # fmt: skip
    assert (shown.user_id, (shown.after or {})["setup_hidden"]) == (admin.id, False)


def test_a_page_from_before_another_change_hides_nothing(as_owner: Client, owner: User, behind: Behind) -> None:
    opened = as_owner.get(PAGE).fields(f"{PAGE}/setup")
    as_owner.post(f"{PAGE}/setup", opened, status=303)
    as_owner.post(f"{PAGE}/setup", {"version": str(int(opened["version"]) + 1)}, status=303)
    page = as_owner.post(f"{PAGE}/setup", opened, status=409)

    assert page.one(".//*[@id='setup-conflict']") is not None
    assert behind.one(Organization, id=owner.organization_id).setup_hidden is False


def test_it_takes_one_statement(
    as_owner: Client,
    organization: Organization,
    make: Factories,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    def statements() -> int:
        as_owner.get(PAGE)
        with queries() as sent:
            as_owner.get(PAGE)
        return len(sent)

    shown = statements()
    for _number in range(3):
        make.phone_number(organization)
    assert statements() == shown
    press(as_owner)
    assert statements() == shown - 1
