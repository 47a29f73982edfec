"""A first mapping for a file that comes without one: columns by their names, formats by their values."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from typing import Any

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value, cell_reader
from app.data.imports.date_rules import DEFAULT_DATE_FORMATS, DEFAULT_TIME_FORMATS, date_parser, moment_parser
from app.data.imports.mapping_rules import MISSING_WORDS, Mapping
from app.data.imports.table_rules import Row
from app.declarations.importable import Dates, Importable, Target
from app.errors import Sentence

# Enough rows to meet a day above the twelfth in a log that is sorted by date.
SAMPLE_ROWS = 20_000
_ENOUGH_TO_COUNT = 1_000

_YEAR_FIRST = ("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD")
_DAY_FIRST = ("DD.MM.YYYY", "DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YY", "DD-MM-YY", "DD/MM/YY")
_MONTH_FIRST = ("MM/DD/YYYY", "MM-DD-YYYY", "MM.DD.YYYY", "MM/DD/YY", "MM-DD-YY", "MM.DD.YY")
_MONTH_NAMED = ("DD MMM YYYY", "DD-MMM-YYYY", "MMM DD, YYYY", "MMM DD YYYY", "DD MMM YY", "DD-MMM-YY")
# Where 03/04 is the fourth of March.
_MONTH_FIRST_COUNTRIES = frozenset({"AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "UM", "US", "VI"})

_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=[0-9])")
_NOT_A_WORD = re.compile(r"[\W_]+")
_UNIT = re.compile(r"(?: in)? (?:seconds|secs?|s)$")
# Three digits after a comma may be thousands; any other number of them is a fraction.
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})")


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping, the columns it leaves out, and what a person should look at before running it."""

    mapping: Mapping
    unmapped: tuple[str, ...]
    notices: tuple[Sentence, ...]


def guess_mapping(
    importable: Importable, header: Sequence[str], sample_rows: Iterable[Row], *, country: str = "US"
) -> Guess:
    """Match columns by their names and read formats off the first SAMPLE_ROWS rows.

    Where day and month could be either, `country` (ISO 3166-1 alpha-2) decides, and a notice says so. The mapping may
    have gaps, which `gaps_of` tells.
    """
    columns = _match_names(importable.targets, header)
    formats: tuple[str, ...] = ()
    written: dict[str, Any] = {}
    if importable.dates is not None or importable.numbers:
        sample = _Sample(header, sample_rows, columns)
        if importable.dates is not None:
            columns = _join_date_and_time(importable.dates, columns, sample)
            formats = _date_formats(importable.dates, _by_target(columns), sample, country)
            written["date_formats"] = formats[:1] or DEFAULT_DATE_FORMATS
        written["decimal_separator"] = _decimal_separator(importable.numbers, _by_target(columns), sample)
    return Guess(
        mapping=Mapping(kind=importable.kind, columns=columns, **written),
        unmapped=tuple(name for name in header if name not in columns),
        notices=tuple(_notices(importable.unsaid, _by_target(columns), formats)),
    )


def plain_name(column: str) -> str:
    """A column's name without case, signs, brackets and unit: `AvgTalkDuration (s)` is "avg talk duration"."""
    words = _WORD_STARTS.sub(" ", _IN_BRACKETS.sub(" ", column))
    return _UNIT.sub("", _NOT_A_WORD.sub(" ", words).strip().casefold())


def _match_names(targets: Fields[str, Target], header: Sequence[str]) -> dict[str, str]:
    plain = {name: plain_name(name) for name in header}
    columns: dict[str, str] = {}
    for field, target in targets.items():
        matches = [name for known in target.names for name in header if plain[name] == known and name not in columns]
        for name in matches if target.repeatable else matches[:1]:
            columns[name] = field
    return columns


def _by_target(columns: Fields[str, str]) -> dict[str, str]:
    return {field: name for name, field in columns.items()}


class _Sample:
    """Distinct values of the columns that are mapped, cleaned."""

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

    def has_clock_times(self, name: str) -> bool:
        """Whether a sheet's own date cells carry a time of day."""
        return any(isinstance(value, datetime) and value.time() != time() for value in self._found[name])


def _date_formats(dates: Dates, found: Fields[str, str], sample: _Sample, country: str) -> tuple[str, ...]:
    moment = found.get(dates.moment)
    return _fitting_formats(sample.texts(moment or found.get(dates.date)), country, with_time=moment is not None)


def _decimal_separator(numbers: Iterable[str], found: Fields[str, str], sample: _Sample) -> str:
    comma = any(_DECIMAL_COMMA.fullmatch(text) for field in numbers for text in sample.texts(found.get(field)))
    return "," if comma else "."


def _join_date_and_time(dates: Dates, columns: dict[str, str], sample: _Sample) -> dict[str, str]:
    """One column for both makes separate ones needless; a date (or time) column alone may hold both."""
    found = _by_target(columns)
    parts = [found[field] for field in (dates.date, dates.time) if field in found]
    if dates.moment in found:
        return {name: field for name, field in columns.items() if name not in parts}
    if len(parts) == 1:
        alone = parts[0]
        texts = sample.texts(alone)
        days = _fitting_formats(texts, "", with_time=False)
        if sample.has_clock_times(alone) or (not days and _fitting_formats(texts, "", with_time=True)):
            return {**columns, alone: dates.moment}
    return columns


def _fitting_formats(texts: Sequence[str], country: str, *, with_time: bool) -> tuple[str, ...]:
    """The formats that fit all values, the likeliest first; where there is none, the one that fits most of them."""
    ambiguous = (_MONTH_FIRST, _DAY_FIRST) if country in _MONTH_FIRST_COUNTRIES else (_DAY_FIRST, _MONTH_FIRST)
    candidates = (*_YEAR_FIRST, *ambiguous[0], *ambiguous[1], *_MONTH_NAMED)
    parsers = {text: _parser(text, with_time=with_time) for text in candidates}
    fitting = tuple(text for text, parse in parsers.items() if texts and all(_fits(parse, value) for value in texts))
    if fitting:
        return fitting
    some_texts = texts[:_ENOUGH_TO_COUNT]
    counts = {text: sum(_fits(parse, value) for value in some_texts) for text, parse in parsers.items()}
    best = max(candidates, key=counts.__getitem__)
    return (best,) if counts[best] else ()


def _parser(date_format: str, *, with_time: bool) -> Callable[[Value], object]:
    return moment_parser((date_format,), DEFAULT_TIME_FORMATS) if with_time else date_parser((date_format,))


def _fits(parse: Callable[[Value], object], text: str) -> bool:
    try:
        parse(text)
    except CellProblem:
        return False
    return True


def _notices(unsaid: Fields[str, Sentence], found: Iterable[str], formats: Sequence[str]) -> Iterator[Sentence]:
    either = {*_DAY_FIRST, *_MONTH_FIRST}
    other = next((text for text in formats[1:] if text in either and text[:2] != formats[0][:2]), None)
    if other is not None:
        yield _l(
            "The dates could be %(chosen)s or %(other)s: no day is above 12. They are read as %(chosen)s.",
            chosen=formats[0],
            other=other,
        )
    yield from (sentence for target, sentence in unsaid.items() if target not in found)
