"""The mapping for a file imported by a command: the one passed, or else the suggested one.

Dates in which day and month can't be told apart are refused, unless an option states their format.
"""

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
    """Return the mapping `wanted` (a saved name or a file), or else the suggested one.

    Columns suggested by their values alone are skipped. With `is_dated`, an option states the date format; with
    `is_several`, an option allows several rows per ID, so a repeated ID causes no warning. Raises ClickException if
    there is no mapping `wanted` or it is for another kind of file, and, unless `is_dated`, if day and month can't be
    told apart.
    """
    if wanted is None:
        guess = guess_for(organization_id, file, file.name, kind, options)
        _print_skipped_columns(guess)
        for notice in guess.notices:
            click.echo(notice, err=True)
        if guess.repeated_id is not None and not is_several:
            click.echo(
                f"Different rows have the same ID, such as “{guess.repeated_id}”. If one conversation can have several "
                "calls, use --several-per-id. Otherwise only the first of these rows is imported.",
                err=True,
            )
        _refuse_either(guess.asks, is_dated=is_dated)
        # No one reviews columns suggested by their values alone, so these have to be mapped explicitly.
        columns = {name: target for name, target in guess.mapping.columns.items() if name not in guess.by_values}
        return guess.mapping.model_copy(update={"columns": columns})
    if Path(wanted).is_file():
        mapping: Mapping | None = read_mapping(Path(wanted).read_bytes())
    else:
        mapping = find_saved_mapping(organization_id, kind, wanted)
    if mapping is None:
        raise click.ClickException(f"No file or saved mapping is named “{wanted}”.")
    if mapping.kind is not kind:
        raise click.ClickException(f"The mapping “{wanted}” is for {mapping.kind}, not for {kind}.")
    return _completed(organization_id, file, mapping, is_dated=is_dated)


def _completed(organization_id: UUID, file: Path, mapping: Mapping, *, is_dated: bool) -> Mapping:
    """Complete a mapping by detecting its missing date formats and source system."""
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
        raise click.ClickException(f"The day and the month can’t be told apart. Use {either}.")


def _print_skipped_columns(guess: Guess) -> None:
    """List the columns that are not imported, with the reason if it is known."""
    why = {name: str(basis.text) for name, basis in guess.bases.items() if name in guess.unmapped}
    for name, said in why.items():
        click.echo(f"“{name}”: {said}", err=True)
    others = [name for name in guess.unmapped if name not in why]
    if others:
        click.echo(f"Skipped columns: {', '.join(others)}.", err=True)


def print_reading(mapping: Mapping, file: Path) -> None:
    """Print where the table is in the file, how its columns are read, and its assumed source."""
    for notice in read_first_rows(file, options_for(mapping.kind, mapping.table_options), file.name).notices:
        click.echo(notice, err=True)
    for column, target in mapping.columns.items():
        unit = f", in {mapping.units[target]}" if target in mapping.units else ""
        click.echo(f"“{column}” is read as {target}{unit}.", err=True)
    for target, value in mapping.defaults.items():
        click.echo(f"Default for {target}: {value}.", err=True)
    for only in mapping.only:
        words = " or ".join(only.words)
        sign = "is" if only.keep else "isn’t"
        click.echo(f"Only rows where “{only.column}” {sign} {words} are imported.", err=True)
    if mapping.timezone:
        click.echo(f"Time zone: {mapping.timezone}.", err=True)
    dates = importable(mapping.kind).dates
    if dates and {*mapping.columns.values()} & {dates.moment, dates.date, *dates.others}:
        click.echo(f"Dates are read as {' or '.join(mapping.date_formats)}.", err=True)
    click.echo(f"Source: “{mapping.source}”. Use --source to change it.", err=True)
