"""Guessing the unit of plain numbers that are durations."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from statistics import median

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import SECONDS_IN, Unit, number_parser
from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.date_rules import moment_parser, time_parser
from app.data.imports.name_rules import last_part, names_of, unit_in
from app.data.imports.sample_rules import Sample
from app.declarations.importable import Dates, Importable
from app.errors import LazyText

#: Normalized names of columns with the end of a record.
_ENDS = frozenset({
    "end", "ended", "ended at", "end at", "end time", "end date", "end date time", "end timestamp", "call end",
    "call end time", "call ended", "call ended at", "date ended", "date time end", "disconnected", "disconnected at",
    "disconnect time", "hangup time", "hung up at", "finish time", "finished at", "finished", "stop time", "stopped at",
    "конец", "окончание", "время окончания", "tugash vaqti",
})  # fmt: skip
#: Below this number, a decimal is more likely of minutes: systems that count seconds don't need fractions.
_MINUTE = 60
#: Whole numbers that may be minutes: calls of a few seconds are rare, and so are calls of over two hours.
_SHORT_MEDIAN, _LONGEST_MINUTES = 15, 120
#: Share of the time between start and end that a duration takes: parts of it can be waiting, and minutes are rounded.
_LEAST_SHARE, _MOST_SHARE = 0.2, 2.0
_COMPARED: tuple[Unit, ...] = ("seconds", "minutes", "hours", "milliseconds")
_ENOUGH_TO_COMPARE = 2_000
_SHOWN = 3
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Units:
    """The units of durations by target, certain or proposed.

    `asks` are the targets whose unit the user must confirm, with values of their columns; `sure` are those whose unit
    the times of the file decide.
    """

    found: Fields[str, Unit] = field(default_factory=dict)
    asks: Fields[str, tuple[str, ...]] = field(default_factory=dict)
    sure: frozenset[str] = frozenset()
    notices: tuple[LazyText, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plain:
    """The positive plain numbers of a column; 0 is the same in every unit."""

    numbers: Sequence[Decimal]

    @property
    def is_fractional(self) -> bool:
        return any(one != int(one) for one in self.numbers) and min(self.numbers) < _MINUTE

    @property
    def is_small(self) -> bool:
        return median(self.numbers) < _SHORT_MEDIAN and max(self.numbers) <= _LONGEST_MINUTES

    @property
    def is_unsure(self) -> bool:
        return bool(self.numbers) and (self.is_fractional or self.is_small)

    @property
    def shown(self) -> tuple[str, ...]:
        telling = [one for one in self.numbers if one != int(one)] or self.numbers
        return tuple(f"{one.normalize():f}" for one in islice(dict.fromkeys(telling), _SHOWN))


def columns_of_spans(importable: Importable, header: Sequence[str], columns: Fields[str, str]) -> tuple[str, ...]:
    """Return the columns whose values are compared row by row: durations, and start and end of a record."""
    by_target = {target: name for name, target in columns.items()}
    durations = (by_target[target] for target in importable.durations if target in by_target)
    span = _span_columns(importable.dates, header, by_target)
    return tuple(dict.fromkeys((*durations, *span)))


def guess_units(
    importable: Importable, header: Sequence[str], columns: Fields[str, str], sample: Sample, parse: "Parsers"
) -> Units:
    """Return the units of the durations of a file.

    They are those that the column names state, or those of the seconds between start and end. Otherwise plain numbers
    are seconds, but the user is asked if they may be minutes: decimals, or small whole numbers. Other durations of the
    file have the unit of the one from start to end.
    """
    by_target = {target: name for name, target in columns.items()}
    found: dict[str, Unit] = {}
    asks: dict[str, tuple[str, ...]] = {}
    notices: list[LazyText] = []
    sure = set[str]()
    lasting = importable.lasting
    known: Unit | None = None
    for target in sorted(importable.durations, key=lambda one: one != lasting):
        column = by_target.get(target, "")
        usual: Unit = importable.usual_units.get(target, "seconds")
        said = unit_in(column)
        found[target] = said or usual
        plain = _Plain([*_positive(sample.column(column), parse.number)])
        if said or usual != "seconds" or not plain.numbers:
            continue
        by_span = _by_span(importable.dates, header, by_target, column, sample, parse) if target == lasting else None
        if by_span is not None:
            found[target] = known = by_span
            sure.add(target)
            notices += _by_span_notice(column, by_span)
        elif target != lasting and known is not None:
            found[target] = known
        elif plain.is_unsure:
            asks[target] = plain.shown
            found[target] = "minutes" if plain.is_fractional else usual
        elif target == lasting:
            known = usual
    return Units(
        {target: unit for target, unit in found.items() if unit != "seconds"}, asks, frozenset(sure), tuple(notices)
    )


@dataclass(frozen=True, slots=True)
class Parsers:
    """Parsers for the numbers and times of a file."""

    number: Callable[[Value], Decimal]
    moment: Callable[[Value], datetime]
    clock: Callable[[Value], time]


def parsers_of(separators: tuple[str, str], formats: tuple[Sequence[str], Sequence[str]]) -> Parsers:
    """Return the parsers for a file with these separators (decimal, thousands) and formats (dates, times)."""
    return Parsers(number_parser(*separators), moment_parser(*formats), time_parser(formats[1]))


def _by_span_notice(column: str, unit: Unit) -> Iterator[LazyText]:
    if unit != "seconds":
        sentences = {
            "minutes": _l("“%(column)s” is in minutes, as the times of start and end show.", column=column),
            "hours": _l("“%(column)s” is in hours, as the times of start and end show.", column=column),
            "milliseconds": _l("“%(column)s” is in milliseconds, as the times of start and end show.", column=column),
        }
        yield sentences[unit]


def _span_columns(dates: Dates | None, header: Sequence[str], by_target: Fields[str, str]) -> tuple[str, ...]:
    """Return the columns with start and end of a record, or nothing unless there are both."""
    start = (by_target.get(dates.moment) or by_target.get(dates.time)) if dates else None
    end = next((name for name in header if name != start and _is_end(name)), None)
    return (start, end) if start and end else ()


def _is_end(name: str) -> bool:
    part = last_part(name)
    return not _ENDS.isdisjoint((*names_of(name), *(names_of(part) if part else ())))


def _by_span(
    dates: Dates | None,
    header: Sequence[str],
    by_target: Fields[str, str],
    column: str,
    sample: Sample,
    parse: Parsers,
) -> Unit | None:
    """Return the only unit in which most durations take the time between start and end, or None."""
    span = _span_columns(dates, header, by_target)
    if not span:
        return None
    start, end = span
    shares = []
    rows = zip(sample.column(start), sample.column(end), sample.column(column), strict=True)
    for begins, ends, value in islice(rows, _ENOUGH_TO_COMPARE):
        seconds = _seconds_between(begins, ends, parse)
        number = next(_positive([value], parse.number), None)
        if seconds and number:
            shares.append(float(number) / seconds)
    if not shares:
        return None
    share = median(shares)
    fitting = [unit for unit in _COMPARED if _LEAST_SHARE <= share * float(SECONDS_IN[unit]) <= _MOST_SHARE]
    return fitting[0] if len(fitting) == 1 else None


def _seconds_between(start: Value | None, end: Value | None, parse: Parsers) -> float | None:
    """Return the seconds between two times of a row, or None unless the second is later.

    Two times of day are on the same day or either side of midnight.
    """
    if start is None or end is None:
        return None
    begins, ends = _moment(start, parse), _moment(end, parse)
    if begins is not None and ends is not None and (begins.tzinfo is None) == (ends.tzinfo is None):
        seconds = (ends - begins).total_seconds()
        return seconds if 0 < seconds < _DAY else None
    clock = _clock(end, parse)
    first = _clock(start, parse) or (begins.time() if begins else None)
    if first is None or clock is None:
        return None
    return (_of_day(clock) - _of_day(first)).total_seconds() % _DAY or None


def _moment(value: Value, parse: Parsers) -> datetime | None:
    try:
        return parse.moment(value)
    except CellProblem:
        return None


def _clock(value: Value, parse: Parsers) -> time | None:
    try:
        return parse.clock(value)
    except CellProblem:
        return None


def _of_day(clock: time) -> timedelta:
    return datetime.combine(date.min, clock) - datetime.combine(date.min, time())


def _positive(values: Iterable[Value | None], number: Callable[[Value], Decimal]) -> Iterator[Decimal]:
    for value in values:
        if value is None:
            continue
        try:
            found = number(value)
        except CellProblem:
            continue
        if found > 0:
            yield found
