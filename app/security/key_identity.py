"""Authentication by API key: from a token, or from the id in a job's context, to the actor of the key."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.db.context import current_context
from app.errors import TokenExpired, TokenInvalid
from app.extensions import db
from app.models import UserStatus
from app.private_apis import fetch_rows
from app.security.actor import Actor, ApiLimits, Ceiling
from app.security.key_rules import Creator, effective_permissions, label_of_key
from app.security.permissions import Role
from app.security.session_rules import asks_for_second_factor
from app.security.tokens import Token

_KEY = "SELECT * FROM find_api_key(%(organization_id)s, %(digest)s, %(id)s)"

_REVOKED = _l("This API key has been revoked.")
_EXPIRED = _l("This API key has expired.")
_CREATOR_GONE = _l("The person who created this API key is no longer active. Someone else has to rotate it.")
_SUSPENDED = _l("This API key’s organization is suspended. The key won’t work until the suspension is lifted.")


def find_key(token: Token) -> Row[*tuple[Any, ...]] | None:
    """Return a key with its creator and organization in one query; None for an unknown token.

    Ended keys are included, so that the program gets the reason. Needs the token's organization in the context.
    """
    return _find(token.organization_id, digest=token.digest)


def find_key_actor(api_key_id: UUID) -> Actor | None:
    """Return the actor of a key with its current permissions, or None if the key can't be used anymore.

    Needs the key's organization in the context.
    """
    organization_id = current_context().organization_id
    if organization_id is None:
        return None
    found = _find(organization_id, api_key_id=api_key_id)
    try:
        return None if found is None else actor_of_key(found, organization_id)
    except (TokenExpired, TokenInvalid):
        return None


def actor_of_key(found: Row[*tuple[Any, ...]], organization_id: UUID) -> Actor:
    """Return the actor of a row of `find_key`.

    Raises TokenExpired or TokenInvalid for a key that can't be used anymore.
    """
    _refuse_ended(found)
    creator = Creator(Role(found.creator_role), found.creator_status, frozenset(found.creator_granted))
    return Actor(
        organization_id=organization_id,
        user_id=found.api_key_id,
        name=label_of_key(found.name, found.creator_name),
        email="",
        role=creator.role,
        ceiling=Ceiling(
            id=found.api_key_id,
            name=found.name,
            permissions=effective_permissions(found.permissions, creator),
            creator_id=found.creator_id,
            expires_at=found.expires_at,
        ),
        organization_name=found.organization_name,
        organization_slug=found.organization_slug,
        timezone=found.timezone,
        week_start=found.week_start,
        country=found.country,
        language=found.language,
        lacks_second_factor=(
            found.require_mfa and asks_for_second_factor(creator.role) and not found.creator_has_second_factor
        ),
        revisions=found.revisions,
        api_limits=ApiLimits(found.api_requests_per_hour, found.api_rows_per_day),
    )


def _find(
    organization_id: UUID, *, digest: bytes | None = None, api_key_id: UUID | None = None
) -> Row[*tuple[Any, ...]] | None:
    given = {"organization_id": organization_id, "digest": digest, "id": api_key_id}
    return next(iter(fetch_rows(db.session.connection(), _KEY, given)), None)


def _refuse_ended(found: Row[*tuple[Any, ...]]) -> None:
    if found.revoked_at is not None:
        raise TokenInvalid(_REVOKED)
    if found.expires_at is not None and found.expires_at <= datetime.now(UTC):
        raise TokenExpired(_EXPIRED)
    if found.creator_status != UserStatus.ACTIVE:
        raise TokenInvalid(_CREATOR_GONE)
    if not found.is_organization_active:
        raise TokenInvalid(_SUSPENDED)
