"""Guessing the date formats of a file from all sampled values of its columns."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import islice

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.date_rules import (
    DEFAULT_TIME_FORMATS,
    SERIAL,
    date_parser,
    day_parser,
    moment_parser,
    serial_moment,
    serial_time,
    time_parser,
)
from app.data.imports.name_rules import OF_SOMETHING_ELSE, plain_words
from app.data.imports.sample_rules import Sample
from app.data.imports.weekday_rules import weekday_of, without_weekday
from app.data.imports.zone_name_rules import has_unclear_zone, zone_in
from app.declarations.importable import Dates
from app.errors import LazyText

_ENOUGH_TO_COUNT = 1_000
#: Years in which plain numbers in a date column are taken for spreadsheet dates.
_SERIAL_YEARS = range(1990, 2100)
_MAX_FORMATS = 4
_YEAR_DIGITS = 4

_YEAR_FIRST = ("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD")
_DAY_FIRST = ("DD.MM.YYYY", "DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YY", "DD-MM-YY", "DD/MM/YY")
_MONTH_FIRST = ("MM/DD/YYYY", "MM-DD-YYYY", "MM.DD.YYYY", "MM/DD/YY", "MM-DD-YY", "MM.DD.YY")
_MONTH_NAMED = ("DD MMM YYYY", "DD-MMM-YYYY", "MMM DD, YYYY", "MMM DD YYYY", "DD MMM YY", "DD-MMM-YY")
# Countries where 03/04 is March 4.
_MONTH_FIRST_COUNTRIES = frozenset({"AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "UM", "US", "VI"})
# A numeric date at the start of a cell.
_IN_NUMBERS = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<sign>[./-])(?P<two>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
# Unambiguous dates settle the order of day and month if there are at least this many with this share of all dates, or
# with the larger share regardless of their number, and if contradicting dates are at most the last share of them.
_TELLING_AT_LEAST, _TELLING_SHARE, _TELLING_ALONE, _CONTRARY_SHARE = 2, 0.1, 0.3, 0.1


@dataclass(frozen=True, slots=True)
class Formats:
    """Date formats, most likely first.

    `asks` are two formats of which the user must choose one, since day and month cannot be told apart.
    """

    found: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def date_columns(dates: Dates, columns: Fields[str, str]) -> tuple[str, ...]:
    """Return the columns with the time of the record and with its other dates, as far as they are mapped.

    `columns` maps each column to its field.
    """
    by_target = {field: name for name, field in columns.items()}
    when = by_target.get(dates.moment) or by_target.get(dates.date)
    return tuple(name for name in (when, *(by_target.get(other) for other in dates.others)) if name)


def moments_by_values(
    dates: Dates, header: Sequence[str], columns: Fields[str, str], sample: Sample
) -> tuple[str, ...]:
    """Return the unmatched columns most of whose sampled values are dates with times.

    The result is empty if a column is already matched to the date or time of the record. Columns named as the time of
    something else are not considered.
    """
    if not {dates.moment, dates.date, dates.time}.isdisjoint(columns.values()):
        return ()
    free = (name for name in header if name not in columns and OF_SOMETHING_ELSE.isdisjoint(plain_words(name).split()))
    return tuple(name for name in free if _is_most(_are_moments(sample, name)))


def _are_moments(sample: Sample, name: str) -> Iterator[bool]:
    """Yield whether each value of a column is a date with a time, for at most `_ENOUGH_TO_COUNT` values."""
    parse = moment_parser((*_YEAR_FIRST, *_DAY_FIRST, *_MONTH_FIRST, *_MONTH_NAMED), DEFAULT_TIME_FORMATS)
    is_clocked = sample.has_clock_times(name)
    for value in islice(sample.values(name), _ENOUGH_TO_COUNT):
        yield fits(parse, value) if isinstance(value, str) else isinstance(value, datetime) and is_clocked


def _is_most(found: Iterable[bool]) -> bool:
    """Return whether more than half are true."""
    every = [*found]
    return sum(every) * 2 > len(every)


def date_formats(dates: Dates, columns: Fields[str, str], sample: Sample, country: str) -> Formats:
    """Guess the date formats from all sampled values of the columns.

    For numeric dates, the order of day and month is the only one that fits all their weekdays, or the one that enough
    of them prove, or else that of `country`; in the latter case, both orders are in `asks`. `SERIAL` is added for a
    column with nothing but spreadsheet date numbers.
    """
    written = _written_formats(dates, columns, sample, country)
    if any(serials(sample, name) for name in date_columns(dates, columns)):
        return replace(written, found=(*written.found, SERIAL))
    return written


def _written_formats(dates: Dates, columns: Fields[str, str], sample: Sample, country: str) -> Formats:
    texts = [text for name in date_columns(dates, columns) for text in sample.texts(name)]
    parsers = {text: day_parser((text,), DEFAULT_TIME_FORMATS) for text in (*_YEAR_FIRST, *_MONTH_NAMED)}
    counts = {text: sum(fits(parse, value) for value in texts[:_ENOUGH_TO_COUNT]) for text, parse in parsers.items()}
    plain = [text for text in sorted(counts, key=counts.__getitem__, reverse=True) if counts[text]][:_MAX_FORMATS]
    numeric = [match for match in (_IN_NUMBERS.match(without_weekday(text)) for text in texts) if match]
    if not numeric:
        return Formats(tuple(plain))
    shapes = Counter((match["sign"], len(match["year"])) for match in numeric)
    ways = [_written(sign, year) for (sign, year), _count in shapes.most_common(_MAX_FORMATS)]
    day_first, month_first = (tuple(way[place] for way in ways) for place in (0, 1))
    days = sum(int(match["one"]) > 12 >= int(match["two"]) for match in numeric)
    months = sum(int(match["two"]) > 12 >= int(match["one"]) for match in numeric)
    fits_days, fits_months = _weekdays_fit(texts)
    if fits_days and not fits_months:
        return Formats((*day_first, *plain)[:_MAX_FORMATS])
    if fits_months and not fits_days:
        return Formats((*month_first, *plain)[:_MAX_FORMATS])
    if _is_decisive(days, months, len(numeric)):
        return Formats((*day_first, *plain)[:_MAX_FORMATS])
    if _is_decisive(months, days, len(numeric)):
        return Formats((*month_first, *plain)[:_MAX_FORMATS])
    either = (month_first, day_first) if country in _MONTH_FIRST_COUNTRIES else (day_first, month_first)
    return Formats((*either[0], *plain)[:_MAX_FORMATS], (either[0][0], either[1][0]))


def _written(sign: str, year: int) -> tuple[str, str]:
    """Return the numeric date formats for a separator and a number of year digits: day first, month first."""
    return f"DD{sign}MM{sign}{'Y' * year}", f"MM{sign}DD{sign}{'Y' * year}"


def _weekdays_fit(texts: Iterable[str]) -> tuple[bool, bool]:
    """Return whether all weekdays of numeric dates are right if the day comes first, and if the month does."""
    fits_days = fits_months = True
    for text in texts:
        weekday = weekday_of(text)
        match = _IN_NUMBERS.match(without_weekday(text)) if weekday is not None else None
        if match:
            fits_days = fits_days and _falls_on(match["year"], match["two"], match["one"]) == weekday
            fits_months = fits_months and _falls_on(match["year"], match["one"], match["two"]) == weekday
    return fits_days, fits_months


def _falls_on(year: str, month: str, day: str) -> int | None:
    """Return the weekday of a date, or None if there is no such date."""
    try:
        return date_parser(("YYYY-MM-DD" if len(year) == _YEAR_DIGITS else "YY-MM-DD",))(
            f"{year}-{month}-{day}"
        ).weekday()
    except CellProblem:
        return None


def _is_decisive(agreeing: int, contrary: int, of: int) -> bool:
    """Return whether `agreeing` of `of` dates settle the order of day and month.

    A few `contrary` ones are tolerated.
    """
    enough = agreeing >= of * _TELLING_ALONE or (agreeing >= _TELLING_AT_LEAST and agreeing >= of * _TELLING_SHARE)
    return enough and contrary <= agreeing * _CONTRARY_SHARE


def mixed_dates(dates: Dates, columns: Fields[str, str], sample: Sample) -> Iterator[LazyText]:
    """Yield a notice for each column that mixes spreadsheet dates and text dates.

    A spreadsheet converts text that looks like a date in its own locale, and leaves other dates as text.
    """
    for name in date_columns(dates, columns):
        texts = [text for text in sample.texts(name) if _IN_NUMBERS.match(without_weekday(text))]
        if texts and sample.dates_of_sheet(name):
            yield _l(
                "“%(column)s” mixes spreadsheet dates and text dates (%(sample)s), and the spreadsheet may have "
                "swapped day and month in some. Check the dates in the preview.",
                column=name,
                sample=min(texts),
            )


def serials(sample: Sample, name: str) -> list[datetime]:
    """Return the sorted times of a column of only spreadsheet date numbers, or an empty list for any other column."""
    found = [serial_moment(value) for value in sample.values(name)]
    days = sorted(moment for moment in found if moment is not None and moment.year in _SERIAL_YEARS)
    return days if len(days) == len(found) else []


def time_formats(dates: Dates, columns: Fields[str, str], sample: Sample) -> tuple[str, ...]:
    """Return the usual time formats, plus `SERIAL` if the time column holds only spreadsheet numbers.

    These are fractions of a day or date numbers with a time.
    """
    column = next((name for name, field in columns.items() if field and field == dates.time), None)
    values = sample.values(column) if column else set()
    is_serial = bool(values) and all(serial_time(value) is not None for value in values)
    return (*DEFAULT_TIME_FORMATS, SERIAL) if is_serial else DEFAULT_TIME_FORMATS


def serial_notices(dates: Dates, columns: Fields[str, str], sample: Sample) -> Iterator[LazyText]:
    """Yield a notice for each column whose plain numbers are read as spreadsheet dates or fractions of a day."""
    for name in date_columns(dates, columns):
        if days := serials(sample, name):
            yield _l(
                "Numbers in “%(column)s” will be read as spreadsheet dates, from %(first)s to %(last)s. Check "
                "the dates in the preview.",
                column=name,
                first=days[0].date().isoformat(),
                last=days[-1].date().isoformat(),
            )
    column = next((name for name, field in columns.items() if field and field == dates.time), None)
    if column is not None and SERIAL in time_formats(dates, columns, sample):
        value = min(sample.values(column), key=str)
        yield _l(
            "Numbers in “%(column)s” will be read as fractions of a day: %(value)s is %(time)s. Check the "
            "times in the preview.",
            column=column,
            value=value,
            time=f"{serial_time(value):%H:%M:%S}",
        )


def zone_of_times(dates: Dates, columns: Fields[str, str], notices: list[LazyText]) -> str | None:
    """Return the time zone that the name of a time column specifies, and add a notice about it."""
    for name in _time_columns(dates, columns):
        if zone := zone_in(name):
            notices.append(
                _l(
                    "Times in “%(column)s” will be read as %(zone)s, based on the column’s name.",
                    column=name,
                    zone=zone,
                )
            )
            return zone
    return None


def unclear_zone_column(dates: Dates, columns: Fields[str, str]) -> str | None:
    """Return the time column whose name states a time zone that isn't clear, so that the user must choose one."""
    names = _time_columns(dates, columns)
    if not (dates.moment or dates.time) or dates.zone in columns.values() or any(map(zone_in, names)):
        return None
    return next(filter(has_unclear_zone, names), None)


