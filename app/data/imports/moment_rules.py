"""Moments of a row, as instants."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.date_rules import change_of_clocks, date_parser, moment_parser, time_parser, to_utc
from app.data.imports.mapping_rules import Mapping
from app.declarations.importable import Dates

#: How a mapping says the day and the time of day for a whole file, whatever the ways of the file are.
_PLAIN_DATES, _PLAIN_TIMES = ("YYYY-MM-DD",), ("HH:mm", "HH:mm:ss")
_AT_A_CHANGE = {
    "skipped": _l("The clocks skip this time. It is taken as one hour later."),
    "twice": _l("The clocks show this time twice. The first one is taken."),
}


def instant_of(moment: datetime, zone: ZoneInfo, check: RowCheck, column: str | None) -> datetime:
    """The instant in UTC; a time without an offset is one of `zone`. One that the clocks skip or show twice is
    remarked."""
    if change := change_of_clocks(moment, zone):
        check.remark(_AT_A_CHANGE[change], column, str(moment))
    return to_utc(moment, zone)


@dataclass(frozen=True, slots=True)
class Clock:
    """Whose clocks the times of a file are of, and the moment that counts as now (aware)."""

    zone: ZoneInfo
    now: datetime

    def read(self, column: Column[datetime], check: RowCheck) -> datetime | None:
        """The instant that an optional column says, which has been, to the day; one that is to come is left out."""
        moment = column.read(check)
        if moment is None:
            return None
        instant = instant_of(moment, self.zone, check, column.name)
        if self.is_to_come(instant):
            check.remark(_l("This day is to come."), column.name, str(moment))
            return None
        return instant

    def is_to_come(self, instant: datetime) -> bool:
        """Whether it is on a day after today."""
        return instant.astimezone(self.zone).date() > self.now.astimezone(self.zone).date()


class StartColumns:
    """When something began: one column says it, or one the day and another the time of day."""

    def __init__(self, columns: Columns, mapping: Mapping, dates: Dates) -> None:
        days, times = mapping.date_formats, mapping.time_formats
        self._moment = columns.one(dates.moment, moment_parser(days, times), unique=True)
        self._day = columns.one(dates.date, date_parser(days), default=date_parser((*_PLAIN_DATES, *days)))
        self._time = columns.one(dates.time, time_parser(times), default=time_parser((*_PLAIN_TIMES, *times)))

    @property
    def name(self) -> str | None:
        """The column that says when it was, or on which day."""
        return self._moment.name or self._day.name

    def require(self, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        """The instant, in UTC; where it is missing or wrong, that is an error of the row."""
        if self._moment.is_given:
            return self._instant(self._moment.require(check), check, zone)
        return self._joined(self._day.require(check), self._time.require(check), check, zone)

    def read(self, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        """As `require`, but a row may do without it."""
        if self._moment.is_given:
            return self._instant(self._moment.read(check), check, zone)
        return self._joined(self._day.read(check), self._time.read(check), check, zone)

    def _joined(self, day: date | None, clock: time | None, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        return None if day is None or clock is None else self._instant(datetime.combine(day, clock), check, zone)

    def _instant(self, moment: datetime | None, check: RowCheck, zone: ZoneInfo) -> datetime | None:
        return None if moment is None else instant_of(moment, zone, check, self._moment.name or self._time.name)
