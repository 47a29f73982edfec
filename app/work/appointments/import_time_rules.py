"""Rules that read the start and end of an appointment from a file.

Pure: no database, no clock of its own.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import number_parser, seconds_parser
from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.date_rules import moment_parser, time_parser
from app.data.imports.mapping_rules import Mapping
from app.data.imports.moment_rules import Clock, StartColumns, instant_of
from app.work.appointments.import_target_rules import DATES, VisitTarget

#: Length of an appointment if the file doesn't specify it.
USUAL_LENGTH = timedelta(hours=1)


class Span(NamedTuple):
    """Start and end of an appointment, in UTC."""

    starts_at: datetime
    ends_at: datetime


class SpanReader:
    """Reader of an appointment's start, and of its end or duration."""

    def __init__(self, columns: Columns, mapping: Mapping, clock: Clock) -> None:
        self._clock = clock
        one = columns.one
        number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
        length = seconds_parser(number, mapping.units.get(VisitTarget.DURATION, "seconds"))
        self._start = StartColumns(columns, mapping, DATES)
        self._end: Column[datetime | time] = one(VisitTarget.END, _end_parser(mapping), optional=True)
        self._length = one(VisitTarget.DURATION, length, optional=True)

    def read(self, check: RowCheck) -> Span | None:
        """Return the start and end in a row.

        Returns None if the start is missing or invalid, which is noted in `check`.
        """
        zone = self._clock.zone
        starts_at = self._start.require(check, zone)
        seconds, end = self._length.read(check), self._end.read(check)
        if starts_at is None:
            return None
        usual = starts_at + (timedelta(seconds=seconds) if seconds else USUAL_LENGTH)
        if end is None:
            return Span(starts_at, usual)
        if isinstance(end, time):
            end = datetime.combine(starts_at.astimezone(zone).date(), end)
        ends_at = instant_of(end, zone, check, self._end.name)
        if ends_at <= starts_at:
            check.remark(
                _l("The end isn’t after the start. The duration is used instead, or one hour if there’s none."),
                self._end.name,
                str(end),
            )
            return Span(starts_at, usual)
        return Span(starts_at, ends_at)


def _end_parser(mapping: Mapping) -> Callable[[Value], datetime | time]:
    """Return a parser for an end given as a date and time, or as a time on the day of the start."""
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
