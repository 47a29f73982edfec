"""Putting a backup in the place of the database: made and compared beside it first, then swapped in one step."""

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
from app.db.context_signature import tell_key
from app.db.server import addresses, database_name, with_database
from app.open_storage import open_storage
from app.ops.backups.copy_service import admin_url, contents_of, damage_to_trails, differences, drop, fill, new_copy
from app.ops.backups.create_service import Tell
from app.ops.backups.file_service import read_files
from app.ops.backups.folder_service import Backup
from app.ops.backups.manifest import BackupError, Manifest

_IS_EMPTY = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
_TRIES = 3  # each waits up to five seconds for those to go who were cut off
_DISCONNECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY (%s)"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `trail_damage` is not empty only where it was accepted; `old_heads` is where the heads went that
    were written down since the backup was made."""

    rows: int
    files: int
    trail_damage: list[str]
    old_heads: Path | None


def is_empty(settings: Settings) -> bool:
    """Whether there is nothing in the installation's database that a restore would take away."""
    with psycopg.connect(admin_url(settings, database_name(settings))) as connection:
        return connection.execute(_IS_EMPTY).fetchone() == (True,)


def restore_backup(settings: Settings, backup: Backup, *, accept_damage: bool, tell: Tell) -> Restored:
    """Have the installation's database be what the backup holds, migrated to this version of the app.

    Until all of it is there and compared, the database stays as it is. Whoever is connected to it is then cut off.
    Raises BackupError, also for a damaged audit trail unless that is accepted.
    """
    damage = backup.damage()
    if damage:
        raise BackupError(" ".join(damage))
    with new_copy(settings) as name:
        url = admin_url(settings, name)
        fill(url, backup, tell)
        found = differences(backup.manifest, contents_of(url))
        if found:
            raise BackupError("Nothing was replaced: what came back is not what was backed up. " + " ".join(found))
        trail_damage = damage_to_trails(settings, url)
        if trail_damage and not accept_damage:
            raise BackupError("Nothing was replaced: the audit trail is damaged. " + " ".join(trail_damage))
        owner_url = with_database(addresses(settings).owner, name)
        _migrate(owner_url, backup.manifest)
        tell_key(owner_url, settings.secret_key.get_secret_value())
        # Files before rows: nobody finds a row without its file.
        files = read_files(backup.files, open_storage(settings)) if backup.files else 0
        _swap(settings, name)
    old_heads = _begin_heads_anew(settings.audit_heads_path, backup.manifest)
    return Restored(sum(backup.manifest.rows.values()), files, trail_damage, old_heads)


def _migrate(url: str, manifest: Manifest) -> None:
    try:
        migrate.upgrade(url)
    except CommandError:
        raise BackupError(
            f"Nothing was replaced: the backup’s schema, {manifest.schema_version}, is none that this version of the "
            "app knows. Restore it with the version that made it."
        ) from None


def _swap(settings: Settings, name: str) -> None:
    """Both get their new names or neither does. Whoever connects again in between is cut off again."""
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
    """The seals that were made since the backup are gone: against their heads every trail would look cut short.

    They are kept beside, as the proof of what there was.
    """
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(2)}")
    path.rename(kept)
    heads = HeadsFile(path)
    for head in manifest.audit_heads:
        heads.add(head)
    return kept
