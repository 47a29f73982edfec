"""Opening hours: whether a company is open, its next opening, and due times counted in open minutes."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.work.missed_calls.rules import business_seconds, sla_due_at

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class OpeningHours:
    """Hours by weekday (0 is Monday) in a time zone. Arguments and results are in UTC."""

    def __init__(self, hours: Mapping[int, tuple[time, time]], timezone: ZoneInfo) -> None:
        self._hours = hours
        self._timezone = timezone
        self._kept = {
            name: [[f"{end:%H:%M}" for end in hours[number]]] if number in hours else []
            for number, name in enumerate(_DAY_NAMES)
        }

    def is_open(self, moment: datetime) -> bool:
        """Return whether the company is open at `moment`."""
        return self.next_open(moment) == moment

    def next_open(self, moment: datetime) -> datetime:
        """Return `moment` if the company is open then, else the next opening."""
        return self.due(moment, 0)

    def last_open(self, moment: datetime) -> datetime:
        """Return `moment` if the company is open then, else the closing before it."""
        day = moment.astimezone(self._timezone).date()
        while True:
            if hours := self._hours.get(day.weekday()):
                opening, closing = (datetime.combine(day, end, self._timezone).astimezone(UTC) for end in hours)
                if moment >= opening:
                    return min(moment, closing)
            day -= timedelta(days=1)

    def due(self, moment: datetime, minutes: int) -> datetime:
        """Return the time at which `minutes` of opening time have passed since `moment`."""
        return sla_due_at(moment, minutes, self._kept, self._timezone.key)

    def seconds_between(self, since: datetime, until: datetime) -> int:
        """Return the seconds of opening time between two times."""
        return business_seconds(since, until, self._kept, self._timezone.key)

    def as_json(self) -> dict[str, list[list[str]]]:
        """Return the form stored in `organizations.business_hours`: per weekday a list of [from, to]."""
        return self._kept
