"""Mending what can be mended by a rule: each row by itself, recorded in the trail like any change. Nobody is deleted.

What the rows are is said by the checks, so that a repair mends exactly what a check finds.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.db.transaction import refusals_in_words
from app.errors import Conflict, DomainError
from app.extensions import db
from app.integrity.findings import Found
from app.integrity.service import CHECKS
from app.models import Event, EventAttendee, Task, User, UserPermission
from app.organizations.queries import lock_organization
from app.security.actor import Actor
from app.users.service import deactivate

#: Of one check in one go; the next run takes the next ones.
MOST_REPAIRED = 10_000

_DEACTIVATED_BECAUSE = "The e-mail address is malformed."
#: The rule of the last owner speaks at the commit; here it has to be asked for each row.
_SPEAK_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")

Row = TypeVar("Row")


class Subject(StrEnum):
    """What there are repairs for."""

    USERS = "users"
    TASKS = "tasks"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what was done (or is to be done by somebody), and why."""

    resource: str
    id: UUID | None
    detail: str
    why: LazyString
    what: str


@dataclass(slots=True)
class Outcome:
    """`findings` need a person, `errors` are what the database or a rule refused."""

    repaired: list[Line] = field(default_factory=list)
    findings: list[Line] = field(default_factory=list)
    errors: list[Line] = field(default_factory=list)


def repair(
    subject: Subject,
    organization_id: UUID,
    outcome: Outcome,
    *,
    clear_past_due: bool = False,
    most: int = MOST_REPAIRED,
    actor: Actor | None = None,
) -> None:
    """Mend what `subject` names in the organization of the context, and add to `outcome` what came of it.

    At most `most` rows of each check. Flushes only: who calls it keeps it or rolls back. What one row refuses is undone
    for that row alone, and so is what `actor` may not do; None is the system.
    """
    lock_organization(organization_id)
    work = _Work(organization_id, outcome, clear_past_due=clear_past_due, most=most, actor=actor)
    _WORK[subject](work)


@dataclass(slots=True)
class _Work:
    organization_id: UUID
    outcome: Outcome
    clear_past_due: bool
    most: int
    actor: Actor | None

    def users(self) -> None:
        """Addresses and permissions."""
        self._each("user_address", User, self._deactivate, _l("Made inactive: nobody can sign in with it. Correct it."))
        self._each("user_permission", UserPermission, db.session.delete, _l("The permission was taken away."))

    def tasks(self) -> None:
        """Assignees and due dates."""
        self._each("task_assignee", Task, _unassign, _l("Nobody is assigned now."))
        if self.clear_past_due:
            self._each("task_overdue", Task, _clear_due, _l("It has no due date now."))
        else:
            self._report("task_overdue", _l("Do it, or have its due date taken away."))

    def events(self) -> None:
        """Times and attendees."""
        self._each("event_times", Event, _swap_times, _l("Start and end were exchanged."))
        self._each("event_attendee", EventAttendee, db.session.delete, _l("They were taken off the event."))

    def _deactivate(self, user: User) -> None:
        deactivate(user, _DEACTIVATED_BECAUSE, actor=self.actor)

    def _each(self, check: str, model: type[Row], mend: Callable[[Row], None], what: LazyString) -> None:
        for found in self._found(check):
            with self._refusals(check, found):
                row = db.session.get(model, (self.organization_id, found.id), with_for_update=True)
                if row is not None:
                    mend(row)
                    db.session.flush()
                    db.session.execute(_SPEAK_NOW)
                    self.outcome.repaired.append(_line(check, found, str(what)))

    def _report(self, check: str, what: LazyString) -> None:
        self.outcome.findings += [_line(check, found, str(what)) for found in self._found(check)]

    def _found(self, check: str) -> Iterator[Found]:
        yield from CHECKS[check].look(self.organization_id, self.most).found

    @contextmanager
    def _refusals(self, check: str, found: Found) -> Iterator[None]:
        try:
            with refusals_in_words():
                yield
        except DomainError as error:
            self.outcome.errors.append(_line(check, found, error.sentence))


_WORK: Mapping[Subject, Callable[[_Work], None]] = {
    Subject.USERS: _Work.users,
    Subject.TASKS: _Work.tasks,
    Subject.EVENTS: _Work.events,
}


def _line(check: str, found: Found, what: str) -> Line:
    return Line(found.resource, found.id, found.detail, CHECKS[check].sentence, what)


def _unassign(task: Task) -> None:
    task.assigned_to_user_id = None
    task.version += 1


def _clear_due(task: Task) -> None:
    task.due_at = None
    task.version += 1


def _swap_times(event: Event) -> None:
    if event.start_at == event.end_at:
        raise Conflict(None, _l("It ends when it starts. Only somebody who knows it can say when it ends."))
    event.start_at, event.end_at = event.end_at, event.start_at
    event.version += 1
