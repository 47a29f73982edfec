"""The history of a deletion: the entries of the trail that say how far it went, each named by what it changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import HistoryEntry
from app.errors import LazyText

#: The title of an entry, and its icon.
Title = tuple[LazyText, str]

_BY_ACTION: Mapping[str, Title] = {
    "deletion_batch.created": (_l("Deleted"), "trash-2"),
    Action.DELETION_RESTORED: (_l("Restored"), "archive-restore"),
    Action.DELETION_PARTLY_RESTORED: (_l("Partly restored"), "archive-restore"),
    Action.DELETION_PURGED: (_l("Permanently deleted"), "x"),
}
#: Titles by the column that got a value. The first counts: a restore that starts also stops a running deletion.
_BY_COLUMN_SET: Mapping[str, Title] = {
    "restoring_at": (_l("Background restore started"), "archive-restore"),
    "deleting_at": (_l("Background deletion started"), "trash-2"),
    "restore_failure": (_l("Background restore stopped"), "circle-alert"),
    "delete_failure": (_l("Background deletion stopped"), "circle-alert"),
}
#: Titles by the column that lost its value, with none of the others set.
_BY_COLUMN_CLEARED: Mapping[str, Title] = {
    "restoring_at": (_l("Background restore finished"), "archive-restore"),
    "deleting_at": (_l("Background deletion finished"), "trash-2"),
}


@dataclass(frozen=True, slots=True)
class DeletionStep:
    """An entry of the trail about a deletion, with its title and icon."""

    title: str
    icon: str
    entry: HistoryEntry


def deletion_steps(entries: Sequence[HistoryEntry]) -> list[DeletionStep]:
    """Return the entries that say how far the deletion went; all others are left out, such as a changed count."""
    return list(_steps(entries))


def _steps(entries: Sequence[HistoryEntry]) -> Iterator[DeletionStep]:
    for entry in entries:
        title = _BY_ACTION.get(entry.action) or _title_of(entry.changes)
        if title is not None:
            words, icon = title
            name = entry.actor_label or _("The system")
            yield DeletionStep(_("%(what)s: %(name)s", what=words, name=name), icon, entry)


def _title_of(changes: Mapping[str, tuple[Any, Any]]) -> Title | None:
    begun = (title for column, title in _BY_COLUMN_SET.items() if _is_set(*changes.get(column, (None, None))))
    ended = (
        title for column, title in _BY_COLUMN_CLEARED.items() if _is_set(*reversed(changes.get(column, (None, None))))
    )
    return next(begun, None) or next(ended, None)


def _is_set(before: Any, after: Any) -> bool:
    return after is not None and before is None
