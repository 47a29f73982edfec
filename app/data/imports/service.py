"""Taking files in and starting their imports."""

from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import IO
from uuid import UUID

from app.audit.actions import Action
from app.audit.record import name_action, record_event
from app.data.imports.jobs import import_file
from app.data.imports.mapping_rules import Mapping, gaps_of, make_mapping
from app.db.context import current_context
from app.db.ids import uuid7
from app.directions import escape_directions
from app.errors import Conflict, NotFound, ValidationFailed
from app.extensions import db
from app.models import Import, ImportKind, ImportStatus
from app.ops.jobs.queue import enqueue
from app.storage import new_key, storage
from app.tables.table_rules import MAX_FILE_BYTES
from app.tenancy.quota_service import use_storage

_MAX_NAME_LENGTH = 255


def receive_file(stream: IO[bytes], name: str, kind: ImportKind, *, import_id: UUID | None = None) -> Import:
    """Keep a file that somebody wants to import; `name` is what they call it. Raises PayloadTooLarge.

    Its size is not counted yet (`count_file`). The file outlives a transaction that is rolled back: whoever gives up
    afterwards deletes it by its `storage_key`.
    """
    context = current_context()
    if context.organization_id is None:
        raise NotFound("organization")
    stored = storage().save(new_key(context.organization_id, "imports"), stream, max_bytes=MAX_FILE_BYTES)
    row = Import(
        organization_id=context.organization_id,
        id=import_id or uuid7(),
        kind=kind,
        status=ImportStatus.UPLOADED,
        file_name=_label_of(name),
        file_bytes=stored.size,
        storage_key=stored.key,
        created_by=context.reference_id,
        created_by_label=context.actor_label,
    )
    try:
        db.session.add(row)
        db.session.flush()
    except BaseException:
        storage().delete(stored.key)
        raise
    return row


def count_file(row: Import) -> None:
    """Count what the file takes: never refused, for history is always let in. All who store something wait for the end
    of this transaction."""
    use_storage(row.organization_id, row.file_bytes)


def start_import(row: Import, mapping: Mapping, *, create_users: bool) -> None:
    """Have the worker run it as soon as this transaction is committed.

    Raises ValidationFailed for a mapping with gaps, Conflict for an import that was started before. The database
    refuses one of which nobody could see what its whole file would do, read so.
    """
    _settle(row, mapping, ImportStatus.QUEUED, create_users=create_users)
    enqueue(import_file, import_id=str(row.id))


def begin_here(row: Import, mapping: Mapping, *, create_users: bool) -> None:
    """Mark it as run by whoever calls (a command). Raises what `start_import` does."""
    row.started_at = datetime.now(UTC)
    _settle(row, mapping, ImportStatus.RUNNING, create_users=create_users)


def begin_dry_run(file: Path, mapping: Mapping, *, create_users: bool) -> Import:
    """An import that is never kept, of a file that stays where it is. Raises what `start_import` does."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise NotFound("organization")
    row = Import(
        organization_id=organization_id,
        id=uuid7(),
        kind=mapping.kind,
        status=ImportStatus.UPLOADED,
        file_name=_label_of(file.name),
        file_bytes=file.stat().st_size,
        storage_key="",
    )
    db.session.add(row)
    begin_here(row, mapping, create_users=create_users)
    return row


def _settle(row: Import, mapping: Mapping, status: ImportStatus, *, create_users: bool) -> None:
    """Keep with the import how its file is read, and record that it starts."""
    if row.status != ImportStatus.UPLOADED:
        raise Conflict
    if gaps := gaps_of(mapping):
        raise ValidationFailed(gaps)
    # What was looked at stays as it is stored: a later release may write the same with more fields.
    fields = row.mapping if row.mapping and make_mapping(row.mapping) == mapping else mapping.model_dump(mode="json")
    is_change = (row.mapping, row.create_users) != (fields, create_users)
    row.mapping, row.create_users, row.status = fields, create_users, status
    row.preview = row.preview_failure = None
    if is_change:
        name_action(Action.IMPORT_STARTED, row)
    else:  # the trail leaves a status alone
        db.session.flush()
        record_event(Action.IMPORT_STARTED, "import", row.id)


def _label_of(name: str) -> str:
    """The last part of a name, in which what would change the direction of writing stands as its escape."""
    return escape_directions(PurePath(name).name)[-_MAX_NAME_LENGTH:] or "file"
