"""The declaration of how changes in the audit trail can be reverted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.audit.actions import Action
from app.declarations.input import Input
from app.security.permissions import Permission


def _nothing(_row: Any) -> None:
    """Do nothing; used for rows without follow-up work."""


@dataclass(frozen=True, slots=True)
class Revertible:
    """The declaration that changes of a resource, whose model is a Versioned, can be reverted.

    `fields` are the fields that can be reverted, with the permission for each; `able` are those whose value must be a
    person who is still active. Restored values must be within the bounds of `inputs`, by column name. `then` is called
    with the row when its values have been restored.
    """

    action: Action
    fields: Mapping[str, Permission]
    able: frozenset[str] = frozenset()
    inputs: tuple[type[Input], ...] = ()
    then: Callable[[Any], None] = _nothing


def each(permission: Permission, *fields: str) -> dict[str, Permission]:
    """Return a mapping of each field to the permission, for `Revertible.fields`."""
    return dict.fromkeys(fields, permission)
