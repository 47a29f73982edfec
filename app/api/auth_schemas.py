"""Records of the caller of the JSON API, as `GET /auth/me` returns them."""

from uuid import UUID

from pydantic import ConfigDict

from app.declarations.record import Record, Timestamp


class OwnUserRecord(Record):
    """The person who is signed in; `permissions` are those they were granted beside their role."""

    id: UUID
    email: str
    name: str
    avatar: str | None
    roles: list[str]
    permissions: list[str]
    status: str
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class OwnOrganizationRecord(Record):
    """The organization of the caller."""

    id: UUID
    name: str
    slug: str
    timezone: str
    currency: str
    country: str


class OwnSessionRecord(Record):
    """The session of the access token."""

    id: UUID
    client_id: str | None
    created_at: Timestamp
    last_seen_at: Timestamp
    expires_at: Timestamp


class CallerRecord(Record):
    """The caller: a person with their session, or an API key."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    organization: OwnOrganizationRecord
    user: OwnUserRecord | None = None
    effective_permissions: list[str] | None = None
    session: OwnSessionRecord | None = None
