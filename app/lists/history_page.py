"""The history of one record in words: who did what, and which fields changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.audit.queries import HistoryEntry
from app.declarations.field import Choice, Field, Moment, Phone, YesOrNo
from app.declarations.resource import Resource
from app.errors import LazyText
from app.web import formatting
from app.web.labels import label, yes_or_no

#: The title of an entry with the actor's name, and its icon.
Happening = tuple[LazyText, str]

_USUAL: Mapping[str, Happening] = {
    "created": (_l("Added by %(name)s"), "plus"),
    "deleted": (_l("Deleted by %(name)s"), "trash-2"),
    "restored": (_l("Restored by %(name)s"), "archive-restore"),
}
_CHANGED: Happening = (_l("Changed by %(name)s"), "pencil")
#: Values of longer texts are not shown; the audit trail has them.
_MAX_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Change:
    """A changed field, in words; values that are not shown are None."""

    field: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the record's history."""

    at: datetime
    title: str
    icon: str
    changes: Sequence[Change]


def history_of(
    resource: Resource, entries: Sequence[HistoryEntry], named: Mapping[str, Happening] = {}
) -> list[Happened]:
    """Return the entries in words.

    `named` has the sentence and icon of each of the record's own actions, by action. Any other entry that changes no
    declared field is left out, unless it records that the record was created, deleted or restored.
    """
    return list(_happenings(resource, entries, named))


def _happenings(
    resource: Resource, entries: Sequence[HistoryEntry], named: Mapping[str, Happening]
) -> Iterator[Happened]:
    known = {name: field for field in resource.fields for name in field.recorded_columns}
    for entry in entries:
        usual = named.get(entry.action) or _USUAL.get(entry.action.rpartition(".")[2])
        changes = [_change(known[name], *values) for name, values in entry.changes.items() if name in known]
        if usual or changes:
            sentence, icon = usual or _CHANGED
            yield Happened(entry.at, str(sentence) % {"name": entry.actor_label}, icon, () if usual else changes)


def _change(field: Field, before: Any, after: Any) -> Change:
    shown = [_shown(field, value) for value in (before, after)]
    if any(one is None for one in shown):
        return Change(str(field.label))
    return Change(str(field.label), *shown)


def _shown(field: Field, value: Any) -> str | None:
    """Return a value as text; None for a time, and for a value that is too long to be shown."""
    if value in (None, ""):
        return formatting.UNKNOWN
    if isinstance(field.kind, YesOrNo):
        return yes_or_no(is_so=bool(value))
    if isinstance(field.kind, Choice):
        return label(str(value), field.kind.kind.__name__)
    if isinstance(field.kind, Phone):
        return formatting.phone(str(value))
    return None if isinstance(field.kind, Moment) or len(str(value)) > _MAX_SHOWN else str(value)
