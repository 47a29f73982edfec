"""`flask import …`: files of every kind into an organization."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from flask.cli import AppGroup

from app.cli.import_mapping import begun, say_reading
from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.data.imports.load_service import Progress, load_file
from app.data.imports.mapping_rules import Mapping, importable, make_mapping
from app.data.imports.queries import wrong_values
from app.data.imports.run_service import complete, fail_import
from app.data.imports.service import begin_dry_run, begin_here, count_file, receive_file
from app.db.session import jobs_role, one_connection
from app.extensions import db
from app.models import Import, ImportKind, ImportStatus
from app.storage import storage
from app.tables.table_rules import MAX_HEADER_LINE, TableOptions

F = TypeVar("F", bound=Callable[..., None])

_PERCENT = 100
_SHOWN_OF_EACH = 10
_COUNTS = ("total", "rejected", "created", "updated", "unchanged", "remarked", "left_out")

import_commands = AppGroup(
    "import",
    help="""Bring a file into an organization: CSV, TSV or Excel.

    Rows that cannot come in are listed with line, column, value and reason; the others come in, a portion after the
    other, in the order of the file.
    A row whose id was imported before updates what it became; the same file twice changes nothing.

    Exit code 0: the file is in, though rows may have been turned away. 1: nothing came in, or more rows were turned
    away than --max-rejected allows. 2: the command is wrong.
    """,
)


def _options(command: F) -> F:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON."),
        click.option("--dry-run", is_flag=True, help="Say what would happen, and keep nothing."),
        click.option(
            "--mapping",
            "wanted",
            metavar="NAME|FILE",
            help="How to read the file: a mapping saved under a name, or a file of JSON. "
            "Without one, columns are matched by their names.",
        ),
        click.option(
            "--source",
            metavar="NAME",
            help="The system the file comes from: a row is the same one again when this and its id are the same. "
            "Without it, that of the last import of such a file, else the name of the file.",
        ),
        click.option(
            "--date-format",
            "date_formats",
            multiple=True,
            metavar="FORMAT",
            help="How dates are written, such as DD/MM/YYYY; several are tried in order. "
            "Needed where day and month could be either.",
        ),
        click.option(
            "--default",
            "defaults",
            multiple=True,
            metavar="FIELD=VALUE",
            help="What no column says, for the whole file, such as date=2026-03-17 or direction=outbound.",
        ),
        click.option("--country", metavar="CODE", help="Where numbers without a country code are from, such as US."),
        click.option("--timezone", metavar="ZONE", help="Whose clocks the times are of, such as America/Chicago."),
        click.option(
            "--header-line",
            type=click.IntRange(1, MAX_HEADER_LINE),
            metavar="LINE",
            help="The line that names the columns. Without it, it is found among the first.",
        ),
        click.option("--strict", is_flag=True, help="Turn a row away for any wrong value, also one it can do without."),
        click.option(
            "--max-rejected",
            type=click.IntRange(0, 100),
            default=100,
            metavar="PERCENT",
            help="Exit with 1 where more of the rows were turned away.",
        ),
        click.option("--organization", "slug", required=True, metavar="SLUG", help="Short name of the organization."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command


@import_commands.command("calls")
@_options
@click.option("--create-users", is_flag=True, help="Make inactive CSRs of agents that nobody in the organization is.")
@click.option(
    "--several-per-id",
    is_flag=True,
    help="Several rows of one id are several calls of one conversation, each with a start of its own.",
)
@needs_database
def calls(create_users: bool, **options: Any) -> None:
    """Import calls; times are read in the organization's zone."""
    _run(ImportKind.CALLS, Command(**options), create_users=create_users)


@import_commands.command("contacts")
@_options
@needs_database
def contacts(**options: Any) -> None:
    """Import contacts; phones are read as numbers of the organization's country."""
    _run(ImportKind.CONTACTS, Command(**options), create_users=False)


@import_commands.command("deals")
@_options
@click.option("--create-users", is_flag=True, help="Make inactive sales reps of names that nobody has.")
@needs_database
def deals(create_users: bool, **options: Any) -> None:
    """Import deals: those that were won or lost become visits, open ones leads.

    The companies become contacts by their names; import a list of them before with `contacts`, and who is in whose team
    with `people`.
    """
    _run(ImportKind.DEALS, Command(**options), create_users=create_users)


