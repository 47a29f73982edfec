"""What each permission is in words: the one table for the matrix, for single grants, for keys, for differences."""

from dataclasses import dataclass
from enum import Enum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.security.permissions import Permission


class Area(Enum):
    """What permissions are grouped by, in the order of the matrix."""

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
    INSTALLATION = _l("Integrations and operation")
    PLATFORM = _l("Platform")


@dataclass(frozen=True, slots=True)
class Words:
    """`label` is what one may do; `rule` what the matrix cannot say in a cell."""

    area: Area
    label: LazyString
    rule: LazyString | None = None


_P, _A = Permission, Area

_WORDS: dict[Permission, Words] = {
    _P.DASHBOARDS_CSR: Words(
        _A.DASHBOARDS, _l("See the CSR dashboard"), _l("“Own” is one’s own numbers, not those of the team.")
    ),
    _P.DASHBOARDS_REP: Words(
        _A.DASHBOARDS, _l("See the sales rep’s day"), _l("“Own” is one’s own numbers, not those of the team.")
    ),
    _P.DASHBOARDS_EXEC: Words(_A.DASHBOARDS, _l("See the company’s dashboards")),
    _P.CALLS_READ: Words(
        _A.CALLS,
        _l("See calls"),
        _l("One’s own are those that one spoke in, is credited with, or is assigned to as a rep."),
    ),
    _P.CALLS_UPDATE: Words(_A.CALLS, _l("Change a call: outcome, notes, links")),
    _P.CALLS_RECLASSIFY: Words(
        _A.CALLS,
        _l("Set the booking status of a call"),
        _l("A CSR sets it while there is none. After that they dispute it, and a manager decides."),
    ),
    _P.CALLS_ASSIGN: Words(_A.CALLS, _l("Credit calls to somebody")),
    _P.CALLS_IMPORT: Words(_A.CALLS, _l("Import calls")),
    _P.ANALYSES_IMPORT: Words(_A.CALLS, _l("Import analyses")),
    _P.DISPUTES_DECIDE: Words(_A.CALLS, _l("Decide disputes")),
    _P.COACHING_WRITE: Words(
        _A.CALLS, _l("Coach about calls"), _l("The CSR of the call answers, and marks it as done.")
    ),
    _P.MISSED_CALLS_READ: Words(
        _A.CALLS, _l("See the missed-call queue"), _l("The queue is shared work: whoever sees it sees all of it.")
    ),
    _P.MISSED_CALLS_WORK: Words(_A.CALLS, _l("Claim missed calls and call back")),
    _P.MISSED_CALLS_CORRECT: Words(_A.CALLS, _l("Correct who won a caller back, block numbers")),
    _P.CONTACTS_READ: Words(
        _A.CONTACTS,
        _l("See contacts"),
        _l("One’s own are those of one’s calls, leads, appointments and claims, and those that one has made."),
    ),
    _P.CONTACTS_WRITE: Words(_A.CONTACTS, _l("Make and change contacts")),
    _P.CONTACTS_DELETE: Words(_A.CONTACTS, _l("Delete contacts")),
    _P.CONTACTS_IMPORT: Words(_A.CONTACTS, _l("Import contacts")),
    _P.CONTACTS_MERGE: Words(_A.CONTACTS, _l("Merge contacts")),
    _P.CONTACTS_ERASE: Words(_A.CONTACTS, _l("Erase a person for good, as the law asks")),
    _P.LEADS_READ: Words(_A.CONTACTS, _l("See leads")),
    _P.LEADS_WRITE: Words(_A.CONTACTS, _l("Make and change leads")),
    _P.LEADS_ASSIGN: Words(_A.CONTACTS, _l("Give leads to somebody")),
    _P.LEADS_DELETE: Words(_A.CONTACTS, _l("Delete leads")),
    _P.DEALS_IMPORT: Words(_A.CONTACTS, _l("Import deals")),
    _P.APPOINTMENTS_READ: Words(_A.APPOINTMENTS, _l("See appointments")),
    _P.APPOINTMENTS_WRITE: Words(_A.APPOINTMENTS, _l("Book and change appointments")),
    _P.APPOINTMENTS_ASSIGN: Words(_A.APPOINTMENTS, _l("Give appointments to somebody")),
    _P.APPOINTMENTS_DELETE: Words(_A.APPOINTMENTS, _l("Delete appointments")),
    _P.RECORDINGS_READ: Words(
        _A.APPOINTMENTS,
        _l("Hear recordings of visits"),
        _l("The sound, transcript and analysis of a visit need this wherever they are shown."),
    ),
    _P.RECORDINGS_WRITE: Words(_A.APPOINTMENTS, _l("Record visits")),
    _P.RECORDINGS_DELETE: Words(_A.APPOINTMENTS, _l("Delete recordings")),
    _P.TASKS_READ: Words(_A.TASKS, _l("See tasks")),
    _P.TASKS_WRITE: Words(_A.TASKS, _l("Make and change tasks")),
    _P.TASKS_ASSIGN: Words(_A.TASKS, _l("Give tasks to somebody")),
    _P.TASKS_DELETE: Words(_A.TASKS, _l("Delete tasks")),
    _P.EVENTS_READ: Words(_A.TASKS, _l("See the calendar")),
    _P.EVENTS_WRITE: Words(_A.TASKS, _l("Make and change events")),
    _P.EVENTS_DELETE: Words(_A.TASKS, _l("Delete events")),
    _P.NOTE_TEMPLATES_WRITE: Words(_A.KNOWLEDGE, _l("Write templates of notes")),
    _P.KNOWLEDGE_READ: Words(_A.KNOWLEDGE, _l("Read the knowledge base")),
    _P.KNOWLEDGE_WRITE: Words(_A.KNOWLEDGE, _l("Write the knowledge base")),
    _P.KNOWLEDGE_DELETE: Words(_A.KNOWLEDGE, _l("Delete from the knowledge base")),
    _P.PHONE_NUMBERS_READ: Words(_A.KNOWLEDGE, _l("See phone numbers")),
    _P.PHONE_NUMBERS_WRITE: Words(_A.KNOWLEDGE, _l("Add and change phone numbers")),
    _P.PHONE_NUMBERS_DELETE: Words(_A.KNOWLEDGE, _l("Delete phone numbers")),
    _P.EXPORTS_CREATE: Words(
        _A.INSIGHT,
        _l("Have files made in the background"),
        _l("What is exported must be seen besides; support exports the audit trail only."),
    ),
    _P.ASK_USE: Words(_A.INSIGHT, _l("Ask questions"), _l("Answers come from what the person who asks may see.")),
    _P.SEARCH_USE: Words(_A.INSIGHT, _l("Search"), _l("Finds what the person who searches may see.")),
    _P.REPORTS_READ: Words(_A.INSIGHT, _l("Read reports")),
    _P.REPORTS_MANAGE: Words(_A.INSIGHT, _l("Say when reports are written, and who gets them by mail")),
    _P.COSTS_READ: Words(_A.INSIGHT, _l("See what calls and messages cost")),
    _P.TARGETS_WRITE: Words(_A.INSIGHT, _l("Set targets of numbers")),
    _P.SAVED_VIEWS_WRITE: Words(_A.INSIGHT, _l("Save views of lists")),
    _P.SAVED_VIEWS_SHARE: Words(_A.INSIGHT, _l("Share views with everybody")),
    _P.AUDIT_READ: Words(_A.TRUST, _l("Read the audit trail")),
    _P.AUDIT_VERIFY: Words(_A.TRUST, _l("Verify the audit trail")),
    _P.AUDIT_REVERT: Words(
        _A.TRUST, _l("Revert a recorded change"), _l("Needs the right to change the record itself besides.")
    ),
    _P.TRASH_READ: Words(_A.TRUST, _l("See the trash"), _l("A manager’s own rows are what they have deleted.")),
    _P.TRASH_RESTORE: Words(
        _A.TRUST, _l("Restore from the trash"), _l("A manager’s own rows are what they have deleted.")
    ),
    _P.TRASH_PURGE: Words(_A.TRUST, _l("Delete from the trash for good"), _l("Only an owner can grant this.")),
    _P.USERS_READ: Words(_A.PEOPLE, _l("See people")),
    _P.USERS_INVITE: Words(_A.PEOPLE, _l("Invite people")),
    _P.USERS_UPDATE: Words(_A.PEOPLE, _l("Change people’s details"), _l("Nobody changes a person who is above them.")),
    _P.USERS_CHANGE_ROLE: Words(
        _A.PEOPLE,
        _l("Change roles and grant permissions"),
        _l("Nobody gives or takes a role above their own, or grants what they do not have themselves."),
    ),
    _P.USERS_GRANT_OWNER: Words(_A.PEOPLE, _l("Make somebody an owner"), _l("Only an owner can grant this.")),
    _P.USERS_DEACTIVATE: Words(_A.PEOPLE, _l("Deactivate people")),
    _P.USERS_DELETE: Words(_A.PEOPLE, _l("Delete people")),
    _P.USERS_REVOKE_SESSIONS: Words(_A.PEOPLE, _l("See and end other people’s sessions")),
    _P.USERS_VIEW_AS: Words(
        _A.PEOPLE,
        _l("See pages as somebody else"),
        _l("Read-only, for 30 minutes, and never as somebody who may see more."),
    ),
    _P.ROLES_READ: Words(_A.PEOPLE, _l("See who may do what")),
    _P.ORGANIZATION_READ: Words(_A.ORGANIZATION, _l("See the organization’s settings")),
    _P.ORGANIZATION_UPDATE: Words(_A.ORGANIZATION, _l("Change the organization’s settings")),
    _P.ORGANIZATION_EXPORT: Words(_A.ORGANIZATION, _l("Export all data of the organization")),
    _P.ORGANIZATION_DELETE: Words(_A.ORGANIZATION, _l("Delete the organization"), _l("Only an owner can grant this.")),
    _P.AI_CONFIG_UPDATE: Words(_A.ORGANIZATION, _l("Set up the AI assistant")),
    _P.BILLING_READ: Words(_A.ORGANIZATION, _l("See plan and invoices")),
    _P.BILLING_UPDATE: Words(_A.ORGANIZATION, _l("Change the plan"), _l("Only an owner can grant this.")),
    _P.API_KEYS_MANAGE: Words(
        _A.ORGANIZATION,
        _l("Make and end API keys"),
        _l("A key never may more than whoever has made it, and ends when they are demoted."),
    ),
    _P.WEBHOOKS_READ: Words(_A.INSTALLATION, _l("See webhook deliveries")),
    _P.WEBHOOKS_MANAGE: Words(_A.INSTALLATION, _l("Set up integrations and webhooks")),
    _P.WEBHOOKS_REPLAY: Words(_A.INSTALLATION, _l("Replay webhook deliveries")),
    _P.JOBS_READ: Words(_A.INSTALLATION, _l("See background jobs")),
    _P.JOBS_RETRY: Words(_A.INSTALLATION, _l("Retry background jobs")),
    _P.OUTBOX_READ: Words(_A.INSTALLATION, _l("See messages that were not sent")),
    _P.SYSTEM_READ: Words(_A.INSTALLATION, _l("See the state of the system")),
    _P.SYSTEM_REPAIR: Words(_A.INSTALLATION, _l("Repair data")),
    _P.MAINTENANCE_WRITE: Words(
        _A.PLATFORM, _l("Announce maintenance"), _l("For the platform’s own admins; nobody can be granted it.")
    ),
    _P.ORGANIZATIONS_ENTER: Words(
        _A.PLATFORM,
        _l("List and enter organizations"),
        _l("For the platform’s own people; nobody can be granted it."),
    ),
    _P.ORGANIZATIONS_MANAGE: Words(
        _A.PLATFORM,
        _l("Onboard, delete and restore organizations"),
        _l("For the platform’s own admins; nobody can be granted it."),
    ),
}


def words_of_permission(permission: Permission) -> Words:
    """Its area, what it lets people do, and the rule beside it."""
    return _WORDS[permission]


def permission_label(permission: Permission) -> LazyString:
    """What it lets people do: "See calls"."""
    return _WORDS[permission].label
