"""Labels of all permissions, shared by the matrix, grants, API keys and previews."""

from dataclasses import dataclass
from enum import Enum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.security.permissions import Permission


class Area(Enum):
    """Areas that group the permissions, in the order of the matrix."""

    DASHBOARDS = _l("Dashboards")
    CALLS = _l("Calls")
    CONTACTS = _l("Contacts and leads")
    APPOINTMENTS = _l("Appointments and recordings")
    TASKS = _l("Tasks and calendar")
    KNOWLEDGE = _l("Knowledge and phone numbers")
    INSIGHT = _l("Search, reports and files")
    TRUST = _l("Audit trail and trash")
    PEOPLE = _l("People and roles")
    ORGANIZATION = _l("Organization")
    INSTALLATION = _l("Integrations and operations")
    PLATFORM = _l("Platform")


@dataclass(frozen=True, slots=True)
class Words:
    """Wording of a permission.

    `label` is the action that it allows; `rule` is what the matrix can't express in a cell.
    """

    area: Area
    label: LazyString
    rule: LazyString | None = None


_P, _A = Permission, Area

_WORDS: dict[Permission, Words] = {
    _P.DASHBOARDS_CSR: Words(
        _A.DASHBOARDS, _l("View the CSR dashboard"), _l("“Own” means your own numbers, not the team’s.")
    ),
    _P.DASHBOARDS_REP: Words(
        _A.DASHBOARDS, _l("View the sales rep dashboard"), _l("“Own” means your own numbers, not the team’s.")
    ),
    _P.DASHBOARDS_EXEC: Words(_A.DASHBOARDS, _l("View organization dashboards")),
    _P.CALLS_READ: Words(
        _A.CALLS,
        _l("View calls"),
        _l("“Own” means calls you took part in, are credited with, or are assigned to as a rep."),
    ),
    _P.CALLS_UPDATE: Words(_A.CALLS, _l("Edit calls: outcome, notes, links")),
    _P.CALLS_RECLASSIFY: Words(
        _A.CALLS,
        _l("Set the booking status of a call"),
        _l("CSRs can set a call’s booking status once. After that they can dispute it, and a manager decides."),
    ),
    _P.CALLS_ASSIGN: Words(_A.CALLS, _l("Assign call credit")),
    _P.CALLS_IMPORT: Words(_A.CALLS, _l("Import calls")),
    _P.ANALYSES_IMPORT: Words(_A.CALLS, _l("Import analyses")),
    _P.DISPUTES_DECIDE: Words(_A.CALLS, _l("Decide disputes")),
    _P.COACHING_READ: Words(
        _A.CALLS,
        _l("View coaching notes"),
        _l("Everyone can see the coaching notes they wrote, and CSRs those on their own calls."),
    ),
    _P.COACHING_WRITE: Words(
        _A.CALLS, _l("Coach CSRs on calls"), _l("The call’s CSR can reply to coaching notes and mark them as done.")
    ),
    _P.MISSED_CALLS_READ: Words(
        _A.CALLS,
        _l("View the missed-call queue"),
        _l("The missed-call queue is shared: anyone who can see it sees all of it."),
    ),
    _P.MISSED_CALLS_WORK: Words(_A.CALLS, _l("Claim missed calls and call back")),
    _P.MISSED_CALLS_CORRECT: Words(_A.CALLS, _l("Correct rescue credit and block numbers")),
    _P.CONTACTS_READ: Words(
        _A.CONTACTS,
        _l("View contacts"),
        _l("“Own” means contacts from your calls, leads, appointments and claims, and those you created."),
    ),
    _P.CONTACTS_WRITE: Words(_A.CONTACTS, _l("Add and edit contacts")),
    _P.CONTACTS_DELETE: Words(_A.CONTACTS, _l("Delete contacts")),
    _P.CONTACTS_IMPORT: Words(_A.CONTACTS, _l("Import contacts")),
    _P.CONTACTS_MERGE: Words(_A.CONTACTS, _l("Merge contacts")),
    _P.CONTACTS_ERASE: Words(_A.CONTACTS, _l("Permanently erase a person’s data, as the law requires")),
    _P.LEADS_READ: Words(_A.CONTACTS, _l("View leads")),
    _P.LEADS_WRITE: Words(_A.CONTACTS, _l("Add and edit leads")),
    _P.LEADS_ASSIGN: Words(_A.CONTACTS, _l("Assign leads")),
    _P.LEADS_DELETE: Words(_A.CONTACTS, _l("Delete leads")),
    _P.DEALS_IMPORT: Words(_A.CONTACTS, _l("Import deals, leads, appointments and people")),
    _P.APPOINTMENTS_READ: Words(_A.APPOINTMENTS, _l("View appointments")),
    _P.APPOINTMENTS_WRITE: Words(_A.APPOINTMENTS, _l("Book and change appointments")),
    _P.APPOINTMENTS_ASSIGN: Words(
        _A.APPOINTMENTS, _l("Assign appointments"), _l("Includes changing who booked an appointment.")
    ),
    _P.APPOINTMENTS_DELETE: Words(_A.APPOINTMENTS, _l("Delete appointments")),
    _P.RECORDINGS_READ: Words(
        _A.APPOINTMENTS,
        _l("Listen to appointment recordings"),
        _l("Appointment audio, transcripts and analyses require this permission wherever they appear."),
    ),
    _P.RECORDINGS_WRITE: Words(_A.APPOINTMENTS, _l("Record appointment audio")),
    _P.RECORDINGS_DELETE: Words(_A.APPOINTMENTS, _l("Delete recordings")),
    _P.TASKS_READ: Words(_A.TASKS, _l("View tasks")),
    _P.TASKS_WRITE: Words(_A.TASKS, _l("Add and edit tasks")),
    _P.TASKS_ASSIGN: Words(_A.TASKS, _l("Assign tasks")),
    _P.TASKS_DELETE: Words(_A.TASKS, _l("Delete tasks")),
    _P.EVENTS_READ: Words(_A.TASKS, _l("View the calendar")),
    _P.EVENTS_WRITE: Words(_A.TASKS, _l("Add and edit events")),
    _P.EVENTS_DELETE: Words(_A.TASKS, _l("Delete events")),
    _P.NOTE_TEMPLATES_WRITE: Words(_A.KNOWLEDGE, _l("Manage note templates")),
    _P.KNOWLEDGE_READ: Words(_A.KNOWLEDGE, _l("View the knowledge base")),
    _P.KNOWLEDGE_WRITE: Words(_A.KNOWLEDGE, _l("Manage knowledge items")),
    _P.KNOWLEDGE_DELETE: Words(_A.KNOWLEDGE, _l("Delete knowledge items")),
    _P.PHONE_NUMBERS_READ: Words(_A.KNOWLEDGE, _l("View phone numbers")),
    _P.PHONE_NUMBERS_WRITE: Words(_A.KNOWLEDGE, _l("Add and edit phone numbers")),
    _P.PHONE_NUMBERS_DELETE: Words(_A.KNOWLEDGE, _l("Delete phone numbers")),
    _P.EXPORTS_CREATE: Words(
        _A.INSIGHT,
        _l("Create exports"),
        _l("Exports also require permission to view what’s exported. For support, “own” means the audit trail."),
    ),
    _P.ASK_USE: Words(_A.INSIGHT, _l("Ask questions"), _l("Answers only use what the person asking can see.")),
    _P.SEARCH_USE: Words(_A.INSIGHT, _l("Search"), _l("Search only returns what the person searching can see.")),
    _P.REPORTS_READ: Words(_A.INSIGHT, _l("View reports")),
    _P.REPORTS_MANAGE: Words(_A.INSIGHT, _l("Manage report schedule and recipients")),
    _P.COSTS_READ: Words(_A.INSIGHT, _l("View call and message costs")),
    _P.TARGETS_WRITE: Words(_A.INSIGHT, _l("Set targets")),
    _P.SAVED_VIEWS_WRITE: Words(_A.INSIGHT, _l("Save list views")),
    _P.SAVED_VIEWS_SHARE: Words(_A.INSIGHT, _l("Share views with everyone")),
    _P.AUDIT_READ: Words(_A.TRUST, _l("View the audit trail")),
    _P.AUDIT_VERIFY: Words(_A.TRUST, _l("Verify the audit trail")),
    _P.AUDIT_REVERT: Words(
        _A.TRUST, _l("Revert recorded changes"), _l("Reverting also requires permission to edit the record itself.")
    ),
    _P.TRASH_READ: Words(
        _A.TRUST, _l("View the trash"), _l("For managers, “own” in the trash means what they deleted themselves.")
    ),
    _P.TRASH_RESTORE: Words(
        _A.TRUST,
        _l("Restore from the trash"),
        _l("For managers, “own” in the trash means what they deleted themselves."),
    ),
    _P.TRASH_PURGE: Words(
        _A.TRUST, _l("Permanently delete from the trash"), _l("Only an owner can grant this permission.")
    ),
    _P.USERS_READ: Words(_A.PEOPLE, _l("View people")),
    _P.USERS_INVITE: Words(_A.PEOPLE, _l("Invite people")),
    _P.USERS_UPDATE: Words(
        _A.PEOPLE, _l("Edit people’s details"), _l("People can’t change anyone with a higher role.")
    ),
    _P.USERS_CHANGE_ROLE: Words(
        _A.PEOPLE,
        _l("Change roles and grant permissions"),
        _l("People can’t give or remove a role above their own, or grant permissions they don’t have."),
    ),
    _P.USERS_GRANT_OWNER: Words(_A.PEOPLE, _l("Make someone an owner"), _l("Only an owner can grant this permission.")),
    _P.USERS_DEACTIVATE: Words(_A.PEOPLE, _l("Deactivate people")),
    _P.USERS_DELETE: Words(_A.PEOPLE, _l("Delete people")),
    _P.USERS_REVOKE_SESSIONS: Words(_A.PEOPLE, _l("View and end other people’s sessions")),
    _P.USERS_VIEW_AS: Words(
        _A.PEOPLE,
        _l("View as another person"),
        _l(
            "Viewing as another person is read-only and lasts up to 30 minutes. People can’t view as someone "
            "with more access than they have."
        ),
    ),
    _P.ROLES_READ: Words(_A.PEOPLE, _l("View roles and permissions")),
    _P.ORGANIZATION_READ: Words(_A.ORGANIZATION, _l("View organization settings")),
    _P.ORGANIZATION_UPDATE: Words(_A.ORGANIZATION, _l("Edit organization settings")),
    _P.ORGANIZATION_EXPORT: Words(_A.ORGANIZATION, _l("Export all organization data")),
    _P.ORGANIZATION_DELETE: Words(
        _A.ORGANIZATION, _l("Delete the organization"), _l("Only an owner can grant this permission.")
    ),
    _P.RETENTION_UPDATE: Words(
        _A.ORGANIZATION,
        _l("Change how long calls and the audit trail are kept"),
        _l("Only an owner can grant this permission."),
    ),
    _P.AI_CONFIG_UPDATE: Words(_A.ORGANIZATION, _l("Set up the AI assistant")),
    _P.BILLING_READ: Words(_A.ORGANIZATION, _l("View plan and invoices")),
    _P.BILLING_UPDATE: Words(_A.ORGANIZATION, _l("Change plan"), _l("Only an owner can grant this permission.")),
    _P.API_KEYS_MANAGE: Words(
        _A.ORGANIZATION,
        _l("Create and revoke API keys"),
        _l(
            "An API key never has more permissions than the person who created it, and stops working if they "
            "lose one of its permissions."
        ),
    ),
    _P.WEBHOOKS_READ: Words(_A.INSTALLATION, _l("View webhook deliveries")),
    _P.WEBHOOKS_MANAGE: Words(_A.INSTALLATION, _l("Set up integrations and webhooks")),
    _P.WEBHOOKS_REPLAY: Words(_A.INSTALLATION, _l("Replay webhook deliveries")),
    _P.JOBS_READ: Words(_A.INSTALLATION, _l("View background jobs")),
    _P.JOBS_RETRY: Words(_A.INSTALLATION, _l("Retry background jobs")),
    _P.OUTBOX_READ: Words(_A.INSTALLATION, _l("View outgoing messages")),
    _P.OUTBOX_READ_LINKS: Words(
        _A.INSTALLATION,
        _l("View links in outgoing messages"),
        _l("A link that opens someone’s account is shown only to people with a higher role than theirs."),
    ),
    _P.SYSTEM_READ: Words(_A.INSTALLATION, _l("View system health")),
    _P.SYSTEM_REPAIR: Words(_A.INSTALLATION, _l("Repair data")),
    _P.MAINTENANCE_WRITE: Words(
        _A.PLATFORM, _l("Announce maintenance"), _l("This permission is for platform admins only and can’t be granted.")
    ),
    _P.ORGANIZATIONS_ENTER: Words(
        _A.PLATFORM,
        _l("List and enter organizations"),
        _l("This permission is for platform staff only and can’t be granted."),
    ),
    _P.ORGANIZATIONS_MANAGE: Words(
        _A.PLATFORM,
        _l("Onboard, delete and restore organizations"),
        _l("This permission is for platform admins only and can’t be granted."),
    ),
}


def words_of_permission(permission: Permission) -> Words:
    """Return the area, the label and the rule of a permission."""
    return _WORDS[permission]


def permission_label(permission: Permission) -> LazyString:
    """Return the label of a permission, such as "View calls"."""
    return _WORDS[permission].label
