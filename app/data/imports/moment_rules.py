"""Moments of a row, as instants."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.column_rules import Column, RowCheck
from app.data.imports.date_rules import change_of_clocks, to_utc

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
