"""Records and inputs of roles and extra permissions in the JSON API."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.declarations.input import Input, Moment, OneOf
from app.declarations.record import Record, Timestamp
from app.models import Role
from app.people.users.schemas import LeavingInput, Reason
from app.security.permissions import Permission


class RoleInput(LeavingInput):
    """The new role of a person, the reason for it, and who takes over the work that the new role doesn't have.

    `dropped` are extra permissions to remove with the change.
    """

    role: OneOf[Role]
    dropped: Annotated[
        tuple[OneOf[Permission], ...], Field(alias="droppedPermissions", strict=False, max_length=len(Permission))
    ] = ()


class GrantRecord(Record):
    """A permission that a person has in addition to their role's, until it expires."""

    id: UUID
    user_id: UUID
    permission: str
    reason: str | None
    granted_by: UUID | None
    granted_by_name: str
    expires_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class GrantInput(Input):
    """A permission for the whole organization, the reason for it, and when it expires."""

    permission: OneOf[Permission]
    reason: Reason
    expires_at: Moment | None = None
