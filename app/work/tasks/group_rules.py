"""Groups of the list of tasks, and the times that snoozing offers."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.listed import RowGroup

OVERDUE = RowGroup(_l("Overdue"))
TODAY = RowGroup(_l("Today"))
NEXT_DAYS = RowGroup(_l("Next 7 days"))
LATER = RowGroup(_l("Later"))
NO_DATE = RowGroup(_l("No date"), is_folded=True)
SNOOZED = RowGroup(lazy_pgettext("tasks", "Snoozed"), is_folded=True)
DONE_TODAY = RowGroup(_l("Done today"), is_folded=True)

_DAYS = 7
_MORNING = time(9)
_LATER_TODAY = timedelta(hours=3)


class Due(Protocol):
    """A row with a due date."""

    @property
    def due_at(self) -> datetime | None:
        """The timezone-aware due date, or None."""
        ...


def group_of(task: Due, now: datetime) -> RowGroup:
    """Return the group of an open task; `now` is in the organization's time zone."""
    if task.due_at is None:
        return NO_DATE
    if task.due_at < now:
        return OVERDUE
    days = (task.due_at.astimezone(now.tzinfo).date() - now.date()).days
    if days == 0:
        return TODAY
    return NEXT_DAYS if days <= _DAYS else LATER


class Snooze(StrEnum):
    """Choices for snoozing a task without choosing a day."""

    HOURS = "hours"
    TOMORROW = "tomorrow"
    WEEK = "week"


def snoozed_until(choice: Snooze, now: datetime) -> datetime:
    """Return the time that a choice stands for; `now` is in the organization's time zone.

    It is three hours from now, 9 a.m. tomorrow, or 9 a.m. next Monday, in UTC.
    """
    if choice is Snooze.HOURS:
        return (now.astimezone(UTC) + _LATER_TODAY).replace(second=0, microsecond=0)
    days = 1 if choice is Snooze.TOMORROW else _DAYS - now.weekday()
    return morning_of(now + timedelta(days=days))


def morning_of(day: datetime) -> datetime:
    """Return 9 a.m. of that day in its time zone, as UTC."""
    return datetime.combine(day.date(), _MORNING, day.tzinfo).astimezone(UTC)
