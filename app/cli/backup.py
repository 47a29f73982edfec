"""`flask backup …`: make a backup, see whether it can be read back, put it back."""

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
from app.ops.backups.create_service import Tell, create_backup
from app.ops.backups.folder_service import LATEST, Backup, Folder
from app.ops.backups.manifest import BackupError
from app.ops.backups.restore_service import Restored, is_empty, restore_backup
from app.ops.backups.verify_service import record_check, verify_backup

backup_commands = AppGroup("backup", help="Backups: make one, verify that it can be read back, restore it.")

_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@backup_commands.command("create")
@click.option("--with-files", is_flag=True, help="Also the stored files: audio, uploads, exports.")
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Then remove all but the newest N.")
@_json
@needs_database
def create(with_files: bool, keep: int | None, as_json: bool) -> None:
    """Write a backup into BACKUP_DIR, while the app goes on working: all of it or nothing."""
    settings = _settings()
    with _errors_as_sentences():
        with _progress("Backing up") as tell:
            backup = create_backup(settings, with_files=with_files, tell=tell)
        gone = Folder(settings.backup_path).prune(backup.manifest.database, keep) if keep else []
    rows = sum(backup.manifest.rows.values())
    if as_json:
        facts = {"manifest": str(backup.path), "rows": rows, "removed": gone}
        click.echo(json.dumps({**facts, **backup.manifest.model_dump(mode="json", include={"dump", "files"})}))
        return
    click.echo(f"{rows} rows of {len(backup.manifest.rows)} tables: {backup.dump}")
    if backup.files is not None:
        click.echo(f"Stored files: {backup.files}")
    for name in gone:
        click.echo(f"Removed: {name}")


@backup_commands.command("verify")
@click.argument("file", default=LATEST)
@_json
@needs_database
def verify(file: str, as_json: bool) -> None:
    """Read FILE, by default the latest backup, back into a scratch database, and compare rows and audit trails.

    Exit code 0: it is as it was made. 1: something differs, or it could not be tried.
    """
    settings = _settings()
    with _errors_as_sentences():
        backup = Folder(settings.backup_path).find(file)
        with _progress("Reading back") as tell:
            checked = verify_backup(settings, backup, tell)
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
            click.echo(f"{checked.file_name} is good: {rows} rows came back, and every audit trail is intact.")
    if checked.findings:
        raise SystemExit(1)


@backup_commands.command("restore")
@click.argument("file")
@click.option("--replace", is_flag=True, help="Although the database is not empty: what is in it will be gone.")
@click.option("--confirm", metavar="NAME", help="The name of that database, instead of being asked for it.")
@click.option("--accept-damage", is_flag=True, help="Although the audit trail in the backup is damaged.")
@_json
@needs_database
def restore(file: str, replace: bool, confirm: str | None, accept_damage: bool, as_json: bool) -> None:
    """Put the backup FILE (or “latest”) in the place of the database, and its stored files back where they were.

    The database is replaced at the very end, once all of the backup was read back and compared.
    """
    settings = _settings()
    with _errors_as_sentences():
        backup = Folder(settings.backup_path).find(file)
        bootstrap_database(settings)
        if not is_empty(settings):
            _confirm(database_name(settings), replace=replace, typed=confirm)
        with _progress("Restoring") as tell:
            restored = restore_backup(settings, backup, accept_damage=accept_damage, tell=tell)
    _tell(backup, restored, as_json=as_json)


def _confirm(database: str, *, replace: bool, typed: str | None) -> None:
    if not replace:
        raise click.ClickException(
            f"The database “{database}” is not empty. With --replace the backup takes its place."
        )
    if typed is None:
        typed = click.prompt(f"All that is in “{database}” now will be gone. Type its name to go on", err=True)
    if typed != database:
        raise click.ClickException(f"That is not “{database}”. Nothing was replaced.")


def _tell(backup: Backup, restored: Restored, *, as_json: bool) -> None:
    if as_json:
        facts = {"rows": restored.rows, "files": restored.files, "trail_damage": restored.trail_damage}
        old_heads = str(restored.old_heads) if restored.old_heads else None
        click.echo(json.dumps({"manifest": str(backup.path), **facts, "old_heads": old_heads}))
        return
    click.echo(f"The database is as it was at {backup.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {restored.rows} rows.")
    if restored.files:
        click.echo(f"{restored.files} stored files are back.")
    for damage in restored.trail_damage:
        click.echo(damage)
    if restored.old_heads is not None:
        click.echo(f"The audit trail’s heads begin anew; those written down since the backup: {restored.old_heads}")


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
def _progress(label: str) -> Iterator[Tell]:
    """A bar of tables done, on standard error; it shows nothing where that is no terminal."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
