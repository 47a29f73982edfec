"""Record and inputs of integrations in the JSON API; secrets are only written."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from app.declarations.input import Input, OneOf
from app.declarations.record import Record, Timestamp
from app.models import Provider, WebhookAuthentication
from app.organization.providers.provider_rules import MAX_ID_LENGTH, MAX_SECRET_LENGTH, AccountDetails
from app.organization.providers.secret_rules import ends_of_former

#: A secret of a provider, which is stored encrypted and never returned.
WrittenSecret = Annotated[str | None, Field(max_length=MAX_SECRET_LENGTH, repr=False)]
_SECRETS = ("auth_token", "api_key", "webhook_secret", "signing_key")


class IntegrationRecord(Record):
    """An account without its secrets.

    `previous_secrets_valid_until` has a time for each secret that was replaced and is still accepted, the latest first.
    """

    id: UUID
    provider: Provider
    account_id: str
    enabled: bool
    company_id: str | None
    webhook_authentication: WebhookAuthentication | None
    previous_secrets_valid_until: list[Timestamp]
    created_at: Timestamp
    updated_at: Timestamp
    version: int

    @model_validator(mode="before")
    @classmethod
    def _with_previous_secrets(cls, row: Any) -> Any:
        return {**row._mapping, "previous_secrets_valid_until": ends_of_former(row, datetime.now(UTC))}


class IntegrationChanges(Input):
    """The values of an account; secrets that are left out stay as they are.

    Only CallRail accounts have a `company_id`, and only VAPI accounts a `webhook_authentication`.
    """

    account_id: Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
    enabled: bool = True
    company_id: Annotated[str | None, Field(max_length=MAX_ID_LENGTH)] = None
    webhook_authentication: OneOf[WebhookAuthentication | None] = None
    auth_token: WrittenSecret = None
    api_key: WrittenSecret = None
    webhook_secret: WrittenSecret = None
    signing_key: WrittenSecret = None

    def details(self) -> AccountDetails:
        """Return the values besides the secrets."""
        return AccountDetails(
            account_id=self.account_id,
            enabled=self.enabled,
            company_id=self.company_id or None,
            webhook_authentication=self.webhook_authentication,
        )

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were sent, by name."""
        return {name: value for name in _SECRETS if (value := getattr(self, name))}


class NewIntegration(IntegrationChanges):
    """An account of the organization's own, with all secrets that the provider's accounts have."""

    provider: OneOf[Provider]
