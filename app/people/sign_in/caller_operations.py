"""The caller in the JSON API, and the records of people and sessions that authentication returns."""

from collections.abc import Collection
from datetime import UTC, datetime

from app.models import User, UserSession
from app.people.sign_in.caller_schemas import (
    CallerRecord,
    OwnApiKeyRecord,
    OwnOrganizationRecord,
    OwnSessionRecord,
    OwnUserRecord,
    RateRecord,
    RatesRecord,
    RowsRecord,
)
from app.people.sign_in.client_queries import get_current_session
from app.people.sign_in.queries import get_own_row
from app.security.actor import Actor, Ceiling
from app.security.matrix import PLATFORM_PERMISSIONS
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.web.api_rates import find_api_count
from app.web.list_reading import end_of_day, rows_read_today
from app.web.rate_limits import reset_of


def me(actor: Actor) -> CallerRecord:
    """Return the caller with their permissions and organization: a person with their session, or an API key."""
    organization = OwnOrganizationRecord.model_validate(get_own_organization(actor))
    if actor.ceiling is not None:
        return CallerRecord(
            api_key=api_key_of(actor.ceiling), organization=organization, limits=limits_of_caller(actor)
        )
    return CallerRecord(
        user=user_of(get_own_row(actor), actor.granted),
        effective_permissions=sorted(actor.permissions),
        organization=organization,
        session=session_of(get_current_session(actor), actor),
        limits=limits_of_caller(actor),
    )


def user_of(row: User, granted: Collection[str] = ()) -> OwnUserRecord:
    """Return a person, with the permissions that they were granted in addition to their role."""
    return OwnUserRecord(
        id=row.id,
        email=row.email,
        name=row.name,
        avatar=f"users/{row.id}/avatar" if row.avatar_key else None,
        roles=[row.role],
        permissions=sorted(set(granted) - PLATFORM_PERMISSIONS),
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def api_key_of(key: Ceiling) -> OwnApiKeyRecord:
    """Return the API key of a request, with the permissions that it has now."""
    return OwnApiKeyRecord(id=key.id, name=key.name, permissions=sorted(key.permissions), expires_at=key.expires_at)


def limits_of_caller(actor: Actor) -> RatesRecord | None:
    """Return the rate limits of the caller of this request, or None if requests aren't counted."""
    count = find_api_count()
    if count is None:
        return None
    now = datetime.now(UTC)
    return RatesRecord(
        api=RateRecord(limit=count.limit, remaining=count.remaining, reset=reset_of(count.ends_at)),
        rows=RowsRecord(
            limit=None if actor.may(Permission.EXPORTS_CREATE) else actor.api_limits.rows_per_day,
            reset=reset_of(end_of_day(now).timestamp()),
            read=rows_read_today(actor, now),
        ),
    )


def session_of(row: UserSession, actor: Actor) -> OwnSessionRecord:
    """Return one of the actor's own sessions; `expires_at` is the end of its access token."""
    return OwnSessionRecord(
        id=row.id,
        client_id=row.client_id,
        ip_address=None if row.ip_address is None else str(row.ip_address),
        user_agent=row.user_agent,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        is_current=row.id == actor.session_id,
    )
