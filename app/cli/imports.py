"""`flask import …`: import files of every kind into an organization."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from app.cli.import_mapping import (
    IMPORT,
    LEAVE_OUT,
    PAID_MEANINGS,
    Said,
    ask_for_date,
    begun,
    end_with_question,
    print_reading,
    refuse_unconfirmed,
    with_meanings,
    with_paid,
)
from app.cli.import_options import Command, file_options
from app.cli.import_output import list_rejected, print_import, print_next_steps, way_out_of
from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.data.imports.load_service import Progress, load_file
from app.data.imports.mapping_rules import Mapping, importable, make_mapping
from app.data.imports.overlap_rules import SourceUnclear
from app.data.imports.run_service import complete, fail_import
from app.data.imports.service import begin_dry_run, begin_here, count_file, receive_file
from app.db.session import jobs_role, one_connection
from app.extensions import db
from app.models import Import, ImportKind, ImportStatus
from app.storage import storage
from app.tables.table_rules import TableOptions
from app.work.contacts.import_target_rules import ContactTarget

_PERCENT = 100

import_commands = AppGroup(
    "import",
    help="""Import a CSV, TSV or Excel file into an organization.

    Rejected rows are listed with line, column, value and reason. The other rows are imported in the order of the file.
    A row whose ID was imported before updates that record. Importing the same file twice changes nothing.

    Exit code 0: the file was imported, possibly with rejected rows. 1: nothing was imported, or more rows were rejected
    than --max-rejected allows. 2: an argument or option is invalid, the file lacks the date of its rows, a value that
    decides whether a row is imported, such as a status, isn’t known, some rows aren’t calls, or a file of contacts has
    no column for names; nothing was imported.
    """,
)


@import_commands.command("calls")
@file_options
@click.option("--create-users", is_flag=True, help="Create inactive CSRs for unknown agents.")
@click.option(
    "--other-channels",
    type=click.Choice([LEAVE_OUT, IMPORT]),
    help="What to do with rows that aren’t calls, such as chats and faxes: leave them out, or import them as calls. "
    "Default: list them and import nothing.",
)
@click.option(
    "--several-per-id",
    is_flag=True,
    help="Import rows with the same ID as several calls of one conversation, each with its own start time.",
)
@needs_database
def calls(create_users: bool, **options: Any) -> None:
    """Import calls. Times are in the organization’s time zone unless --timezone is used."""
    _run(ImportKind.CALLS, Command(**options), create_users=create_users)


@import_commands.command("contacts")
@file_options
@click.option(
    "--without-names",
    is_flag=True,
    help="Import a file without a column for names. Default: say so and import nothing.",
)
@needs_database
def contacts(**options: Any) -> None:
    """Import contacts.

    Phone numbers without a country code are in the organization’s country unless --country is used.
    """
    _run(ImportKind.CONTACTS, Command(**options), create_users=False)


@import_commands.command("deals")
@file_options
@click.option("--create-users", is_flag=True, help="Create inactive sales reps for unknown names.")
@needs_database
def deals(create_users: bool, **options: Any) -> None:
    """Import deals: won and lost deals become appointments, open deals become leads.

    Companies become contacts, matched by name. Import companies first with `contacts`, and the team with `people`.
    """
    _run(ImportKind.DEALS, Command(**options), create_users=create_users)


@import_commands.command("leads")
@file_options
@click.option("--create-users", is_flag=True, help="Create inactive sales reps and CSRs for unknown names.")
@needs_database
def leads(create_users: bool, **options: Any) -> None:
    """Import leads. Contacts are matched by phone number, address or company, or created."""
    _run(ImportKind.LEADS, Command(**options), create_users=create_users)


@import_commands.command("appointments")
@file_options
@click.option("--create-users", is_flag=True, help="Create inactive sales reps and CSRs for unknown names.")
@click.option(
    "--paid",
    type=click.Choice(list(PAID_MEANINGS)),
    help="Outcome of completed jobs with a price, if the file has no outcome. Default: say so and import nothing.",
)
@needs_database
def appointments(create_users: bool, **options: Any) -> None:
    """Import appointments. Contacts are matched by phone number, address or company, or created.

    Times are in the organization’s time zone unless --timezone is used. An appointment without a duration lasts an
    hour.
    """
    _run(ImportKind.APPOINTMENTS, Command(**options), create_users=create_users)


@import_commands.command("knowledge")
@file_options
@needs_database
def knowledge(**options: Any) -> None:
    """Import questions and answers into the knowledge base. They are active immediately."""
    _run(ImportKind.KNOWLEDGE, Command(**options), create_users=False)


@import_commands.command("people")
@file_options
@needs_database
def people(**options: Any) -> None:
    """Import people and their managers. New people become inactive sales reps."""
    _run(ImportKind.PEOPLE, Command(**options), create_users=False)


@import_commands.command("analyses")
@file_options
@click.option("--call", "about", metavar="ID", help="Call the file is about, if the file doesn’t name it.")
@needs_database
def analyses(**options: Any) -> None:
    """Import transcripts and analyses of calls.

    Times are in the organization’s time zone unless --timezone is used. A missing call is created if the file has its
    time.
    """
    _run(ImportKind.ANALYSES, Command(**options), create_users=False)


def _run(kind: ImportKind, command: Command, *, create_users: bool) -> None:
    with jobs_role(), work_for(command.slug) as organization_id, one_connection(db.session()):
        mapping = _mapping(organization_id, kind, command)
        ask_for_date(mapping, as_json=command.as_json)
        refuse_unconfirmed(mapping, as_json=command.as_json)
        if command.paid is not None:
            mapping = with_paid(mapping, command.paid)
        mapping = with_meanings(mapping, command.file, command.unknown_words, as_json=command.as_json)
        print_reading(mapping, command.file)
        load = _try_out if command.dry_run else _bring_in
        confirmed = mapping.source if command.confirm_source else None
        try:
            row = load(command.file, mapping, create_users=create_users, confirmed_source=confirmed)
        except SourceUnclear as error:
            end_with_question(error, as_json=command.as_json)
        list_rejected(row, as_json=command.as_json)
        print_import(row, dry_run=command.dry_run, as_json=command.as_json)
        print_next_steps(row, create_users=create_users)
        is_in = row.status == ImportStatus.COMPLETED and way_out_of(row) is None
        is_over = row.rows_rejected * _PERCENT > row.rows_total * command.max_rejected
        db.session.rollback()
    if not is_in or is_over:
        raise SystemExit(1)


def _try_out(file: Path, mapping: Mapping, *, create_users: bool, confirmed_source: str | None) -> Import:
    """Run the import without keeping its records, and return the row that holds the result."""
    row = begin_dry_run(file, mapping, create_users=create_users)
    row.confirmed_source = confirmed_source
    _load(row, file, keep=False)
    complete(row)
    db.session.flush()
    return row


def _bring_in(file: Path, mapping: Mapping, *, create_users: bool, confirmed_source: str | None) -> Import:
    """Import the file as the web page does: the file is stored, and the import's row records the result."""
    with file.open("rb") as stream:
        row = receive_file(stream, file.name, mapping.kind)
    import_id, key = row.id, row.storage_key
    try:
        row.confirmed_source = confirmed_source
        begin_here(row, mapping, create_users=create_users)
        # Committed with the import itself, whatever happens to the command afterwards.
        is_in = _load(row, file, keep=True, on_read=lambda: count_file(row))
        if is_in:
            complete(row)
        db.session.commit()
    except BaseException as error:
        db.session.rollback()
        if not fail_import(import_id, error):
            storage().delete(key)
        db.session.commit()
        raise
    return row


