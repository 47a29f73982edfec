"""An organization with accounts at all providers, and requests as the providers send them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.db.ids import uuid7
from app.models import Integration, Organization, Provider
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.secret_rules import Secret, seal_secrets
from demo import signing
from tests.support.factories import Factories

SECRET = "secret-of-the-account-1"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Providers:
    """All providers, with the accounts of one organization."""

    app: Flask
    organization: Organization

    def send(
        self,
        path: str,
        body: bytes | dict[str, Any],
        *,
        key: str | None = None,
        secret: str = SECRET,
        headers: dict[str, str] | None = None,
        signed: bytes | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send a body to an address, signed as its provider does; `signed` is the body that is signed instead."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = f"/webhooks/{path}/{self.organization.webhook_key if key is None else key}".rstrip("/")
        provider = Provider(path.partition("/")[0])
        address = self.app.config["SETTINGS"].address + target
        now = datetime.now(UTC).timestamp()
        signature = signing.signature(provider, secret, address, content if signed is None else signed, now)
        kind = FORM if provider is Provider.TWILIO else JSON
        return self.app.test_client().post(
            target, data=content, headers={"Content-Type": kind, **signature, **(headers or {})}, **options
        )


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def account(app: Flask, make: Factories, organization: Organization) -> Callable[..., Integration]:
    """Function that creates the organization's account at a provider, with SECRET for each of its secrets."""

    def create(provider: Provider, **values: Any) -> Integration:
        row_id = uuid7()
        now = datetime.now(UTC)
        secrets = {name: Secret(SECRET, now) for name in CATALOGUE[provider].secrets}
        with app.app_context():
            sealed = seal_secrets(row_id, secrets, now)
        defaults = {"id": row_id, "provider": provider, "account_id": f"{provider}-1", "secrets": sealed}
        if provider is Provider.VAPI:
            defaults["webhook_authentication"] = "signature"
        return make.integration(organization, **{**defaults, **values})

    return create


@pytest.fixture
def providers(app: Flask, organization: Organization, account: Callable[..., Integration]) -> Providers:
    for provider in Provider:
        account(provider)
    return Providers(app, organization)
