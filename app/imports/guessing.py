"""A first mapping for a file that comes without one: columns by their names, formats by their values."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.imports.cells import CellProblem, Value, cell_reader
from app.imports.dates import DEFAULT_DATE_FORMATS, DEFAULT_TIME_FORMATS, date_parser, moment_parser
from app.imports.mapping import MISSING_WORDS, Mapping
from app.imports.tables import Row
from app.imports.targets import TARGETS, CallTarget, plain_name
from app.models.imports import ImportKind

# Enough rows to meet a day above the twelfth in a log that is sorted by date.
SAMPLE_ROWS = 20_000
_ENOUGH_TO_COUNT = 1_000

_YEAR_FIRST = ("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD")
_DAY_FIRST = ("DD.MM.YYYY", "DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YY", "DD-MM-YY", "DD/MM/YY")
_MONTH_FIRST = ("MM/DD/YYYY", "MM-DD-YYYY", "MM.DD.YYYY", "MM/DD/YY", "MM-DD-YY", "MM.DD.YY")
_MONTH_NAMED = ("DD MMM YYYY", "DD-MMM-YYYY", "MMM DD, YYYY", "MMM DD YYYY", "DD MMM YY", "DD-MMM-YY")
# Where 03/04 is the fourth of March.
_MONTH_FIRST_COUNTRIES = frozenset({"AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "UM", "US", "VI"})

_NUMBERS = (CallTarget.SPEED_OF_ANSWER, CallTarget.TALK_TIME, CallTarget.SATISFACTION, CallTarget.COST)
# Three digits after a comma may be thousands; any other number of them is a fraction.
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})")


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping, the columns it leaves out, and what a person should look at before running it."""

    mapping: Mapping
    unmapped: tuple[str, ...]
    notices: tuple[Sentence, ...]


def guess_mapping(kind: ImportKind, header: Sequence[str], sample_rows: Iterable[Row], *, country: str = "US") -> Guess:
    """Match columns by their names and read formats off the first SAMPLE_ROWS rows.

    Where day and month could be either, `country` (ISO 3166-1 alpha-2) decides, and a notice says so. The mapping may
    have gaps, which its `gaps` tell.
    """
    columns = _match_names(kind, header)
    mapping = Mapping(kind=kind, columns=columns)
    notices: tuple[Sentence, ...] = ()
    if kind is ImportKind.CALLS:
        mapping, notices = _guess_calls(columns, _Sample(header, sample_rows, columns), country)
    return Guess(mapping, tuple(name for name in header if name not in mapping.columns), notices)


def _match_names(kind: ImportKind, header: Sequence[str]) -> dict[str, str]:
    plain = {name: plain_name(name) for name in header}
    columns: dict[str, str] = {}
    for field, target in TARGETS[kind].items():
        matches = [name for known in target.names for name in header if plain[name] == known and name not in columns]
        for name in matches if target.repeatable else matches[:1]:
            columns[name] = field
    return columns


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


def _guess_calls(columns: dict[str, str], sample: _Sample, country: str) -> tuple[Mapping, tuple[Sentence, ...]]:
    columns = _join_date_and_time(columns, sample)
    found = {field: name for name, field in columns.items()}
    moment = found.get(CallTarget.STARTED_AT)
    dates = sample.texts(moment or found.get(CallTarget.DATE))
    formats = _fitting_formats(dates, country, with_time=moment is not None)
    comma = any(_DECIMAL_COMMA.fullmatch(text) for field in _NUMBERS for text in sample.texts(found.get(field)))
    mapping = Mapping(
        kind=ImportKind.CALLS,
        columns=columns,
        date_formats=formats[:1] or DEFAULT_DATE_FORMATS,
        decimal_separator="," if comma else ".",
    )
    return mapping, tuple(_notices(found, formats))


def _join_date_and_time(columns: dict[str, str], sample: _Sample) -> dict[str, str]:
    """One column for both makes separate ones needless; a date (or time) column alone may hold both."""
    found = {field: name for name, field in columns.items()}
    parts = [found[field] for field in (CallTarget.DATE, CallTarget.TIME) if field in found]
    if CallTarget.STARTED_AT in found:
        return {name: field for name, field in columns.items() if name not in parts}
    if len(parts) == 1:
        alone = parts[0]
        texts = sample.texts(alone)
        days = _fitting_formats(texts, "", with_time=False)
        if sample.has_clock_times(alone) or (not days and _fitting_formats(texts, "", with_time=True)):
            return {**columns, alone: CallTarget.STARTED_AT}
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


def _notices(found: Iterable[str], formats: Sequence[str]) -> Iterator[Sentence]:
    either = {*_DAY_FIRST, *_MONTH_FIRST}
    other = next((text for text in formats[1:] if text in either and text[:2] != formats[0][:2]), None)
    if other is not None:
        yield _l(
            "The dates could be %(chosen)s or %(other)s: no day is above 12. They are read as %(chosen)s.",
            chosen=formats[0],
            other=other,
        )
    if CallTarget.AGENT not in found:
        yield _l("No column names the agent: these calls will be credited to nobody.")
    if CallTarget.SPEED_OF_ANSWER not in found:
        yield _l("No column says how long callers waited: answered calls will count as answered at once.")
