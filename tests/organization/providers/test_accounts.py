"""An organization's own provider accounts: secrets that were entered are never shown again."""

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.models import AuditLog, Integration, Organization, Provider, Role, StaffRole, User
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.secret_rules import Secret, open_secrets, seal_secrets
from app.security.encryption import SecretUnreadable
from tests.organization.providers.conftest import LIST, SID, TOKEN, TWILIO, save, secrets_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import text_of

VAPI = f"{LIST}/vapi"
MAX_QUERIES = 3


@pytest.mark.parametrize("provider", list(Provider))
def test_every_provider_has_its_fields(
    app: Flask, as_admin: Client, organization: Organization, behind: Behind, provider: Provider
) -> None:
    url = f"{LIST}/{provider}"
    given: dict[str, Any] = {name: f"the-{name}-{provider}" for name in CATALOGUE[provider].secrets}

    save(as_admin, url=url, account_id="account", **given)

    row = behind.one(Integration)
    assert (row.organization_id, row.provider, row.enabled) == (organization.id, provider, True)
    assert {name: secret.value for name, secret in secrets_of(app, row).items()} == given


@pytest.mark.parametrize("provider", list(Provider))
def test_every_address_is_shown_and_answered(
    app: Flask, as_admin: Client, organization: Organization, provider: Provider
) -> None:
    page = as_admin.get(f"{LIST}/{provider}")

    addresses = [text_of(element) for element in page.all(".//p[@class='mono small break']")]
    paths = [f"/webhooks/{path}/{organization.webhook_key}" for path in CATALOGUE[provider].webhooks]
    assert addresses == [app.config["SETTINGS"].address + path for path in paths]
    routes = app.url_map.bind("")
    assert all(routes.test(path, method="POST") for path in paths)


def test_a_secret_is_nowhere_but_sealed_in_its_row(
    as_admin: Client, twilio: Integration, behind: Behind, capsys: pytest.CaptureFixture[str]
) -> None:
    for url in (LIST, TWILIO):
        page = as_admin.get(url)
        assert TOKEN not in page.html
        assert "…7788" in page.text
    assert TOKEN.encode() not in twilio.secrets
    [told] = behind.trail(twilio.organization_id, "integration")
    assert told.action == "integration.created"
    assert TOKEN not in str([(row.before, row.after, row.details) for row in behind.rows(AuditLog)])
    assert twilio.secrets.hex() not in str(told.after)
    assert TOKEN not in "".join(capsys.readouterr())
    assert TOKEN not in repr(Secret(TOKEN, datetime.now(UTC)))


def test_the_end_of_a_short_secret_is_not_shown(as_admin: Client) -> None:
    save(as_admin, account_id=SID, auth_token="short-4321")

    assert "4321" not in as_admin.get(TWILIO).text


def test_an_empty_secret_stays_as_it_is(app: Flask, as_admin: Client, twilio: Integration, behind: Behind) -> None:
    save(as_admin, account_id="AC999")

    now = behind.one(Integration)
    assert (now.account_id, now.version, now.secrets) == ("AC999", 2, twilio.secrets)
    assert secrets_of(app, now)["auth_token"].value == TOKEN


def test_a_new_secret_takes_the_place_of_the_old_one(
    app: Flask, as_admin: Client, twilio: Integration, behind: Behind
) -> None:
    save(as_admin, auth_token=" another-token-5566\n")

    kept = secrets_of(app, behind.one(Integration))["auth_token"]
    assert kept.value == "another-token-5566"
    assert datetime.now(UTC) - kept.set_at < timedelta(minutes=1)
    changed = behind.trail(twilio.organization_id, "integration")[-1]
    assert changed.action == "integration.updated"
    assert "another-token" not in str((changed.before, changed.after))


def test_of_two_secrets_one_can_be_changed_alone(app: Flask, as_admin: Client, behind: Behind) -> None:
    save(as_admin, url=VAPI, account_id="org", api_key="first-key-1", webhook_secret="first-secret-1")

    save(as_admin, url=VAPI, api_key="second-key-2")

    kept = {name: secret.value for name, secret in secrets_of(app, behind.one(Integration)).items()}
    assert kept == {"api_key": "second-key-2", "webhook_secret": "first-secret-1"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"account_id": ""}, "Enter this ID."),
        ({"account_id": "x" * 201}, "Use up to 200 characters."),
        ({"auth_token": ""}, "Enter this secret."),
        ({"auth_token": "   "}, "Enter this secret."),
        ({"auth_token": "x" * 501}, "Use up to 500 visible characters."),
        ({"auth_token": "two\nlines"}, "Use up to 500 visible characters."),
        ({"auth_token": "null\0byte"}, "a character that can’t be used"),
        ({"version": "-1"}, "This form is incomplete."),
    ],
)
def test_what_cannot_be_is_said_and_no_secret_comes_back(
    as_admin: Client, behind: Behind, values: dict[str, str], sentence: str
) -> None:
    page = save(as_admin, 400, **{"account_id": SID, "auth_token": TOKEN, **values})

    assert sentence in page.text
    assert TOKEN not in page.html
    assert behind.rows(Integration) == []


def test_an_account_can_be_kept_and_not_used(as_admin: Client, twilio: Integration, behind: Behind) -> None:
    form = as_admin.get(TWILIO).fields(TWILIO)
    form.pop("enabled")

    as_admin.post(TWILIO, form)

    assert behind.one(Integration).enabled is False
    assert "Your account, off" in as_admin.get(LIST).text


