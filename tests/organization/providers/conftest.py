"""Fixtures for tests of accounts with providers, and the way to save one on its page."""

from typing import Any

import pytest
from flask import Flask
from pydantic import HttpUrl

from app.models import Integration
from app.organization.providers.secret_rules import Secret, open_secrets
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.pages import Page

LIST = "/organization/integrations"
TWILIO = f"{LIST}/twilio"
TOKEN = "a-token-of-twilio-7788"
SID = "AC1234567890"


def save(client: Client, status: int = 303, url: str = TWILIO, **values: Any) -> Page:
    """Submit the form with `values`; return the response, or the page it redirects to."""
    answer = client.post(url, {**client.get(url).fields(url), **values}, status=status)
    return client.follow(answer) if status == 303 else answer


def secrets_of(app: Flask, row: Integration) -> dict[str, Secret]:
    """Return the decrypted secrets of an account."""
    with app.app_context():
        return open_secrets(row)


@pytest.fixture(autouse=True)
def _public_url(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the installation a public URL, without which no Twilio account can be enabled."""
    settings = app.config["SETTINGS"].model_copy(update={"public_url": HttpUrl("http://localhost/")})
    monkeypatch.setitem(app.config, "SETTINGS", settings)


@pytest.fixture
def twilio(as_admin: Client, behind: Behind) -> Integration:
    """A Twilio account set up by the admin."""
    save(as_admin, account_id=SID, auth_token=TOKEN)
    return behind.one(Integration)
