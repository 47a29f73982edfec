"""How a change that the audit trail tells of is set back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.audit.actions import Action
from app.declarations.input import Input
from app.security.permissions import Permission


def _nothing(_row: Any) -> None:
    """For rows that nothing follows from."""


@dataclass(frozen=True, slots=True)
class Revertible:
    """A resource whose changes can be set back: its fields, each with the permission to write it. It is Versioned.

    `able` are those of `fields` that name somebody who has to work on it: nobody who has left. What is put back is held
    to the bounds of `inputs`, by the names of columns. `then` does what follows from any change of the row.
    """

    action: Action
    fields: Mapping[str, Permission]
    able: frozenset[str] = frozenset()
    inputs: tuple[type[Input], ...] = ()
    then: Callable[[Any], None] = _nothing


def each(permission: Permission, *fields: str) -> dict[str, Permission]:
    """Fields that one permission is enough for."""
    return dict.fromkeys(fields, permission)
