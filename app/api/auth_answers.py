"""Bodies of authentication in the JSON API: parsed requests, and responses that nobody stores."""

from collections.abc import Collection
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, request
from pydantic_core import to_jsonable_python

from app.api.bodies import read_json, refuse_other_media_types
from app.api.responses import respond_secretly
from app.declarations.input import Input
from app.models import Organization, User, UserSession
from app.security.actor import Actor, Ceiling
from app.security.matrix import PLATFORM_PERMISSIONS
from app.web.error_json import in_camel_case
from app.web.request_limits import PUBLIC_BYTES

Given = TypeVar("Given", bound=Input)


def read_input(kind: type[Given]) -> Given:
    """Parse the body, of at most 64 KB. Raises UnsupportedMediaType, InvalidJson and ValidationFailed."""
    request.max_content_length = PUBLIC_BYTES
    refuse_other_media_types()
    return kind.read(read_json())


def answer(data: Any, status: int = HTTPStatus.OK) -> Response:
    """Return `data`, with names in snake case, in the envelope of the API."""
    return respond_secretly(in_camel_case(to_jsonable_python(data)), status=status)


def user_of(row: User, granted: Collection[str] = ()) -> dict[str, Any]:
    """Return a person, with the permissions that they were granted beside their role."""
    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "avatar": f"{request.url_root}api/v1/users/{row.id}/avatar" if row.avatar_key else None,
        "roles": [row.role],
        "permissions": sorted(set(granted) - PLATFORM_PERMISSIONS),
        "status": row.status,
        "created_at": _moment(row.created_at),
        "updated_at": _moment(row.updated_at),
        "version": row.version,
    }


def organization_of(row: Organization) -> dict[str, Any]:
    """Return an organization as a caller sees their own."""
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "timezone": row.timezone,
        "currency": row.currency,
        "country": row.country,
    }


def api_key_of(key: Ceiling) -> dict[str, Any]:
    """Return the API key of a request, with the permissions that it has now."""
    return {
        "id": key.id,
        "name": key.name,
        "permissions": sorted(key.permissions),
        "expires_at": _moment(key.expires_at) if key.expires_at else None,
    }


def session_of(row: UserSession, actor: Actor) -> dict[str, Any]:
    """Return one of the actor's own sessions; `expires_at` is the end of its access token."""
    return {
        "id": row.id,
        "client_id": row.client_id,
        "ip_address": None if row.ip_address is None else str(row.ip_address),
        "user_agent": row.user_agent,
        "created_at": _moment(row.created_at),
        "last_seen_at": _moment(row.last_seen_at),
        "expires_at": _moment(row.expires_at),
        "is_current": row.id == actor.session_id,
    }


def _moment(value: datetime) -> datetime:
    return value.astimezone(UTC)
