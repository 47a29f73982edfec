"""The words of the audit trail: a sentence for each action, names of what was changed and of its fields.

To add an action (`app.audit.actions`): give it its words here. What has none, such as an action of an older release, is
shown by its name made readable. A kind of record has the words of its resource.
"""

import re
from collections import ChainMap
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from typing import Any, TypeVar

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.collation import sort_key
from app.declarations.registry import registry
from app.declarations.resource import capitalized
from app.errors import Sentence as Text
from app.trust.audit_log.field_words import FIELDS
from app.trust.audit_log.rare_field_words import RARE
from app.trust.audit_log.revert_rules import NO_CHANGES

Said = TypeVar("Said")

#: Names come from rows too, some of which an older release has written.
_MAX_REMEMBERED = 10_000

#: What stands in a route for the id of a record.
_ARGUMENT = re.compile(r"<[^>]*>")

#: What the database calls a change that nobody has named, with what is changed after it.
VERBS: Mapping[str, Text] = {
    "created": _l("Added: %(thing)s"),
    "updated": _l("Changed: %(thing)s"),
    "deleted": _l("Deleted: %(thing)s"),
    "restored": _l("Restored: %(thing)s"),
    "purged": _l("Removed for good: %(thing)s"),
}

ACTIONS: Mapping[Action, Text] = {
    Action.SESSION_FAILED: _l("Failed to sign in"),
    Action.SECOND_FACTOR_FAILED: _l("Gave a wrong second factor"),
    Action.SESSION_STARTED: _l("Signed in"),
    Action.SESSION_ENTERED: _l("Came in from the platform"),
    Action.SESSION_LEFT: _l("Went back to the platform"),
    Action.SESSION_VIEWING_STARTED: _l("Began to view as another person"),
    Action.SESSION_VIEWING_ENDED: _l("Ended viewing as another person"),
    Action.SESSION_ENDED: _l("Signed out"),
    Action.ORGANIZATIONS_LISTED: _l("Looked at the list of organizations"),
    Action.ORGANIZATION_ENTERED: _l("Entered the organization"),
    Action.ORGANIZATION_LEFT: _l("Left the organization"),
    Action.ORGANIZATION_DELETED: _l("Deleted the organization"),
    Action.ORGANIZATION_WEBHOOK_KEY_RENEWED: _l("Made a new webhook key"),
    Action.API_KEY_ROTATED: _l("Gave an API key a new text"),
    Action.API_KEY_REVOKED: _l("Revoked an API key"),
    Action.ORGANIZATION_PURGE_REQUESTED: _l("Asked for an organization to be removed for good"),
    Action.RETENTION_APPLIED: _l("Removed records that were kept long enough"),
    Action.ORGANIZATION_HELD: _l("Put the data under legal hold"),
    Action.ORGANIZATION_RELEASED: _l("Ended the legal hold"),
    Action.ORGANIZATION_REPAIRED: _l("Repaired records"),
    Action.MESSAGE_LINK_SHOWN: _l("Looked at the secret link of a message"),
    Action.PERMISSION_REFUSED: _l("Was refused"),
    Action.JOB_REQUESTED: _l("Asked for a job"),
    Action.JOB_RETRIED: _l("Had a job tried again"),
    Action.JOB_DISMISSED: _l("Dismissed a failed job"),
    Action.CALLS_EXPORTED: _l("Exported calls"),
    Action.LIST_EXPORTED: _l("Exported a list"),
    Action.RECORDING_PLAYED: _l("Played a recording"),
    Action.IMPORT_ERRORS_EXPORTED: _l("Exported the rejected rows of an import"),
    Action.AUDIT_VERIFIED: _l("Verified the audit trail"),
    Action.AUDIT_ERASED: _l("Erased values from the audit trail"),
    Action.AUDIT_DROPPED: _l("Dropped a month of the audit trail"),
    Action.EXPORT_DOWNLOADED: _l("Downloaded an export"),
    Action.AUDIT_EXPORTED: _l("Exported the audit trail"),
    Action.PEOPLE_SEARCHED: _l("Looked for a person’s data"),
    Action.PERSON_EXPORTED: _l("Exported a person’s data"),
    Action.ORGANIZATION_EXPORTED: _l("Exported all data of the organization"),
    Action.ERASURE_COMPLETED: _l("Erased a person"),
    Action.ERASURE_FAILED: _l("Failed to erase a person"),
    Action.DEMONSTRATION_LOADED: _l("Loaded the demonstration"),
    Action.USER_ROLE_CHANGED: _l("Changed a role"),
    Action.USER_DEACTIVATED: _l("Deactivated a person"),
    Action.USER_ACTIVATED: _l("Activated a person"),
    Action.USER_SUSPENDED: _l("Suspended a person"),
    Action.USER_LET_BACK: _l("Let a suspended person back"),
    Action.ORGANIZATION_SUSPENDED: _l("Suspended the organization"),
    Action.ORGANIZATION_LET_BACK: _l("Opened the organization again"),
    Action.USER_SECOND_FACTOR_SET: _l("Set up a second factor"),
    Action.USER_SECOND_FACTOR_REMOVED: _l("Removed a second factor"),
    Action.USER_SECOND_FACTOR_RESET: _l("Removed a person’s lost second factor"),
    Action.USER_PASSWORD_LINK_SENT: _l("Sent a link to set a password"),
    Action.USER_PERMISSION_GRANTED: _l("Granted an extra permission"),
    Action.USER_PERMISSION_TAKEN: _l("Took an extra permission away"),
    Action.USER_ANONYMIZED: _l("Made a person anonymous"),
    Action.INVITATION_ACCEPTED: _l("Accepted an invitation"),
    Action.INVITATION_REVOKED: _l("Took back an invitation"),
    Action.CALL_RECLASSIFIED: _l("Set the booking status of a call"),
    Action.DISPUTE_RAISED: _l("Disputed the booking status of a call"),
    Action.DISPUTE_ACCEPTED: _l("Accepted a dispute about a booking status"),
    Action.DISPUTE_REJECTED: _l("Rejected a dispute about a booking status"),
    Action.COACHING_DONE: _l("Marked a coaching note as done"),
    Action.CALL_STARTED: _l("Called from here"),
    Action.CALL_ENDED: _l("Said how a call went"),
    Action.CALL_RESUMED: _l("Took back how a call went"),
    Action.MISSED_CALL_CLAIMED: _l("Claimed a missed call"),
    Action.MISSED_CALL_RELEASED: _l("Gave a missed call back to the queue"),
    Action.MISSED_CALL_ATTEMPTED: _l("Tried to reach a missed caller"),
    Action.MISSED_CALL_RESCUED: _l("A missed caller was won back"),
    Action.MISSED_CALL_DISMISSED: _l("Dismissed a missed call"),
    Action.MISSED_CALL_CREDITED: _l("Corrected who won a missed caller back"),
    Action.MISSED_CALL_REOPENED: _l("Put a missed call back into the queue"),
    Action.CALL_REVERTED: _l("Set a change of a call back"),
    Action.CALL_NOTE_REVERTED: _l("Set a change of a call note back"),
    Action.CONTACT_CARD_REVERTED: _l("Set a change of a contact back"),
    Action.CONTACT_CARD_MERGED: _l("Merged two contacts"),
    Action.CONTACT_NOTE_REVERTED: _l("Set a change of a note about a contact back"),
    Action.LEAD_REVERTED: _l("Set a change of a lead back"),
    Action.LEAD_STAGE_CHANGED: _l("Moved a lead to another stage"),
    Action.LEAD_QUALIFIED: _l("Qualified a lead"),
    Action.LEAD_ASSIGNED: _l("Assigned a lead"),
    Action.LEAD_CLOSED: _l("Closed a lead"),
    Action.LEAD_REOPENED: _l("Re-opened a lead"),
    Action.APPOINTMENT_BOOKED: _l("Booked an appointment"),
    Action.APPOINTMENT_RESCHEDULED: _l("Rescheduled an appointment"),
    Action.APPOINTMENT_ASSIGNED: _l("Gave an appointment to another sales rep"),
    Action.APPOINTMENT_CANCELLED: _l("Cancelled an appointment"),
    Action.APPOINTMENT_MISSED: _l("Noted that nobody was there at an appointment"),
    Action.APPOINTMENT_COMPLETED: _l("Completed an appointment"),
    Action.APPOINTMENT_OUTCOME_SET: _l("Set the outcome of an appointment"),
    Action.APPOINTMENT_REVERTED: _l("Set a change of an appointment back"),
    Action.TASK_REVERTED: _l("Set a change of a task back"),
    Action.TASK_COMPLETED: _l("Completed a task"),
    Action.TASK_REOPENED: _l("Reopened a task"),
    Action.TASK_SNOOZED: _l("Snoozed a task"),
    Action.TASK_DATE_MOVED: _l("Moved the date of a task"),
    Action.TASK_ASSIGNED: _l("Gave a task to somebody else"),
    Action.CALENDAR_FEED_RENEWED: _l("Made a new address of their calendar"),
    Action.CALENDAR_FEED_REVOKED: _l("Took the address of their calendar away"),
    Action.EVENT_MOVED: _l("Moved an event"),
    Action.EVENT_REVERTED: _l("Set a change of an event back"),
    Action.KNOWLEDGE_ITEM_REVERTED: _l("Set a change of a knowledge item back"),
    Action.KNOWLEDGE_ITEM_CONFIRMED: _l("Confirmed a knowledge item"),
    Action.STREAM_REKEYED: _l("Changed the secret of a stream"),
    Action.STREAM_PAUSED: _l("Paused a stream"),
    Action.STREAM_RESUMED: _l("Resumed a stream"),
    Action.STREAM_STOPPED: _l("Stopped a stream that could not be delivered"),
    Action.IMPORT_STARTED: _l("Started an import"),
    Action.IMPORT_COMPLETED: _l("Finished an import"),
    Action.IMPORT_FAILED: _l("An import failed"),
    Action.EXPORT_COMPLETED: _l("Finished an export"),
    Action.EXPORT_FAILED: _l("An export failed"),
    Action.EXPORT_REMOVED: _l("Removed the file of an export"),
    Action.BULK_OPERATION_UNDONE: _l("Undid a change of many records"),
    Action.SUBSCRIPTION_UPGRADED: _l("Moved to a larger plan"),
    Action.SUBSCRIPTION_DOWNGRADED: _l("Moved to a smaller plan"),
    Action.DOWNGRADE_SCHEDULED: _l("Scheduled a smaller plan"),
    Action.DOWNGRADE_CANCELLED: _l("Cancelled a scheduled plan"),
    Action.DOWNGRADE_REFUSED: _l("A scheduled plan did not fit"),
    Action.QUOTA_RESET: _l("A billing period began"),
    Action.PAYMENT_FAILED: _l("A payment failed"),
    Action.PAYMENT_SUCCEEDED: _l("An invoice was paid"),
    Action.DELETION_RESTORED: _l("Restored a deletion"),
    Action.DELETION_PARTLY_RESTORED: _l("Restored a part of a deletion"),
    Action.DELETION_PURGED: _l("Removed a deletion for good"),
}


