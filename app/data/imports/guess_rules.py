"""A first mapping for a file that comes without one: columns by their names, formats by their values."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import Unit
from app.data.imports.cell_rules import CellProblem, Value, cell_reader
from app.data.imports.date_rules import (
    DEFAULT_DATE_FORMATS,
    DEFAULT_TIME_FORMATS,
    date_parser,
    day_parser,
    moment_parser,
    without_weekday,
)
from app.data.imports.mapping_rules import MISSING_WORDS, NO_WORDS, YES_WORDS, Mapping
from app.data.imports.table_rules import Row
from app.data.imports.word_rules import choice_parser, flag_parser
from app.declarations.field import Choice, Field
from app.declarations.importable import Dates, Importable, Target
from app.errors import Sentence

# Enough rows to meet a day above the twelfth in a log that is sorted by date.
SAMPLE_ROWS = 20_000
_ENOUGH_TO_COUNT = 1_000
_MOST_FORMATS = 4

_YEAR_FIRST = ("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD")
_DAY_FIRST = ("DD.MM.YYYY", "DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YY", "DD-MM-YY", "DD/MM/YY")
_MONTH_FIRST = ("MM/DD/YYYY", "MM-DD-YYYY", "MM.DD.YYYY", "MM/DD/YY", "MM-DD-YY", "MM.DD.YY")
_MONTH_NAMED = ("DD MMM YYYY", "DD-MMM-YYYY", "MMM DD, YYYY", "MMM DD YYYY", "DD MMM YY", "DD-MMM-YY")
# Where 03/04 is the fourth of March.
_MONTH_FIRST_COUNTRIES = frozenset({"AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "UM", "US", "VI"})

_BRACKETS = re.compile(r"[()\[\]]")
_IN_UTC = re.compile(r"\b(?:UTC|GMT)\b")
_FLAG = flag_parser(YES_WORDS, NO_WORDS)
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=[0-9])")
_NOT_A_WORD = re.compile(r"[\W_]+")
_UNIT = re.compile(
    r"(?: in)? (?:seconds|secs?|s|minutes|mins?|m|hours|hrs?|h|milliseconds|msecs?|ms|hh? mm(?: ss)?|mm ss)$"
)
#: What the header of a column says of its unit, the surest first.
_UNIT_WORDS: tuple[tuple[re.Pattern[str], Unit], ...] = (
    (re.compile(r"\bh{1,2} ?mm(?! ?ss)\b"), "h:mm"),
    (re.compile(r"\b(?:milliseconds?|msecs?|ms|мс)\b"), "milliseconds"),
    (re.compile(r"\b(?:seconds?|secs?|s|сек|секунд\w*|с|soniya)\b"), "seconds"),  # noqa: RUF001 - Russian
    (re.compile(r"\b(?:minutes?|mins?|m)\b|\b(?:мин|минут\w*|daqiqa)\b"), "minutes"),
    (re.compile(r"\b(?:hours?|hrs?|h)\b|\b(?:час\w*|soat)\b"), "hours"),
)
# A date in numbers, at the beginning of a cell.
_IN_NUMBERS = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<sign>[./-])(?P<two>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
# Dates that tell day from month settle it for the column when they are that many and so large a share of all, or a
# larger share alone; so few of the others may say the contrary.
_TELLING_AT_LEAST, _TELLING_SHARE, _TELLING_ALONE, _CONTRARY_SHARE = 2, 0.1, 0.3, 0.1
# Fewer ratings beyond a scale are slips.
_BEYOND_SCALE = 0.05
# Three digits after a comma may be thousands; any other number of them is a fraction.
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})")


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping, the columns it leaves out, and what a person should look at before running it.

    `asks` are the formats of which somebody has to choose one: day and month could be either.
    """

    mapping: Mapping
    unmapped: tuple[str, ...]
    notices: tuple[Sentence, ...]
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Formats:
    """How dates are written, the likeliest first; `asks` as in Guess."""

    found: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def guess_mapping(
    importable: Importable, header: Sequence[str], sample_rows: Iterable[Row], *, country: str = "US"
) -> Guess:
    """Match columns by their names and read formats off the first SAMPLE_ROWS rows.

    Where day and month could be either, `asks` has both ways, that of `country` (ISO 3166-1 alpha-2) first; the
    mapping holds that one, for a person to look at. It may have gaps, which `gaps_of` tells.
    """
    columns = _match_names(importable.targets, header)
    sample = _Sample(header, sample_rows, header)
    formats, notices = _Formats(), list[Sentence]()
    written: dict[str, Any] = {}
    columns = _without_strange_words(importable, columns, sample, notices)
    columns |= _told_by_words(importable, header, columns, sample)
    written["values"] = _turned_round(importable, header, columns, sample, notices)
    if importable.dates is not None:
        columns = _join_date_and_time(importable.dates, columns, sample)
        formats = _date_formats(importable.dates, _by_target(columns), sample, country)
        written["date_formats"] = formats.found or DEFAULT_DATE_FORMATS
        notices += _mixed_dates(importable.dates, _by_target(columns), sample)
        written["timezone"] = _zone_in(importable.dates, _by_target(columns), notices)
    written["decimal_separator"] = _decimal_separator(importable.numbers, _by_target(columns), sample)
    notices += _handle_times(importable.durations, _by_target(columns))
    written["units"] = _units(importable, _by_target(columns))
    written["rating_scale"] = _rating_scale(importable.ratings, _by_target(columns), sample, notices)
    notices += (sentence for target, sentence in importable.unsaid.items() if target not in _by_target(columns))
    return Guess(
        mapping=Mapping(kind=importable.kind, columns=columns, **written),
        unmapped=tuple(name for name in header if name not in columns),
        notices=(*_asking(formats.asks), *notices),
        asks=formats.asks,
    )


