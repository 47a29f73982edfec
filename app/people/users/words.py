"""History of a person in words, and the lists that show their work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.audit.queries import HistoryEntry
from app.declarations.open_work import WorkKind
from app.trust.audit_log.words import action_sentence, field_label

#: Fields whose values are readable; of other fields, only the name is shown.
_WITH_VALUES = frozenset(
    {"name", "email", "phone", "role", "status", "language", "deactivation_reason", "suspension_reason"}
)
#: Fields that change only together with others.
_BESIDES = frozenset({"version", "is_active", "deleted_by", "deletion_batch_id", "password_changed_at"})

#: The list for each kind of work that has one: its endpoint, and the filters that match the person's work.
LISTS: Mapping[WorkKind, tuple[str, str, Mapping[str, str]]] = {
    WorkKind.VISITS: ("appointments.index", "rep", {"status": "scheduled"}),
    WorkKind.BOOKINGS: ("appointments.index", "csr", {"status": "scheduled"}),
    WorkKind.LEADS: ("leads.index", "rep", {"open": "yes"}),
    WorkKind.TASKS: ("tasks.index", "assignee", {"status": "pending,in_progress"}),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A change in words; `changes` are pairs of a field and "before → after" or ""."""

    at: datetime
    who: str
    sentence: str
    changes: Sequence[tuple[str, str]]


def history_line(entry: HistoryEntry) -> HistoryLine:
    """Return an entry of a person's history in words."""
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
