"""What can be set back: each resource says which of its fields, and what each asks of whoever does it.

To add a resource: give it a `Revertible` with an action of its own (`app.audit.actions`). What has rules that a plain
assignment would go around (roles, deletions, secrets, quotas) has none, and says where it is done instead.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from flask_babel import lazy_gettext as _l

from app.declarations.registry import registry
from app.declarations.revertible import Revertible
from app.errors import Sentence
from app.security.actor import Actor
from app.security.matrix import Extent, extent_of
from app.security.permissions import Permission, Role, role_label

Values: TypeAlias = Mapping[str, Any]

#: What the database puts in the place of a secret.
REDACTED = "[redacted]"

#: Part of every change, and none that anybody made.
NO_CHANGES = frozenset({"id", "version"})

_FIELDS_ELSEWHERE: Mapping[str, Sentence] = {
    "deleted_at": _l("Deletions are undone in the trash."),
    "deletion_batch_id": _l("Deletions are undone in the trash."),
    "primary_phone": _l("Phone numbers of a contact are changed on the contact’s page."),
}

NOT_A_CHANGE = _l("This entry tells of something that happened, not of a change: there is nothing to set back.")
CREATED = _l("This entry tells how the record came into being. Delete the record if it should not be there.")
REMOVED = _l("This entry tells how the record went. What is in the trash is restored there; what was purged is gone.")
ERASED = _l("The values of this entry were erased: nobody can tell any more what it was before.")
SECRET = _l("This entry is about a secret, and secrets are not kept. Set a new one instead.")
BY_NOBODY = _l("What changed here is not set by people, so it cannot be set back by hand.")
ELSEWHERE_BY_DEFAULT = _l("Changes of this kind are not set back here. Change the record on its own page.")


def changed_fields(before: Values | None, after: Values | None) -> list[str]:
    """The names of the fields that an entry changed, in order; none unless it was a change."""
    if before is None or after is None:
        return []
    return sorted({*before, *after} - NO_CHANGES)


def why_never(resource_type: str, before: Values | None, after: Values | None, *, is_erased: bool) -> Sentence | None:
    """Why nobody can revert this entry, whatever the row looks like now; None where one can."""
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
    fields = changed_fields(before, after)
    foreign = [field for field in fields if field not in kind.fields]
    if foreign or not fields:
        return next((_FIELDS_ELSEWHERE[field] for field in foreign if field in _FIELDS_ELSEWHERE), BY_NOBODY)
    return None


def revertible(resource_type: str) -> Revertible:
    """How a kind of record is set back; raises KeyError for one that is not."""
    kind = registry().resources[resource_type].revert
    if not isinstance(kind, Revertible):
        raise KeyError(resource_type)
    return kind


def permissions_to_revert(resource_type: str, fields: Iterable[str]) -> list[Permission]:
    """What one needs to set `fields` back: the permission to revert, then those to write."""
    kind = revertible(resource_type)
    return [Permission.AUDIT_REVERT, *sorted({kind.fields[field] for field in fields})]


def who_may(permission: Permission) -> Sentence:
    """Which permission is needed, and the first role that has it for all rows."""
    role = next((role for role in Role if extent_of(role, permission) is Extent.ALL), None)
    if role is None:
        return _l("Needs the permission “%(permission)s”.", permission=permission.value)
    words = {"permission": permission.value, "role": role_label(role)}
    return _l("Needs the permission “%(permission)s”, which %(role)s has. Ask an admin to do it.", **words)


def missing_permission(actor: Actor, resource_type: str, fields: Iterable[str]) -> Permission | None:
    """The first permission that `actor` lacks. One that reaches their own rows only is not enough: what they may do
    with those has rules of its own."""
    needed = permissions_to_revert(resource_type, fields)
    return next((permission for permission in needed if not actor.sees_all(permission)), None)
