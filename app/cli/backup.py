"""`flask backup …`: create, verify and restore backups."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.database import bootstrap_database
from app.cli.needs_database import needs_database
from app.config import Settings
from app.db.server import database_name
from app.db.session import jobs_role
from app.ops.backups.create_service import ReportProgress, create_backup
from app.ops.backups.folder_service import LATEST, Backup, Folder
from app.ops.backups.manifest import BackupError
from app.ops.backups.restore_service import Restored, is_empty, restore_backup
from app.ops.backups.verify_service import record_check, verify_backup

backup_commands = AppGroup("backup", help="Create, verify and restore backups.")

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@backup_commands.command("create")
@click.option("--with-files", is_flag=True, help="Include stored files: audio, uploads, exports.")
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Delete all but the latest N backups afterward.")
@_json
@needs_database
def create(with_files: bool, keep: int | None, as_json: bool) -> None:
    """Write a backup to BACKUP_DIR. The app keeps running. A failed backup leaves no file."""
    settings = _settings()
    with _errors_as_sentences():
        with _progress("Backing up") as report:
            backup = create_backup(settings, with_files=with_files, report=report)
        gone = Folder(settings.backup_path).prune(backup.manifest.database, keep) if keep else []
    rows = sum(backup.manifest.rows.values())
    if as_json:
        facts = {"manifest": str(backup.path), "rows": rows, "removed": gone}
        click.echo(json.dumps({**facts, **backup.manifest.model_dump(mode="json", include={"dump", "files"})}))
        return
    click.echo(f"Backed up {rows} rows of {len(backup.manifest.rows)} tables: {backup.dump}")
    if backup.files is not None:
        click.echo(f"Stored files: {backup.files}")
    for name in gone:
        click.echo(f"Deleted: {name}")


@backup_commands.command("verify")
@click.argument("file", default=LATEST)
@_json
@needs_database
def verify(file: str, as_json: bool) -> None:
    """Restore FILE (default: the latest backup) to a temporary database, and compare rows and audit trails.

    Exit code 0: the backup is intact. 1: something differs, or the backup couldn’t be tested.
    """
    settings = _settings()
    with _errors_as_sentences():
        backup = Folder(settings.backup_path).find(file)
        with _progress("Verifying") as report:
            checked = verify_backup(settings, backup, report)
    with jobs_role():
        record_check(checked)
    if as_json:
        facts = {"file": checked.file_name, "bytes": checked.file_bytes, "findings": checked.findings}
        click.echo(json.dumps({**facts, "rows": dict(checked.rows)}))
    else:
        for finding in checked.findings:
            click.echo(finding)
        if not checked.findings:
            rows = sum(checked.rows.values())
            click.echo(f"{checked.file_name} is intact: {rows} rows restored, all audit trails intact.")
    if checked.findings:
        raise SystemExit(1)


@backup_commands.command("restore")
@click.argument("file")
@click.option("--replace", is_flag=True, help="Replace a database that isn’t empty. Its data is lost.")
@click.option("--confirm", metavar="NAME", help="Name of the database to replace, to skip the prompt.")
@click.option("--accept-damage", is_flag=True, help="Restore even if the backup’s audit trail is damaged.")
@_json
@needs_database
def restore(file: str, replace: bool, confirm: str | None, accept_damage: bool, as_json: bool) -> None:
    """Replace the database with the backup FILE (or “latest”), and restore its stored files.

    The database is replaced only at the end, after the whole backup has been read and compared.
    """
    settings = _settings()
    with _errors_as_sentences():
        backup = Folder(settings.backup_path).find(file)
        bootstrap_database(settings)
        if not is_empty(settings):
            _confirm(database_name(settings), replace=replace, typed=confirm)
        with _progress("Restoring") as report:
            restored = restore_backup(settings, backup, accept_damage=accept_damage, report=report)
    _print_restored(backup, restored, as_json=as_json)


def _confirm(database: str, *, replace: bool, typed: str | None) -> None:
    if not replace:
        raise click.ClickException(
            f"The database “{database}” isn’t empty. Use --replace to replace it with the backup."
        )
    if typed is None:
        typed = click.prompt(
            f"All data in “{database}” will be lost. Type the name of the database to continue", err=True
        )
    if typed != database:
        raise click.ClickException(f"The name doesn’t match “{database}”. Nothing was replaced.")


def _print_restored(backup: Backup, restored: Restored, *, as_json: bool) -> None:
    if as_json:
        facts = {"rows": restored.rows, "files": restored.files, "trail_damage": restored.trail_damage}
        old_heads = str(restored.old_heads) if restored.old_heads else None
        click.echo(json.dumps({"manifest": str(backup.path), **facts, "old_heads": old_heads}))
        return
    click.echo(f"Restored the database as of {backup.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {restored.rows} rows.")
    if restored.files:
        click.echo(f"Restored {restored.files} stored files.")
    for damage in restored.trail_damage:
        click.echo(damage)
    if restored.old_heads is not None:
        click.echo(f"AUDIT_HEADS_FILE starts over. Its entries since the backup were moved to {restored.old_heads}")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@contextmanager
def _errors_as_sentences() -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _progress(label: str) -> Iterator[ReportProgress]:
    """Show a progress bar, counted in tables, on standard error; nothing is shown outside a terminal."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
