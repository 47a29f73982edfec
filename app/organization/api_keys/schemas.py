"""Records and inputs of API keys in the JSON API."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from app.declarations.input import Input, OneOf
from app.declarations.record import Record, Timestamp
from app.models import ApiKeyState
from app.organization.api_keys.rules import LIFETIMES, MAX_NAME_LENGTH, MIN_NAME_LENGTH, creator_of
from app.security.key_rules import effective_permissions
from app.security.permissions import Permission


class ApiKeyRecord(Record):
    """A key without its secret; `effective_permissions` are those that its creator has now, too."""

    id: UUID
    name: str
    prefix: str
    status: ApiKeyState
    permissions: list[str]
    effective_permissions: list[str]
    created_by: UUID | None
    created_by_name: str
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    last_used_ip: str | None
    last_used_operation: str | None
    revoked_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    version: int

    @model_validator(mode="before")
    @classmethod
    def _with_effective_permissions(cls, row: Any) -> Any:
        effective = effective_permissions(row.permissions, creator_of(row))
        return {**row._mapping, "effective_permissions": sorted(effective)}


class NewApiKeyRecord(Record):
    """A key with its secret, which is shown only once."""

    api_key: ApiKeyRecord
    secret: str


class ApiKeyInput(Input):
    """A new key: its name, its permissions, and the days until it expires; None if it never does."""

    name: Annotated[str, Field(min_length=MIN_NAME_LENGTH, max_length=MAX_NAME_LENGTH)]
    permissions: Annotated[tuple[OneOf[Permission], ...], Field(strict=False, max_length=len(Permission))]
    days: Annotated[int | None, Field(alias="expiresInDays", ge=1, le=max(LIFETIMES))] = LIFETIMES[1]
