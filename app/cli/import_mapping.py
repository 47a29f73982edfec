"""How the file of a command is read: by a mapping, or as the file suggests; what is not sure is refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from app.data.imports.guess_rules import Guess
from app.data.imports.mapping_queries import default_source, find_saved_mapping, guess_for, written_dates
from app.data.imports.mapping_rules import Mapping, importable, options_for, read_mapping
from app.models import ImportKind
from app.tables.file_rules import read_first_rows
from app.tables.table_rules import TableOptions


def begun(
    organization_id: UUID,
    kind: ImportKind,
    file: Path,
    wanted: str | None,
    options: TableOptions,
    *,
    is_dated: bool,
    is_several: bool,
) -> Mapping:
    """The mapping that is `wanted`, the name of one or a file, else what the file suggests.

    Raises ClickException where nothing says which is the day, unless it `is_dated`: an option says that. Nothing is
    said of an id that stands in several rows where another option says that it may (`is_several`).
    """
    if wanted is None:
        guess = guess_for(organization_id, file, file.name, kind, options)
        _say_left_out(guess)
        for notice in guess.notices:
            click.echo(notice, err=True)
        if guess.repeated_id is not None and not is_several:
            click.echo(
                f"The same id stands in rows that are not the same, such as “{guess.repeated_id}”. If one conversation "
                "had several calls, say --several-per-id; otherwise only the first of these rows comes in.",
                err=True,
            )
        _refuse_either(guess.asks, is_dated=is_dated)
        # Nobody looks whether a column is what its values suggest: it has to be said.
        columns = {name: target for name, target in guess.mapping.columns.items() if name not in guess.by_values}
        return guess.mapping.model_copy(update={"columns": columns})
    if Path(wanted).is_file():
        mapping: Mapping | None = read_mapping(Path(wanted).read_bytes())
    else:
        mapping = find_saved_mapping(organization_id, kind, wanted)
    if mapping is None:
        raise click.ClickException(f"There is neither a file nor a saved mapping called “{wanted}”.")
    if mapping.kind is not kind:
        raise click.ClickException(f"“{wanted}” is a mapping for {mapping.kind}, not for {kind}.")
    return _completed(organization_id, file, mapping, is_dated=is_dated)


def _completed(organization_id: UUID, file: Path, mapping: Mapping, *, is_dated: bool) -> Mapping:
    """A mapping with what it does not say found out: how dates are written, and which system the file is from."""
    found = dict[str, Any]()
    if "date_formats" not in mapping.model_fields_set:
        written = written_dates(organization_id, file, file.name, mapping, mapping.table_options)
        _refuse_either(written.asks, is_dated=is_dated)
        found["date_formats"] = written.found or mapping.date_formats
    if "source" not in mapping.model_fields_set:
        found["source"] = default_source(organization_id, mapping.kind, file.name, mapping.columns)
    return mapping.model_copy(update=found)


def _refuse_either(asks: Sequence[str], *, is_dated: bool) -> None:
    if asks and not is_dated:
        either = " or ".join(f"--date-format {text}" for text in asks)
        raise click.ClickException(f"Say which is the day and which the month, with {either}.")


def _say_left_out(guess: Guess) -> None:
    """Columns that nothing comes of, those that are known with the reason."""
    why = {name: str(basis.said) for name, basis in guess.bases.items() if name in guess.unmapped}
    for name, said in why.items():
        click.echo(f"“{name}”: {said}", err=True)
    others = [name for name in guess.unmapped if name not in why]
    if others:
        click.echo(f"Left out: {', '.join(others)}.", err=True)


def say_reading(mapping: Mapping, file: Path) -> None:
    """Where in the file the table is, what becomes what, and where it is taken to come from."""
    for notice in read_first_rows(file, options_for(mapping.kind, mapping.table_options), file.name).notices:
        click.echo(notice, err=True)
    for column, target in mapping.columns.items():
        unit = f", in {mapping.units[target]}" if target in mapping.units else ""
        click.echo(f"“{column}” is read as {target}{unit}.", err=True)
    for target, value in mapping.defaults.items():
        click.echo(f"Where the file says no {target}, it is {value}.", err=True)
    for only in mapping.only:
        words = " or ".join(only.words)
        said = words if only.keep else f"other than {words}"
        click.echo(f"Only rows where “{only.column}” says {said} come in.", err=True)
    if mapping.timezone:
        click.echo(f"Times are of {mapping.timezone}.", err=True)
    dates = importable(mapping.kind).dates
    if dates and {*mapping.columns.values()} & {dates.moment, dates.date, *dates.others}:
        click.echo(f"Dates are read as {' or '.join(mapping.date_formats)}.", err=True)
    click.echo(f"The file comes from “{mapping.source}” (--source says another system).", err=True)
