"""What is said of people on pages: how much work of each kind there is, and what happened to somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.audit.queries import HistoryEntry
from app.declarations.open_work import WorkKind
from app.trust.audit_log.words import action_sentence, field_label

#: Fields whose values are words; of the others only the name is told.
_WITH_VALUES = frozenset(
    {"name", "email", "phone", "role", "status", "language", "deactivation_reason", "suspension_reason"}
)
#: What changes along with something else.
_BESIDES = frozenset({"version", "is_active", "deleted_by", "deletion_batch_id", "password_changed_at"})

#: The list of each kind: its endpoint, and the filters that keep the person's; where there is such a list.
LISTS: Mapping[WorkKind, tuple[str, str, Mapping[str, str]]] = {
    WorkKind.VISITS: ("appointments.index", "rep", {"status": "scheduled"}),
    WorkKind.BOOKINGS: ("appointments.index", "csr", {"status": "scheduled"}),
    WorkKind.LEADS: ("leads.index", "rep", {"open": "yes"}),
    WorkKind.TASKS: ("tasks.index", "assignee", {"status": "pending,in_progress"}),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened, in words; `changes` are (field, before → after or "")."""

    at: datetime
    who: str
    sentence: str
    changes: Sequence[tuple[str, str]]


def history_line(entry: HistoryEntry) -> HistoryLine:
    """An entry of somebody's history as people read it."""
    changes = [
        (field_label(field), _values(field, *values))
        for field, values in entry.changes.items()
        if field not in _BESIDES
    ]
    return HistoryLine(entry.at, entry.actor_label, action_sentence(entry.action), changes)


def _values(field: str, before: object, after: object) -> str:
    if field not in _WITH_VALUES:
        return ""
    return f"{before if before is not None else '–'} → {after if after is not None else '–'}"
