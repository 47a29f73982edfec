"""Changes and removal of an organization's own accounts with providers.

Stored secrets are never shown again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.errors import MISSING_REQUIRED_FIELD, FieldError, ValidationFailed
from app.extensions import db
from app.models import Integration, Provider, WebhookAuthentication
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.providers.queries import find_integration, lock_integration
from app.organization.providers.secret_rules import Secret, open_secrets, seal_secrets
from app.security.actor import Actor
from app.security.encryption import SecretUnreadable
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization

MAX_SECRET_LENGTH = 500
#: Version of an account that doesn't exist yet.
NOT_THERE = 0


def save_account(
    actor: Actor, provider: Provider, *, account_id: str, secrets: Mapping[str, str], enabled: bool, version: int
) -> Integration:
    """Create or change an account; a secret that is left empty stays unchanged.

    `version` is NOT_THERE if the account didn't exist when the form was opened. Saving the current values changes
    nothing. Raises Forbidden, VersionConflict, and ValidationFailed for a missing or invalid secret or an invalid
    account ID; all secrets are required if the stored ones can't be decrypted.
    """
    actor.requires(Permission.WEBHOOKS_MANAGE)
    lock_organization(actor.organization_id)  # because there may be no row to lock yet
    there = find_integration(actor, provider, lock=True)
    kept = {} if there is None else _readable(there)
    wanted = _wanted(provider, kept, secrets)
    if there is None:
        return _set_up(actor, provider, account_id, wanted, enabled=enabled)
    if (there.account_id, there.enabled, kept) == (account_id, enabled, wanted):
        return there
    there.refuse_stale(version, {"account_id": there.account_id, "enabled": there.enabled})
    with translated_integrity_errors():
        there.account_id, there.enabled = account_id, enabled
        if kept != wanted:
            there.secrets = seal_secrets(there.id, wanted)
    return there


def remove_account(actor: Actor, integration_id: UUID, *, version: int) -> Provider:
    """Delete an account with its secrets, so that the platform's account is used again.

    Raises Forbidden, NotFound and VersionConflict.
    """
    actor.requires(Permission.WEBHOOKS_MANAGE)
    row = lock_integration(actor, integration_id)
    row.refuse_stale(version, {"account_id": row.account_id, "enabled": row.enabled})
    db.session.delete(row)
    db.session.flush()
    return Provider(row.provider)


def _set_up(
    actor: Actor, provider: Provider, account_id: str, secrets: Mapping[str, Secret], *, enabled: bool
) -> Integration:
    row_id = uuid7()
    row = Integration(
        organization_id=actor.organization_id,
        id=row_id,
        provider=provider,
        account_id=account_id,
        secrets=seal_secrets(row_id, secrets),
        enabled=enabled,
        webhook_authentication=WebhookAuthentication.SIGNATURE if provider is Provider.VAPI else None,
        version=NOT_THERE + 1,
    )
    with translated_integrity_errors():
        db.session.add(row)
    return row


def _readable(row: Integration) -> dict[str, Secret]:
    try:
        return open_secrets(row)
    except SecretUnreadable:
        return {}


def _wanted(provider: Provider, kept: Mapping[str, Secret], given: Mapping[str, str]) -> dict[str, Secret]:
    """Return all secrets of the provider: the new values, and the stored ones for the others.

    Raises ValidationFailed for missing and invalid ones.
    """
    found: dict[str, Secret] = {}
    errors = []
    for name in CATALOGUE[provider].secrets:
        value, there = given.get(name, "").strip(), kept.get(name)
        if value and not (value.isprintable() and len(value) <= MAX_SECRET_LENGTH):
            sentence = _l("Use up to %(most)s visible characters.", most=MAX_SECRET_LENGTH)
            errors.append(FieldError(name, sentence))
        elif value and (there is None or there.value != value):
            found[name] = Secret(value, datetime.now(UTC))
        elif there is not None:
            found[name] = there
        else:
            errors.append(FieldError(name, _l("Enter this secret."), MISSING_REQUIRED_FIELD))
    if errors:
        raise ValidationFailed(errors)
    return found