def unit_in(column: str) -> Unit | None:
    """The unit that the name of a column says: `Talk time (min)` is in minutes."""
    words = _NOT_A_WORD.sub(" ", _WORD_STARTS.sub(" ", column)).strip().casefold()
    return next((unit for pattern, unit in _UNIT_WORDS if pattern.search(words)), None)


def _units(importable: Importable, found: Fields[str, str]) -> dict[str, str]:
    usual = importable.usual_units
    said = {target: unit_in(found.get(target, "")) or usual.get(target, "seconds") for target in importable.durations}
    return {target: unit for target, unit in said.items() if unit != "seconds"}


def _rating_scale(
    ratings: Iterable[str], found: Fields[str, str], sample: "_Sample", notices: list[Sentence]
) -> Literal[5, 10, 100]:
    numbers = [number for target in ratings for number in sample.numbers(found.get(target))]

    def goes_beyond(limit: int) -> bool:
        return sum(number > limit for number in numbers) > len(numbers) * _BEYOND_SCALE

    if not goes_beyond(5):
        return 5
    scale: Literal[10, 100] = 100 if goes_beyond(10) else 10
    notices.append(_l("Ratings go up to %(scale)s: they are read as 1 to 5, each as a fifth of that.", scale=scale))
    return scale


def _zone_in(dates: Dates, found: Fields[str, str], notices: list[Sentence]) -> str | None:
    """The zone that the name of the column of moments says: `Date/Time Start (UTC)`."""
    column = found.get(dates.moment)
    if column is None or not _IN_UTC.search(column):
        return None
    notices.append(_l("“%(column)s” says that its times are in UTC.", column=column))
    return "UTC"


def _handle_times(durations: Iterable[str], found: Fields[str, str]) -> Iterator[Sentence]:
    for target in durations:
        column = found.get(target, "")
        if "handle" in plain_name(column).split():
            yield _l(
                "“%(column)s” counts holding and the work after a call too: it is longer than talk.", column=column
            )


def _turned_round(
    importable: Importable, header: Sequence[str], columns: dict[str, str], sample: "_Sample", notices: list[Sentence]
) -> dict[str, dict[str, str]]:
    """A column that says yes where we say no, such as “Abandoned”, gives its target with its words turned round."""
    found: dict[str, dict[str, str]] = {}
    for target in importable.flags:
        names = importable.targets[target].opposites
        free = (name for name in header if name not in columns and plain_name(name) in names)
        column = None if target in columns.values() else next(free, None)
        if column is None:
            continue
        said = {str(value): _turned(value) for value in sample.values(column)}
        words = {word: meaning for word, meaning in said.items() if meaning is not None}
        if not words:
            continue
        columns[column], found[target] = target, words
        label = importable.targets[target].label
        notices.append(
            _l("“%(column)s” says yes where “%(label)s” says no: it is turned round.", column=column, label=label)
        )
    return found


def _turned(value: Value) -> str | None:
    try:
        return "no" if _FLAG(value) else "yes"
    except CellProblem:
        return None


def _choices(importable: Importable) -> dict[str, Field]:
    return {one.name: one for one in importable.fields if one.imported and isinstance(one.kind, Choice)}


def _told_by_words(
    importable: Importable, header: Sequence[str], columns: Fields[str, str], sample: "_Sample"
) -> dict[str, str]:
    """Columns of any name that say nothing but the words of a choice which no column gives."""
    found: dict[str, str] = {}
    for name, field in _choices(importable).items():
        if name in columns.values() or field.imported is None or not field.imported.is_told_by_words:
            continue
        for column in header:
            words = () if column in columns else sample.texts(column)
            if words and all(word_is_known(field, word) for word in words):
                found[column] = name
                break
    return found


