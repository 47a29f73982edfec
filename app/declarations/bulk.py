"""Declarations of bulk changes: actions on many rows of a list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import Select

from app.audit.actions import Action
from app.declarations.listed import Listed
from app.errors import LazyText
from app.models import AuditLog, BulkOperation
from app.security.actor import Actor
from app.security.permissions import Permission

#: Maximum number of rows that are changed while the user waits; more are changed by jobs.
ROWS_AT_ONCE = 50


class Verdict(Enum):
    """The result of a bulk change for one row."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class SettingsForm(Protocol):
    """The form for the settings of a bulk change, as in `app.data.bulk.forms`."""

    #: Fields whose values are shown afterwards, mapped to the setting's name in the change.
    sets: ClassVar[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class BulkTarget:
    """Rows of a list that can be changed; `resource` is their name in the audit trail.

    `rows` selects the chosen rows, or all that match the filters, as they were at a given time; `chips` are labels of
    the filters for an actor.
    """

    resource: str
    model: type[Any]
    listed: Listed
    rows: Callable[[Actor, Any, Sequence[UUID] | None, datetime], Select[Any]]
    chips: Callable[[Actor, Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a step: how many rows changed, and how many did not, by reason."""

    changed: int
    refused: int
    refusals: Mapping[str, int]


class Together(Protocol):
    """A bulk change that changes all rows of a step together and is undone as a whole, by the worker."""

    #: Number of rows in each step.
    rows_a_step: ClassVar[int]

    def hold(self, operation: BulkOperation) -> None:
        """Lock what must be locked before the rows.

        Raises Conflict if the operation can't continue.
        """

    def apply(self, actor: Actor, operation: BulkOperation, rows: Sequence[Any]) -> Outcome:
        """Change the rows, which are locked."""

    def refuse_undoing(self, actor: Actor, operation: BulkOperation) -> None:
        """Raise Forbidden or Conflict if `actor` can't undo the operation."""

    def undo_some(self, actor: Actor, operation: BulkOperation) -> bool:
        """Undo the next part of the operation; return whether there is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """A bulk action on the rows of a list.

    `act` names the action with a number of rows, for its button ("Complete %(count)s"); `done` returns the sentence
    about rows that it has changed at once, and is None with `together`.

    `columns` are the columns it can change; `recorded` is its action in the audit trail, if not "updated", with the
    metadata that `facts` returns for a row and the settings.

    Rows are changed one by one with `apply`, or a whole step at a time with `together`. `prepare` adds values to the
    settings that a step computes once for all its rows, before they are locked. `notify` notifies people of the rows
    that a step has changed; `withdraw_notifications` withdraws those notifications, given the changes that an undo step
    has reverted.
    """

    action: str
    label: LazyText
    act: LazyText
    target: BulkTarget
    permission: Permission
    form: type[SettingsForm]
    done: Callable[[int], str] | None = None
    columns: tuple[str, ...] = ()
    apply: Callable[[Actor, Any, Mapping[str, Any]], Verdict] | None = None
    together: Together | None = None
    recorded: Action | None = None
    facts: Callable[[Any, Mapping[str, Any]], Mapping[str, Any]] | None = None
    prepare: Callable[[Actor, Mapping[str, Any]], Mapping[str, Any]] | None = None
    notify: Callable[[Actor, Sequence[Any]], None] | None = None
    withdraw_notifications: Callable[[Sequence[AuditLog]], None] | None = None

    @property
    def asks_first(self) -> bool:
        """True if a page asks for settings or a confirmation before anything changes."""
        return bool(self.form.sets) or self.together is not None

    def runs_at_once(self, rows: int) -> bool:
        """Return whether this many rows are changed in the user's request, and not by a job."""
        return self.together is None and rows <= ROWS_AT_ONCE

    def act_on(self, count: str) -> str:
        """Return the label of the button that changes `count` rows."""
        return str(self.act) % {"count": count}