@import_commands.command("leads")
@_options
@click.option("--create-users", is_flag=True, help="Make inactive sales reps and CSRs of names that nobody has.")
@needs_database
def leads(create_users: bool, **options: Any) -> None:
    """Import leads; a number, address or company finds its contact, or makes one."""
    _run(ImportKind.LEADS, Command(**options), create_users=create_users)


@import_commands.command("appointments")
@_options
@click.option("--create-users", is_flag=True, help="Make inactive sales reps and CSRs of names that nobody has.")
@needs_database
def appointments(create_users: bool, **options: Any) -> None:
    """Import visits; a number, address or company finds its contact, or makes one.

    Times are read in the organization's zone; a visit lasts an hour where nothing says how long.
    """
    _run(ImportKind.APPOINTMENTS, Command(**options), create_users=create_users)


@import_commands.command("knowledge")
@_options
@needs_database
def knowledge(**options: Any) -> None:
    """Import questions of callers and what they are told; they are in use at once."""
    _run(ImportKind.KNOWLEDGE, Command(**options), create_users=False)


@import_commands.command("people")
@_options
@needs_database
def people(**options: Any) -> None:
    """Import people and their managers; who is new comes as an inactive sales rep."""
    _run(ImportKind.PEOPLE, Command(**options), create_users=False)


