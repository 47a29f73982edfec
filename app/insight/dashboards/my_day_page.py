"""A CSR's working day: callers to return, tasks due, today's appointments and coaching, from the top."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import format_date

from app.declarations.place import Counted
from app.errors import NotFound
from app.insight.dashboards.filters import MyDayFilters
from app.insight.dashboards.needs_page import sentence_of
from app.lists.choices import Choice
from app.models import AppointmentStatus, TaskStatus
from app.people.users.queries import csr_choices
from app.periods import PeriodName, Span, today_of
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import SOONEST_FIRST, appointment_list
from app.work.calls.record_queries import list_coaching
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.line_page import Line, lines_of
from app.work.missed_calls.queries import entry_list, list_next_due
from app.work.tasks.filters import TaskFilters
from app.work.tasks.queries import task_list
from app.work.tasks.rules import OPEN

#: Most rows of a section; the rest is a link away.
MOST = 20


@dataclass(frozen=True, slots=True)
class Section:
    """The items of a section that are open, and those that are done, which are folded."""

    open: Sequence[Any]
    done: Sequence[Any] = ()
    #: The people who have claimed open items, one for each; these items are omitted.
    holders: Sequence[str] = ()
    #: The number of open items as the menu shows it, with those that are omitted; None if it is that of `open`.
    counted: str | None = None
    #: The sentence in the place of the items if the reader can see only part of them; "" otherwise.
    needs: str = ""

    @property
    def number(self) -> str:
        """The number of open items as text; empty for zero."""
        return str(len(self.open) or "") if self.counted is None else self.counted


@dataclass(frozen=True, slots=True)
class MyDay:
    """The day of one person. A section is None if the reader lacks its permission."""

    person: UUID
    #: The person's name; None on one's own page.
    name: str | None
    #: People whose day the reader can choose.
    choices: Sequence[Choice]
    span: Span
    now: datetime
    callers: Section | None
    tasks: Section | None
    appointments: Section | None
    coaching: Section | None

    @property
    def title(self) -> str:
        """The day as a title, such as "Sunday, November 22, 2026"."""
        return str(format_date(self.span.start, "full"))

    @property
    def is_own(self) -> bool:
        """True on the reader's own page, where calls are made."""
        return self.name is None


def my_day(actor: Actor, filters: MyDayFilters, now: datetime | None = None) -> MyDay:
    """Build the page of a person's day.

    Raises NotFound for a person who isn't one of the CSRs, and for others if `actor` can only see their own numbers.
    """
    now = now or datetime.now(UTC)
    sees_all = actor.sees_all(Permission.DASHBOARDS_CSR)
    choices = csr_choices(actor) if sees_all else ()
    person, name = _person(actor, filters.csr, choices)
    today = today_of(actor.timezone, now)
    return MyDay(
        person=person,
        name=name,
        choices=choices,
        span=today,
        now=now,
        callers=_callers(actor, person, now) if actor.may(Permission.MISSED_CALLS_READ) else None,
        tasks=_section(actor, Permission.TASKS_READ, person, lambda: _tasks(actor, person, today)),
        appointments=_section(actor, Permission.APPOINTMENTS_READ, person, lambda: _appointments(actor, person, now)),
        coaching=_section(actor, Permission.CALLS_READ, person, lambda: _coaching(actor, person, today)),
    )


def _person(actor: Actor, asked: UUID | None, choices: Sequence[Choice]) -> tuple[UUID, str | None]:
    if asked is None or asked == actor.user_id:
        return actor.user_id, None
    found = next((one for one in choices if one.id == asked), None)
    if found is None:
        raise NotFound("user", asked)
    return found.id, found.name


def _section(actor: Actor, permission: Permission, person: UUID, items: Callable[[], Section]) -> Section | None:
    """Return the section of the person's `items`; None without the permission to read them."""
    if not actor.may(permission):
        return None
    if person != actor.user_id and not actor.sees_all(permission):
        return Section((), needs=sentence_of((permission,)))
    return items()


def _callers(actor: Actor, person: UUID, now: datetime) -> Section:
    """Return the callers that no one else is calling, and on one's own page those rescued today.

    The number is that of the whole queue, as in the menu.
    """
    waiting: list[Line] = lines_of(actor, list_next_due(actor, now, MOST), now)
    free = [line for line in waiting if line.holder is None or line.entry.claimed_by == person]
    holders = [line.holder for line in waiting if line.holder is not None and line.entry.claimed_by != person]
    done: Sequence[Any] = ()
    if person == actor.user_id:
        done = entry_list(actor, EntryFilters(tab=Tab.DONE_TODAY, rescuer="me"), now).page(size=MOST).rows
    return Section(free, done, holders, actor.counts.text(Counted.QUEUE))


def _tasks(actor: Actor, person: UUID, today: Span) -> Section:
    """Return the tasks that are due by the end of the day, and those completed today."""
    waiting = task_list(actor, TaskFilters(assignee=person, status=OPEN, snoozed=False)).page(size=MOST).rows
    done = TaskFilters(assignee=person, status=(TaskStatus.COMPLETED,), done="today")
    due = [task for task in waiting if task.due_at is not None and task.due_at < today.end]
    return Section(due, task_list(actor, done).page(size=MOST).rows)


def _appointments(actor: Actor, person: UUID, now: datetime) -> Section:
    """Return today's appointments that the person booked; those that are over are done."""
    asked = AppointmentFilters(period=PeriodName.TODAY, csr=person)
    found = appointment_list(actor, asked, now).page(SOONEST_FIRST, size=MOST).rows
    ahead = [row for row in found if row.status == AppointmentStatus.SCHEDULED]
    return Section(ahead, [row for row in found if row.status != AppointmentStatus.SCHEDULED])


def _coaching(actor: Actor, person: UUID, today: Span) -> Section:
    """Return the coaching of the person's calls that is open or was done today."""
    notes = list_coaching(actor, person, today.start, MOST)
    return Section([row for row in notes if row.done_at is None], [row for row in notes if row.done_at is not None])
