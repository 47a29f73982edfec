"""What can be done to many rows of a list at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import Select

from app.audit.actions import Action
from app.declarations.listed import Listed
from app.errors import Sentence
from app.models import AuditLog, BulkOperation
from app.security.actor import Actor
from app.security.permissions import Permission


class Verdict(Enum):
    """What came of one row of a bulk change."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class SettingsForm(Protocol):
    """What a bulk change sets: a form of `app.data.bulk.forms`."""

    #: Fields whose values are shown afterwards, and the name under which the change takes each.
    sets: ClassVar[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class BulkTarget:
    """The rows of a list that can be changed. `resource` is what the audit trail calls one of them.

    `rows` selects the chosen ones, or all that the filters keep, as they were here at a moment; `chips` are the words
    of filters for who looks.
    """

    resource: str
    model: type[Any]
    listed: Listed
    rows: Callable[[Actor, Any, Sequence[UUID] | None, datetime], Select[Any]]
    chips: Callable[[Actor, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the rows of a step: how many changed, and how many were left alone, by what stood in the way."""

    changed: int
    refused: int
    refusals: Mapping[str, int]


class Together(Protocol):
    """What happens to the rows of a step together, and is taken back as one: an operation of the worker."""

    #: So many rows at a time.
    rows_a_step: ClassVar[int]

    def hold(self, operation: BulkOperation) -> None:
        """Hold what has to be held before the rows are. Raises Conflict where there is nothing to go on with."""

    def apply(self, actor: Actor, operation: BulkOperation, rows: Sequence[Any]) -> Outcome:
        """Change the rows, which are held."""

    def refuse_undoing(self, actor: Actor, operation: BulkOperation) -> None:
        """Raise Forbidden or Conflict where `actor` cannot take it back."""

    def undo_some(self, actor: Actor, operation: BulkOperation) -> bool:
        """Take the next of it back; whether there is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """One action. `columns` are what it may change, `recorded` how the trail calls that if not just "updated".

    Each row is changed by `apply`, or those of a step `together`. `prepare` adds to the settings what a step works out
    once for all of its rows, before they are locked. `tell` tells people of the rows that a step has changed, `untell`
    takes that back, of the changes that a step of undoing has taken back.
    """

    action: str
    label: Sentence
    target: BulkTarget
    permission: Permission
    form: type[SettingsForm]
    columns: tuple[str, ...] = ()
    apply: Callable[[Actor, Any, Mapping[str, Any]], Verdict] | None = None
    together: Together | None = None
    recorded: Action | None = None
    prepare: Callable[[Actor, Mapping[str, Any]], Mapping[str, Any]] | None = None
    tell: Callable[[Actor, Sequence[Any]], None] | None = None
    untell: Callable[[Sequence[AuditLog]], None] | None = None
