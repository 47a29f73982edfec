"""Guessing how dates, numbers and durations are written in the mapped columns of a file."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass, field

from app.data.imports.currency_rules import signs_of
from app.data.imports.date_guess_rules import Formats, date_columns, date_formats, time_formats
from app.data.imports.date_rules import DEFAULT_DATE_FORMATS, DEFAULT_TIME_FORMATS
from app.data.imports.duration_guess_rules import Units, columns_of_spans, guess_units, parsers_of
from app.data.imports.sample_rules import Sample
from app.data.imports.separator_rules import Separators, find_separators
from app.declarations.importable import Importable
from app.tables.table_rules import Row


@dataclass(frozen=True, slots=True)
class Place:
    """The country (ISO 3166-1 alpha-2) and the currency (ISO 4217) of an organization."""

    country: str = "US"
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Written:
    """The formats of the dates, times, numbers and durations of a file."""

    dates: Formats = field(default_factory=Formats)
    times: tuple[str, ...] = DEFAULT_TIME_FORMATS
    separators: Separators = field(default_factory=Separators)
    units: Units = field(default_factory=Units)


def guess_written(
    importable: Importable, header: Sequence[str], rows: Iterable[Row], columns: Fields[str, str], place: Place
) -> Written:
    """Guess the formats of the mapped columns from the first rows of a file; `columns` maps each to its field."""
    by_target = {target: name for name, target in columns.items()}
    dated = (*date_columns(importable.dates, columns), by_target.get(importable.dates.time)) if importable.dates else ()
    names = dict.fromkeys(filter(None, (*dated, *(by_target.get(target) for target in importable.numbers))))
    in_rows = columns_of_spans(importable, header, columns)
    return written_in(importable, header, columns, Sample(header, rows, names, in_rows=in_rows), place)


def written_in(
    importable: Importable, header: Sequence[str], columns: Fields[str, str], sample: Sample, place: Place
) -> Written:
    """Guess the formats of the mapped columns from a sample."""
    by_target = {target: name for name, target in columns.items()}
    dates = Formats()
    times: tuple[str, ...] = DEFAULT_TIME_FORMATS
    if importable.dates is not None:
        dates = date_formats(importable.dates, columns, sample, place.country)
        times = time_formats(importable.dates, columns, sample)
    texts = [text for target in importable.numbers for text in sample.texts(by_target.get(target))]
    separators = find_separators(texts, place.country, signs_of(place.currency))
    parse = parsers_of((separators.decimal, separators.thousands), (dates.found or DEFAULT_DATE_FORMATS, times))
    return Written(dates, times, separators, guess_units(importable, header, columns, sample, parse))
