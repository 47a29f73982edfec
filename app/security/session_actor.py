"""From a verified token to the actor of its session, for cookies and for the JSON API alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.db.context import update_context
from app.errors import TokenExpired, TokenInvalid
from app.extensions import db
from app.models import OrganizationStatus, StaffRole
from app.security.actor import Actor, ApiLimits, CallOn, Counts
from app.security.matrix import STAFF_PERMISSIONS, grants_of
from app.security.permissions import Role
from app.security.requesters import Requester, known_requesters
from app.security.session_rules import asks_for_second_factor, end_sentence, is_idle
from app.security.tokens import Token

_EXPIRED_SESSION = _l("Your session ended. For security, you need to sign in again every 30 days.")
_EXPIRED_TOKEN = _l("The access token has expired. Get a new one with the refresh token.")


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Facts that decide whether a session has ended, for one that was not found by its access token."""

    revoked_at: datetime | None
    revoked_reason: str | None
    expires_at: datetime
    last_seen_at: datetime
    mfa_passed_at: datetime | None
    is_deleted: bool
    is_active: bool
    has_second_factor: bool
    organization_status: str


def authenticate(token: Token, find: Callable[[Token], Actor]) -> Actor:
    """Return the actor that `find` returns for a token, with the token's organization in the context.

    The context is reset if `find` raises an error.
    """
    # The token names the organization; until its secret is verified, nothing else can happen in that organization.
    update_context(organization_id=token.organization_id)
    try:
        actor = find(token)
    except BaseException:
        db.session.rollback()
        update_context(organization_id=None)
        raise
    person = actor.ceiling.creator_id if actor.ceiling else actor.real_actor.user_id
    known_requesters().remember(token.digest, Requester(person, actor.organization_id))
    return actor


def refuse_ended(found: Row[*tuple[Any, ...]] | SessionFacts, now: datetime, *, of_client: bool = False) -> None:
    """Raise TokenExpired or TokenInvalid for a session that can't be used anymore.

    `of_client` is for sessions of API clients, which have a short lifetime instead of one without activity.
    """
    if found.revoked_at is not None:
        raise TokenInvalid(end_sentence(found.revoked_reason))
    if found.is_deleted:
        raise TokenInvalid
    if found.expires_at <= now:
        raise TokenExpired(_EXPIRED_TOKEN if of_client else _EXPIRED_SESSION)
    if not of_client and is_idle(found.last_seen_at, now):
        raise TokenExpired
    if not found.is_active:
        raise TokenInvalid(_l("Your account is no longer active. Ask an admin of your organization."))
    if found.has_second_factor and found.mfa_passed_at is None:
        raise TokenInvalid(_l("Your account now requires two-factor authentication. Sign in again."))
    if found.organization_status != OrganizationStatus.ACTIVE:
        raise TokenInvalid(_l("Your organization is suspended. No one can sign in until the suspension is lifted."))


def actor_of_session(found: Row[*tuple[Any, ...]], token: Token) -> Actor:
    """Return the actor of a row of `find_session`, in their own organization."""
    of_staff = STAFF_PERMISSIONS[StaffRole(found.staff_role)] if found.staff_role else frozenset()
    return Actor(
        organization_id=token.organization_id,
        user_id=found.user_id,
        name=found.name,
        email=found.email,
        role=Role(found.role),
        granted=grants_of(found.granted) | of_staff,
        session_id=found.session_id,
        organization_name=found.organization_name,
        organization_slug=found.organization_slug,
        timezone=found.timezone,
        week_start=found.week_start,
        country=found.country,
        language=found.language,
        theme=found.theme,
        density=found.density,
        shortcuts_enabled=found.shortcuts_enabled,
        avatar_key=found.avatar_key,
        lacks_second_factor=found.require_mfa and asks_for_second_factor(found.role) and not found.has_second_factor,
        has_second_factor=found.has_second_factor,
        confirmed_at=found.confirmed_at,
        revisions=found.revisions,
        api_limits=ApiLimits(found.api_requests_per_hour, found.api_rows_per_day),
        call_on=_call_on(found.call_on),
        counts=Counts(**(found.counts or {})),
    )


def _call_on(found: dict[str, Any] | None) -> CallOn | None:
    if found is None:
        return None
    return CallOn(
        id=UUID(found["id"]),
        number=found["number"],
        started_at=datetime.fromisoformat(found["started_at"]),
        entry_id=UUID(found["entry_id"]) if found["entry_id"] else None,
        name=found["name"],
    )
