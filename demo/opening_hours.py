"""Opening hours: when a company is open, when it opens next, and when a promise counted in open minutes falls due."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.work.missed_calls.rules import business_seconds, sla_due_at

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class OpeningHours:
    """Hours by weekday (0 is Monday) in a zone. Moments go in and come out in UTC."""

    def __init__(self, hours: Mapping[int, tuple[time, time]], timezone: ZoneInfo) -> None:
        self._hours = hours
        self._timezone = timezone
        self._kept = {
            name: [[f"{end:%H:%M}" for end in hours[number]]] if number in hours else []
            for number, name in enumerate(_DAY_NAMES)
        }

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody answers at `moment`."""
        return self.next_open(moment) == moment

    def next_open(self, moment: datetime) -> datetime:
        """`moment` when open then, else the next opening."""
        return self.due(moment, 0)

    def last_open(self, moment: datetime) -> datetime:
        """`moment` when open then, else the closing before it."""
        day = moment.astimezone(self._timezone).date()
        while True:
            if hours := self._hours.get(day.weekday()):
                opening, closing = (datetime.combine(day, end, self._timezone).astimezone(UTC) for end in hours)
                if moment >= opening:
                    return min(moment, closing)
            day -= timedelta(days=1)

    def due(self, moment: datetime, minutes: int) -> datetime:
        """When `minutes` of opening time have passed since `moment`."""
        return sla_due_at(moment, minutes, self._kept, self._timezone.key)

    def seconds_between(self, since: datetime, until: datetime) -> int:
        """How much opening time lies between two moments."""
        return business_seconds(since, until, self._kept, self._timezone.key)

    def as_json(self) -> dict[str, list[list[str]]]:
        """The form kept in `organizations.business_hours`: per weekday a list of [from, to]."""
        return self._kept
