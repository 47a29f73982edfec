"""The export of an organization: tables as JSON Lines, a list of its files, photos and audio.

The seals are not exported.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from app.audit.actions import Action
from app.data.exports.run_service import Made, RowCounter, key_of
from app.declarations.registry import registry
from app.errors import NotFound
from app.extensions import db
from app.models import AuditSeal, Base, Export, Organization, holds
from app.security.actor import Actor
from app.storage import storage
from app.trust.privacy.archive_service import Entry, zipped
from app.trust.privacy.snapshot_queries import rows_of, snapshot

FORMAT = "switchboard-organization"
FORMAT_VERSION = 1
_ROWS_A_PIECE = 200
#: Folder of the tables’ files in the archive.
TABLES = "tables/"
_SOUND, _PICTURES = "recordings", "pictures"
#: Useful only with the key of the installation, which is not handed out.
_LEFT_OUT = frozenset({AuditSeal.__tablename__})


def write_organization(row: Export, actor: Actor) -> Made:
    """Write the ZIP of an organization, with the tables from a snapshot taken at the start.

    It contains the photos, and the audio if the export requests it.
    """
    export_id, key, with_sound = row.id, key_of(row), row.filters.get("audio") == "y"
    db.session.rollback()  # no transaction is open while the file is written
    counter = RowCounter(export_id)
    about = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "organization": actor.organization_name,
        "slug": actor.organization_slug,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    with snapshot() as session:
        entries = _entries(session, actor.organization_id, counter, with_sound=with_sound)
        stored = storage().write(key, zipped(entries, about))
    return Made(stored, counter.rows, Action.ORGANIZATION_EXPORTED, "organization", actor.organization_id)


def exported_tables() -> Mapping[str, list[str]]:
    """Return the exported columns of each table.

    Secrets, columns computed by the database and tables that the app computes from others are left out.
    """
    left_out = _LEFT_OUT | {table.name for derived in registry().derived for table in derived.tables}
    return {
        table.name: [column.name for column in table.columns if column.computed is None and column.info != holds.SECRET]
        for table in Base.metadata.sorted_tables
        if ("organization_id" in table.c or table is Organization.__table__) and table.name not in left_out
    }


def _entries(session: Session, organization_id: UUID, counter: RowCounter, *, with_sound: bool) -> Iterator[Entry]:
    for name, columns in exported_tables().items():
        table = Base.metadata.tables[name]
        if _may_read(session, table):
            owner = table.c.organization_id if "organization_id" in table.c else table.c.id
            rows = rows_of(session, table, columns, owner == organization_id)
            yield Entry(f"{TABLES}{name}.jsonl", _lines(counter.of(rows)))
    session.rollback()  # files can take hours, during which the snapshot would keep old versions of all rows
    keys = list(storage().list_keys(organization_id))
    yield Entry("files.jsonl", _lines(_described(keys)))
    for key in keys:
        kind = key.split("/")[1]
        if kind == _PICTURES or (with_sound and kind == _SOUND):
            try:
                pieces = storage().read(key)
            except NotFound:
                continue  # it expired while the tables were written
            yield Entry(f"files/{key.partition('/')[2]}", pieces, compress=False)


def _may_read(session: Session, table: Table) -> bool:
    """Return whether the database role can read any column of the table.

    In some tables, only some columns are readable.
    """
    return bool(session.scalar(select(func.has_any_column_privilege(table.name, "SELECT"))))


def _described(keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    for key in keys:
        try:
            yield {"key": key, "bytes": storage().facts(key).size}
        except NotFound:
            continue  # removed just now


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    lines: list[str] = []
    for row in rows:
        lines.append(json.dumps(row, ensure_ascii=False))
        if len(lines) == _ROWS_A_PIECE:
            yield ("\n".join(lines) + "\n").encode()
            lines.clear()
    if lines:
        yield ("\n".join(lines) + "\n").encode()
