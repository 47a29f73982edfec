"""The steps of an import on its pages: upload, mapping, start, and another try after a failure.

Each step after the upload locks the import's row first, so that two people can't take conflicting steps at the same
time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import find_last_actor
from app.audit.record import name_action
from app.data.imports.download_service import record_download
from app.data.imports.jobs import import_file, preview_file
from app.data.imports.mapping_rules import Mapping, gaps_of, importable, make_mapping, options_for
from app.data.imports.overlap_rules import Doubt
from app.data.imports.preview_queries import check_fits
from app.data.imports.queries import find_import, get_import, get_organization, rejected_list
from app.data.imports.service import count_file, receive_file, start_import
from app.data.imports.sheet_queries import sheet_to_read
from app.data.imports.whole_file_rules import open_question
from app.db.transaction import translated_integrity_errors
from app.errors import AlreadyClaimed, Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import Import, ImportKind, ImportStatus, ImportUndo
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.storage import storage
from app.tables.file_rules import read_first_rows
from app.tables.table_rules import TableOptions

_BROKEN_OFF = (ImportStatus.FAILED, ImportStatus.CANCELLED)


def take_upload(actor: Actor, kind: ImportKind, import_id: UUID, stream: IO[bytes], name: str) -> Import:
    """Store a file if its first rows can be read; `name` is its original name.

    `import_id` is generated with the form, so submitting a form twice creates one import. Raises Forbidden,
    PayloadTooLarge, StorageFull and FileProblem.
    """
    actor.requires(importable(kind).permission)
    there = find_import(actor, import_id)
    if there is not None:
        return there
    try:
        with translated_integrity_errors():
            row = receive_file(stream, name, kind, import_id=import_id)
            _keep_if_readable(row)
            count_file(row)
    except Conflict:
        there = find_import(actor, import_id)
        if there is None:
            raise
        return there
    return row


def set_mapping(actor: Actor, import_id: UUID, mapping: Mapping) -> None:
    """Store the mapping of an import and request a preview.

    Raises NotFound, AlreadyClaimed if the import was started, ValidationFailed for a mapping with gaps, and the errors
    of `check_fits`.
    """
    row = _waiting(actor, import_id)
    check_fits(mapping, row, get_organization(actor))
    if gaps := gaps_of(mapping):
        raise ValidationFailed(gaps)
    preview_again(row, mapping)


def preview_again(row: Import, mapping: Mapping) -> None:
    """Store the mapping and request a preview of the whole file, unless there is one for this mapping."""
    fields = mapping.model_dump(mode="json")
    if row.mapping == fields and row.preview is not None:
        return
    row.mapping = fields
    row.preview = row.preview_failure = None
    row.rows_total = row.percent_read = 0
    enqueue(preview_file, import_id=str(row.id))


def answer_source(actor: Actor, import_id: UUID, *, seen: datetime, new_source: str | None) -> None:
    """Answer the preview's question about the source of a file, and request a new preview.

    With `new_source`, the file is from a system of that name; None if its rows are the same records. Raises NotFound,
    AlreadyClaimed, Conflict if the preview is no longer the one that was `seen`, and ValidationFailed for a name that
    cannot be used, such as that of the records. Does nothing if there is no question.
    """
    row = _waiting(actor, import_id)
    question = open_question(row.preview)
    if question is None:
        return
    _refuse_unseen(row, seen)
    if new_source is not None and new_source.casefold() == question.same.casefold():
        taken = _l("The records that are already here are from a source with this name. Enter another name.")
        raise ValidationFailed([FieldError("source", taken)])
    mapping = make_mapping({**row.mapping, "source": new_source or question.same})
    if new_source is not None or question.doubt is Doubt.OTHER_RECORDS:
        row.confirmed_source = mapping.source
    row.preview = None
    preview_again(row, mapping)


def start(actor: Actor, import_id: UUID, *, seen: datetime, create_users: bool) -> None:
    """Start an import.

    `seen` is its `updated_at` in the preview that the user saw. Raises NotFound, AlreadyClaimed, Conflict if the
    mapping was changed after that preview or its question isn’t answered, and ValidationFailed while there is no
    preview: the database refuses that.
    """
    row = _waiting(actor, import_id)
    _refuse_unseen(row, seen)
    if open_question(row.preview) is not None:
        raise Conflict(None, _l("Answer the question about the source of this file first."))
    with translated_integrity_errors():
        start_import(row, make_mapping(row.mapping), create_users=create_users)


def start_again(actor: Actor, import_id: UUID) -> None:
    """Move an import that stored nothing back to the mapping step; its file still exists.

    Does nothing if it is already there. Raises NotFound, and Conflict for one that is queued, running or completed, has
    stored rows, or whose file was deleted.
    """
    row = get_import(actor, import_id, lock=True)
    if row.status == ImportStatus.UPLOADED:
        return
    if row.status not in _BROKEN_OFF:
        raise Conflict(None, _l("Only a failed or canceled import can be started again."))
    _refuse_without_file(row)
    if row.line_reached:
        raise Conflict(
            None, _l("Some rows of this file are already imported. Continue the import with its original settings.")
        )
    row.status = ImportStatus.UPLOADED
    row.started_at = row.finished_at = row.failure = None
    row.rows_total = 0
    row.percent_read = 0
    if row.mapping:
        preview_again(row, make_mapping(row.mapping))
    db.session.flush()


def cancel(actor: Actor, import_id: UUID) -> None:
    """Cancel a queued or running import; rows stored so far stay.

    Does nothing if it is already canceled. Raises NotFound, and Conflict for an import that wasn't started, or that has
    completed or failed.
    """
    row = get_import(actor, import_id, lock=True)
    if row.status == ImportStatus.CANCELLED:
        return
    if row.status not in (ImportStatus.QUEUED, ImportStatus.RUNNING):
        raise Conflict(None, _l("This import has already ended."))
    row.status = ImportStatus.CANCELLED
    row.finished_at, row.failure = datetime.now(UTC), None
    name_action(Action.IMPORT_CANCELLED, row)


def go_on(actor: Actor, import_id: UUID) -> None:
    """Resume a failed or canceled import after the line it reached.

    Does nothing if it is queued or running. Raises NotFound, and Conflict for one that was not started, is completed,
    is being or was undone, or whose file was deleted.
    """
    row = get_import(actor, import_id, lock=True)
    if row.status in (ImportStatus.QUEUED, ImportStatus.RUNNING):
        return
    if row.status not in _BROKEN_OFF:
        raise Conflict(None, _l("Only a failed or canceled import can be resumed."))
    if row.undo in (ImportUndo.RUNNING, ImportUndo.DONE):
        raise Conflict(None, _l("This import was undone. Import the file again instead."))
    _refuse_without_file(row)
    row.undo = None
    row.status = ImportStatus.QUEUED
    row.finished_at = row.failure = None
    name_action(Action.IMPORT_RESUMED, row)
    enqueue(import_file, import_id=str(row.id))


def export_rejected(actor: Actor, import_id: UUID, *, is_remark: bool = False) -> Iterator[Any]:
    """Return all rejected values, or with `is_remark` all warnings, of an import, for a file.

    Records the download in the audit trail.
    """
    row = get_import(actor, import_id)
    query = rejected_list(actor, import_id, is_remark=is_remark)
    label = _l("Warnings") if is_remark else _l("Rejected values")
    record_download(actor, Action.IMPORT_ERRORS_EXPORTED, row, label, query.count(exact=True).number)
    return query.stream()


def _refuse_without_file(row: Import) -> None:
    if row.file_deleted_at is not None:
        raise Conflict(
            None, _l("The file was deleted because a person in it was erased. Import a file without that person.")
        )


def _refuse_unseen(row: Import, seen: datetime) -> None:
    if row.updated_at != seen:
        raise Conflict(None, _l("Someone changed this file’s settings. Check the preview again."))


def _waiting(actor: Actor, import_id: UUID) -> Import:
    row = get_import(actor, import_id, lock=True)
    if row.status != ImportStatus.UPLOADED:
        starter = find_last_actor(actor, Action.IMPORT_STARTED, "import", import_id) or row.created_by_label
        sentence = _l("%(name)s already started this import. Here’s its progress.", name=starter)
        raise AlreadyClaimed({"name": starter}, sentence)
    return row


def _keep_if_readable(row: Import) -> None:
    path, kind = storage().path(row.storage_key), ImportKind(row.kind)
    try:
        sheet = sheet_to_read(row.organization_id, path, row.file_name, kind, TableOptions())
        read_first_rows(path, options_for(kind, TableOptions(sheet=sheet)), row.file_name)
    except BaseException:
        storage().delete(row.storage_key)
        raise