#: What actions are about that is no record.
_NO_RECORDS: Mapping[str, Text] = {"audit": _l("audit trail"), "permission": _l("permission")}


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions that one looks for together."""

    label: Text
    actions: Sequence[str]


#: By what stands in the address instead of an action.
GROUPS: Mapping[str, ActionGroup] = {
    "sign-in": ActionGroup(
        _l("Signing in and out"),
        (
            Action.SESSION_STARTED,
            Action.SESSION_ENTERED,
            Action.SESSION_LEFT,
            Action.SESSION_ENDED,
            Action.SESSION_VIEWING_STARTED,
            Action.SESSION_VIEWING_ENDED,
            Action.SESSION_FAILED,
            Action.SECOND_FACTOR_FAILED,
            Action.USER_SECOND_FACTOR_SET,
            Action.USER_SECOND_FACTOR_REMOVED,
            Action.USER_SECOND_FACTOR_RESET,
            Action.USER_PASSWORD_LINK_SENT,
        ),
    ),
    "access": ActionGroup(
        _l("People and their rights"),
        (
            "user.created",
            "user.updated",
            "user.deleted",
            "user.restored",
            Action.USER_ROLE_CHANGED,
            Action.USER_DEACTIVATED,
            Action.USER_ACTIVATED,
            Action.USER_SUSPENDED,
            Action.USER_LET_BACK,
            Action.USER_ANONYMIZED,
            Action.USER_PERMISSION_GRANTED,
            Action.USER_PERMISSION_TAKEN,
            "invitation.created",
            Action.INVITATION_ACCEPTED,
            Action.INVITATION_REVOKED,
            "api_key.created",
            "api_key.updated",
        ),
    ),
    "refusals": ActionGroup(_l("Refusals"), (Action.PERMISSION_REFUSED,)),
    "reads": ActionGroup(
        _l("Files taken and recordings played"),
        (
            Action.CALLS_EXPORTED,
            Action.LIST_EXPORTED,
            Action.EXPORT_DOWNLOADED,
            Action.IMPORT_ERRORS_EXPORTED,
            Action.AUDIT_EXPORTED,
            Action.PEOPLE_SEARCHED,
            Action.PERSON_EXPORTED,
            Action.ORGANIZATION_EXPORTED,
            Action.RECORDING_PLAYED,
            Action.MESSAGE_LINK_SHOWN,
        ),
    ),
    "trash": ActionGroup(
        _l("Deleting and restoring"),
        (
            "deletion_batch.created",
            Action.DELETION_RESTORED,
            Action.DELETION_PARTLY_RESTORED,
            Action.DELETION_PURGED,
            Action.ORGANIZATION_DELETED,
        ),
    ),
    "trail": ActionGroup(_l("The trail itself"), (Action.AUDIT_VERIFIED, Action.AUDIT_ERASED, Action.AUDIT_DROPPED)),
}


def once_a_language(say: Callable[..., Said]) -> Callable[..., Said]:
    """Remember what it says: a page asks for the same words hundreds of times, and each costs a look at the request."""
    remembered = lru_cache(maxsize=_MAX_REMEMBERED)(lambda _language, *arguments: say(*arguments))

    @wraps(say)
    def call(*arguments: Hashable) -> Said:
        return remembered(get_locale(), *arguments)

    return call


@once_a_language
def action_sentence(action: str) -> str:
    """What an action says in a list: "Signed in", "Changed: call"."""
    known = _NAMED.get(action)
    if known is not None:
        return str(known)
    resource, _dot, verb = action.rpartition(".")
    sentence = VERBS.get(verb)
    return str(sentence) % {"thing": resource_noun(resource)} if resource and sentence else _readable(action)


def entry_sentence(action: str, details: Mapping[str, Any]) -> str:
    """What an entry says in a list. Of a refusal, what was refused and which permission was missing."""
    route, permission = details.get("route"), details.get("permission")
    if action != Action.PERMISSION_REFUSED or not route:
        return action_sentence(action)
    what = " ".join(filter(None, (details.get("method"), _ARGUMENT.sub("…", str(route)))))
    if not permission:
        return str(_("Was refused: %(what)s", what=what))
    return str(
        _("Was refused: %(what)s, for lack of the permission “%(permission)s”", what=what, permission=permission)
    )


@once_a_language
def resource_noun(resource_type: str) -> str:
    """What is meant within a sentence: "call note"."""
    resource = registry().resources.get(resource_type)
    known = resource.words.one if resource else _NO_RECORDS.get(resource_type)
    return str(known) if known else resource_type.replace("_", " ")


@once_a_language
def resource_label(resource_type: str) -> str:
    """What is meant where it stands alone: "Call note"."""
    return capitalized(resource_noun(resource_type))


def _field_words() -> Mapping[str, Text]:
    """By column: of the trail itself, else of the first resource that declares it."""
    declared = [one.recorded for one in registry().resources.values()]
    return ChainMap(FIELDS, *declared)


@once_a_language
def field_label(field: str) -> str:
    """The name of a column: "Booking status"."""
    known = _field_words().get(field) or RARE.get(field)
    return str(known) if known else _readable(field.removesuffix("_id") if field != "id" else field)


@once_a_language
def fields_named(fields: tuple[str, ...]) -> tuple[str, ...]:
    """The names of those that say what was changed, in their order."""
    named = (field_label(name) for name in fields if name not in NO_CHANGES)
    return tuple(sorted(named, key=partial(sort_key, locale=get_locale())))


def group_label(name: str) -> str:
    """The name of a group of actions; of none of them, what is asked for."""
    return str(GROUPS[name].label) if name in GROUPS else name


@once_a_language
def action_options() -> Sequence[tuple[str, str]]:
    """Groups and named actions for a picker, groups first."""
    named = _by_words((action.value, str(text)) for action, text in ACTIONS.items())
    return (*((name, _("All: %(group)s", group=group.label)) for name, group in GROUPS.items()), *named)


@once_a_language
def field_options() -> Sequence[tuple[str, str]]:
    """Fields for a picker, by name."""
    return tuple(_by_words((name, field_label(name)) for name in _field_words() if name not in NO_CHANGES))


def resource_types() -> Sequence[str]:
    """All that the trail tells of."""
    return (*(one.name for one in registry().resources.values() if one.is_audited), *_NO_RECORDS)


@once_a_language
def resource_options() -> Sequence[tuple[str, str]]:
    """Kinds of records for a picker, by name."""
    return tuple(_by_words((name, resource_label(name)) for name in resource_types()))


_NAMED: Mapping[str, Text] = {action.value: text for action, text in ACTIONS.items()}


def _by_words(options: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    locale = get_locale()
    return sorted(options, key=lambda option: sort_key(option[1], locale))


def _readable(name: str) -> str:
    return capitalized(name.replace(".", " ").replace("_", " "))
