"""Conversion of the times of a row to UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.date_rules import (
    change_of_clocks,
    date_parser,
    moment_parser,
    steady_offset,
    time_parser,
    to_utc,
)
from app.data.imports.mapping_rules import Mapping
from app.declarations.importable import Dates

#: Formats of the date and time that a mapping sets for a whole file, tried before those of the file.
_PLAIN_DATES, _PLAIN_TIMES = ("YYYY-MM-DD",), ("HH:mm", "HH:mm:ss")
_AT_A_CHANGE = {
    "skipped": _l("This time is skipped when clocks change. The time one hour later is used."),
    "twice": _l("This time occurs twice when clocks change. The first one is used."),
}


def instant_of(moment: datetime, zone: ZoneInfo, check: RowCheck, column: str | None) -> datetime:
    """Convert a time to UTC; one without an offset is in `zone`.

    Adds a warning if a clock change skips or repeats it.
    """
    offset = steady_offset(moment.date(), zone) if moment.tzinfo is None else None
    if offset is not None:
        return (moment - offset).replace(tzinfo=UTC)
    if change := change_of_clocks(moment, zone):
        check.remark(_AT_A_CHANGE[change], column, str(moment))
    return to_utc(moment, zone)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time zone of a file, and the current time (aware)."""

    zone: ZoneInfo
    now: datetime

    def read(self, column: Column[datetime], check: RowCheck) -> datetime | None:
        """Return the time of an optional column in UTC; a future day is ignored with a warning."""
        moment = column.read(check)
        if moment is None:
            return None
        instant = instant_of(moment, self.zone, check, column.name)
        if self.is_to_come(instant):
            check.remark(_l("This date is in the future."), column.name, str(moment))
            return None
        return instant

    def is_to_come(self, instant: datetime) -> bool:
        """Return whether the time is on a day after today."""
        return instant.astimezone(self.zone).date() > self.now.astimezone(self.zone).date()


class StartColumns:
    """The start time of a record, in a single column or in separate ones for date and time of day."""

    def __init__(self, columns: Columns, mapping: Mapping, dates: Dates) -> None:
        days, times = mapping.date_formats, mapping.time_formats
        self._moment = columns.one(dates.moment, moment_parser(days, times), unique=True)
        self._day = columns.one(dates.date, date_parser(days), default=date_parser((*_PLAIN_DATES, *days)))
        self._time = columns.one(dates.time, time_parser(times), default=time_parser((*_PLAIN_TIMES, *times)))

    @property
    def name(self) -> str | None:
        """The column with the time or the date, None if there is none."""
        return self._moment.name or self._day.name

    def require(self, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        """Return the start time in UTC; reject the row if it is missing or invalid."""
        if self._moment.is_given:
            return self._instant(self._moment.require(check), check, zone)
        return self._joined(self._day.require(check), self._time.require(check), check, zone)

    def read(self, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        """Return the start time in UTC like `require`, or None if it is missing."""
        if self._moment.is_given:
            return self._instant(self._moment.read(check), check, zone)
        return self._joined(self._day.read(check), self._time.read(check), check, zone)

    def _joined(self, day: date | None, clock: time | None, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        return None if day is None or clock is None else self._instant(datetime.combine(day, clock), check, zone)

    def _instant(self, moment: datetime | None, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        return None if moment is None else instant_of(moment, zone, check, self._moment.name or self._time.name)
