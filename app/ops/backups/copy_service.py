"""A copy of the database made from a backup, beside the database itself, and how it compares."""

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
from app.ops.backups.create_service import Tell
from app.ops.backups.folder_service import Backup
from app.ops.backups.manifest import BackupError, Manifest

_ONE_AT_A_TIME = 7_204_314  # any number; held until the connection ends
_MAX_WAIT = "10s"
_MAX_NAME_LENGTH = 40  # of the 63 bytes that a name may have, so that the rest tells the copy apart
_RESTORING = re.compile(r"processing data for table")
_CHAINS = text("SELECT organization_id FROM public.audit_chains()")
_HAS_CHAINS = text("SELECT to_regproc('public.audit_chains') IS NOT NULL")


class NotPossible(BackupError):
    """This installation has no superuser's address, without which no database can be made."""


@contextmanager
def new_copy(settings: Settings) -> Iterator[str]:
    """The name of a new, empty database beside the installation's. It is gone after the block, however that ends,
    unless it got another name meanwhile; what a killed process left behind goes first.

    One at a time for each installation. Raises NotPossible, and BackupError while another one is there.
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
    """One installation makes one copy at a time. A killed command's session may end a little after the command."""
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [_MAX_WAIT])
    try:
        connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [_ONE_AT_A_TIME, prefix])
    except psycopg.errors.LockNotAvailable as error:
        raise BackupError("Another backup of this installation is being read back. Wait for it to end.") from error
    connection.execute("RESET lock_timeout")


def drop(connection: psycopg.Connection, name: str) -> None:
    """Remove a database and whoever is connected to it; one that is gone already stays gone."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def admin_url(settings: Settings, name: str) -> str:
    """The superuser's address of the database `name`. Raises NotPossible."""
    admin = addresses(settings).admin
    if admin is None:
        raise NotPossible("BOOTSTRAP_DATABASE_URL is not set.")
    return with_database(admin, name)


def fill(url: str, backup: Backup, tell: Tell) -> None:
    """Read the backup into the empty database at `url`, a superuser's address.

    The superuser may hand functions and tables to their owners, and is held by no row-level security. Rows come before
    the triggers: nothing is recorded or changed by coming back. Raises BackupError.
    """
    done, total = 0, len(backup.manifest.rows)

    def follow(line: str) -> None:
        nonlocal done
        if _RESTORING.search(line):
            done += 1
            tell(min(done, total), total)

    try:
        with psycopg.connect(url, autocommit=True) as connection:
            program = program_for("pg_restore", connection.info.server_version // 10_000)
            run_program(program, ["--exit-on-error", str(backup.dump)], url, follow)
            connection.execute("ANALYZE")
    except ProgramError as error:
        raise BackupError(str(error)) from None
    tell(total, total)


def contents_of(url: str) -> Contents:
    """What is in the database at `url`."""
    with psycopg.connect(url) as connection:
        return look(connection)


def differences(manifest: Manifest, found: Contents) -> list[str]:
    """What came back otherwise than it was backed up, a sentence each."""
    said = [
        f"{table}: {manifest.rows.get(table, 0)} rows were backed up, {found.rows.get(table, 0)} came back."
        for table in sorted({*manifest.rows, *found.rows})
        if manifest.rows.get(table) != found.rows.get(table)
    ]
    if manifest.schema_version != found.schema_version:
        said.append(f"The schema was {manifest.schema_version}, and came back as {found.schema_version or 'none'}.")
    if set(manifest.audit_heads) != set(found.audit_heads):
        said.append("The newest seals of the audit trail are not those that were backed up.")
    return said


def damage_to_trails(settings: Settings, url: str) -> list[str]:
    """Verify every organization's audit trail in the copy at `url`, a sentence for each that is damaged."""
    heads, keys = HeadsFile(settings.audit_heads_path).by_organization(), seal_keys(settings)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if not connection.scalar(_HAS_CHAINS):  # made before there were seals
            return []
        organizations: Sequence[UUID] = connection.scalars(_CHAINS).all()
        walked = [verify_organization(connection, one, keys, heads.get(one, {}), is_copy=True) for one in organizations]
    return [_sentence(status.organization_id, status.finding) for status in walked if status.finding is not None]


def _sentence(organization_id: UUID, finding: Finding) -> str:
    seal = f" Seal {finding.seal}." if finding.seal is not None else ""
    row = f" Row {finding.row_id}." if finding.row_id is not None else ""
    return f"Audit trail of {organization_id}: {FAULT_SENTENCES[finding.damage]}{seal}{row}"
