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
from tests.organization.webhooks import signing
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
        signature = _signature(provider, secret, address, content if signed is None else signed)
        kind = FORM if provider is Provider.TWILIO else JSON
        return self.app.test_client().post(
            target, data=content, headers={"Content-Type": kind, **signature, **(headers or {})}, **options
        )


def _signature(provider: Provider, secret: str, address: str, body: bytes) -> dict[str, str]:
    now = datetime.now(UTC).timestamp()
    match provider:
        case Provider.TWILIO:
            return signing.twilio(secret, address, body)
        case Provider.VAPI:
            return signing.vapi(secret, body)
        case Provider.CALLRAIL:
            return signing.callrail(secret, body)
        case Provider.SHUNYA:
            return signing.shunya(secret, body, now)
        case Provider.BILLING:
            return signing.billing(secret, body, now)


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
