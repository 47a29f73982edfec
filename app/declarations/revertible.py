"""The declaration of how changes in the audit trail can be reverted."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.audit.actions import Action
from app.declarations.input import Input
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Revertible:
    """The declaration that changes of a resource, whose model is a Versioned, can be reverted.

    `fields` are the fields that can be reverted, with the permission for each; `able` are those whose value must be a
    person who is still active. Restored values must be within the bounds of `inputs`, by column name.

    `accompanying` are columns that a change of other fields sets, such as the time of the last activity. They are put
    back together with those, by every undo, unless they have been set again since: the later value then stays, and is
    no reason to refuse the rest.
    """

    action: Action
    fields: Mapping[str, Permission]
    able: frozenset[str] = frozenset()
    inputs: tuple[type[Input], ...] = ()
    accompanying: frozenset[str] = frozenset()


def each(permission: Permission, *fields: str) -> dict[str, Permission]:
    """Return a mapping of each field to the permission, for `Revertible.fields`."""
    return dict.fromkeys(fields, permission)
