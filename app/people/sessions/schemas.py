"""Record of a session in the JSON API."""

from uuid import UUID

from app.declarations.record import Record, Timestamp


class SessionRecord(Record):
    """A session of a person, in a browser or, if it has a `client_id`, of an API client."""

    id: UUID
    user_id: UUID
    client_id: str | None
    ip_address: str | None
    user_agent: str | None
    last_seen_at: Timestamp
    expires_at: Timestamp
    created_at: Timestamp
