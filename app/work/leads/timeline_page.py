"""Timeline of a lead: its changes from the audit trail, with labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import HistoryEntry
from app.errors import LazyText
from app.web.labels import label
from app.work.leads.detail_queries import LeadDetail
from app.work.leads.resource import LEAD

_FIELDS: dict[str, LazyText] = {"dead_reason": _l("Reason"), "source": _l("Source"), "contact_card_id": _l("Contact")}
_KINDS = {**LEAD.recorded_choices, "source": "ContactSource"}
_PEOPLE = frozenset({"csr_id", "assigned_rep_id"})
#: Fields that change with others, or are only used internally.
_BESIDES = frozenset(
    {"version", "qualification_source", "external_fingerprint", "last_activity_at", "closed_at", "won_at", "updated_at"}
)

_TITLES: dict[str, LazyText] = {
    "lead.created": _l("Added by %(name)s"),
    Action.LEAD_STAGE_CHANGED.value: _l("Moved by %(name)s"),
    Action.LEAD_QUALIFIED.value: _l("Qualification changed by %(name)s"),
    Action.LEAD_ASSIGNED.value: _l("Assigned by %(name)s"),
    Action.LEAD_CLOSED.value: _l("Closed by %(name)s"),
    Action.LEAD_REOPENED.value: _l("Reopened by %(name)s"),
    Action.LEAD_REVERTED.value: _l("Reverted by %(name)s"),
}
_ICONS = {
    "lead.created": "plus",
    Action.LEAD_STAGE_CHANGED.value: "flag",
    Action.LEAD_QUALIFIED.value: "star",
    Action.LEAD_ASSIGNED.value: "user-cog",
    Action.LEAD_CLOSED.value: "ban",
    Action.LEAD_REOPENED.value: "undo-2",
    Action.LEAD_REVERTED.value: "undo-2",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A changed field, with labels."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on the timeline."""

    at: datetime
    icon: str
    title: str
    changes: Sequence[Change]


def moments_of(detail: LeadDetail) -> Sequence[Moment]:
    """Return the moments on the timeline of a lead, latest first."""
    return [_moment(entry, detail) for entry in detail.history if not _is_activity(entry)]


def _is_activity(entry: HistoryEntry) -> bool:
    """Return whether the entry records only that someone worked with the lead, which other entries tell."""
    return bool(entry.changes) and entry.changes.keys() <= LEAD.accompanying


def _moment(entry: HistoryEntry, detail: LeadDetail) -> Moment:
    title = str(_TITLES.get(entry.action, _l("Changed by %(name)s"))) % {"name": entry.actor_label}
    changes = [_change(name, *values, detail) for name, values in entry.changes.items() if name not in _BESIDES]
    return Moment(entry.at, _ICONS.get(entry.action, "pencil"), title, changes)


def _change(name: str, before: object, after: object, detail: LeadDetail) -> Change:
    words = str(_FIELDS.get(name) or LEAD.recorded.get(name) or name.replace("_", " ").capitalize())
    return Change(words, *(_value(name, value, detail) for value in (before, after)))


def _value(name: str, value: object, detail: LeadDetail) -> str:
    if name in _PEOPLE:
        return detail.names.get(str(value), _("Unknown")) if value else _("Unassigned")
    kind = _KINDS.get(name)
    return label(str(value) if value else None, kind) if kind else str(value or "–")
