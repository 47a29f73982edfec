"""Declaration of how changes in the audit trail can be reverted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.audit.actions import Action
from app.declarations.input import Input
from app.security.permissions import Permission


def _nothing(_row: Any) -> None:
    """Do nothing, for rows without follow-up work."""


@dataclass(frozen=True, slots=True)
class Revertible:
    """A resource whose changes can be reverted, a subclass of Versioned; its fields with their permissions.

    `able` are those `fields` whose value must be a person who is still active. Restored values must be within the
    bounds of `inputs`, by column name. `then` is called after any change of the row.
    """

    action: Action
    fields: Mapping[str, Permission]
    able: frozenset[str] = frozenset()
    inputs: tuple[type[Input], ...] = ()
    then: Callable[[Any], None] = _nothing


def each(permission: Permission, *fields: str) -> dict[str, Permission]:
    """Return these fields, all with the same permission."""
    return dict.fromkeys(fields, permission)
