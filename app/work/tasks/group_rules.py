"""Into which group of the list a task falls, and to when it is put off."""

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
    """A row with its date."""

    @property
    def due_at(self) -> datetime | None:
        """Aware; None where it has none."""
        ...


def group_of(task: Due, now: datetime) -> RowGroup:
    """The group of a task that is not done; `now` is on the organization's clocks."""
    if task.due_at is None:
        return NO_DATE
    if task.due_at < now:
        return OVERDUE
    days = (task.due_at.astimezone(now.tzinfo).date() - now.date()).days
    if days == 0:
        return TODAY
    return NEXT_DAYS if days <= _DAYS else LATER


class Snooze(StrEnum):
    """To when a task is put off, where no day is chosen."""

    HOURS = "hours"
    TOMORROW = "tomorrow"
    WEEK = "week"


def snoozed_until(choice: Snooze, now: datetime) -> datetime:
    """Three hours from now, tomorrow morning, or the morning of next Monday; `now` is on the organization's clocks."""
    if choice is Snooze.HOURS:
        return (now.astimezone(UTC) + _LATER_TODAY).replace(second=0, microsecond=0)
    days = 1 if choice is Snooze.TOMORROW else _DAYS - now.weekday()
    return morning_of(now + timedelta(days=days))


def morning_of(day: datetime) -> datetime:
    """Nine o'clock of that day, on its clocks."""
    return datetime.combine(day.date(), _MORNING, day.tzinfo).astimezone(UTC)
