"""Records and inputs of people in the JSON API."""

from typing import Annotated
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.audit.reason_rules import MAX_REASON_LENGTH, MIN_REASON_LENGTH
from app.declarations.input import AsTyped, Id, Input, InputTexts, Moment, OneOf
from app.declarations.record import ApiAddress, Record, Timestamp
from app.models import Role, UserStatus
from app.models.organizations import Language
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.people.users.takeover_schemas import TakeoverInput
from app.phones import MAX_TYPED
from app.security.passwords import MAX_LENGTH

Email = Annotated[str, Field(min_length=1, max_length=MAX_EMAIL_LENGTH)]
PersonName = Annotated[str, Field(min_length=MIN_NAME_LENGTH, max_length=MAX_NAME_LENGTH)]
Reason = Annotated[
    str,
    Field(min_length=MIN_REASON_LENGTH, max_length=MAX_REASON_LENGTH),
    InputTexts(missing=_l("Briefly explain why.")),
]


class UserRecord(Record):
    """A person; `permissions` are those that they have in addition to their role's, for the whole organization."""

    id: UUID
    email: str
    name: str
    avatar: ApiAddress | None
    roles: list[Role]
    permissions: list[str]
    status: UserStatus
    phone: str | None
    language: Language
    manager_id: UUID | None
    manager_name: str | None
    has_second_factor: bool
    last_seen_at: Timestamp | None
    suspended_until: Timestamp | None
    suspension_reason: str | None
    deactivated_at: Timestamp | None
    deactivation_reason: str | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int


class NewUserInput(Input):
    """A new person, who is active and takes a seat; `roles` has one role at most, `csr` if there is none."""

    email: Email
    name: PersonName
    password: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, repr=False), AsTyped()]
    roles: Annotated[tuple[OneOf[Role], ...], Field(strict=False, max_length=1)] = ()

    @property
    def role(self) -> Role:
        """The role of the person."""
        return next(iter(self.roles), Role.CSR)


class UserChanges(Input):
    """The details of a person."""

    name: PersonName
    email: Email
    phone: Annotated[str | None, Field(max_length=MAX_TYPED)]
    language: OneOf[Language]
    manager_id: Id | None


class LeavingInput(TakeoverInput):
    """The reason why a person leaves, and who takes over their work."""

    reason: Reason


class SuspensionInput(Input):
    """The reason for a suspension and its end; without one it lasts until it is lifted."""

    reason: Reason
    until: Moment | None = None