def test_the_same_form_twice_changes_it_once(as_admin: Client, behind: Behind) -> None:
    form = {**as_admin.get(TWILIO).fields(TWILIO), "account_id": SID, "auth_token": TOKEN}

    as_admin.post(TWILIO, form)
    as_admin.post(TWILIO, form)

    assert behind.one(Integration).version == 1


def test_two_who_set_it_up_at_once_make_one(
    admin: User, owner: User, new_client: Callable[[], Client], behind: Behind
) -> None:
    browsers = [new_client().sign_in(user) for user in (admin, owner)]
    forms = [
        {**browser.get(TWILIO).fields(TWILIO), "account_id": f"AC{number}", "auth_token": TOKEN}
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
    assert len(behind.rows(Integration)) == 1


def test_a_stale_form_shows_both_and_can_be_sent_again(as_admin: Client, twilio: Integration, behind: Behind) -> None:
    form = as_admin.get(TWILIO).fields(TWILIO)
    behind.change(twilio, account_id="Theirs", version=2)

    page = as_admin.post(TWILIO, {**form, "account_id": "Mine", "auth_token": "typed-by-me-0000"}, status=409)
    assert "Account SID Theirs Mine" in page.text
    assert "typed-by-me" not in page.html
    as_admin.post(TWILIO, page.fields(TWILIO))

    assert behind.one(Integration).account_id == "Mine"


def test_a_lost_key_is_said_and_mended_by_entering_the_secrets_again(
    app: Flask, as_admin: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    make.integration(organization, account_id=SID, secrets=b"sealed under another key")
    assert "Unreadable" in as_admin.get(LIST).text
    assert "encrypted with another key" in as_admin.get(TWILIO).text
    assert "Enter this secret." in save(as_admin, 400).text

    save(as_admin, auth_token=TOKEN)

    assert secrets_of(app, behind.one(Integration))["auth_token"].value == TOKEN
    assert "Your account" in as_admin.get(LIST).text


def test_sealed_bytes_of_another_row_do_not_open(app: Flask, organization: Organization, make: Factories) -> None:
    first = make.integration(organization)
    with app.app_context():
        now = datetime.now(UTC)
        first.secrets = seal_secrets(first.id, {"auth_token": Secret(TOKEN, now)}, now)
        thief = make.integration(make.organization(), secrets=first.secrets)

        assert open_secrets(first)["auth_token"].value == TOKEN
        with pytest.raises(SecretUnreadable):
            open_secrets(thief)


def test_an_account_is_removed_with_its_secrets(as_admin: Client, twilio: Integration, behind: Behind) -> None:
    url = f"{LIST}/{twilio.id}/remove"
    form = as_admin.get(TWILIO).fields(url)
    as_admin.post(url, form, status=400)

    page = as_admin.follow(as_admin.post(url, {**form, "sure": "y"}))

    assert "The Twilio account was removed." in page.text
    assert behind.rows(Integration) == []
    gone = behind.trail(twilio.organization_id, "integration")[-1]
    assert gone.action == "integration.deleted"
    assert TOKEN not in json.dumps(gone.before)
    as_admin.post(url, {**form, "sure": "y"}, status=404)


def test_what_was_changed_meanwhile_is_not_removed(as_admin: Client, twilio: Integration, behind: Behind) -> None:
    url = f"{LIST}/{twilio.id}/remove"
    form = as_admin.get(TWILIO).fields(url)
    behind.change(twilio, account_id="Theirs", version=2)

    as_admin.post(url, {**form, "sure": "y"}, status=409)

    assert behind.one(Integration).account_id == "Theirs"


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT, Role.MANAGER, Role.EXEC])
def test_others_see_and_change_nothing(client: Client, organization: Organization, make: Factories, role: Role) -> None:
    row = make.integration(organization)
    client.sign_in(make.user(organization, role=role))

    client.get(LIST, status=403)
    client.get(TWILIO, status=403)
    client.post(TWILIO, {"account_id": SID, "auth_token": TOKEN, "version": "1"}, status=403)
    client.post(f"{LIST}/{row.id}/remove", {"version": "1", "sure": "y"}, status=403)


def test_a_neighbours_account_is_neither_seen_nor_removed(as_admin: Client, make: Factories, behind: Behind) -> None:
    theirs = make.integration(make.organization(), account_id="Theirs")

    assert "Theirs" not in as_admin.get(LIST).text
    assert "Theirs" not in as_admin.get(TWILIO).html
    as_admin.post(f"{LIST}/{theirs.id}/remove", {"version": "1", "sure": "y"}, status=404)
    as_admin.post(f"{LIST}/{theirs.id}/remove", status=404)
    assert behind.one(Integration).id == theirs.id


def test_a_guest_of_the_platform_sets_one_up(
    client: Client, organization: Organization, owner: User, make: Factories, behind: Behind
) -> None:
    client.sign_in(make.staff(StaffRole.ADMIN, name="Sam Staff"))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    save(client, account_id=SID, auth_token=TOKEN)

    assert behind.one(Integration).organization_id == organization.id
    assert behind.trail(organization.id, "integration")[0].actor_label == "Sam Staff"


def test_the_list_asks_few_questions(
    as_admin: Client, twilio: Integration, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    as_admin.get(LIST)
    with queries() as sent:
        as_admin.get(LIST)

    assert len(sent) <= MAX_QUERIES
