"""Restore of a backup: a copy is created and compared next to the database, then swapped in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import psycopg
from alembic.util.exc import CommandError
from psycopg import sql

from app.audit.heads import HeadsFile
from app.config import Settings
from app.db import migrate
from app.db.context_signature import store_key
from app.db.server import addresses, database_name, with_database
from app.open_storage import open_storage
from app.ops.backups.copy_service import admin_url, contents_of, damage_to_trails, differences, drop, fill, new_copy
from app.ops.backups.create_service import ReportProgress
from app.ops.backups.file_service import read_files
from app.ops.backups.folder_service import Backup
from app.ops.backups.manifest import BackupError, Manifest

_IS_EMPTY = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
_TRIES = 3  # each try waits up to five seconds for disconnected sessions to end
_DISCONNECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY (%s)"


@dataclass(frozen=True, slots=True)
class Restored:
    """Result of a restore.

    `trail_damage` lists the damage to audit trails, which has been accepted; it is empty without any. `old_heads` is
    the path under which the previous file of chain heads is kept; None if there was none.
    """

    rows: int
    files: int
    trail_damage: list[str]
    old_heads: Path | None


def is_empty(settings: Settings) -> bool:
    """Return whether the installation's database contains nothing that a restore would destroy."""
    with psycopg.connect(admin_url(settings, database_name(settings))) as connection:
        return connection.execute(_IS_EMPTY).fetchone() == (True,)


def restore_backup(settings: Settings, backup: Backup, *, accept_damage: bool, report: ReportProgress) -> Restored:
    """Replace the installation's database with the backup, migrated to this version of the app.

    The database stays unchanged until the whole copy is complete and compared; its sessions are then disconnected.
    Raises BackupError, also for a damaged audit trail unless that is accepted.
    """
    damage = backup.damage()
    if damage:
        raise BackupError(" ".join(damage))
    with new_copy(settings) as name:
        url = admin_url(settings, name)
        fill(url, backup, report)
        found = differences(backup.manifest, contents_of(url))
        if found:
            raise BackupError("Nothing was replaced: the restored data differs from the backup. " + " ".join(found))
        trail_damage = damage_to_trails(settings, url)
        if trail_damage and not accept_damage:
            raise BackupError("Nothing was replaced: the audit trail is damaged. " + " ".join(trail_damage))
        owner_url = with_database(addresses(settings).owner, name)
        _migrate(owner_url, backup.manifest)
        store_key(owner_url, settings.secret_key.get_secret_value())
        # Files are restored before rows, so no row is visible without its file.
        files = read_files(backup.files, open_storage(settings)) if backup.files else 0
        _swap(settings, name)
    old_heads = _begin_heads_anew(settings.audit_heads_path, backup.manifest)
    return Restored(sum(backup.manifest.rows.values()), files, trail_damage, old_heads)


def _migrate(url: str, manifest: Manifest) -> None:
    try:
        migrate.upgrade(url)
    except CommandError:
        raise BackupError(
            "Nothing was replaced: this version of the app doesn’t know the backup’s schema, "
            f"{manifest.schema_version}. Restore it with the version that created it."
        ) from None


def _swap(settings: Settings, name: str) -> None:
    """Replace the database with the copy `name`, by renaming both or neither, and drop the old one.

    Sessions that connect in between are disconnected again. Raises BackupError if they keep connecting.
    """
    current, replaced = database_name(settings), f"{name}_replaced"
    with psycopg.connect(admin_url(settings, "postgres"), autocommit=True) as connection:
        for tries_left in reversed(range(_TRIES)):
            connection.execute(_DISCONNECT, [[current, name]])
            try:
                with connection.transaction():
                    _rename(connection, current, replaced)
                    _rename(connection, name, current)
            except psycopg.errors.ObjectInUse:
                if not tries_left:
                    raise BackupError(
                        "Nothing was replaced: programs keep connecting to the database. Stop the app, and try again."
                    ) from None
            else:
                break
        drop(connection, replaced)


def _rename(connection: psycopg.Connection, name: str, new_name: str) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(rename.format(sql.Identifier(name), sql.Identifier(new_name)))


def _begin_heads_anew(path: Path, manifest: Manifest) -> Path | None:
    """Start a new file of chain heads, because the seals made after the backup are gone.

    Against the old heads, every audit trail would appear truncated. Returns the path under which the old file is kept
    as evidence; None if there was none.
    """
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(2)}")
    path.rename(kept)
    heads = HeadsFile(path)
    for head in manifest.audit_heads:
        heads.add(head)
    return kept
