"""Times of a call's answer and end, for files that give moments instead of durations. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, as_text
from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.date_rules import moment_parser
from app.data.imports.mapping_rules import Mapping
from app.data.imports.moment_rules import instant_of
from app.work.calls.import_target_rules import CallTarget
from app.zones import timezones

_LONGEST = 86_400


@dataclass(frozen=True, slots=True)
class Spans:
    """Durations between the moments of a call, in seconds; None if a moment is missing.

    `is_connected` is None if the file doesn't say when calls were answered.
    """

    is_connected: bool | None = None
    wait: int | None = None
    talk: int | None = None
    rang: int | None = None


_UNKNOWN = Spans()


class MomentColumns:
    """Columns with the time zone of a row, and with the times when its call was answered and ended."""

    def __init__(self, columns: Columns, mapping: Mapping) -> None:
        parse = moment_parser(mapping.date_formats, mapping.time_formats)
        self._zone = columns.one(CallTarget.TIMEZONE, parse_zone, optional=True)
        self._answered, self._ended = (
            columns.one(target, parse, unique=True, optional=True)
            for target in (CallTarget.ANSWERED_AT, CallTarget.ENDED_AT)
        )

    def zone(self, check: RowCheck) -> ZoneInfo | None:
        """Return the time zone of the row's times, None if it has none of its own."""
        return self._zone.read(check)

    def spans(self, check: RowCheck, started_at: datetime, zone: ZoneInfo) -> Spans:
        """Return the time until the answer, from there to the end, and from the start to the end of a call."""
        if not (self._answered.is_given or self._ended.is_given):
            return _UNKNOWN
        answered, ended = (self._instant(column, check, zone) for column in (self._answered, self._ended))
        return Spans(
            is_connected=answered is not None if self._answered.is_given else None,
            wait=self._seconds(started_at, answered, self._answered, check),
            talk=self._seconds(answered, ended, self._ended, check),
            rang=self._seconds(started_at, ended, self._ended, check) if answered is None else None,
        )

    def _instant(self, column: Column[datetime], check: RowCheck, zone: ZoneInfo) -> datetime | None:
        moment = column.read(check)
        return None if moment is None else instant_of(moment, zone, check, column.name)

    def _seconds(
        self, start: datetime | None, end: datetime | None, column: Column[datetime], check: RowCheck
    ) -> int | None:
        if start is None or end is None:
            return None
        seconds = round((end - start).total_seconds())
        if 0 <= seconds <= _LONGEST:
            return seconds
        reason = _l("It’s before the time that precedes it.") if seconds < 0 else _l("It’s longer than a day.")
        check.remark(reason, column.name, str(end.replace(tzinfo=None)))
        return None


def parse_zone(value: Value) -> ZoneInfo:
    """Parse the name of a time zone, such as America/Chicago."""
    name = as_text(value)
    if name not in timezones():
        raise CellProblem(_l("There’s no time zone called “%(name)s”.", name=name))
    return ZoneInfo(name)
