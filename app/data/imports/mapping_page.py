"""Questions on the mapping page, with examples from the file.

They cover the date format, the units of durations, and the field of each column with the confidence of the match.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import date
from typing import get_args

from flask_babel import format_date
from flask_babel import gettext as _
from wtforms import Field

from app.data.imports.amount_rules import Unit, number_parser, seconds_parser
from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.date_rules import DEFAULT_TIME_FORMATS, check_date_formats, date_parser, moment_parser
from app.data.imports.guess_rules import Basis, Guess
from app.data.imports.mapping_rules import Mapping, importable
from app.data.imports.name_rules import unit_in
from app.data.imports.preview_queries import FileColumns
from app.web.formatting import spoken_duration

_FORMATS_ASKED = 2


@dataclass(frozen=True, slots=True)
class Match:
    """A column of the file with its form field and sample values.

    `basis` is the reason for the suggested field, None if another field was chosen.
    """

    field: Field
    samples: Sequence[str]
    basis: Basis | None

    @property
    def is_left_out(self) -> bool:
        """True if the column is not imported."""
        return not self.field.data and not self.field.errors


def matches(fields: Iterable[Field], columns: FileColumns, guess: Guess | None) -> list[Match]:
    """Return the columns of a file with their form fields, in the order of the file."""
    suggested = guess.mapping.columns if guess else {}
    bases = guess.bases if guess else {}
    return [
        Match(field, samples, bases.get(name) if (field.data or None) == suggested.get(name) else None)
        for field, name, samples in zip(fields, columns.header, columns.samples, strict=True)
    ]


def date_choices(asks: Sequence[str], mapping: Mapping, columns: FileColumns) -> dict[str, str]:
    """Return the two date formats to choose from, each with an example from the file.

    Invalid formats, as from a forged form, give an empty result.
    """
    try:
        formats = check_date_formats(tuple(asks))
    except ValueError:
        return {}
    if len(formats) != _FORMATS_ASKED:
        return {}
    # Prefer samples that the two formats read as different days.
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
    """Return the first values of each duration column as they read in each unit, by target and unit."""
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


def durations_in_doubt(mapping: Mapping, examples: Fields[str, Fields[str, str]]) -> frozenset[str]:
    """Return the durations whose unit is clear neither from the column's name nor from its values."""
    return frozenset(
        target
        for target, of_units in examples.items()
        if len({*of_units.values()}) > 1 and unit_in(mapping.column_of(target) or "") is None
    )
