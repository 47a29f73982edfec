"""Accounts with providers that programs set up and change."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.models import Integration, Provider, WebhookAuthentication
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.queries import lock_integration
from app.organization.providers.schemas import IntegrationChanges, NewIntegration
from app.organization.providers.service import add_account, save_account
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization


def create_integration(actor: Actor, _integration_id: UUID, values: NewIntegration) -> Integration:
    """Set up an account; VAPI signs its requests unless `values` say otherwise. Raises the errors of `add_account`."""
    details = values.details()
    if values.provider is Provider.VAPI and details.webhook_authentication is None:
        details = replace(details, webhook_authentication=WebhookAuthentication.SIGNATURE)
    return add_account(actor, values.provider, details, secrets=_secrets_of(values.provider, values.secrets()))


def change_integration(actor: Actor, integration_id: UUID, values: IntegrationChanges, version: int) -> Integration:
    """Change an account. Raises the errors of `save_account`, and NotFound."""
    provider = Provider(lock_integration(actor, integration_id).provider)
    secrets = _secrets_of(provider, values.secrets())
    return save_account(actor, provider, values.details(), secrets=secrets, version=version)


def hold_integration(actor: Actor, integration_id: UUID) -> Integration:
    """Return an account, locked after its organization, as `save_account` does. Raises NotFound."""
    lock_organization(actor.organization_id)
    return lock_integration(actor, integration_id)


def _secrets_of(provider: Provider, secrets: Mapping[str, str]) -> Mapping[str, str]:
    """Return the secrets. Raises ValidationFailed for those that the provider's accounts don't have."""
    sentence = _l("%(provider)s accounts don’t have this secret.", provider=CATALOGUE[provider].label)
    errors = [FieldError(name, sentence) for name in secrets if name not in CATALOGUE[provider].secrets]
    if errors:
        raise ValidationFailed(errors)
    return secrets
