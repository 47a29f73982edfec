"""Temporary copy of the database, restored from a backup and compared with it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from secrets import token_hex
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import NullPool, create_engine, text

from app.audit.chain import seal_keys
from app.audit.chain_faults import FAULT_SENTENCES, Finding
from app.audit.heads import HeadsFile
from app.audit.verify import verify_organization
from app.config import Settings
from app.db.bootstrap import make_database
from app.db.programs import ProgramError, program_for, run_program
from app.db.server import addresses, database_name, with_database
from app.ops.backups.contents_queries import Contents, look
from app.ops.backups.create_service import ReportProgress
from app.ops.backups.folder_service import Backup
from app.ops.backups.manifest import BackupError, Manifest

_ONE_AT_A_TIME = 7_204_314  # arbitrary number; held until the connection ends
_MAX_WAIT = "10s"
_MAX_NAME_LENGTH = 40  # of the 63 bytes of a name, so that the rest distinguishes the copy
_RESTORING = re.compile(r"processing data for table")
_CHAINS = text("SELECT organization_id FROM public.audit_chains()")
_HAS_CHAINS = text("SELECT to_regproc('public.audit_chains') IS NOT NULL")


class NotPossible(BackupError):
    """Missing superuser URL, without which no database can be created."""


@contextmanager
def new_copy(settings: Settings) -> Iterator[str]:
    """Yield the name of a new, empty database on the installation's server.

    It is dropped after the block, however that ends, unless it was renamed; leftovers of killed processes are dropped
    first. Only one exists at a time for each installation. Raises NotPossible, and BackupError while there is another
    one.
    """
    admin = addresses(settings).admin
    if admin is None:
        raise NotPossible(
            "Set BOOTSTRAP_DATABASE_URL to a superuser’s address: reading a backup back needs a database."
        )
    prefix = f"{database_name(settings)[:_MAX_NAME_LENGTH]}_copy_"
    name = prefix + token_hex(4)
    with psycopg.connect(with_database(admin, "postgres"), autocommit=True) as connection:
        _take_turn(connection, prefix)
        left = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        for (other,) in left.fetchall():
            drop(connection, other)
        try:
            make_database(connection, name)
            yield name
        finally:
            drop(connection, name)


def _take_turn(connection: psycopg.Connection, prefix: str) -> None:
    """Wait until no other copy of this installation exists. Raises BackupError if that takes too long.

    The session of a killed command can end slightly later than the command.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [_MAX_WAIT])
    try:
        connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [_ONE_AT_A_TIME, prefix])
    except psycopg.errors.LockNotAvailable as error:
        raise BackupError(
            "Another backup of this installation is being verified or restored. Wait until it is done."
        ) from error
    connection.execute("RESET lock_timeout")


def drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database and disconnect its sessions; a missing one is no error."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def admin_url(settings: Settings, name: str) -> str:
    """Return the superuser's URL of the database `name`. Raises NotPossible."""
    admin = addresses(settings).admin
    if admin is None:
        raise NotPossible("BOOTSTRAP_DATABASE_URL is not set.")
    return with_database(admin, name)


def fill(url: str, backup: Backup, report: ReportProgress) -> None:
    """Restore the backup into the empty database at `url`, a superuser's URL.

    A superuser can assign functions and tables to their owners, and bypasses row-level security. Rows are restored
    before triggers are created, so no trigger records or changes anything. Raises BackupError.
    """
    done, total = 0, len(backup.manifest.rows)

    def follow(line: str) -> None:
        nonlocal done
        if _RESTORING.search(line):
            done += 1
            report(min(done, total), total)

    try:
        with psycopg.connect(url, autocommit=True) as connection:
            program = program_for("pg_restore", connection.info.server_version // 10_000)
            run_program(program, ["--exit-on-error", str(backup.dump)], url, follow)
            connection.execute("ANALYZE")
    except ProgramError as error:
        raise BackupError(str(error), is_storage_fault=error.is_storage_fault) from None
    report(total, total)


def contents_of(url: str) -> Contents:
    """Return the contents of the database at `url`."""
    with psycopg.connect(url) as connection:
        return look(connection)


def differences(manifest: Manifest, found: Contents) -> list[str]:
    """List the differences between the backup and the restored copy, a sentence each."""
    said = [
        f"{table}: {manifest.rows.get(table, 0)} rows were backed up, {found.rows.get(table, 0)} were restored."
        for table in sorted({*manifest.rows, *found.rows})
        if manifest.rows.get(table) != found.rows.get(table)
    ]
    if manifest.schema_version != found.schema_version:
        said.append(f"The schema was {manifest.schema_version}, but {found.schema_version or 'none'} was restored.")
    if set(manifest.audit_heads) != set(found.audit_heads):
        said.append("The newest seals of the audit trail are not those that were backed up.")
    return said


def damage_to_trails(settings: Settings, url: str) -> list[str]:
    """Verify all audit trails in the copy at `url`, and return a sentence for each damaged one."""
    heads, keys = HeadsFile(settings.audit_heads_path).by_organization(), seal_keys(settings)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if not connection.scalar(_HAS_CHAINS):  # backups from before seals existed
            return []
        organizations: Sequence[UUID] = connection.scalars(_CHAINS).all()
        walked = [verify_organization(connection, one, keys, heads.get(one, {}), is_copy=True) for one in organizations]
    return [_sentence(status.organization_id, status.finding) for status in walked if status.finding is not None]


def _sentence(organization_id: UUID, finding: Finding) -> str:
    seal = f" Seal {finding.seal}." if finding.seal is not None else ""
    row = f" Row {finding.row_id}." if finding.row_id is not None else ""
    return f"Audit trail of {organization_id}: {FAULT_SENTENCES[finding.damage]}{seal}{row}"
