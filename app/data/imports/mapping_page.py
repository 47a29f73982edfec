"""What the page of a mapping asks: which way of writing dates is meant, with an example of each."""

from collections.abc import Sequence
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from app.data.imports.cell_rules import CellProblem
from app.data.imports.date_rules import DEFAULT_TIME_FORMATS, check_date_formats, date_parser, moment_parser
from app.data.imports.mapping_rules import Mapping, importable
from app.data.imports.preview_queries import FileColumns

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
