"""The secrets with which events of a provider are verified: the organization's own, or those of the platform."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from flask import current_app
from pydantic import SecretStr
from sqlalchemy import select

from app.config import Settings
from app.extensions import db
from app.models import Integration, Provider, WebhookAuthentication
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.secret_rules import open_secrets
from app.security.encryption import SecretUnreadable
from app.security.scope import unscoped

_log = structlog.get_logger("switchboard.providers")


@dataclass(frozen=True, slots=True)
class WebhookCredentials:
    """Proof that an event must have, and the account and company that it must be from.

    `secrets` are all that are valid, the present one first. `account_id` is None for the platform's account, and
    `company_id` if events of all companies are accepted.
    """

    secrets: tuple[str, ...] = field(repr=False)
    account_id: str | None
    company_id: str | None
    uses_bearer_token: bool


def webhook_credentials(organization_id: UUID, provider: Provider, now: datetime) -> WebhookCredentials | None:
    """Return the credentials of the organization's own account if it is enabled, otherwise those of the platform.

    None if there are neither, or if the secrets of the organization's account can't be decrypted, which is logged: its
    events must not be accepted with the platform's secret. The context must have the organization.
    """
    accounts = unscoped(select(Integration), why="no signed-in user; the webhook URL identifies the organization")
    row = db.session.scalar(
        accounts.where(
            Integration.organization_id == organization_id, Integration.provider == provider, Integration.enabled
        )
    )
    if row is None:
        return platform_credentials(provider)
    try:
        secret = open_secrets(row)[CATALOGUE[provider].verifying]
    except SecretUnreadable:
        _log.error(
            "secrets of an account can't be decrypted", organization=str(organization_id), provider=provider.value
        )
        return None
    return WebhookCredentials(
        secrets=(secret.value, *(former.value for former in secret.valid_former(now))),
        account_id=row.account_id,
        company_id=row.company_id,
        uses_bearer_token=row.webhook_authentication == WebhookAuthentication.BEARER,
    )


def platform_credentials(provider: Provider) -> WebhookCredentials | None:
    """Return the credentials of the platform's account with a provider, or None if its setting is missing."""
    secret = _platform_secret(current_app.config["SETTINGS"], provider)
    if secret is None:
        return None
    return WebhookCredentials((secret.get_secret_value(),), account_id=None, company_id=None, uses_bearer_token=False)


def _platform_secret(settings: Settings, provider: Provider) -> SecretStr | None:
    return {
        Provider.TWILIO: settings.twilio_auth_token,
        Provider.VAPI: settings.vapi_webhook_secret,
        Provider.SHUNYA: settings.shunya_webhook_secret,
        Provider.BILLING: settings.billing_webhook_secret,
    }.get(provider)
