"""`/api/v1/auth`: the caller of the JSON API."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic_core import to_jsonable_python

from app.api.auth_queries import get_current_session
from app.people.sign_in.queries import get_own_row
from app.security.actor import Actor, current_actor
from app.security.guard import signed_in
from app.security.matrix import PLATFORM_PERMISSIONS
from app.tenancy.organization_queries import get_own_organization
from app.web.error_json import in_camel_case, meta

auth = Blueprint("auth", __name__, url_prefix="/api/v1/auth")


@auth.get("/me")
@signed_in
def me() -> Response:
    """Return the caller with their permissions, organization and session."""
    actor = current_actor()
    return _answer(
        user=_user(actor),
        effective_permissions=sorted(actor.permissions),
        organization=_organization(actor),
        session=_session(actor),
    )


def _answer(**data: Any) -> Response:
    return jsonify(success=True, data=in_camel_case(to_jsonable_python(data)), meta=meta())


def _user(actor: Actor) -> dict[str, Any]:
    row = get_own_row(actor)
    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "avatar": f"{request.url_root}api/v1/users/{row.id}/avatar" if row.avatar_key else None,
        "roles": [row.role],
        "permissions": sorted(actor.granted - PLATFORM_PERMISSIONS),
        "status": row.status,
        "created_at": _moment(row.created_at),
        "updated_at": _moment(row.updated_at),
        "version": row.version,
    }


def _organization(actor: Actor) -> dict[str, Any]:
    row = get_own_organization(actor)
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "timezone": row.timezone,
        "currency": row.currency,
        "country": row.country,
    }


def _session(actor: Actor) -> dict[str, Any]:
    row = get_current_session(actor)
    return {
        "id": row.id,
        "client_id": row.client_id,
        "created_at": _moment(row.created_at),
        "last_seen_at": _moment(row.last_seen_at),
        "expires_at": _moment(row.expires_at),
    }


def _moment(value: datetime) -> datetime:
    return value.astimezone(UTC)
