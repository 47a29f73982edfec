"""What can be set back: one declaration a resource says which of its fields, and what each asks of whoever does it.

To add a resource: declare it here with an action of its own (`app.audit.actions`). What has rules that a plain
assignment would go around (roles, deletions, secrets, quotas) is not declared; where it is done instead is said in
ELSEWHERE.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.errors import Sentence
from app.models import Appointment, Call, CallNote, ContactCard, Event, KnowledgeItem, Lead, Task
from app.security.actor import Actor
from app.security.matrix import Extent, extent_of
from app.security.permissions import Permission, Role, role_label

Values: TypeAlias = Mapping[str, Any]
Model: TypeAlias = Any  # a mapped class; its columns differ

#: What the database puts in the place of a secret.
REDACTED = "[redacted]"

#: Part of every change, and none that anybody made.
_BESIDES = frozenset({"version"})


def _nothing(_row: Any) -> None:
    """For rows that nothing follows from."""


def _has_activity(lead: Lead) -> None:
    lead.last_activity_at = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Revertible:
    """A resource whose changes can be set back: its fields, each with the permission to write it.

    `model` is Versioned. `able` are those of `fields` that name somebody who has to work on it: nobody who has left.
    `then` does what follows from any change of the row.
    """

    model: Model
    action: Action
    fields: Mapping[str, Permission]
    able: frozenset[str] = frozenset()
    then: Callable[[Any], None] = _nothing


def _each(permission: Permission, *fields: str) -> dict[str, Permission]:
    return dict.fromkeys(fields, permission)


_ADDRESS = ("address_line_1", "address_line_2", "city", "state", "zip", "country", "timezone")

REVERTIBLE: Mapping[str, Revertible] = {
    "call": Revertible(
        Call,
        Action.CALL_REVERTED,
        # Who decided it belongs to the decision: all three stand in the entry wherever they changed.
        _each(Permission.CALLS_RECLASSIFY, "booking_status", "booking_status_reason", "booking_status_source")
        | _each(Permission.CALLS_UPDATE, "outcome", "contact_card_id", "lead_id")
        | _each(Permission.CALLS_ASSIGN, "csr_id", "assigned_rep_id"),
    ),
    "call_note": Revertible(CallNote, Action.CALL_NOTE_REVERTED, _each(Permission.CALLS_UPDATE, "body")),
    "contact_card": Revertible(
        ContactCard,
        Action.CONTACT_CARD_REVERTED,
        _each(Permission.CONTACTS_WRITE, "first_name", "last_name", "company_name", "email", *_ADDRESS)
        | _each(Permission.CONTACTS_WRITE, "tags", "custom_metadata", "property_snapshot"),
    ),
    "lead": Revertible(
        Lead,
        Action.LEAD_REVERTED,
        _each(Permission.LEADS_WRITE, "stage", "closed_at", "won_at", "dead_reason", "source")
        | _each(Permission.LEADS_WRITE, "qualification_status", "qualification_source")
        | _each(Permission.LEADS_ASSIGN, "csr_id", "assigned_rep_id"),
        able=frozenset({"assigned_rep_id"}),
        then=_has_activity,
    ),
    "appointment": Revertible(
        Appointment,
        Action.APPOINTMENT_REVERTED,
        _each(Permission.APPOINTMENTS_WRITE, "service_type", "scheduled_start_at", "scheduled_end_at", *_ADDRESS)
        | _each(Permission.APPOINTMENTS_WRITE, "status", "completed_at", "cancelled_reason", "notes")
        | _each(Permission.APPOINTMENTS_WRITE, "outcome", "outcome_at", "deal_value", "lost_reason")
        | _each(Permission.APPOINTMENTS_ASSIGN, "csr_id", "sales_rep_id"),
        able=frozenset({"sales_rep_id"}),
    ),
    "task": Revertible(
        Task,
        Action.TASK_REVERTED,
        _each(Permission.TASKS_WRITE, "title", "description", "priority", "due_at", "category")
        | _each(Permission.TASKS_WRITE, "status", "completed_at", "contact_card_id", "call_id", "appointment_id")
        | _each(Permission.TASKS_ASSIGN, "assigned_to_user_id", "assigned_to_type"),
        able=frozenset({"assigned_to_user_id"}),
    ),
    "event": Revertible(
        Event,
        Action.EVENT_REVERTED,
        _each(Permission.EVENTS_WRITE, "type", "title", "description", "location", "calendar_id", "status")
        | _each(Permission.EVENTS_WRITE, "start_at", "end_at", "timezone"),
    ),
    "knowledge_item": Revertible(
        KnowledgeItem,
        Action.KNOWLEDGE_ITEM_REVERTED,
        _each(Permission.KNOWLEDGE_WRITE, "question", "answer", "category", "language", "is_active"),
    ),
}

ELSEWHERE: Mapping[str, Sentence] = {
    "user": _l("Roles, status and details of people are changed on the page of the person."),
    "user_permission": _l("Permissions are given and taken on the page of the person."),
    "session": _l("A session that has ended stays ended. The person signs in again."),
    "organization": _l("The organization is changed on its own page, which checks what follows."),
    "subscription": _l("Plans and quotas are changed under Billing."),
    "ai_config": _l("The assistant is changed on its own page, which tells the phone provider too."),
    "integration": _l("Access data is changed under Integrations: what it was is not kept."),
    "outbound_stream": _l("Streams are changed on their own page."),
    "phone_number": _l("Phone numbers are changed on their own page, which tells the phone provider too."),
    "contact_phone": _l("Phone numbers of a contact are changed on the contact’s page."),
    "missed_call_entry": _l("Missed calls are worked on in their queue."),
    "deletion_batch": _l("Deletions are undone in the trash."),
}

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
    return sorted({*before, *after} - _BESIDES)


def why_never(resource_type: str, before: Values | None, after: Values | None, *, is_erased: bool) -> Sentence | None:
    """Why nobody can revert this entry, whatever the row looks like now; None where one can."""
    if is_erased:
        return ERASED
    if before is None or after is None:
        return NOT_A_CHANGE if before is after else CREATED if before is None else REMOVED
    if REDACTED in {*map(str, before.values()), *map(str, after.values())}:
        return SECRET
    kind = REVERTIBLE.get(resource_type)
    if kind is None:
        return ELSEWHERE.get(resource_type, ELSEWHERE_BY_DEFAULT)
    fields = changed_fields(before, after)
    foreign = [field for field in fields if field not in kind.fields]
    if foreign or not fields:
        return next((_FIELDS_ELSEWHERE[field] for field in foreign if field in _FIELDS_ELSEWHERE), BY_NOBODY)
    return None


def permissions_to_revert(resource_type: str, fields: Iterable[str]) -> list[Permission]:
    """What one needs to set `fields` back: the permission to revert, then those to write."""
    kind = REVERTIBLE[resource_type]
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
