"""Options of the commands that import a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_args

import click

from app.cli.import_mapping import MEANINGS
from app.data.imports.amount_rules import Unit
from app.tables.table_rules import MAX_HEADER_LINE

F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The options of an import command, as passed on the command line."""

    file: Path
    slug: str
    wanted: str | None
    source: str | None
    confirm_source: bool
    date_formats: tuple[str, ...]
    defaults: tuple[str, ...]
    country: str | None
    timezone: str | None
    header_line: int | None
    unknown_words: str | None
    strict: bool
    max_rejected: int
    dry_run: bool
    as_json: bool
    units: tuple[str, ...] = ()
    about: str | None = None
    several_per_id: bool = False
    paid: str | None = None
    other_channels: str | None = None
    without_names: bool = False


def file_options(command: F) -> F:
    """Add the options that all import commands share."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--dry-run", is_flag=True, help="Show what would be imported without importing it."),
        click.option(
            "--mapping",
            "wanted",
            metavar="NAME|FILE",
            help="Saved mapping or JSON file to read the file with. Default: columns are matched by name.",
        ),
        click.option(
            "--source",
            metavar="NAME",
            help="System the file is from. A row with the same source and ID updates the same record. "
            "Default: the source of the last import of a similar file, or else the file name.",
        ),
        click.option(
            "--confirm-source",
            is_flag=True,
            help="Import under the source although its IDs belong to other records, or another source has the same "
            "rows. Default: say so and import nothing.",
        ),
        click.option(
            "--date-format",
            "date_formats",
            multiple=True,
            metavar="FORMAT",
            help="Date format, such as DD/MM/YYYY. Repeat it to try several in order. "
            "Required if the day and the month can’t be told apart.",
        ),
        click.option(
            "--unit",
            "units",
            multiple=True,
            metavar="FIELD=UNIT",
            help=f"Unit of a duration, such as talk_time=minutes: {', '.join(get_args(Unit))}. "
            "Required if the values don’t make it clear.",
        ),
        click.option(
            "--default",
            "defaults",
            multiple=True,
            metavar="FIELD=VALUE",
            help="Value for rows that have none, such as date=2026-03-17 or direction=outbound.",
        ),
        click.option("--country", metavar="CODE", help="Country of phone numbers without a country code, such as US."),
        click.option("--timezone", metavar="ZONE", help="Time zone of the file, such as America/Chicago."),
        click.option(
            "--header-line",
            type=click.IntRange(1, MAX_HEADER_LINE),
            metavar="LINE",
            help="Line with the column names. Default: detected in the first lines.",
        ),
        click.option(
            "--unknown-words",
            type=click.Choice(list(MEANINGS)),
            help="What to do with rows whose status or stage isn’t known: leave them out, or use the field’s default. "
            "Default: list these values and import nothing.",
        ),
        click.option("--strict", is_flag=True, help="Reject rows with any invalid value, even an optional one."),
        click.option(
            "--max-rejected",
            type=click.IntRange(0, 100),
            default=100,
            metavar="PERCENT",
            help="Exit with code 1 if more rows are rejected.",
        ),
        click.option("--organization", "slug", required=True, metavar="SLUG", help="URL name of the organization."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command
