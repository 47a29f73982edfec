"""Credentials with which events are verified: the organization's own, else the platform's."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from app.db.context import Context, use_context
from app.models import Integration, Organization, Provider
from app.organization.providers.credential_queries import (
    WebhookCredentials,
    platform_credentials,
    webhook_credentials,
)
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.secret_rules import Secret, seal_secrets
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories

PLATFORM = WebhookCredentials(("the platform's secret",), None, None, uses_bearer_token=False)
WITH_SETTING = [provider for provider in Provider if provider is not Provider.CALLRAIL]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture(autouse=True)
def _within_the_organization(app: Flask, organization: Organization) -> Iterator[None]:
    """The context of a request whose webhook URL names the organization."""
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        yield


@pytest.fixture(autouse=True)
def _platform_secrets(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = SecretStr("the platform's secret")
    names = ("twilio_auth_token", "vapi_webhook_secret", "shunya_webhook_secret", "billing_webhook_secret")
    settings = app.config["SETTINGS"].model_copy(update=dict.fromkeys(names, secret))
    monkeypatch.setitem(app.config, "SETTINGS", settings)


@pytest.fixture
def account(make: Factories, behind: Behind) -> Callable[..., Integration]:
    """Create an account whose verifying secret is `verifying`."""

    def create(organization: Organization, provider: Provider, verifying: Secret, **values: Any) -> Integration:
        row = make.integration(organization, provider=provider, **values)
        others = {name: Secret(f"another: {name}", DAY) for name in CATALOGUE[provider].secrets}
        behind.change(row, secrets=seal_secrets(row.id, {**others, CATALOGUE[provider].verifying: verifying}, DAY))
        return row

    return create


@pytest.mark.parametrize(
    ("provider", "values", "expected"),
    [
        (Provider.TWILIO, {}, (None, False)),
        (Provider.VAPI, {"webhook_authentication": "signature"}, (None, False)),
        (Provider.VAPI, {"webhook_authentication": "bearer"}, (None, True)),
        (Provider.CALLRAIL, {"company_id": "COM1"}, ("COM1", False)),
        (Provider.CALLRAIL, {}, (None, False)),
        (Provider.SHUNYA, {}, (None, False)),
        (Provider.BILLING, {}, (None, False)),
    ],
)
def test_an_account_of_ones_own_comes_first(
    account: Callable[..., Integration],
    organization: Organization,
    provider: Provider,
    values: dict[str, Any],
    expected: tuple[str | None, bool],
) -> None:
    account(organization, provider, Secret("our own secret", DAY), account_id="AC9", **values)

    credentials = webhook_credentials(organization.id, provider, DAY)

    company_id, uses_bearer_token = expected
    assert credentials == WebhookCredentials(("our own secret",), "AC9", company_id, uses_bearer_token)
    assert "our own secret" not in repr(credentials)


def test_a_replaced_secret_counts_until_its_time_is_over(
    account: Callable[..., Integration], organization: Organization
) -> None:
    secret = Secret("first", DAY).replaced("second", DAY).replaced("third", DAY + timedelta(hours=1))
    account(organization, Provider.VAPI, secret, webhook_authentication="signature")

    def secrets_after(hours: int) -> tuple[str, ...]:
        credentials = webhook_credentials(organization.id, Provider.VAPI, DAY + timedelta(hours=hours))
        assert credentials is not None
        return credentials.secrets

    assert [secrets_after(hours) for hours in (71, 72, 73)] == [
        ("third", "second", "first"),
        ("third", "second"),
        ("third",),
    ]


@pytest.mark.parametrize("provider", WITH_SETTING)
def test_without_an_account_of_ones_own_the_platforms_setting_counts(
    organization: Organization, provider: Provider
) -> None:
    assert webhook_credentials(organization.id, provider, DAY) == platform_credentials(provider) == PLATFORM


def test_an_account_that_is_off_does_not_count(account: Callable[..., Integration], organization: Organization) -> None:
    account(organization, Provider.TWILIO, Secret("our own secret", DAY), enabled=False)

    assert webhook_credentials(organization.id, Provider.TWILIO, DAY) == PLATFORM


def test_a_neighbours_account_does_not_count(
    account: Callable[..., Integration], make: Factories, organization: Organization
) -> None:
    account(neighbor := make.organization(), Provider.TWILIO, Secret("their secret", DAY))

    assert webhook_credentials(organization.id, Provider.TWILIO, DAY) == PLATFORM
    assert webhook_credentials(neighbor.id, Provider.TWILIO, DAY) == PLATFORM  # outside the context


@pytest.mark.parametrize("provider", Provider)
def test_there_are_none_without_account_and_setting(
    app: Flask, organization: Organization, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("twilio_auth_token", "vapi_webhook_secret", "shunya_webhook_secret", "billing_webhook_secret"):
        monkeypatch.setitem(app.config, "SETTINGS", app.config["SETTINGS"].model_copy(update={name: None}))

    assert webhook_credentials(organization.id, provider, DAY) is None


def test_the_platform_has_no_account_with_callrail() -> None:
    assert platform_credentials(Provider.CALLRAIL) is None


def test_secrets_that_cannot_be_decrypted_are_logged_and_not_replaced_by_the_platforms(
    make: Factories, organization: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    make.integration(organization, secrets=b"sealed under another key")

    assert webhook_credentials(organization.id, Provider.TWILIO, DAY) is None
    [line] = [str(record.msg) for record in caplog.records if record.levelname == "ERROR"]
    assert "secrets of an account can't be decrypted" in line
    assert str(organization.id) in line
    assert "sealed" not in line
    assert "the platform's secret" not in line


@pytest.mark.parametrize("has_account", [True, False])
def test_they_take_one_query(
    account: Callable[..., Integration],
    organization: Organization,
    queries: Callable[[], AbstractContextManager[list[str]]],
    *,
    has_account: bool,
) -> None:
    if has_account:
        account(organization, Provider.TWILIO, Secret("our own secret", DAY))

    with queries() as sent:
        webhook_credentials(organization.id, Provider.TWILIO, DAY)

    assert len(sent) == 1, sent
