"""Creation of a backup.

Rows are counted and dumped in one snapshot, so the row counts of a copy can be compared.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
from psycopg import IsolationLevel

from app.config import Settings
from app.db.programs import ProgramError, program_for, run_program
from app.db.server import addresses, database_name
from app.errors import is_storage_fault
from app.open_storage import open_storage
from app.ops.backups.contents_queries import Contents, look
from app.ops.backups.file_service import write_files
from app.ops.backups.folder_service import Backup, Folder, name_at
from app.ops.backups.manifest import BackupError, Manifest, Part, describe
from app.storage import Storage

#: Callback with the number of finished tables and their total.
ReportProgress = Callable[[int, int], None]

_DUMPING = re.compile(r"dumping contents of table")


def create_backup(settings: Settings, *, with_files: bool, report: ReportProgress) -> Backup:
    """Dump the database, and optionally the stored files, into the backup folder, all or nothing.

    The app can keep running. Raises BackupError, and psycopg.OperationalError if the database cannot be reached.
    """
    url = addresses(settings).dump
    if url is None:
        raise BackupError(
            "Set BACKUP_DATABASE_URL to the URL for app_dump, which can read the data of all organizations."
        )
    folder, made_at = Folder(settings.backup_path), datetime.now(UTC)
    name = name_at(database_name(settings), made_at)
    names = (f"{name}.dump", f"{name}.tar", f"{name}.json")
    try:
        with folder.writing(names):
            with psycopg.connect(url.get_secret_value()) as connection:
                contents, dump = _dump(connection, url.get_secret_value(), folder, names[0], report)
                version = str(connection.info.server_version // 10_000)
            manifest = Manifest(
                made_at=made_at,
                database=database_name(settings),
                server_version=version,
                schema_version=contents.schema_version,
                rows=contents.rows,
                audit_heads=contents.audit_heads,
                dump=dump,
                files=_files(open_storage(settings), folder, names[1]) if with_files else None,
            )
            with folder.new_file(names[2]) as place:
                place.write_text(manifest.model_dump_json(indent=2) + "\n")
    except ProgramError as error:
        raise BackupError(str(error), is_storage_fault=error.is_storage_fault) from None
    except OSError as error:
        raise BackupError(
            f"The backup can’t be written to {folder.path}: {error.strerror}.", is_storage_fault=is_storage_fault(error)
        ) from None
    return Backup(folder.path / names[2], manifest)


def _dump(
    connection: psycopg.Connection, url: str, folder: Folder, name: str, report: ReportProgress
) -> tuple[Contents, Part]:
    """Count the rows and dump the database, in one snapshot.

    Counting comes first, because it locks the tables against being dropped or truncated until the dump is finished.
    """
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    # The transaction is idle during the dump.
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
    contents = look(connection)
    done, total = 0, len(contents.rows)

    def follow(line: str) -> None:
        nonlocal done
        if _DUMPING.search(line):
            done += 1
            report(min(done, total), total)

    program = program_for("pg_dump", connection.info.server_version // 10_000)
    with folder.new_file(name) as place:
        options = ["--format=custom", f"--snapshot={snapshot}", "--no-unlogged-table-data", "--lock-wait-timeout=30s"]
        run_program(program, [*options, f"--file={place}"], url, follow)
        part = describe(place, name)
    report(total, total)
    return contents, part


def _files(storage: Storage, folder: Folder, name: str) -> Part:
    with folder.new_file(name) as place:
        write_files(storage, place)
        return describe(place, name)
