"""Changes and removal of an organization's own accounts with providers.

Stored secrets are never shown again. The one that verifies the provider's requests stays valid for a while after it was
replaced, or until someone ends it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.errors import MISSING_REQUIRED_FIELD, AlreadyExists, FieldError, ValidationFailed
from app.extensions import db
from app.models import Integration, Provider
from app.organization.providers.provider_rules import CATALOGUE, MAX_SECRET_LENGTH, AccountDetails
from app.organization.providers.queries import find_integration, find_reason_to_stay_off, lock_integration
from app.organization.providers.secret_rules import Secret, open_secrets, seal_secrets, without_former
from app.security.actor import Actor
from app.security.encryption import SecretUnreadable
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization

#: Version of an account that doesn't exist yet.
NOT_THERE = 0


def add_account(
    actor: Actor, provider: Provider, details: AccountDetails, *, secrets: Mapping[str, str]
) -> Integration:
    """Set up an account with all its secrets.

    Raises Forbidden, AlreadyExists, and ValidationFailed like `save_account`.
    """
    actor.requires(Permission.WEBHOOKS_MANAGE)
    lock_organization(actor.organization_id)
    if find_integration(actor, provider) is not None:
        raise AlreadyExists
    return _set_up(actor, provider, details, secrets, datetime.now(UTC))


def save_account(
    actor: Actor, provider: Provider, details: AccountDetails, *, secrets: Mapping[str, str], version: int
) -> Integration:
    """Create or change an account; a secret that is left empty stays unchanged.

    `version` is NOT_THERE if the account didn't exist when the form was opened. Saving the current values changes
    nothing. Raises Forbidden, VersionConflict, and ValidationFailed for a missing or invalid secret, invalid details,
    and an account that can't be enabled; all secrets are required if the stored ones can't be decrypted.
    """
    actor.requires(Permission.WEBHOOKS_MANAGE)
    lock_organization(actor.organization_id)  # because there may be no row to lock yet
    row, now = find_integration(actor, provider, lock=True), datetime.now(UTC)
    if row is None:
        return _set_up(actor, provider, details, secrets, now)
    current, stored = AccountDetails.of(row), _readable(row)
    entered = _entered(provider, details, stored, secrets, now)
    if (current, stored) == (details, entered):
        return row
    row.refuse_stale(version, asdict(current))
    with translated_integrity_errors():
        for name, value in asdict(details).items():
            setattr(row, name, value)
        if stored != entered:
            row.secrets = seal_secrets(row.id, entered, now)
    return row


def end_previous_secrets(actor: Actor, integration_id: UUID, *, version: int) -> Integration:
    """End the secrets that were replaced, so that only requests with the present one are accepted.

    Nothing changes if none of them is still valid. Raises Forbidden, NotFound and VersionConflict.
    """
    actor.requires(Permission.WEBHOOKS_MANAGE)
    row, now = lock_integration(actor, integration_id), datetime.now(UTC)
    stored = _readable(row)
    if any(secret.valid_former(now) for secret in stored.values()):
        row.refuse_stale(version, asdict(AccountDetails.of(row)))
        row.secrets = seal_secrets(row.id, without_former(stored), now)
        name_action(Action.INTEGRATION_PREVIOUS_SECRETS_ENDED, row)
    return row


def remove_account(actor: Actor, integration_id: UUID, *, version: int) -> Provider:
    """Delete an account with its secrets, so that the platform's account is used again.

    Raises Forbidden, NotFound and VersionConflict.
    """
    actor.requires(Permission.WEBHOOKS_MANAGE)
    row = lock_integration(actor, integration_id)
    row.refuse_stale(version, asdict(AccountDetails.of(row)))
    db.session.delete(row)
    db.session.flush()
    return Provider(row.provider)


def _set_up(
    actor: Actor, provider: Provider, details: AccountDetails, secrets: Mapping[str, str], now: datetime
) -> Integration:
    row_id = uuid7()
    row = Integration(
        organization_id=actor.organization_id,
        id=row_id,
        provider=provider,
        secrets=seal_secrets(row_id, _entered(provider, details, {}, secrets, now), now),
        version=NOT_THERE + 1,
        **asdict(details),
    )
    with translated_integrity_errors():
        db.session.add(row)
    return row


def _readable(row: Integration) -> dict[str, Secret]:
    try:
        return open_secrets(row)
    except SecretUnreadable:
        return {}


def _entered(
    provider: Provider,
    details: AccountDetails,
    stored: Mapping[str, Secret],
    values: Mapping[str, str],
    now: datetime,
) -> dict[str, Secret]:
    """Return all secrets of the provider, as entered or else as stored.

    Raises ValidationFailed for missing and invalid ones, and for an account that can't be enabled.
    """
    secrets: dict[str, Secret] = {}
    errors = []
    for name in CATALOGUE[provider].secrets:
        value, current = values.get(name, "").strip(), stored.get(name)
        if value and not (value.isprintable() and len(value) <= MAX_SECRET_LENGTH):
            sentence = _l("Use up to %(most)s visible characters.", most=MAX_SECRET_LENGTH)
            errors.append(FieldError(name, sentence))
        elif current is None and not value:
            errors.append(FieldError(name, _l("Enter this secret."), MISSING_REQUIRED_FIELD))
        elif current is not None and value in {"", current.value}:
            secrets[name] = current
        elif current is not None and name == CATALOGUE[provider].verifying:
            secrets[name] = current.replaced(value, now)
        else:
            secrets[name] = Secret(value, now)
    reason = find_reason_to_stay_off(provider) if details.enabled else None
    if reason is not None:
        errors.append(FieldError("enabled", reason))
    if errors:
        raise ValidationFailed(errors)
    return secrets
