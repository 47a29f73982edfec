"""Records that operations of authentication return."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import ConfigDict

from app.declarations.record import ApiAddress, Record, Timestamp


class OwnUserRecord(Record):
    """The person who is signed in; `permissions` are those they were granted in addition to their role."""

    id: UUID
    email: str
    name: str
    avatar: ApiAddress | None
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
    """A session of the person; `expires_at` is the end of its access token."""

    id: UUID
    client_id: str | None
    ip_address: str | None
    user_agent: str | None
    created_at: Timestamp
    last_seen_at: Timestamp
    expires_at: Timestamp
    is_current: bool


class OwnApiKeyRecord(Record):
    """The API key of a request, with the permissions that it has now."""

    id: UUID
    name: str
    permissions: list[str]
    expires_at: Timestamp | None


class RateRecord(Record):
    """A rate limit: at most `limit` requests, of which `remaining` are left until `reset`, in epoch seconds."""

    limit: int
    remaining: int
    reset: int


class RowsRecord(Record):
    """The rows that lists have handed out to the caller today, and their limit per day and resource.

    `read` is by the name of the resource. The `limit` is None for callers who can export data; the day ends at `reset`,
    in epoch seconds.
    """

    limit: int | None
    reset: int
    read: Mapping[str, int]


class RatesRecord(Record):
    """The rate limits of the caller; `api` is that of all their requests, including this one."""

    api: RateRecord
    rows: RowsRecord


class CallerRecord(Record):
    """The caller: a person with their session, or an API key; `limits` is None if requests aren't counted."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    organization: OwnOrganizationRecord
    user: OwnUserRecord | None = None
    effective_permissions: list[str] | None = None
    session: OwnSessionRecord | None = None
    api_key: OwnApiKeyRecord | None = None
    limits: RatesRecord | None = None


class TokensRecord(Record):
    """New tokens of a session; the access token expires in `expires_in` seconds."""

    token: str
    refresh_token: str
    expires_in: int


class SignedInRecord(TokensRecord):
    """The person who has signed in, and the tokens of their session."""

    user: OwnUserRecord


class ConfirmedRecord(TokensRecord):
    """The seconds for which the session is confirmed, and its new tokens, which replace the previous ones."""

    confirmed_for: int


class AcceptedRecord(Record):
    """No information: the response is the same whether or not the account exists."""