def _mapping(organization_id: UUID, kind: ImportKind, command: Command) -> Mapping:
    """Return the mapping: options override a saved mapping, which overrides detected values."""
    said = {
        "source": command.source,
        "date_formats": command.date_formats or None,
        "country": command.country,
        "timezone": command.timezone,
        "strict": command.strict or None,
        "header_line": command.header_line,
        "several_per_id": command.several_per_id or None,
        "lacks": (ContactTarget.FULL_NAME,) if command.without_names else None,
    }
    defaults = _pairs(command.defaults, "--default", "FIELD=VALUE")
    units = _pairs(command.units, "--unit", "FIELD=UNIT")
    if command.about is not None:
        defaults[importable(kind).about] = command.about
    options = TableOptions(header_line=command.header_line)
    mapping = begun(
        organization_id,
        kind,
        command.file,
        command.wanted,
        options,
        said=Said(
            is_dated=bool(command.date_formats),
            is_zoned=command.timezone is not None,
            is_several=command.several_per_id,
            units=units,
            other_channels=command.other_channels,
        ),
    )
    given = {name: value for name, value in said.items() if value is not None}
    told = {"defaults": {**mapping.defaults, **defaults}, "units": {**mapping.units, **units}}
    return make_mapping({**mapping.model_dump(), **given, **told})


def _pairs(said: Iterable[str], option: str, form: str) -> dict[str, str]:
    """Parse the values of an option of the form FIELD=…, which apply to the whole file."""
    parts = [one.partition("=") for one in said]
    wrong = next((name for name, sign, value in parts if not (name and sign and value)), None)
    if wrong is not None:
        raise click.BadParameter(f"“{wrong}” isn’t in the form {form}.", param_hint=option)
    return {name.strip(): value.strip() for name, _sign, value in parts}


def _load(row: Import, file: Path, *, keep: bool, on_read: Callable[[], None] | None = None) -> bool:
    with click.progressbar(length=_PERCENT, label="Reading", file=sys.stderr) as bar:

        def show(progress: Progress) -> None:
            bar.update(int(progress.share * _PERCENT) - bar.pos)
            if bar.finished:
                bar.label = "Storing"
                bar.render_progress()

        return load_file(row, file, keep=keep, report=show, on_read=on_read)
