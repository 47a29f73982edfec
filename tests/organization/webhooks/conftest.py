"""An organization with accounts at all providers, and requests as the providers send them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.db.context import Context, use_context
from app.db.ids import uuid7
from app.db.session import jobs_role
from app.declarations import registry as registries
from app.declarations.delivery import DeliveredEvent, DeliveryHandler, Effect
from app.declarations.registry import registry_of
from app.models import Integration, Organization, Provider
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.secret_rules import Secret, seal_secrets
from app.organization.webhooks.process_service import process_due
from demo import signing
from tests.support.factories import Factories

Handle = Callable[[DeliveredEvent], Sequence[Effect]]
Process = Callable[[], None]

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


@pytest.fixture
def process(app: Flask) -> Process:
    """Function that processes all due deliveries, as the worker's thread does."""

    def run() -> None:
        with app.app_context(), jobs_role(), use_context(Context()):
            process_due()

    return run


@pytest.fixture
def handled(app: Flask) -> Iterator[Callable[[Handle], None]]:
    """Function that replaces what the payment provider's events change."""
    built = registry_of(app)

    def change(handle: Handle) -> None:
        handler = DeliveryHandler(Provider.BILLING, frozenset({"invoice.paid"}), handle)
        registries.install_registry(app, replace(built, deliveries=(handler,)))

    yield change
    registries.install_registry(app, built)