@import_commands.command("analyses")
@_options
@click.option("--call", "about", metavar="ID", help="The call here that the file is about, where it does not say that.")
@needs_database
def analyses(**options: Any) -> None:
    """Import what was said on calls and what was found in them; times are read in the organization's zone.

    A call that is not here yet comes into being, where the file says when it was.
    """
    _run(ImportKind.ANALYSES, Command(**options), create_users=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What was said on the command line."""

    file: Path
    slug: str
    wanted: str | None
    source: str | None
    date_formats: tuple[str, ...]
    defaults: tuple[str, ...]
    country: str | None
    timezone: str | None
    header_line: int | None
    strict: bool
    max_rejected: int
    dry_run: bool
    as_json: bool
    about: str | None = None
    several_per_id: bool = False


def _run(kind: ImportKind, command: Command, *, create_users: bool) -> None:
    with jobs_role(), work_for(command.slug) as organization_id, one_connection(db.session()):
        mapping = _mapping(organization_id, kind, command)
        say_reading(mapping, command.file)
        load = _try_out if command.dry_run else _bring_in
        row = load(command.file, mapping, create_users=create_users)
        _list_rejected(row, as_json=command.as_json)
        _tell(row, dry_run=command.dry_run, as_json=command.as_json)
        _say_next(row, create_users=create_users)
        is_in, rejected, total = row.status == ImportStatus.COMPLETED, row.rows_rejected, row.rows_total
        db.session.rollback()
    if not is_in or (rejected and (rejected == total or rejected * _PERCENT > total * command.max_rejected)):
        raise SystemExit(1)


def _try_out(file: Path, mapping: Mapping, *, create_users: bool) -> Import:
    """What would happen; nothing is kept."""
    row = begin_dry_run(file, mapping, create_users=create_users)
    _load(row, file, keep=False)
    complete(row)
    db.session.flush()
    return row


def _bring_in(file: Path, mapping: Mapping, *, create_users: bool) -> Import:
    """An import like those of the page: the file is kept, and the row tells what came of it."""
    with file.open("rb") as stream:
        row = receive_file(stream, file.name, mapping.kind)
    import_id, key = row.id, row.storage_key
    try:
        begin_here(row, mapping, create_users=create_users)
        # With the import itself, whatever becomes of the command after that.
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
    """How the file is read: what was said counts more than a mapping, and that more than what is found out."""
    said = {
        "source": command.source,
        "date_formats": command.date_formats or None,
        "country": command.country,
        "timezone": command.timezone,
        "strict": command.strict or None,
        "header_line": command.header_line,
        "several_per_id": command.several_per_id or None,
    }
    defaults = _defaults(command.defaults)
    if command.about is not None:
        defaults[importable(kind).about] = command.about
    options = TableOptions(header_line=command.header_line)
    mapping = begun(
        organization_id,
        kind,
        command.file,
        command.wanted,
        options,
        is_dated=bool(command.date_formats),
        is_several=command.several_per_id,
    )
    given = {name: value for name, value in said.items() if value is not None}
    return make_mapping({**mapping.model_dump(), **given, "defaults": {**mapping.defaults, **defaults}})


def _defaults(said: Iterable[str]) -> dict[str, str]:
    """What is said for the whole file, by field."""
    parts = [one.partition("=") for one in said]
    wrong = next((name for name, sign, value in parts if not (name and sign and value)), None)
    if wrong is not None:
        raise click.BadParameter(f"Say FIELD=VALUE, not “{wrong}”.", param_hint="--default")
    return {name.strip(): value.strip() for name, _sign, value in parts}


def _say_next(row: Import, *, create_users: bool) -> None:
    """What can be done about rows that were turned away."""
    if not row.rows_rejected:
        return
    click.echo(
        "Correct the rows that were turned away and import the file again: the others stay as they are.", err=True
    )
    if importable(row.kind).people and not create_users:
        click.echo("With --create-users, names that nobody in the organization has become inactive people.", err=True)
    click.echo("With --mapping, a file of JSON says how columns and words are read; see docs/imports.md.", err=True)


def _load(row: Import, file: Path, *, keep: bool, on_read: Callable[[], None] | None = None) -> bool:
    with click.progressbar(length=_PERCENT, label="Reading", file=sys.stderr) as bar:

        def show(progress: Progress) -> None:
            bar.update(int(progress.share * _PERCENT) - bar.pos)
            if bar.finished:
                bar.label = "Storing"
                bar.render_progress()

        return load_file(row, file, keep=keep, tell=show, on_read=on_read)


def _list_rejected(row: Import, *, as_json: bool) -> None:
    """The first values of each column and reason, and how many more there are; as JSON all, value by value: there may
    be as many as the file has rows."""
    if not as_json:
        counts = Counter[tuple[str | None, str, bool]]()
        for error in wrong_values(row.organization_id, row.id):
            group = (error.column, str(error.reason), error.is_remark)
            counts[group] += 1
            if counts[group] <= _SHOWN_OF_EACH:
                place = f"Line {error.line}" + (f", {error.column}" if error.column else "")
                left = " (left empty)" if error.is_remark else ""
                click.echo(f"{place}{'' if error.value is None else f' “{error.value}”'}: {error.reason}{left}")
        for (column, reason, _is_remark), count in counts.items():
            if count > _SHOWN_OF_EACH:
                click.echo(f"{column or 'Whole row'}: {reason} {count - _SHOWN_OF_EACH} more.")
        return
    click.echo('{"errors": [', nl=False)
    for index, error in enumerate(wrong_values(row.organization_id, row.id)):
        click.echo(("," if index else "") + json.dumps(asdict(error)), nl=False)


def _tell(row: Import, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        counts = {name: getattr(row, f"rows_{name}") for name in _COUNTS}
        facts = {**counts, "users_created": row.users_created, "status": row.status, "dry_run": dry_run}
        click.echo("], " + json.dumps(facts)[1:])
        return
    counted = (
        f"{row.rows_created} new, {row.rows_updated} updated, {row.rows_unchanged} unchanged, "
        f"{row.rows_rejected} rejected"
        + (f", {row.rows_remarked} with remarks" if row.rows_remarked else "")
        + (f", {row.rows_left_out} not wanted" if row.rows_left_out else "")
    )
    if row.status == ImportStatus.CANCELLED:
        click.echo(f"Somebody has cancelled this import. It got to line {row.line_reached}.")
    click.echo(f"{'Dry run, nothing was kept: ' if dry_run else ''}{row.rows_total} rows: {counted}.")
    if row.users_created:
        click.echo(f"{'Would make' if dry_run else 'Made'} inactive people: {', '.join(row.users_created)}.")