def _time_columns(dates: Dates, columns: Fields[str, str]) -> list[str]:
    return [name for name, field in columns.items() if field in dates.parts]


def join_date_and_time(dates: Dates, columns: dict[str, str], sample: Sample) -> dict[str, str]:
    """Settle which columns hold dates, times or both.

    A combined column makes separate ones redundant. A single date or time column may hold both, and a column named
    after both may hold only one part.
    """
    if not dates.moment:
        return columns
    columns = _with_part(dates, columns, sample)
    found = {field: name for name, field in columns.items()}
    parts = [found[field] for field in (dates.date, dates.time) if field in found]
    if dates.moment in found:
        return {name: field for name, field in columns.items() if name not in parts}
    if len(parts) == 1:
        alone = parts[0]
        if _is_most(moment.time() != time() for moment in serials(sample, alone)):
            return {**columns, alone: dates.moment}
        if sample.has_clock_times(alone) or _are_written(sample.texts(alone), with_time=True):
            return {**columns, alone: dates.moment}
    return columns


def _with_part(dates: Dates, columns: dict[str, str], sample: Sample) -> dict[str, str]:
    """Correct the match of a column for both date and time, such as `Start`, that holds only one of them.

    If all its values are times, it becomes the time unless another column has it. If it holds only dates, another
    column has the time and none has the date, it becomes the date. Next to a date column, it is ignored unless enough
    of its values are dates with times. The majority of the values decides.
    """
    found = {field: name for name, field in columns.items()}
    when = found.get(dates.moment)
    if when is None:
        return columns
    if dates.time not in found and _holds_times(sample, when):
        return {**columns, when: dates.time}
    if dates.time in found and dates.date not in found and _holds_days(sample, when):
        return {**columns, when: dates.date}
    if dates.date in found and not serials(sample, when) and not _is_most(_are_moments(sample, when)):
        return {name: field for name, field in columns.items() if name != when}
    return columns


