"""Permission matrix: one row per permission, one column per role, as shown on the page of roles.

`✓` is the whole organization, `S` own rows only, `–` none. Anything that a cell can't express is a rule of the feature,
with a comment next to the row.
"""

from collections.abc import Iterable
from enum import Enum
from types import MappingProxyType

from app.models.access import StaffRole
from app.security.permissions import Permission, Role


class Extent(Enum):
    """The rows that a permission covers: the whole organization, a person's own rows, or none."""

    ALL = "✓"
    OWN = "S"
    NONE = "–"


_P = Permission

# Columns:                       csr rep sup man exe adm own
_ROWS: dict[Permission, str] = {
    _P.DASHBOARDS_CSR: "          S   –   –   ✓   ✓   ✓   ✓",
    _P.DASHBOARDS_REP: "          –   S   –   ✓   ✓   ✓   ✓",
    _P.DASHBOARDS_EXEC: "         –   –   –   ✓   ✓   ✓   ✓",
    _P.CALLS_READ: "              S   S   ✓   ✓   ✓   ✓   ✓",
    _P.CALLS_UPDATE: "            S   S   –   ✓   –   ✓   ✓",
    # A CSR sets a booking status only if there is none; after that they dispute it.
    _P.CALLS_RECLASSIFY: "        S   –   –   ✓   –   ✓   ✓",
    _P.CALLS_ASSIGN: "            –   –   –   ✓   –   ✓   ✓",
    _P.CALLS_IMPORT: "            –   –   –   ✓   –   ✓   ✓",
    _P.CONTACTS_IMPORT: "         –   –   –   ✓   –   ✓   ✓",
    _P.DEALS_IMPORT: "            –   –   –   ✓   –   ✓   ✓",
    _P.ANALYSES_IMPORT: "         –   –   –   ✓   –   ✓   ✓",
    _P.DISPUTES_DECIDE: "         –   –   –   ✓   –   ✓   ✓",
    # Coaching is between managers and the CSR of a call, who sees it with the permission to read the call.
    _P.COACHING_READ: "           –   –   –   ✓   ✓   ✓   ✓",
    # The CSR of a call replies to its coaching and marks it as done with the permission to read the call.
    _P.COACHING_WRITE: "          –   –   –   ✓   –   ✓   ✓",
    _P.MISSED_CALLS_READ: "       ✓   –   ✓   ✓   ✓   ✓   ✓",
    _P.MISSED_CALLS_WORK: "       ✓   –   –   ✓   –   ✓   ✓",
    _P.MISSED_CALLS_CORRECT: "    –   –   –   ✓   –   ✓   ✓",
    _P.CONTACTS_READ: "           S   S   ✓   ✓   ✓   ✓   ✓",
    _P.CONTACTS_WRITE: "          S   S   –   ✓   –   ✓   ✓",
    _P.LEADS_READ: "              S   S   ✓   ✓   ✓   ✓   ✓",
    _P.LEADS_WRITE: "             S   S   –   ✓   –   ✓   ✓",
    _P.APPOINTMENTS_READ: "       S   S   ✓   ✓   ✓   ✓   ✓",
    _P.APPOINTMENTS_WRITE: "      S   S   –   ✓   –   ✓   ✓",
    _P.LEADS_ASSIGN: "            –   –   –   ✓   –   ✓   ✓",
    _P.APPOINTMENTS_ASSIGN: "     –   –   –   ✓   –   ✓   ✓",
    _P.TASKS_ASSIGN: "            –   –   –   ✓   –   ✓   ✓",
    _P.CONTACTS_DELETE: "         –   –   –   ✓   –   ✓   ✓",
    _P.LEADS_DELETE: "            –   –   –   ✓   –   ✓   ✓",
    _P.APPOINTMENTS_DELETE: "     –   –   –   ✓   –   ✓   ✓",
    _P.TASKS_DELETE: "            –   –   –   ✓   –   ✓   ✓",
    _P.EVENTS_DELETE: "           –   –   –   ✓   –   ✓   ✓",
    _P.CONTACTS_MERGE: "          –   –   –   ✓   –   ✓   ✓",
    _P.CONTACTS_ERASE: "          –   –   –   –   –   ✓   ✓",
    _P.RECORDINGS_READ: "         –   S   –   ✓   ✓   ✓   ✓",
    _P.RECORDINGS_WRITE: "        –   S   –   ✓   –   ✓   ✓",
    _P.RECORDINGS_DELETE: "       –   –   –   –   –   ✓   ✓",
    _P.TASKS_READ: "              S   S   –   ✓   ✓   ✓   ✓",
    _P.TASKS_WRITE: "             S   S   –   ✓   –   ✓   ✓",
    _P.EVENTS_READ: "             S   S   –   ✓   ✓   ✓   ✓",
    _P.EVENTS_WRITE: "            S   S   –   ✓   –   ✓   ✓",
    _P.NOTE_TEMPLATES_WRITE: "    –   –   –   ✓   –   ✓   ✓",
    _P.KNOWLEDGE_READ: "          ✓   ✓   ✓   ✓   ✓   ✓   ✓",
    _P.KNOWLEDGE_WRITE: "         –   –   –   ✓   –   ✓   ✓",
    _P.KNOWLEDGE_DELETE: "        –   –   –   ✓   –   ✓   ✓",
    _P.PHONE_NUMBERS_READ: "      –   –   ✓   ✓   ✓   ✓   ✓",
    _P.PHONE_NUMBERS_WRITE: "     –   –   –   –   –   ✓   ✓",
    _P.PHONE_NUMBERS_DELETE: "    –   –   –   –   –   ✓   ✓",
    # For support, S is the audit trail. The read permission for the exported data is also required.
    _P.EXPORTS_CREATE: "          –   –   S   ✓   ✓   ✓   ✓",
    _P.ASK_USE: "                 S   S   –   ✓   ✓   ✓   ✓",
    _P.AUDIT_READ: "              –   –   ✓   –   ✓   ✓   ✓",
    _P.AUDIT_VERIFY: "            –   –   ✓   –   ✓   ✓   ✓",
    # The write permission of the resource is also required.
    _P.AUDIT_REVERT: "            –   –   –   –   –   ✓   ✓",
    _P.REPORTS_READ: "            –   –   –   ✓   ✓   ✓   ✓",
    _P.REPORTS_MANAGE: "          –   –   –   –   –   ✓   ✓",
    _P.COSTS_READ: "              –   –   –   ✓   ✓   ✓   ✓",
    _P.TARGETS_WRITE: "           –   –   –   ✓   ✓   ✓   ✓",
    _P.SAVED_VIEWS_SHARE: "       –   –   –   ✓   ✓   ✓   ✓",
    _P.SEARCH_USE: "              ✓   ✓   ✓   ✓   ✓   ✓   ✓",
    _P.SAVED_VIEWS_WRITE: "       ✓   ✓   ✓   ✓   ✓   ✓   ✓",
    # A manager's own rows of the trash are those they deleted themselves.
    _P.TRASH_READ: "              –   –   ✓   S   –   ✓   ✓",
    _P.TRASH_RESTORE: "           –   –   –   S   –   ✓   ✓",
    _P.TRASH_PURGE: "             –   –   –   –   –   –   ✓",
    _P.USERS_READ: "              –   –   ✓   ✓   ✓   ✓   ✓",
    _P.ROLES_READ: "              –   –   ✓   ✓   ✓   ✓   ✓",
    _P.USERS_INVITE: "            –   –   –   –   –   ✓   ✓",
    _P.USERS_UPDATE: "            –   –   –   –   –   ✓   ✓",
    _P.USERS_CHANGE_ROLE: "       –   –   –   –   –   ✓   ✓",
    _P.USERS_DEACTIVATE: "        –   –   –   –   –   ✓   ✓",
    _P.USERS_DELETE: "            –   –   –   –   –   ✓   ✓",
    _P.USERS_REVOKE_SESSIONS: "   –   –   –   –   –   ✓   ✓",
    _P.USERS_VIEW_AS: "           –   –   –   –   –   ✓   ✓",
    _P.ORGANIZATION_READ: "       –   –   ✓   ✓   ✓   ✓   ✓",
    _P.BILLING_READ: "            –   –   ✓   ✓   ✓   ✓   ✓",
    _P.ORGANIZATION_UPDATE: "     –   –   –   –   –   ✓   ✓",
    _P.AI_CONFIG_UPDATE: "        –   –   –   –   –   ✓   ✓",
    _P.WEBHOOKS_MANAGE: "         –   –   –   –   –   ✓   ✓",
    _P.API_KEYS_MANAGE: "         –   –   –   –   –   ✓   ✓",
    _P.ORGANIZATION_EXPORT: "     –   –   –   –   –   ✓   ✓",
    _P.BILLING_UPDATE: "          –   –   –   –   –   –   ✓",
    # For calls and the audit trail; the other periods require only the permission to edit the organization.
    _P.RETENTION_UPDATE: "        –   –   –   –   –   –   ✓",
    _P.ORGANIZATION_DELETE: "     –   –   –   –   –   –   ✓",
    _P.USERS_GRANT_OWNER: "       –   –   –   –   –   –   ✓",
    _P.WEBHOOKS_READ: "           –   –   ✓   –   –   ✓   ✓",
    _P.JOBS_READ: "               –   –   ✓   –   –   ✓   ✓",
    _P.SYSTEM_READ: "             –   –   ✓   –   –   ✓   ✓",
    _P.WEBHOOKS_REPLAY: "         –   –   –   –   –   ✓   ✓",
    _P.JOBS_RETRY: "              –   –   –   –   –   ✓   ✓",
    _P.OUTBOX_READ: "             –   –   –   –   –   ✓   ✓",
    # Only links for people with a lower role, and invitations that they could send themselves.
    _P.OUTBOX_READ_LINKS: "       –   –   –   –   –   ✓   ✓",
    _P.SYSTEM_REPAIR: "           –   –   –   –   –   ✓   ✓",
    # No role of an organization has these: they are for platform staff, and all but entering only for its admins.
    _P.MAINTENANCE_WRITE: "       –   –   –   –   –   –   –",
    _P.ORGANIZATIONS_ENTER: "     –   –   –   –   –   –   –",
    _P.ORGANIZATIONS_MANAGE: "    –   –   –   –   –   –   –",
}


