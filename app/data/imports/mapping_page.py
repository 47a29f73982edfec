"""What the page of a mapping asks, with examples of the file: which way of writing dates is meant, in what durations
are, and how sure it is what a column is."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import get_args

from flask_babel import format_date
from flask_babel import gettext as _

from app.data.imports.amount_rules import Unit, number_parser, seconds_parser
from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.date_rules import DEFAULT_TIME_FORMATS, check_date_formats, date_parser, moment_parser
from app.data.imports.guess_rules import Guess
from app.data.imports.mapping_rules import Mapping, importable
from app.data.imports.preview_queries import FileColumns
from app.errors import Sentence
from app.web.formatting import spoken_duration

_FORMATS_ASKED = 2


def date_choices(asks: Sequence[str], mapping: Mapping, columns: FileColumns) -> dict[str, str]:
    """Each of the ways that were asked about, with what it makes of a date of the file. Ways that a form made up are
    none."""
    try:
        formats = check_date_formats(tuple(asks))
    except ValueError:
        return {}
    if len(formats) != _FORMATS_ASKED:
        return {}
    # First those of which the two ways make different days.
    samples = sorted(
        _samples(mapping, columns), key=lambda sample: len({_read(text, sample) for text in formats}), reverse=True
    )
    return {text: _with_example(text, samples) for text in formats}


def _samples(mapping: Mapping, columns: FileColumns) -> Sequence[str]:
    dates = importable(mapping.kind).dates
    name = dates and (mapping.column_of(dates.moment) or mapping.column_of(dates.date))
    return columns.samples[columns.header.index(name)] if name in columns.header else ()


def _with_example(text: str, samples: Sequence[str]) -> str:
    for sample in samples:
        if day := _read(text, sample):
            return str(_("%(format)s: %(sample)s is %(day)s", format=text, sample=sample, day=format_date(day, "long")))
    return text


def _read(text: str, sample: str) -> date | None:
    try:
        return date_parser((text,))(sample)
    except CellProblem:
        pass
    try:
        return moment_parser((text,), DEFAULT_TIME_FORMATS)(sample).date()
    except CellProblem:
        return None


def duration_examples(mapping: Mapping, columns: FileColumns) -> dict[str, dict[str, str]]:
    """What each unit makes of the first values of each column of durations, by target and unit."""
    number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
    found: dict[str, dict[str, str]] = {}
    for target in importable(mapping.kind).durations:
        name = mapping.column_of(target)
        samples = columns.samples[columns.header.index(name)] if name in columns.header else ()
        found[target] = {
            unit: ", ".join(filter(None, (_spoken(seconds_parser(number, unit), sample) for sample in samples)))
            for unit in get_args(Unit)
        }
    return found


def _spoken(parse: Callable[[Value], int], sample: str) -> str:
    try:
        return str(_("%(sample)s → %(duration)s", sample=sample, duration=spoken_duration(parse(sample))))
    except CellProblem:
        return ""


def how_sure(guess: Guess | None, mapping: Mapping) -> dict[str, Sentence]:
    """What is said of columns that are what the file suggests, or left out as it suggests."""
    if guess is None:
        return {}
    suggested = guess.mapping.columns
    return {name: said for name, said in guess.about.items() if mapping.columns.get(name) == suggested.get(name)}
