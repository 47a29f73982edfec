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
from app.errors import MISSING_REQUIRED_FIELD, FieldError, ValidationFailed
from app.extensions import db
from app.models import Integration, Provider
from app.organization.providers.provider_rules import CATALOGUE, AccountDetails
from app.organization.providers.queries import find_integration, find_reason_to_stay_off, lock_integration
from app.organization.providers.secret_rules import Secret, open_secrets, seal_secrets, without_former
from app.security.actor import Actor
from app.security.encryption import SecretUnreadable
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization

MAX_SECRET_LENGTH = 500
#: Version of an account that doesn't exist yet.
NOT_THERE = 0


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
    stored = {} if row is None else _readable(row)
    entered, errors = _with_entered(provider, stored, secrets, now)
    reason = find_reason_to_stay_off(provider) if details.enabled else None
    if reason is not None:
        errors.append(FieldError("enabled", reason))
    if errors:
        raise ValidationFailed(errors)
    if row is None:
        return _set_up(actor, provider, details, entered)
    current = AccountDetails.of(row)
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


def _set_up(actor: Actor, provider: Provider, details: AccountDetails, secrets: Mapping[str, Secret]) -> Integration:
    row_id = uuid7()
    row = Integration(
        organization_id=actor.organization_id,
        id=row_id,
        provider=provider,
        secrets=seal_secrets(row_id, secrets, datetime.now(UTC)),
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


def _with_entered(
    provider: Provider, stored: Mapping[str, Secret], values: Mapping[str, str], now: datetime
) -> tuple[dict[str, Secret], list[FieldError]]:
    """Return all secrets of the provider, entered or else stored, and the errors of missing and invalid ones."""
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
    return secrets, errors
