"""`flask import …`: files of calls and contacts into an organization."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.data.imports.load_service import Progress, load_file
from app.data.imports.mapping_queries import find_saved_mapping, guess_for
from app.data.imports.mapping_rules import Mapping, read_mapping
from app.data.imports.outcome_rules import Outcome
from app.data.imports.run_service import complete
from app.data.imports.service import begin_here, receive_file
from app.data.imports.staging_service import rejected_values
from app.db.session import jobs_role
from app.extensions import db
from app.models import Import, ImportKind
from app.storage import storage

F = TypeVar("F", bound=Callable[..., None])

_PERCENT = 100

import_commands = AppGroup(
    "import",
    help="""Bring a file into an organization: CSV, TSV or Excel.

    Rows that cannot come in are listed with line, column, value and reason; the others come in together or not at all.
    A row whose id was imported before updates what it became; the same file twice changes nothing.

    Exit code 0: the file is in, though rows may have been turned away. 1: nothing came in. 2: the command is wrong.
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
        click.option("--organization", "slug", required=True, metavar="SLUG", help="Short name of the organization."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command


@import_commands.command("calls")
@_options
@click.option("--create-users", is_flag=True, help="Make inactive CSRs of agents that nobody in the organization is.")
@needs_database
def calls(file: Path, slug: str, wanted: str | None, create_users: bool, dry_run: bool, as_json: bool) -> None:
    """Import calls; times are read in the organization's zone."""
    _run(ImportKind.CALLS, file, slug, wanted, create_users=create_users, dry_run=dry_run, as_json=as_json)


@import_commands.command("contacts")
@_options
@needs_database
def contacts(file: Path, slug: str, wanted: str | None, dry_run: bool, as_json: bool) -> None:
    """Import contacts; phones are read as numbers of the organization's country."""
    _run(ImportKind.CONTACTS, file, slug, wanted, create_users=False, dry_run=dry_run, as_json=as_json)


def _run(
    kind: ImportKind, file: Path, slug: str, wanted: str | None, *, create_users: bool, dry_run: bool, as_json: bool
) -> None:
    with jobs_role(), work_for(slug) as organization_id:
        mapping = _mapping(organization_id, file, kind, wanted)
        if dry_run:
            outcome = _load(file, mapping, create_users=create_users)
        else:
            with _recorded(file, mapping, create_users=create_users) as row:
                outcome = _load(file, mapping, create_users=create_users)
                complete(row, outcome)
        _list_rejected(as_json=as_json)
        if dry_run:
            db.session.rollback()
    _tell(outcome, dry_run=dry_run, as_json=as_json)
    if outcome.rejected == outcome.total:
        raise SystemExit(1)


def _mapping(organization_id: UUID, file: Path, kind: ImportKind, wanted: str | None) -> Mapping:
    if wanted is None:
        guess = guess_for(organization_id, file, file.name, kind)
        if guess.unmapped:
            click.echo(f"Left out: {', '.join(guess.unmapped)}.", err=True)
        for notice in guess.notices:
            click.echo(notice, err=True)
        return guess.mapping
    if Path(wanted).is_file():
        mapping: Mapping | None = read_mapping(Path(wanted).read_bytes())
    else:
        mapping = find_saved_mapping(organization_id, kind, wanted)
    if mapping is None:
        raise click.ClickException(f"There is neither a file nor a saved mapping called “{wanted}”.")
    if mapping.kind is not kind:
        raise click.ClickException(f"“{wanted}” is a mapping for {mapping.kind}, not for {kind}.")
    return mapping


@contextmanager
def _recorded(file: Path, mapping: Mapping, *, create_users: bool) -> Iterator[Import]:
    """An import like those of the page: the file is kept, and the row tells what came of it."""
    with file.open("rb") as stream:
        row = receive_file(stream, file.name, mapping.kind)
    try:
        begin_here(row, mapping, create_users=create_users)
        yield row
    except BaseException:
        storage().delete(row.storage_key)
        raise


def _load(file: Path, mapping: Mapping, *, create_users: bool) -> Outcome:
    with click.progressbar(length=_PERCENT, label="Reading", file=sys.stderr) as bar:

        def show(progress: Progress) -> None:
            bar.update(int(progress.share * _PERCENT) - bar.pos)
            if bar.finished:
                bar.label = "Storing"
                bar.render_progress()

        return load_file(file, file.name, mapping, create_users=create_users, tell=show)


def _list_rejected(*, as_json: bool) -> None:
    """Value by value as they come: there may be as many as the file has rows."""
    if not as_json:
        for error in rejected_values():
            place = f"Line {error.line}" + (f", {error.column}" if error.column else "")
            click.echo(f"{place}{'' if error.value is None else f' “{error.value}”'}: {error.reason}")
        return
    click.echo('{"errors": [', nl=False)
    for index, error in enumerate(rejected_values()):
        click.echo(("," if index else "") + json.dumps(asdict(error)), nl=False)


def _tell(outcome: Outcome, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo("], " + json.dumps({**outcome._asdict(), "dry_run": dry_run})[1:])
        return
    counts = (
        f"{outcome.created} new, {outcome.updated} updated, {outcome.unchanged} unchanged, {outcome.rejected} rejected"
    )
    click.echo(f"{'Dry run, nothing was kept: ' if dry_run else ''}{outcome.total} rows: {counts}.")
    if outcome.users_created:
        click.echo(f"{'Would make' if dry_run else 'Made'} inactive CSRs: {', '.join(outcome.users_created)}.")
