"""Records and inputs of deletions in the JSON API."""

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.declarations.input import Id, Ids, Input, OneOf
from app.declarations.record import BackgroundRecord, Progress, Record, Timestamp
from app.trust.trash.rules import MAX_IN_A_REQUEST, Choice

#: Each row can have a few optional parents, and those can have parents too.
_MAX_PARENTS = 4 * MAX_IN_A_REQUEST


class DeletionStatus(StrEnum):
    """The status of a deletion; the worker deletes the rest of a large one, or restores it."""

    IN_TRASH = "in_trash"
    DELETING = "deleting"
    RESTORING = "restoring"
    RESTORED = "restored"
    PURGED = "purged"


class DeletionBatchRecord(BackgroundRecord):
    """A deletion of one or more records, restored together; `counts` is their number by kind.

    It is named after the record `resource_id` of the kind `resource_type`. `progress` counts records while the worker
    deletes or restores them. `ip_address` is only for readers of the audit trail.
    """

    RUNNING: ClassVar[frozenset[str]] = frozenset({DeletionStatus.DELETING, DeletionStatus.RESTORING})

    id: UUID
    resource_type: str
    resource_id: UUID
    label: str
    status: DeletionStatus
    progress: Progress | None
    error: str | None
    counts: dict[str, int]
    reason: str | None
    deleted_by: UUID | None
    deleted_by_name: str
    created_at: Timestamp = Field(alias="deletedAt")
    ip_address: str | None
    purge_after: Timestamp = Field(alias="restorableUntil")
    restored_at: Timestamp | None
    restored_by: UUID | None
    restored_by_name: str | None
    purged_at: Timestamp | None


class ConflictChoice(Input):
    """The choice for a record in conflict; `value` is the new value for `rename`."""

    id: Id
    choice: OneOf[Choice]
    value: Annotated[str | None, Field(min_length=1, max_length=254)] = None


class RestoreInput(Input):
    """The choices for a restore: which records, all by default, and what to do with those in conflict.

    With `skip_the_rest`, records in conflict without a choice stay in the trash. `parents` are optional parents to
    restore as well; with `all_parents`, all that can be. Unless `hand_back` is false, work that was reassigned by the
    deletion goes back.
    """

    records: Annotated[Ids, Field(max_length=MAX_IN_A_REQUEST)] = ()
    choices: Annotated[tuple[ConflictChoice, ...], Field(strict=False, max_length=MAX_IN_A_REQUEST)] = ()
    skip_the_rest: bool = False
    parents: Annotated[Ids, Field(max_length=_MAX_PARENTS)] = ()
    all_parents: bool = False
    hand_back: bool = True


class ConflictRecord(Record):
    """A record that can't be restored unchanged; `is_open` until a choice resolves the conflict.

    To `rename` it, another value for its field `field` can be chosen; `value` is the one in conflict.
    """

    id: UUID
    resource_type: str
    label: str
    code: str
    message: str
    choices: tuple[Choice, ...]
    choice: Choice | None
    is_open: bool
    field: str | None
    value: str
    error: str


class OptionalParentRecord(Record):
    """A record in the trash that restored records belong to but don't require; `reason` is why it has to stay."""

    id: UUID
    resource_type: str
    label: str
    deleted_by_name: str
    deleted_at: Timestamp
    reason: str | None


class RestorePreviewRecord(Record):
    """The preview of a restore: how many records come back by kind, and what is still to be decided.

    One that `is_background` has too many records to try in advance. `refusal` is why the choices can't be tried.
    """

    can_restore: bool
    is_background: bool
    counts: dict[str, int]
    conflicts: tuple[ConflictRecord, ...]
    conflicts_not_shown: int
    parents: tuple[OptionalParentRecord, ...]
    handed_back: int
    refusal: str | None
