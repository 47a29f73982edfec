"""Rules of the trash: who can undo a deletion, what can prevent a restore, and how to resolve that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed

#: Users can undo their own deletions for this long, whatever their role: longer than a message stays on the screen,
#: shorter than others need to rely on the deletion.
UNDO_FOR = timedelta(minutes=15)

#: Labels can be built from long text, such as a note.
MAX_LABEL_LENGTH = 120


#: Number of rows that a request restores, previews or purges itself; the worker handles more.
MAX_IN_A_REQUEST = 300

#: Deletions with less time left than this are about to be purged.
SOON = timedelta(days=7)


class State(StrEnum):
    """The state of a deletion: in the trash, or settled by restoring or purging."""

    IN_TRASH = "in_trash"
    RESTORED = "restored"
    PURGED = "purged"


class Choice(StrEnum):
    """A way to resolve the conflict of a row that can't be restored unchanged."""

    SKIP = "skip"
    RENAME = "rename"
    WITH_PARENT = "with_parent"


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices for the rows in conflict, by their ids.

    `renamed` holds the new values of conflicting columns. `parents` are the optional parents to restore as well, or
    None for all that can be; a chosen one that can't be restored is a conflict. With `skips_the_rest`, all other rows
    in conflict stay in the trash. With `gives_back`, work that was reassigned by the deletion is returned unless it has
    changed since.
    """

    skipped: frozenset[UUID] = frozenset()
    renamed: Mapping[UUID, str] = field(default_factory=dict)
    with_parent: frozenset[UUID] = frozenset()
    parents: frozenset[UUID] | None = frozenset()
    skips_the_rest: bool = False
    gives_back: bool = True

    def without(self, ids: Iterable[UUID]) -> "Choices":
        """Return these choices with further rows left in the trash."""
        return replace(self, skipped=self.skipped | frozenset(ids))


class WrongValue(ValidationFailed):
    """Error for an invalid new value that was chosen for a row."""

    def __init__(self, row_id: UUID, errors: Sequence[FieldError]) -> None:
        super().__init__(errors)
        self.row_id = row_id


@dataclass(frozen=True, slots=True)
class Problem:
    """The reason why a row can't be restored unchanged, and the choices for it.

    `code` is the name of the constraint, PARENT_DELETED, PARENT_REFUSED or QUOTA_EXCEEDED. `parent` is the (resource,
    id) of the row's parent if that is deleted.
    """

    code: str
    sentence: LazyText
    choices: tuple[Choice, ...] = (Choice.SKIP,)
    parent: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True)
class AsWell:
    """The deletion of an optional parent, or of a row that an optional parent needs (`needed_by`).

    If it `is_left`, the row stays in the trash, and the rows that belong to it are restored without it.
    """

    deleted_by: str
    deleted_at: datetime
    needed_by: UUID | None = None
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of a trial: restored unless there is a `problem`.

    `as_well` is set for an optional parent, and for a row that an optional parent needs.
    """

    resource: str
    row_id: UUID
    label: str
    problem: Problem | None = None
    as_well: AsWell | None = None

    @property
    def is_conflict(self) -> bool:
        """True if this row prevents the restore until another choice is made."""
        return self.problem is not None and not (self.as_well and self.as_well.is_left)


PARENT_DELETED = "parent_deleted"
PARENT_REFUSED = "parent_refused"
QUOTA_EXCEEDED = "QUOTA_EXCEEDED"

UNDO_IS_OVER = _l("The 15 minutes to undo this deletion are over. Ask an admin to restore it from the trash.")
SOMEBODY_ELSES = _l("You can only restore what you deleted. Ask an admin.")
PARENT_IS_DELETED = _l("Its parent record is also in the trash.")


def may_undo(deleted_by: UUID | None, deleted_at: datetime, who: UUID, now: datetime) -> bool:
    """Return whether `who` made the deletion themselves, recently enough to undo it."""
    return deleted_by == who and now - deleted_at <= UNDO_FOR


def days_left(purge_after: datetime, now: datetime) -> int:
    """Return the number of days until a deletion is purged, rounded up; 0 once it is due."""
    return max(0, -((now - purge_after) // timedelta(days=1)))


def shortened(text: str) -> str:
    """Return a label on a single line, cut to MAX_LABEL_LENGTH characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_LABEL_LENGTH else f"{line[: MAX_LABEL_LENGTH - 1]}…"
