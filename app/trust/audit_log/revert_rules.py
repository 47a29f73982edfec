"""Rules for reverting: the fields that each resource lets users revert, and the permission that each field requires.

To make a resource revertible, give it a `Revertible` with its own action (`app.audit.actions`). Resources with rules
that a plain assignment would bypass (roles, deletions, secrets, quotas) have none; they state where the change can be
undone.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from flask_babel import lazy_gettext as _l

from app.declarations.registry import registry
from app.declarations.revertible import Revertible
from app.errors import LazyText
from app.security.actor import Actor
from app.security.matrix import Extent, extent_of
from app.security.permissions import Permission, Role, role_label

Values: TypeAlias = Mapping[str, Any]

#: Value that the database stores in place of a secret.
REDACTED = "[redacted]"

#: Columns that differ in every change without a user having edited them.
NO_CHANGES = frozenset({"id", "version"})

_FIELDS_ELSEWHERE: Mapping[str, LazyText] = {
    "deleted_at": _l("Restore deleted records from the trash."),
    "deletion_batch_id": _l("Restore deleted records from the trash."),
    "primary_phone": _l("Edit a contact’s phone numbers on the contact’s page."),
}

NOT_A_CHANGE = _l("This entry records an event, not a change, so there’s nothing to revert.")
CREATED = _l(
    "This entry shows that the record was created, so there’s nothing to revert. Delete the record "
    "if it shouldn’t exist."
)
REMOVED = _l("This entry records a deletion. Restore the record from the trash, unless it was permanently deleted.")
ERASED = _l("This entry’s values were erased, so the previous values are unknown.")
SECRET = _l("This entry is about a secret, and the audit trail doesn’t record secrets. Set a new one instead.")
BY_NOBODY = _l("This change includes values that are set automatically, so it can’t be reverted.")
ELSEWHERE_BY_DEFAULT = _l("Changes of this type can’t be reverted here. Edit the record on its own page.")


def changed_fields(before: Values | None, after: Values | None) -> list[str]:
    """Return the sorted names of the fields that an entry changed, or an empty list if it isn't a change."""
    if before is None or after is None:
        return []
    return sorted({*before, *after} - NO_CHANGES)


def why_never(resource_type: str, before: Values | None, after: Values | None, *, is_erased: bool) -> LazyText | None:
    """Return why this entry can never be reverted, whatever the record's current state.

    Returns None if it can.
    """
    if is_erased:
        return ERASED
    if before is None or after is None:
        return NOT_A_CHANGE if before is after else CREATED if before is None else REMOVED
    if REDACTED in {*map(str, before.values()), *map(str, after.values())}:
        return SECRET
    resource = registry().resources.get(resource_type)
    kind = resource.revert if resource else None
    if not isinstance(kind, Revertible):
        return kind or ELSEWHERE_BY_DEFAULT
    fields = [field for field in changed_fields(before, after) if field not in kind.accompanying]
    foreign = [field for field in fields if field not in kind.fields]
    if foreign or not fields:
        return next((_FIELDS_ELSEWHERE[field] for field in foreign if field in _FIELDS_ELSEWHERE), BY_NOBODY)
    return None


def revertible(resource_type: str) -> Revertible:
    """Return the declaration of how records of a kind are reverted.

    Raises KeyError for a kind that can't be.
    """
    kind = registry().resources[resource_type].revert
    if not isinstance(kind, Revertible):
        raise KeyError(resource_type)
    return kind


def permissions_to_revert(resource_type: str, fields: Iterable[str]) -> list[Permission]:
    """Return the permissions required to revert `fields`: the one to revert, then those to write.

    Accompanying fields require none of their own.
    """
    kind = revertible(resource_type)
    needed = {kind.fields[field] for field in fields if field not in kind.accompanying}
    return [Permission.AUDIT_REVERT, *sorted(needed)]


def who_may(permission: Permission) -> LazyText:
    """Return a sentence with the required permission and the first role that has it for all rows."""
    role = next((role for role in Role if extent_of(role, permission) is Extent.ALL), None)
    if role is None:
        return _l("You need the permission “%(permission)s”.", permission=permission.value)
    words = {"permission": permission.value, "role": role_label(role)}
    return _l("You need the permission “%(permission)s”. Ask someone with the role %(role)s.", **words)


def missing_permission(actor: Actor, resource_type: str, fields: Iterable[str]) -> Permission | None:
    """Return the first required permission that `actor` lacks, or None.

    A permission for their own rows only is not enough: what they can do with those rows has separate rules.
    """
    needed = permissions_to_revert(resource_type, fields)
    return next((permission for permission in needed if not actor.sees_all(permission)), None)
