"""Creation, rotation and revocation of API keys.

A key is shown only once, to the person who creates or rotates it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import ApiKey, ApiKeyState
from app.organization.api_keys import queries
from app.organization.api_keys.rules import end_of, permissions_to_give, prefix_of, state_of
from app.people.users.service import refuse_stale_rights
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.tokens import Token, TokenType
from app.tenancy.actor_rules import require_own_person
from app.tenancy.organization_queries import lock_organization


@dataclass(frozen=True, slots=True)
class NewText:
    """A key with its token, which is shown once and not stored."""

    key: ApiKey
    token: Token = field(repr=False)


def create_key(actor: Actor, api_key_id: UUID, *, name: str, permissions: Collection[str], days: int) -> NewText:
    """Create a key with `permissions` for a number of days (0: without expiry).

    `api_key_id` is generated with the form, so that submitting it twice creates only one key. Raises Forbidden,
    TokenInvalid if the actor has just been demoted, ValidationFailed for a permission that the actor can't assign, and
    Conflict for a form that was submitted before, because its token can't be shown again.
    """
    actor.requires(Permission.API_KEYS_MANAGE)
    _hold_rights(actor)
    if queries.find_key(actor, api_key_id) is not None:
        raise _made_already()
    chosen = set(permissions)
    if not chosen <= permissions_to_give(actor):
        raise ValidationFailed([FieldError("permissions", _l("Choose from the permissions you have."))])
    token = Token.new(actor.organization_id, TokenType.API_KEY)
    key = ApiKey(
        organization_id=actor.organization_id,
        id=api_key_id,
        name=name,
        prefix=prefix_of(token),
        key_hash=token.digest,
        permissions=sorted(chosen),
        created_by=actor.user_id,
        created_by_label=actor.name,
        expires_at=end_of(days, datetime.now(UTC)),
    )
    try:
        with translated_integrity_errors():
            db.session.add(key)
    except Conflict:
        raise _made_already() from None
    return NewText(key, token)


def rotate_key(actor: Actor, api_key_id: UUID, *, version: int) -> NewText:
    """Replace the token of a key and make the actor its creator, whose permissions limit it from then on.

    The old token stops working. Raises NotFound, Forbidden, TokenInvalid if the actor has just been demoted,
    VersionConflict, and Conflict for a key that has ended.
    """
    actor.requires(Permission.API_KEYS_MANAGE)
    _hold_rights(actor)
    key = queries.lock_key(actor, api_key_id)
    if state_of(key.revoked_at, key.expires_at, datetime.now(UTC)) is not ApiKeyState.ACTIVE:
        raise Conflict(None, _l("This key has been revoked or has expired. Create a new one."))
    key.refuse_stale(version, {}, _l("This key has since been rotated."))
    token = Token.new(actor.organization_id, TokenType.API_KEY)
    key.prefix, key.key_hash = prefix_of(token), token.digest
    key.created_by, key.created_by_label = actor.user_id, actor.name
    name_action(Action.API_KEY_ROTATED, key)
    return NewText(key, token)


def revoke_key(actor: Actor, api_key_id: UUID) -> ApiKey:
    """Revoke a key, regardless of its creator; no effect if it is revoked already.

    Raises NotFound and Forbidden.
    """
    actor.requires(Permission.API_KEYS_MANAGE)
    key = queries.lock_key(actor, api_key_id)
    if key.revoked_at is None:
        key.revoked_at = datetime.now(UTC)
        name_action(Action.API_KEY_REVOKED, key)
    return key


def _hold_rights(actor: Actor) -> None:
    """Lock the organization, so that the actor's rights can't change until the key is stored.

    Raises Forbidden for a guest, and TokenInvalid if the actor has been demoted in the meantime.
    """
    require_own_person(actor, Permission.API_KEYS_MANAGE)
    lock_organization(actor.organization_id)
    refuse_stale_rights(actor)


def _made_already() -> Conflict:
    return Conflict(None, _l("This key was already created and is shown only once. If you didn’t save it, rotate it."))
