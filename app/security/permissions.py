"""Names of permissions, `resource:action`, and the labels of roles."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.models.users import Role

__all__ = ["Permission", "Role", "role_label"]


class Permission(StrEnum):
    """Permissions that roles have, and that can be granted to people and API keys in addition."""

    DASHBOARDS_CSR = "dashboards:csr"
    DASHBOARDS_REP = "dashboards:rep"
    DASHBOARDS_EXEC = "dashboards:exec"

    CALLS_READ = "calls:read"
    CALLS_UPDATE = "calls:update"
    CALLS_RECLASSIFY = "calls:reclassify"
    CALLS_ASSIGN = "calls:assign"
    CALLS_IMPORT = "calls:import"
    ANALYSES_IMPORT = "analyses:import"
    DISPUTES_DECIDE = "disputes:decide"
    COACHING_READ = "coaching:read"
    COACHING_WRITE = "coaching:write"
    MISSED_CALLS_READ = "missed_calls:read"
    MISSED_CALLS_WORK = "missed_calls:work"
    MISSED_CALLS_CORRECT = "missed_calls:correct"

    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    CONTACTS_DELETE = "contacts:delete"
    CONTACTS_IMPORT = "contacts:import"
    CONTACTS_MERGE = "contacts:merge"
    CONTACTS_ERASE = "contacts:erase"
    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    LEADS_ASSIGN = "leads:assign"
    LEADS_DELETE = "leads:delete"
    DEALS_IMPORT = "deals:import"

    APPOINTMENTS_READ = "appointments:read"
    APPOINTMENTS_WRITE = "appointments:write"
    APPOINTMENTS_ASSIGN = "appointments:assign"
    APPOINTMENTS_DELETE = "appointments:delete"
    RECORDINGS_READ = "recordings:read"
    RECORDINGS_WRITE = "recordings:write"
    RECORDINGS_DELETE = "recordings:delete"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    TASKS_ASSIGN = "tasks:assign"
    TASKS_DELETE = "tasks:delete"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    EVENTS_DELETE = "events:delete"

    NOTE_TEMPLATES_WRITE = "note_templates:write"
    KNOWLEDGE_READ = "knowledge:read"
    KNOWLEDGE_WRITE = "knowledge:write"
    KNOWLEDGE_DELETE = "knowledge:delete"
    PHONE_NUMBERS_READ = "phone_numbers:read"
    PHONE_NUMBERS_WRITE = "phone_numbers:write"
    PHONE_NUMBERS_DELETE = "phone_numbers:delete"

    EXPORTS_CREATE = "exports:create"
    ASK_USE = "ask:use"
    SEARCH_USE = "search:use"
    REPORTS_READ = "reports:read"
    REPORTS_MANAGE = "reports:manage"
    COSTS_READ = "costs:read"
    TARGETS_WRITE = "targets:write"
    SAVED_VIEWS_WRITE = "saved_views:write"
    SAVED_VIEWS_SHARE = "saved_views:share"

    AUDIT_READ = "audit:read"
    AUDIT_VERIFY = "audit:verify"
    AUDIT_REVERT = "audit:revert"
    TRASH_READ = "trash:read"
    TRASH_RESTORE = "trash:restore"
    TRASH_PURGE = "trash:purge"

    USERS_READ = "users:read"
    USERS_INVITE = "users:invite"
    USERS_UPDATE = "users:update"
    USERS_CHANGE_ROLE = "users:change_role"
    USERS_GRANT_OWNER = "users:grant_owner"
    USERS_DEACTIVATE = "users:deactivate"
    USERS_DELETE = "users:delete"
    USERS_REVOKE_SESSIONS = "users:revoke_sessions"
    USERS_VIEW_AS = "users:view_as"
    ROLES_READ = "roles:read"

    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_UPDATE = "organization:update"
    ORGANIZATION_EXPORT = "organization:export"
    ORGANIZATION_DELETE = "organization:delete"
    RETENTION_UPDATE = "retention:update"
    AI_CONFIG_UPDATE = "ai_config:update"
    BILLING_READ = "billing:read"
    BILLING_UPDATE = "billing:update"
    API_KEYS_MANAGE = "api_keys:manage"

    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_MANAGE = "webhooks:manage"
    WEBHOOKS_REPLAY = "webhooks:replay"
    JOBS_READ = "jobs:read"
    JOBS_RETRY = "jobs:retry"
    OUTBOX_READ = "outbox:read"
    OUTBOX_READ_LINKS = "outbox:read_links"
    SYSTEM_READ = "system:read"
    SYSTEM_REPAIR = "system:repair"
    MAINTENANCE_WRITE = "maintenance:write"
    ORGANIZATIONS_ENTER = "organizations:enter"
    ORGANIZATIONS_MANAGE = "organizations:manage"


_LABELS = {
    Role.CSR: _l("CSR"),
    Role.SALES_REP: _l("Sales rep"),
    Role.SUPPORT: _l("Support"),
    Role.MANAGER: _l("Manager"),
    Role.EXEC: _l("Exec"),
    Role.ADMIN: _l("Admin"),
    Role.OWNER: _l("Owner"),
}


def role_label(role: Role) -> LazyString:
    """Return the display name of a role, in the reader's language."""
    return _LABELS[role]
