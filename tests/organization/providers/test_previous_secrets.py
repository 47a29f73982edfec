"""Secrets that were replaced: still accepted for 72 hours, or until someone ends them on the account's page."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.models import AuditLog, Integration, Organization, Provider, Role, User
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.secret_rules import FormerSecret, Secret, seal_secrets
from tests.organization.providers.conftest import LIST, TOKEN, TWILIO, save, secrets_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.unconfirmed import aged, asks

NEW = "another-token-5566"


def former_of(app: Flask, row: Integration, name: str = "auth_token") -> list[str]:
    return [secret.value for secret in secrets_of(app, row)[name].former]


def url_to_end(row: Integration) -> str:
    return f"{LIST}/{row.id}/end-previous-secrets"


@pytest.fixture
def replaced(as_admin: Client, twilio: Integration, behind: Behind) -> Integration:
    """The Twilio account, after the admin has replaced its token."""
    save(as_admin, auth_token=NEW)
    return behind.one(Integration)


@pytest.mark.parametrize("provider", list(Provider))
def test_only_the_secret_that_verifies_events_stays_valid(
    app: Flask, as_admin: Client, behind: Behind, provider: Provider
) -> None:
    url, names = f"{LIST}/{provider}", CATALOGUE[provider].secrets
    first, second = ({name: f"{turn} {name} of {provider}" for name in names} for turn in ("first", "second"))
    as_admin.post(url, {**as_admin.get(url).fields(url), "account_id": "account", **first})

    as_admin.post(url, {**as_admin.get(url).fields(url), **second})

    verifying, row = CATALOGUE[provider].verifying, behind.one(Integration)
    assert {name: former_of(app, row, name) for name in names} == {
        name: [first[name]] if name == verifying else [] for name in names
    }
    [former] = secrets_of(app, row)[verifying].former
    in_72_hours = datetime.now(UTC) + timedelta(hours=72)
    assert in_72_hours - timedelta(minutes=1) < former.valid_until <= in_72_hours


def test_the_page_says_until_when_each_is_valid(
    app: Flask, as_admin: Client, twilio: Integration, behind: Behind
) -> None:
    end = datetime(2126, 3, 5, 18, 30, tzinfo=UTC)
    former = FormerSecret(TOKEN, end), FormerSecret("brief-77", end + timedelta(days=1))
    with app.app_context():
        sealed = seal_secrets(twilio.id, {"auth_token": Secret(NEW, end, former)}, datetime.now(UTC))
    behind.change(twilio, secrets=sealed)

    page = as_admin.get(TWILIO)

    assert "Previous secret (…7788) is valid until Mar 5, 2126, 1:30 PM" in page.text
    assert "Previous secret is valid until Mar 6, 2126, 1:30 PM" in page.text
    for value in (TOKEN, NEW, "brief-77"):
        assert value not in page.html


def test_without_former_secrets_there_is_nothing_to_end(as_admin: Client, twilio: Integration) -> None:
    assert "Previous secrets" not in as_admin.get(TWILIO).text


def test_those_whose_time_is_over_are_not_shown(
    app: Flask, as_admin: Client, replaced: Integration, behind: Behind
) -> None:
    past = datetime.now(UTC) - timedelta(hours=73)
    with app.app_context():
        secrets = {"auth_token": Secret(NEW, past, (FormerSecret(TOKEN, past + timedelta(hours=72)),))}
        sealed = seal_secrets(replaced.id, secrets, past)
    behind.change(replaced, secrets=sealed)

    assert "Previous secrets" not in as_admin.get(TWILIO).text
    as_admin.post(url_to_end(replaced), {"version": "2"})
    assert behind.one(Integration).version == 2


@pytest.mark.parametrize("token", [NEW, ""])
def test_saving_the_same_secret_changes_nothing(
    as_admin: Client, replaced: Integration, behind: Behind, token: str
) -> None:
    save(as_admin, auth_token=token)

    assert behind.one(Integration).secrets == replaced.secrets
    assert behind.one(Integration).version == 2


def test_another_change_of_the_account_keeps_them(
    app: Flask, as_admin: Client, replaced: Integration, behind: Behind
) -> None:
    save(as_admin, account_id="AC999")

    assert former_of(app, behind.one(Integration)) == [TOKEN]


def test_they_can_be_ended_at_once(app: Flask, as_admin: Client, replaced: Integration, behind: Behind) -> None:
    page = as_admin.get(TWILIO)
    form = page.fields(url_to_end(replaced))

    after = as_admin.follow(as_admin.post(url_to_end(replaced), form))

    assert "Previous secrets are no longer accepted." in after.text
    assert "Previous secret (" not in after.text
    row, set_at = behind.one(Integration), secrets_of(app, replaced)["auth_token"].set_at
    assert secrets_of(app, row) == {"auth_token": Secret(NEW, set_at)}
    assert row.version == 3
    entry = behind.trail(row.organization_id, "integration")[-1]
    assert entry.action == "integration.previous_secrets.ended"
    trail = str([(entry.before, entry.after, entry.details) for entry in behind.rows(AuditLog)])
    assert TOKEN not in trail
    assert NEW not in trail
    assert row.secrets.hex() not in trail
    assert "Ended an account’s previous secrets" in as_admin.get("/audit").text


def test_ending_them_twice_changes_them_once(as_admin: Client, replaced: Integration, behind: Behind) -> None:
    form = as_admin.get(TWILIO).fields(url_to_end(replaced))

    as_admin.post(url_to_end(replaced), form)
    as_admin.post(url_to_end(replaced), form)

    assert behind.one(Integration).version == 3


def test_what_was_changed_since_is_not_ended(
    app: Flask, as_admin: Client, replaced: Integration, behind: Behind
) -> None:
    form = as_admin.get(TWILIO).fields(url_to_end(replaced))
    save(as_admin, auth_token="a-third-token-9900")

    as_admin.post(url_to_end(replaced), form, status=409)

    assert former_of(app, behind.one(Integration)) == [NEW, TOKEN]


def test_an_incomplete_form_ends_nothing(app: Flask, as_admin: Client, replaced: Integration, behind: Behind) -> None:
    as_admin.post(url_to_end(replaced), {"version": ""}, status=400)

    assert former_of(app, behind.one(Integration)) == [TOKEN]


def test_of_two_who_replace_it_at_once_one_is_refused(
    app: Flask, replaced: Integration, owner: User, admin: User, new_client: Callable[[], Client], behind: Behind
) -> None:
    browsers = [new_client().sign_in(user) for user in (admin, owner)]
    forms = [
        {**browser.get(TWILIO).fields(TWILIO), "auth_token": f"token-of-browser-{number}"}
        for number, browser in enumerate(browsers)
    ]
    statuses: list[int] = []

    def send(number: int) -> None:
        statuses.append(browsers[number].answer_of(TWILIO, forms[number]).status)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303, 409]
    assert former_of(app, behind.one(Integration)) == [NEW, TOKEN]


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_others_end_nothing(
    app: Flask,
    new_client: Callable[[], Client],
    organization: Organization,
    replaced: Integration,
    make: Factories,
    behind: Behind,
    role: Role,
) -> None:
    client = new_client().sign_in(make.user(organization, role=role))

    client.post(url_to_end(replaced), {"version": "2"}, status=403)

    assert former_of(app, behind.one(Integration)) == [TOKEN]


def test_a_neighbours_are_not_ended(
    new_client: Callable[[], Client], replaced: Integration, make: Factories, behind: Behind
) -> None:
    client = new_client().sign_in(make.user(make.organization(), role=Role.ADMIN))

    client.post(url_to_end(replaced), {"version": "2"}, status=404)
    client.post(url_to_end(replaced), status=404)

    assert behind.one(Integration).secrets == replaced.secrets


def test_ending_them_asks_for_the_password_as_saving_does(
    app: Flask, as_admin: Client, replaced: Integration, admin_engine: Engine, behind: Behind
) -> None:
    aged(as_admin, admin_engine)

    assert asks(as_admin, "POST", url_to_end(replaced), {"version": "2"})
    assert asks(as_admin, "POST", TWILIO, {"version": "2"})

    assert former_of(app, behind.one(Integration)) == [TOKEN]
