"""What the page of a mapping asks, with examples of the file: which way of writing dates is meant, in what durations
are, and what each column is, with how sure that is."""

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
    """A column of the file: its field, a few of its values, and why it is suggested; None where it is not."""

    field: Field
    samples: Sequence[str]
    basis: Basis | None

    @property
    def is_left_out(self) -> bool:
        """Whether nothing is made of it."""
        return not self.field.data and not self.field.errors


def matches(fields: Iterable[Field], columns: FileColumns, guess: Guess | None) -> list[Match]:
    """The columns of a file with the fields of its form, in the order of the file."""
    suggested = guess.mapping.columns if guess else {}
    bases = guess.bases if guess else {}
    return [
        Match(field, samples, bases.get(name) if (field.data or None) == suggested.get(name) else None)
        for field, name, samples in zip(fields, columns.header, columns.samples, strict=True)
    ]


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


def durations_in_doubt(mapping: Mapping, examples: Fields[str, Fields[str, str]]) -> frozenset[str]:
    """The durations whose unit neither the name of their column nor their values say."""
    return frozenset(
        target
        for target, of_units in examples.items()
        if len({*of_units.values()}) > 1 and unit_in(mapping.column_of(target) or "") is None
    )