def _cells(row: str) -> dict[Role, Extent]:
    return dict(zip(Role, map(Extent, row.split()), strict=True))


#: permission → role → extent, in the order of the page of roles
MATRIX = MappingProxyType({permission: MappingProxyType(_cells(row)) for permission, row in _ROWS.items()})

_PERMISSIONS = {
    role: frozenset(permission for permission, row in MATRIX.items() if row[role] is not Extent.NONE) for role in Role
}


def extent_of(role: Role, permission: Permission) -> Extent:
    """Return the extent of `permission` for `role`."""
    return MATRIX[permission][role]


def permissions_of(role: Role) -> frozenset[Permission]:
    """Return all permissions of `role`, regardless of their extent."""
    return _PERMISSIONS[role]


def unlimited_permissions(role: Role, granted: frozenset[Permission]) -> frozenset[Permission]:
    """Return the permissions that cover the whole organization for a role with these grants."""
    return granted | {permission for permission, row in MATRIX.items() if row[role] is Extent.ALL}


#: Additional permissions of platform staff; they can't be granted to anyone in an organization.
STAFF_PERMISSIONS = MappingProxyType(
    {
        StaffRole.SUPPORT: frozenset({_P.ORGANIZATIONS_ENTER}),
        StaffRole.ADMIN: frozenset({_P.ORGANIZATIONS_ENTER, _P.ORGANIZATIONS_MANAGE, _P.MAINTENANCE_WRITE}),
    }
)
#: All permissions of platform staff.
PLATFORM_PERMISSIONS = frozenset().union(*STAFF_PERMISSIONS.values())
_GRANTABLE = {permission.value: permission for permission in Permission if permission not in PLATFORM_PERMISSIONS}


def grants_of(names: Iterable[str]) -> frozenset[Permission]:
    """Return the granted permissions with these stored names, without unknown and platform permissions.

    A grant can outlive its permission, if a later version removes that. Platform permissions can't be granted.
    """
    return frozenset(_GRANTABLE[name] for name in names if name in _GRANTABLE)


def first_role_with(permission: Permission) -> Role | None:
    """Return the first role, in the order of `Role`, that has the permission; None if there is none."""
    return next((role for role, extent in MATRIX[permission].items() if extent is not Extent.NONE), None)
