"""Rows of the list of API keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.declarations.registry import registry
from app.models import ApiKeyState
from app.organization.api_keys.queries import ShownKey, shown_key
from app.organization.api_keys.rules import missing_reads
from app.people.roles.words import permission_label


@dataclass(frozen=True, slots=True)
class Line:
    """A key as a row of the list, whose HTML is cached by these values.

    `permissions` is the number assigned to it, `effective` the number that work now. `lacks` names the permissions
    without which its requests for numbers are refused; "" if none are.
    """

    id: UUID
    name: str
    prefix: str
    status: str
    permissions: int
    effective: int
    lacks: str
    created_by_label: str
    last_used_at: datetime | None
    expires_at: datetime | None


def lines_of(rows: Sequence[Any]) -> Sequence[Line]:
    """Return the rows for a page of `api_key_list`."""
    return [_line(row) for row in rows]


def words_of_missing(key: ShownKey) -> str:
    """Return the permissions without which requests of an active key are refused, as text; "" without any."""
    if key.status is not ApiKeyState.ACTIVE:
        return ""
    missing = missing_reads(key.effective, registry().reads)
    return ", ".join(str(permission_label(permission)) for permission in missing)


def _line(row: Any) -> Line:
    shown = shown_key(row)
    key = shown.key
    return Line(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        status=shown.status.value,
        permissions=len(key.permissions),
        effective=len(shown.effective),
        lacks=words_of_missing(shown),
        created_by_label=key.created_by_label,
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
    )