def _without_strange_words(
    importable: Importable, columns: dict[str, str], sample: "_Sample", notices: list[Sentence]
) -> dict[str, str]:
    """A column that is called like one of our choices, and says none of its words, or more of another's, is something
    else."""
    choices = _choices(importable)
    kept = dict(columns)
    for name, target in columns.items():
        field = choices.get(target)
        if field is None or field.imported is None or not (words := sample.texts(name)):
            continue
        free = (other for other in choices if other not in kept.values())
        known = {one: sum(word_is_known(choices[one], word) for word in words) for one in (target, *free)}
        meant = max(known, key=known.__getitem__)
        if meant == target and any(word_is_known(field, word) for word in words):
            continue
        del kept[name]
        otherwise = field.imported.otherwise if meant == target else meant
        if otherwise and otherwise not in kept.values():
            kept[name] = otherwise
            label = importable.targets[otherwise].label
            notices.append(
                _l("“%(column)s” says none of our words: it is taken as “%(label)s”.", column=name, label=label)
                if meant == target
                else _l("“%(column)s” has the words of “%(label)s”, and is taken as that.", column=name, label=label)
            )
        elif not otherwise:
            kept[name] = target  # its words are asked for
    return kept


def word_is_known(field: Field, word: str) -> bool:
    """Whether a word stands for one of the values of a choice without being explained."""
    if field.imported is None or not isinstance(field.kind, Choice):
        return False
    parse = choice_parser(field.imported.values or field.kind.kind, field.imported.words)
    return _fits(parse, word)


def plain_name(column: str) -> str:
    """A column's name without case, signs, brackets and unit: `AvgTalkDuration (s)` is "avg talk duration"."""
    words = _WORD_STARTS.sub(" ", _IN_BRACKETS.sub(" ", column))
    return _UNIT.sub("", _NOT_A_WORD.sub(" ", words).strip().casefold())


def _names_of(column: str) -> tuple[str, str]:
    """A plain name with what stands in brackets, and one without: `duration (in call)` is not `duration (total)`."""
    return plain_name(_BRACKETS.sub(" ", column)), plain_name(column)


def _match_names(targets: Fields[str, Target], header: Sequence[str]) -> dict[str, str]:
    plain = {name: _names_of(name) for name in header}
    columns: dict[str, str] = {}
    for field, target in targets.items():
        matches = [name for known in target.names for name in header if known in plain[name] and name not in columns]
        for name in dict.fromkeys(matches if target.repeatable else matches[:1]):
            columns[name] = field
    return columns


def _by_target(columns: Fields[str, str]) -> dict[str, str]:
    return {field: name for name, field in columns.items()}


class _Sample:
    """Distinct values of columns, cleaned."""

    def __init__(self, header: Sequence[str], rows: Iterable[Row], columns: Iterable[str]) -> None:
        read = cell_reader(lambda value: value, frozenset(MISSING_WORDS))
        self._found: dict[str, set[Value]] = {name: set() for name in columns}
        places = [(header.index(name), values) for name, values in self._found.items()]
        for row in islice(rows, SAMPLE_ROWS):
            if len(row.cells) == len(header):
                for index, values in places:
                    if (value := read(row.cells[index])) is not None:
                        values.add(value)

    def texts(self, name: str | None) -> list[str]:
        """Values that are text: a sheet's own dates and numbers leave nothing to guess."""
        return [value for value in self._found.get(name or "", ()) if isinstance(value, str)]

    def values(self, name: str) -> set[Value]:
        """All that was found."""
        return self._found.get(name, set())

    def numbers(self, name: str | None) -> list[float]:
        """Values that are numbers, also where a text file has them."""
        found = []
        for value in self._found.get(name or "", ()):
            try:
                found.append(float(str(value).replace(",", ".")))
            except ValueError:
                continue
        return found

    def dates_of_sheet(self, name: str | None) -> list[date]:
        """A sheet's own dates."""
        return [value for value in self._found.get(name or "", ()) if isinstance(value, date)]

    def has_clock_times(self, name: str) -> bool:
        """Whether a sheet's own date cells carry a time of day."""
        return any(isinstance(value, datetime) and value.time() != time() for value in self._found[name])


