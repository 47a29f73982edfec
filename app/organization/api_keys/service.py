"""Making, rotating and revoking API keys. The text of a key is known to whoever makes it, this one time."""

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
from app.security.tokens import Token
from app.tenancy.actor_rules import refuse_guest
from app.tenancy.organization_queries import lock_organization


@dataclass(frozen=True, slots=True)
class NewText:
    """A key with its text, which is shown once and kept by nobody here."""

    key: ApiKey
    token: Token = field(repr=False)


def create_key(actor: Actor, api_key_id: UUID, *, name: str, permissions: Collection[str], days: int) -> NewText:
    """Make a key that opens `permissions` for so many days (0: without an end).

    `api_key_id` is made with the form: sent twice, it is one key. Raises Forbidden, ValidationFailed for a permission
    that the actor does not have, and Conflict for a form that was sent before: its text cannot be shown again.
    """
    actor.requires(Permission.API_KEYS_MANAGE)
    _hold_rights(actor)
    if queries.find_key(actor, api_key_id) is not None:
        raise _made_already()
    chosen = set(permissions)
    if not chosen <= permissions_to_give(actor):
        raise ValidationFailed([FieldError("permissions", _l("Choose among what you may do yourself."))])
    token = Token.new(actor.organization_id)
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
    """Another text for a key, in the name of whoever gives it: from then on it opens what they may do, at most.

    The text until now opens nothing. Raises NotFound, Forbidden, VersionConflict, and Conflict for one that has ended.
    """
    actor.requires(Permission.API_KEYS_MANAGE)
    _hold_rights(actor)
    key = queries.lock_key(actor, api_key_id)
    if state_of(key.revoked_at, key.expires_at, datetime.now(UTC)) is not ApiKeyState.ACTIVE:
        raise Conflict(None, _l("This key has ended. Make a new one."))
    key.refuse_stale(version, {}, _l("This key was given another text meanwhile."))
    token = Token.new(actor.organization_id)
    key.prefix, key.key_hash = prefix_of(token), token.digest
    key.created_by, key.created_by_label = actor.user_id, actor.name
    name_action(Action.API_KEY_ROTATED, key)
    return NewText(key, token)


def revoke_key(actor: Actor, api_key_id: UUID) -> ApiKey:
    """End a key, whoever has made it. Revoking twice is revoking once. Raises NotFound, Forbidden."""
    actor.requires(Permission.API_KEYS_MANAGE)
    key = queries.lock_key(actor, api_key_id)
    if key.revoked_at is None:
        key.revoked_at = datetime.now(UTC)
        name_action(Action.API_KEY_REVOKED, key)
    return key


def _hold_rights(actor: Actor) -> None:
    """A key lasts as long as who gives it may do what it does, so nobody takes that from them until it is there.

    Raises Forbidden for a guest, TokenInvalid for who was demoted meanwhile.
    """
    refuse_guest(actor, Permission.API_KEYS_MANAGE)
    lock_organization(actor.organization_id)
    refuse_stale_rights(actor)


def _made_already() -> Conflict:
    return Conflict(
        None, _l("This key was made already, and its text is shown once. If you did not keep it, rotate it.")
    )
