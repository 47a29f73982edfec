"""When a visit of a file begins and ends. Pure: no database, no clock of its own."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import number_parser, seconds_parser
from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.date_rules import date_parser, moment_parser, time_parser
from app.data.imports.mapping_rules import Mapping
from app.data.imports.moment_rules import Clock, instant_of
from app.work.appointments.import_target_rules import VisitTarget

#: So long is a visit of which nothing says it.
USUAL_LENGTH = timedelta(hours=1)


class Span(NamedTuple):
    """From when to when, in UTC."""

    starts_at: datetime
    ends_at: datetime


class SpanReader:
    """Reads when a visit is: its begin, and either its end or how long it takes."""

    def __init__(self, columns: Columns, mapping: Mapping, clock: Clock) -> None:
        self._clock = clock
        one, dates, times = columns.one, mapping.date_formats, mapping.time_formats
        number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
        length = seconds_parser(number, mapping.units.get(VisitTarget.DURATION, "seconds"))
        self._start = one(VisitTarget.START, moment_parser(dates, times), unique=True)
        self._date = one(VisitTarget.DATE, date_parser(dates))
        self._time = one(VisitTarget.TIME, time_parser(times))
        self._end: Column[datetime | time] = one(VisitTarget.END, _end_parser(mapping), optional=True)
        self._length = one(VisitTarget.DURATION, length, optional=True)

    def read(self, check: RowCheck) -> Span | None:
        """When the visit of a row is; None where its begin is missing or wrong, which is noted in `check`."""
        moment = self._local_start(check)
        seconds, end = self._length.read(check), self._end.read(check)
        if moment is None:
            return None
        zone, name = self._clock.zone, self._start.name or self._time.name
        starts_at = instant_of(moment, zone, check, name)
        usual = starts_at + (timedelta(seconds=seconds) if seconds else USUAL_LENGTH)
        if end is None:
            return Span(starts_at, usual)
        if isinstance(end, time):
            end = datetime.combine(starts_at.astimezone(zone).date(), end)
        ends_at = instant_of(end, zone, check, self._end.name)
        if ends_at <= starts_at:
            check.remark(_l("It ends before it begins. Its end is taken as unknown."), self._end.name, str(end))
            return Span(starts_at, usual)
        return Span(starts_at, ends_at)

    def _local_start(self, check: RowCheck) -> datetime | None:
        if self._start.is_given:
            return self._start.require(check)
        day, clock = self._date.require(check), self._time.require(check)
        return None if day is None or clock is None else datetime.combine(day, clock)


def _end_parser(mapping: Mapping) -> Callable[[Value], datetime | time]:
    """Date and time, or a time of the day on which the visit begins."""
    parse_moment = moment_parser(mapping.date_formats, mapping.time_formats)
    parse_time = time_parser(mapping.time_formats)

    def parse(value: Value) -> datetime | time:
        try:
            return parse_moment(value)
        except CellProblem as problem:
            try:
                return parse_time(value)
            except CellProblem:
                raise problem from None

    return parse
