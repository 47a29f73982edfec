"""API keys created and rotated through the API, each with a secret that is shown once."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.extensions import db
from app.models import ApiKey
from app.organization.api_keys import service
from app.organization.api_keys.queries import api_key_records, lock_key
from app.organization.api_keys.schemas import ApiKeyInput
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """The row of a key, and its secret."""

    api_key: Any
    secret: str = field(repr=False)


def create_key(actor: Actor, api_key_id: UUID, given: ApiKeyInput) -> ShownOnce:
    """Create a key. Raises the errors of `service.create_key`."""
    chosen = [permission.value for permission in given.permissions]
    made = service.create_key(actor, api_key_id, name=given.name, permissions=chosen, days=given.days or 0)
    return _shown(actor, made)


def rotate_key(actor: Actor, api_key_id: UUID, *, version: int) -> ShownOnce:
    """Replace the secret of a key. Raises the errors of `service.rotate_key`."""
    return _shown(actor, service.rotate_key(actor, api_key_id, version=version))


def hold_key(actor: Actor, api_key_id: UUID) -> ApiKey:
    """Return the key, locked after its organization, as a rotation does. Raises NotFound."""
    lock_organization(actor.organization_id)
    return lock_key(actor, api_key_id)


def _shown(actor: Actor, made: service.NewText) -> ShownOnce:
    db.session.flush()
    return ShownOnce(api_key_records.find(actor, made.key.id, ()), made.token.text)
