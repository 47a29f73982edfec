"""Storage of uploaded files, and the start of their imports."""

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
    """Store a file to be imported; `name` is its original name.

    Raises PayloadTooLarge, StorageFull, and NotFound without an organization in the context. The size is not yet
    counted as used storage; see `count_file`. The file survives a rollback: if the caller gives up later, it must
    delete the file by its `storage_key`.
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
        api_key_id=context.api_key_id,
    )
    try:
        db.session.add(row)
        db.session.flush()
    except BaseException:
        storage().delete(stored.key)
        raise
    return row


def count_file(row: Import) -> None:
    """Count the size of the file as used storage.

    No quota refuses it, since historical data is always accepted. Other transactions that store files wait until this
    one ends.
    """
    use_storage(row.organization_id, row.file_bytes)


def start_import(row: Import, mapping: Mapping, *, create_users: bool) -> None:
    """Start the import, which the worker runs once this transaction is committed.

    Raises ValidationFailed for a mapping with gaps, and Conflict for an import that was already started. The database
    refuses an import without a preview for this mapping.
    """
    _settle(row, mapping, ImportStatus.QUEUED, create_users=create_users)
    enqueue(import_file, import_id=str(row.id))


def begin_here(row: Import, mapping: Mapping, *, create_users: bool) -> None:
    """Mark the import as running, for a caller that runs it itself, such as a command.

    Raises the same errors as `start_import`.
    """
    row.started_at = datetime.now(UTC)
    _settle(row, mapping, ImportStatus.RUNNING, create_users=create_users)


def begin_dry_run(file: Path, mapping: Mapping, *, create_users: bool) -> Import:
    """Create an import that is never committed, for a file that stays where it is.

    Raises the same errors as `start_import`.
    """
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
    """Store the final mapping and status with the import, and record its start."""
    if row.status != ImportStatus.UPLOADED:
        raise Conflict
    if gaps := gaps_of(mapping):
        raise ValidationFailed(gaps)
    # The previewed mapping is left as stored, since a later release may serialize it with more fields.
    fields = row.mapping if row.mapping and make_mapping(row.mapping) == mapping else mapping.model_dump(mode="json")
    is_change = (row.mapping, row.create_users) != (fields, create_users)
    row.mapping, row.create_users, row.status = fields, create_users, status
    row.preview = row.preview_failure = None
    if is_change:
        name_action(Action.IMPORT_STARTED, row)
    else:  # the audit trail does not record a change of status only
        db.session.flush()
        record_event(Action.IMPORT_STARTED, "import", row.id)


def _label_of(name: str) -> str:
    """Return the last part of a file name, with characters that change the text direction escaped."""
    return escape_directions(PurePath(name).name)[-_MAX_NAME_LENGTH:] or "file"