def _holds_times(sample: Sample, name: str) -> bool:
    """Return whether most values of the column are times of day."""
    parse = time_parser((*DEFAULT_TIME_FORMATS, SERIAL))
    if serials(sample, name):
        return False
    values = sample.values(name)
    some = islice(values, _ENOUGH_TO_COUNT)
    return _is_most(not isinstance(value, date) and fits(parse, value) for value in some)


def _holds_days(sample: Sample, name: str) -> bool:
    """Return whether most values of the column are dates without a time of day."""
    days = serials(sample, name)
    if days or sample.has_clock_times(name):
        return bool(days) and _is_most(moment.time() == time() for moment in days)
    return bool(sample.dates_of_sheet(name)) or _are_written(sample.texts(name), with_time=False)


def _are_written(texts: Iterable[str], *, with_time: bool) -> bool:
    """Return whether most of these texts are dates with a time, or dates alone."""
    formats = (*_YEAR_FIRST, *_MONTH_FIRST, *_DAY_FIRST, *_MONTH_NAMED)
    parse = moment_parser(formats, DEFAULT_TIME_FORMATS) if with_time else date_parser(formats)
    return _is_most(fits(parse, text) for text in islice(texts, _ENOUGH_TO_COUNT))


def fits(parse: Callable[[Value], object], value: Value) -> bool:
    """Return whether the parser accepts the value."""
    try:
        parse(value)
    except CellProblem:
        return False
    return True