def _date_formats(dates: Dates, found: Fields[str, str], sample: _Sample, country: str) -> _Formats:
    """By the column as a whole: every way of writing that tells day from month by itself, and one for dates in numbers
    where enough of them tell."""
    moment = found.get(dates.moment)
    names = (moment or found.get(dates.date), *(found.get(other) for other in dates.others))
    texts = [text for name in names for text in sample.texts(name)]
    parsers = {text: day_parser((text,), DEFAULT_TIME_FORMATS) for text in (*_YEAR_FIRST, *_MONTH_NAMED)}
    counts = {text: sum(_fits(parse, value) for value in texts[:_ENOUGH_TO_COUNT]) for text, parse in parsers.items()}
    plain = [text for text in sorted(counts, key=counts.__getitem__, reverse=True) if counts[text]][:_MOST_FORMATS]
    numeric = [match for match in (_IN_NUMBERS.match(without_weekday(text)) for text in texts) if match]
    if not numeric:
        return _Formats(tuple(plain))
    shapes = Counter((match["sign"], len(match["year"])) for match in numeric)
    ways = [_written(sign, year) for (sign, year), _count in shapes.most_common(_MOST_FORMATS)]
    day_first, month_first = (tuple(way[place] for way in ways) for place in (0, 1))
    days = sum(int(match["one"]) > 12 >= int(match["two"]) for match in numeric)
    months = sum(int(match["two"]) > 12 >= int(match["one"]) for match in numeric)
    if _tells(days, months, len(numeric)):
        return _Formats((*day_first, *plain)[:_MOST_FORMATS])
    if _tells(months, days, len(numeric)):
        return _Formats((*month_first, *plain)[:_MOST_FORMATS])
    either = (month_first, day_first) if country in _MONTH_FIRST_COUNTRIES else (day_first, month_first)
    return _Formats((*either[0], *plain)[:_MOST_FORMATS], (either[0][0], either[1][0]))


def _written(sign: str, year: int) -> tuple[str, str]:
    """A date in numbers, day first and month first."""
    return f"DD{sign}MM{sign}{'Y' * year}", f"MM{sign}DD{sign}{'Y' * year}"


def _tells(agreeing: int, contrary: int, of: int) -> bool:
    """Whether so many dates settle which is the day: a single odd one among many does not."""
    enough = agreeing >= of * _TELLING_ALONE or (agreeing >= _TELLING_AT_LEAST and agreeing >= of * _TELLING_SHARE)
    return enough and contrary <= agreeing * _CONTRARY_SHARE


def _mixed_dates(dates: Dates, found: Fields[str, str], sample: _Sample) -> Iterator[Sentence]:
    """A spreadsheet takes what looks like a date of its own country for one, and leaves the others as text."""
    name = found.get(dates.moment) or found.get(dates.date)
    texts = [text for text in sample.texts(name) if _IN_NUMBERS.match(without_weekday(text))]
    if name and texts and sample.dates_of_sheet(name):
        yield _l(
            "“%(column)s” has dates of the spreadsheet and dates as text (%(sample)s): the spreadsheet may have "
            "swapped day and month of the first. Look at the dates in the preview.",
            column=name,
            sample=min(texts),
        )


def _asking(asks: Sequence[str]) -> Iterator[Sentence]:
    if asks:
        yield _l(
            "The dates could be %(one)s or %(other)s: too few of them tell the day from the month.",
            one=asks[0],
            other=asks[1],
        )


def _decimal_separator(numbers: Iterable[str], found: Fields[str, str], sample: _Sample) -> str:
    comma = any(_DECIMAL_COMMA.fullmatch(text) for field in numbers for text in sample.texts(found.get(field)))
    return "," if comma else "."


def _join_date_and_time(dates: Dates, columns: dict[str, str], sample: _Sample) -> dict[str, str]:
    """One column for both makes separate ones needless; a date (or time) column alone may hold both."""
    if not dates.moment:
        return columns
    found = _by_target(columns)
    parts = [found[field] for field in (dates.date, dates.time) if field in found]
    if dates.moment in found:
        return {name: field for name, field in columns.items() if name not in parts}
    if len(parts) == 1:
        alone = parts[0]
        texts = sample.texts(alone)
        days = _fitting_formats(texts, with_time=False)
        if sample.has_clock_times(alone) or (not days and _fitting_formats(texts, with_time=True)):
            return {**columns, alone: dates.moment}
    return columns


def _fitting_formats(texts: Sequence[str], *, with_time: bool) -> tuple[str, ...]:
    """The formats that fit all values."""
    candidates = (*_YEAR_FIRST, *_MONTH_FIRST, *_DAY_FIRST, *_MONTH_NAMED)
    parsers = {text: _parser(text, with_time=with_time) for text in candidates}
    return tuple(text for text, parse in parsers.items() if texts and all(_fits(parse, value) for value in texts))


def _parser(date_format: str, *, with_time: bool) -> Callable[[Value], object]:
    return moment_parser((date_format,), DEFAULT_TIME_FORMATS) if with_time else date_parser((date_format,))


def _fits(parse: Callable[[Value], object], text: str) -> bool:
    try:
        parse(text)
    except CellProblem:
        return False
    return True
