"""Details that only some providers' accounts have, and an installation on which Twilio can't be used."""

from typing import Any

import pytest
from flask import Flask

from app.models import Integration, Provider
from tests.organization.providers.conftest import LIST, SID, TOKEN, TWILIO, save
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.pages import Page, text_of

CALLRAIL, VAPI = f"{LIST}/callrail", f"{LIST}/vapi"
OF_CALLRAIL: dict[str, Any] = {
    "account_id": "ACC1",
    "api_key": "a-key-of-callrail",
    "signing_key": "a-signing-key-of-callrail",
}
OF_VAPI: dict[str, Any] = {"account_id": "org", "api_key": "a-key-of-vapi", "webhook_secret": "a-secret-of-vapi"}
WITHOUT_URL = (
    "PUBLIC_URL isn’t set, so requests from Twilio can’t be verified and the account can’t be used. "
    "Ask your Switchboard administrator to set it."
)


def notes_of(page: Page, field: str) -> dict[str, str]:
    """Return the error and the hint at a field."""
    kinds = ("error", "hint")
    return {kind: text_of(note) for kind in kinds for note in page.all(f".//*[@id='{field}-{kind}']")}


def test_each_page_asks_for_what_its_accounts_have(as_admin: Client) -> None:
    pages = {provider: as_admin.get(f"{LIST}/{provider}") for provider in Provider}

    for name, owner in (("company_id", Provider.CALLRAIL), ("webhook_authentication", Provider.VAPI)):
        assert [each for each, page in pages.items() if name in page.fields(f"{LIST}/{each}")] == [owner]
    assert "Events of other companies are ignored." in notes_of(pages[Provider.CALLRAIL], "company_id")["hint"]


@pytest.mark.parametrize(("entered", "stored"), [(" COM1 ", "COM1"), ("", None), ("  ", None)])
def test_a_company_is_stored_or_left_open(as_admin: Client, behind: Behind, entered: str, stored: str | None) -> None:
    save(as_admin, url=CALLRAIL, **OF_CALLRAIL, company_id=entered)

    assert behind.one(Integration).company_id == stored


def test_a_company_can_be_changed_and_removed_and_the_trail_shows_it(as_admin: Client, behind: Behind) -> None:
    save(as_admin, url=CALLRAIL, **OF_CALLRAIL, company_id="COM1")
    assert as_admin.get(CALLRAIL).fields(CALLRAIL)["company_id"] == "COM1"

    save(as_admin, url=CALLRAIL, company_id="COM2")
    save(as_admin, url=CALLRAIL, company_id="")

    row = behind.one(Integration)
    assert (row.company_id, row.version) == (None, 3)
    changes = [(entry.before, entry.after) for entry in behind.trail(row.organization_id, "integration")[1:]]
    assert [((before or {})["company_id"], (after or {})["company_id"]) for before, after in changes] == [
        ("COM1", "COM2"),
        ("COM2", None),
    ]
    assert "Company ID" in as_admin.get("/audit?field=company_id").text


def test_a_company_that_is_too_long_is_refused_at_its_field(as_admin: Client, behind: Behind) -> None:
    page = save(as_admin, 400, url=CALLRAIL, **OF_CALLRAIL, company_id="x" * 201)

    assert notes_of(page, "company_id")["error"] == "Use up to 200 characters."
    assert behind.rows(Integration) == []


@pytest.mark.parametrize(("chosen", "stored"), [({}, "signature"), ({"webhook_authentication": "bearer"}, "bearer")])
def test_vapi_signs_unless_a_bearer_token_is_chosen(
    as_admin: Client, behind: Behind, chosen: dict[str, Any], stored: str
) -> None:
    save(as_admin, url=VAPI, **OF_VAPI, **chosen)

    assert behind.one(Integration).webhook_authentication == stored
    assert as_admin.get(VAPI).fields(VAPI)["webhook_authentication"] == stored


@pytest.mark.parametrize("chosen", ["password", ""])
def test_another_webhook_authentication_is_refused(as_admin: Client, behind: Behind, chosen: str) -> None:
    page = save(as_admin, 400, url=VAPI, **OF_VAPI, webhook_authentication=chosen)

    assert notes_of(page, "webhook_authentication")["error"] == "Choose one of the options."
    assert behind.rows(Integration) == []


def test_a_stale_form_shows_both_authentications(as_admin: Client, behind: Behind) -> None:
    save(as_admin, url=VAPI, **OF_VAPI)
    form = as_admin.get(VAPI).fields(VAPI)
    behind.change(behind.one(Integration), account_id="Theirs", version=2)

    page = as_admin.post(VAPI, {**form, "webhook_authentication": "bearer"}, status=409)

    assert "Webhook authentication Signature (HMAC) Bearer token" in page.text


@pytest.fixture
def without_public_url(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", app.config["SETTINGS"].model_copy(update={"public_url": None}))


@pytest.mark.usefixtures("without_public_url")
def test_without_a_public_url_the_page_says_why_twilio_cannot_be_used(as_admin: Client) -> None:
    page = as_admin.get(TWILIO)

    assert notes_of(page, "enabled") == {"hint": WITHOUT_URL}
    assert "enabled" not in page.fields(TWILIO)
    for provider in set(Provider) - {Provider.TWILIO}:
        other = as_admin.get(f"{LIST}/{provider}")
        assert "PUBLIC_URL" not in other.text
        assert "enabled" in other.fields(f"{LIST}/{provider}")


@pytest.mark.usefixtures("without_public_url")
def test_without_a_public_url_no_twilio_account_is_enabled(as_admin: Client, behind: Behind) -> None:
    values: dict[str, Any] = {"account_id": SID, "auth_token": TOKEN}
    page = save(as_admin, 400, **values, enabled="y")
    assert notes_of(page, "enabled") == {"error": WITHOUT_URL}
    assert behind.rows(Integration) == []

    save(as_admin, **values)
    assert behind.one(Integration).enabled is False
    save(as_admin, 400, enabled="y")
    save(as_admin, url=VAPI, **OF_VAPI)

    assert [(row.provider, row.enabled) for row in behind.rows(Integration)] == [("twilio", False), ("vapi", True)]


def test_a_form_that_was_opened_before_is_refused_too(
    as_admin: Client, twilio: Integration, behind: Behind, request: pytest.FixtureRequest
) -> None:
    form = as_admin.get(TWILIO).fields(TWILIO)
    request.getfixturevalue("without_public_url")

    page = as_admin.post(TWILIO, {**form, "account_id": "AC9"}, status=400)

    assert notes_of(page, "enabled") == {"error": WITHOUT_URL}
    assert behind.one(Integration).account_id == SID


@pytest.mark.usefixtures("without_public_url")
def test_with_a_missing_secret_all_that_is_wrong_is_said_at_once(as_admin: Client) -> None:
    page = save(as_admin, 400, account_id=SID, enabled="y")

    assert notes_of(page, "enabled") == {"error": WITHOUT_URL}
    assert notes_of(page, "auth_token")["error"] == "Enter this secret."
