"""Schedule of the reps: windows that can be offered, and the reps who are free in them."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from demo.absences import Absences
from demo.conversations.slots import Window

_WINDOW = timedelta(hours=2)
_NOTICE = timedelta(minutes=90)
_WEEKDAY_STARTS = (8, 10, 13, 15, 17)
_SATURDAY_STARTS = (8, 10, 12)
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_EVENING = 17
_TRIES = 6


class RepSchedule:
    """Two-hour windows in local time, and the reps booked in them.

    A rep never has two appointments in one window, and none on a day off.
    """

    def __init__(self, reps: Sequence[UUID], timezone: ZoneInfo, absences: Absences, chance: random.Random) -> None:
        self._reps = reps
        self._absences = absences
        self._timezone = timezone
        self._chance = chance
        self._taken: dict[date, dict[int, set[UUID]]] = {}

    def any_window(self, at: datetime, days: tuple[int, int]) -> Window:
        """Return a window in the given range of days after `at`, regardless of which reps are free.

        If the chosen day has no window that can still be booked, the next day that has one is used.
        """
        day = at.date() + timedelta(days=self._chance.randint(*days))
        while True:
            starts = [start for start in self._starts(day) if start > at + _NOTICE]
            if starts:
                start = self._chance.choice(starts)
                return Window(start, start + _WINDOW)
            day += timedelta(days=1)

    def offer(self, at: datetime, days: tuple[int, int]) -> Window:
        """Return a window in the given range of days after the local time `at`, if possible with a free rep."""
        window = self.any_window(at, days)
        for _ in range(_TRIES):
            if self._free(window):
                break
            window = self.any_window(at, days)
        return window

    def book(self, window: Window) -> UUID | None:
        """Book `window` for one of the free reps and return the rep's ID; return None if no rep is free."""
        free = self._free(window)
        if not free:
            return None
        rep = self._chance.choice(free)
        self._taken.setdefault(window.start.date(), {}).setdefault(window.start.hour, set()).add(rep)
        return rep

    def release(self, window: Window, rep: UUID) -> None:
        """Make the rep available in that window again."""
        self._taken.get(window.start.date(), {}).get(window.start.hour, set()).discard(rep)

    def turn_to(self, today: date) -> None:
        """Forget the days before `today`."""
        for day in [day for day in self._taken if day < today]:
            del self._taken[day]

    def _free(self, window: Window) -> list[UUID]:
        day = window.start.date()
        taken = self._taken.get(day, {}).get(window.start.hour, set())
        return [rep for rep in self._reps if rep not in taken and not self._absences.is_off(rep, day)]

    def _starts(self, day: date) -> list[datetime]:
        if day.weekday() == _SUNDAY:
            return []
        hours = _SATURDAY_STARTS if day.weekday() == _SATURDAY else _WEEKDAY_STARTS
        return [
            datetime(day.year, day.month, day.day, hour, tzinfo=self._timezone)
            for hour in hours
            if not (hour == _EVENING and day.weekday() == _FRIDAY)
        ]
