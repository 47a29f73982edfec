"""Opening hours: when a company is open, when it opens next, and when a promise counted in open minutes falls due."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class OpeningHours:
    """Hours by weekday (0 is Monday) in a zone. Moments go in and come out in UTC."""

    def __init__(self, hours: Mapping[int, tuple[time, time]], timezone: ZoneInfo) -> None:
        self._hours = hours
        self._timezone = timezone

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody answers at `moment`."""
        span = self._span(moment.astimezone(self._timezone).date())
        return span is not None and span[0] <= moment < span[1]

    def next_open(self, moment: datetime) -> datetime:
        """`moment` when open then, else the next opening."""
        day = moment.astimezone(self._timezone).date()
        while True:
            span = self._span(day)
            if span is not None and moment < span[1]:
                return max(moment, span[0])
            day += timedelta(days=1)

    def last_open(self, moment: datetime) -> datetime:
        """`moment` when open then, else the closing before it."""
        day = moment.astimezone(self._timezone).date()
        while True:
            span = self._span(day)
            if span is not None and moment >= span[0]:
                return min(moment, span[1])
            day -= timedelta(days=1)

    def due(self, moment: datetime, minutes: int) -> datetime:
        """When `minutes` of opening time have passed since `moment`."""
        left = timedelta(minutes=minutes)
        start = self.next_open(moment)
        while True:
            span = self._span(start.astimezone(self._timezone).date())
            if span is not None and start + left <= span[1]:
                return start + left
            if span is not None:
                left -= span[1] - start
                start = self.next_open(span[1])

    def as_json(self) -> dict[str, list[list[str]]]:
        """The form kept in `organizations.business_hours`: per weekday a list of [from, to]."""
        return {
            name: [[f"{span[0]:%H:%M}", f"{span[1]:%H:%M}"]] if (span := self._hours.get(number)) else []
            for number, name in enumerate(_DAY_NAMES)
        }

    def _span(self, day: date) -> tuple[datetime, datetime] | None:
        hours = self._hours.get(day.weekday())
        if hours is None:
            return None
        opening, closing = (datetime.combine(day, end, self._timezone).astimezone(UTC) for end in hours)
        return opening, closing
