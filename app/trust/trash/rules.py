"""Rules of the trash: who deletes and undoes what, what stands in the way of coming back, and the ways around it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed

#: Whoever deleted something may take it back for so long, whatever their role: longer than one looks at a message,
#: shorter than others need to count on it being gone.
UNDO_FOR = timedelta(minutes=15)

#: Of what a label is made; a note may be long.
MAX_LABEL_LENGTH = 120


#: Rows that a request restores, looks ahead at or removes by itself; of more, the worker does it.
MAX_IN_A_REQUEST = 300

#: What has so little time left is about to go.
SOON = timedelta(days=7)


class State(StrEnum):
    """Where a deletion stands: in the trash, or settled one way or the other."""

    IN_TRASH = "in_trash"
    RESTORED = "restored"
    PURGED = "purged"


class Choice(StrEnum):
    """What can be done about a row that does not come back as it was."""

    SKIP = "skip"
    RENAME = "rename"
    WITH_PARENT = "with_parent"


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for the rows in conflict, by their ids. `renamed` holds the new value of the one in the way.

    Of what they can do without, `parents` come back as well, None: all that can; one that was chosen and cannot is a
    conflict. With `skips_the_rest`, whatever is in conflict besides stays in the trash. With `gives_back`, what others
    were given when it was deleted goes back, as far as it is as it was left.
    """

    skipped: frozenset[UUID] = frozenset()
    renamed: Mapping[UUID, str] = field(default_factory=dict)
    with_parent: frozenset[UUID] = frozenset()
    parents: frozenset[UUID] | None = frozenset()
    skips_the_rest: bool = False
    gives_back: bool = True

    def without(self, ids: Iterable[UUID]) -> "Choices":
        """The same, with these rows left in the trash."""
        return replace(self, skipped=self.skipped | frozenset(ids))


class WrongValue(ValidationFailed):
    """The new value of a row is none that it can have."""

    def __init__(self, row_id: UUID, errors: Sequence[FieldError]) -> None:
        super().__init__(errors)
        self.row_id = row_id


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row does not come back as it is, and what can be chosen for it.

    `code` is the name of the constraint, PARENT_DELETED, PARENT_REFUSED or QUOTA_EXCEEDED. `parent` is the
    (resource, id) of what it belongs to, where that is deleted.
    """

    code: str
    sentence: Sentence
    choices: tuple[Choice, ...] = (Choice.SKIP,)
    parent: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True)
class AsWell:
    """The deletion of a row that others can do without, or that is `needed_by` one of those.

    One that `is_left` stays in the trash, and the others come back without it.
    """

    deleted_by: str
    deleted_at: datetime
    needed_by: UUID | None = None
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of a batch: it comes back, unless there is a `problem`. `as_well` where others can do without it."""

    resource: str
    row_id: UUID
    label: str
    problem: Problem | None = None
    as_well: AsWell | None = None

    @property
    def is_conflict(self) -> bool:
        """Tell whether it keeps the others from coming back until something else is chosen."""
        return self.problem is not None and not (self.as_well and self.as_well.is_left)


PARENT_DELETED = "parent_deleted"
PARENT_REFUSED = "parent_refused"
QUOTA_EXCEEDED = "QUOTA_EXCEEDED"

UNDO_IS_OVER = _l(
    "What you deleted can be taken back for 15 minutes, and those are over. It is still in the trash: ask an admin to "
    "restore it."
)
SOMEBODY_ELSES = _l("You may restore what you deleted, and somebody else deleted this. Ask an admin.")
PARENT_IS_DELETED = _l("What it belongs to is in the trash as well.")


def may_undo(deleted_by: UUID | None, deleted_at: datetime, who: UUID, now: datetime) -> bool:
    """Whether it is one's own deletion, and fresh."""
    return deleted_by == who and now - deleted_at <= UNDO_FOR


def days_left(purge_after: datetime, now: datetime) -> int:
    """Days until it is removed for good, begun ones too; 0 when its time has come."""
    return max(0, -((now - purge_after) // timedelta(days=1)))


def shortened(text: str) -> str:
    """A label of one line."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_LABEL_LENGTH else f"{line[: MAX_LABEL_LENGTH - 1]}…"
