"""Records and input of invitations in the JSON API."""

from uuid import UUID

from app.declarations.input import Input, OneOf
from app.declarations.record import Record, Timestamp
from app.models import InvitationState, Role
from app.people.users.schemas import Email, PersonName


class InvitationRecord(Record):
    """An invitation; `user_id` is the person who accepted it."""

    id: UUID
    email: str
    name: str | None
    role: Role
    status: InvitationState
    invited_by: UUID | None
    invited_by_name: str
    user_id: UUID | None
    expires_at: Timestamp
    accepted_at: Timestamp | None
    revoked_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class SentInvitationRecord(Record):
    """An invitation, and its link unless it is sent by email."""

    invitation: InvitationRecord
    link: str | None


class InvitationInput(Input):
    """The person to invite, and their role."""

    email: Email
    name: PersonName
    role: OneOf[Role]
