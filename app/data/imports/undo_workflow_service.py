"""The steps of undoing an import: preview, review and confirmation."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action
from app.data.imports.download_service import record_download
from app.data.imports.jobs import undo_import, weigh_undo
from app.data.imports.queries import get_import
from app.data.imports.undo_queries import remaining_list, undo_of
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import ImportUndo
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor

_UNDER_WAY = (ImportUndo.WEIGHING, ImportUndo.RUNNING)


def weigh(actor: Actor, import_id: UUID) -> None:
    """Request a preview of undoing an import; does nothing if it is already under way.

    Raises NotFound, and Conflict if the import can no longer be undone.
    """
    row = get_import(actor, import_id, lock=True)
    if row.undo in _UNDER_WAY:
        return
    if not undo_of(row).is_open:
        raise Conflict(None, _l("This import can no longer be undone."))
    row.undo = ImportUndo.WEIGHING
    enqueue(weigh_undo, import_id=str(row.id))


def undo(actor: Actor, import_id: UUID, *, name: str) -> None:
    """Start undoing an import; `name` is the name of its file, typed to confirm.

    Does nothing if it is being undone or was undone. Raises NotFound, ValidationFailed if the name does not match, and
    Conflict if there is no preview.
    """
    row = get_import(actor, import_id, lock=True)
    if row.undo in (ImportUndo.RUNNING, ImportUndo.DONE):
        return
    if row.undo != ImportUndo.WEIGHED:
        raise Conflict(None, _l("Preview the undo first."))
    if name != row.file_name:
        raise ValidationFailed([FieldError("name", _l("Type the name of the file to confirm."))])
    row.undo, row.undo_counts = ImportUndo.RUNNING, None
    name_action(Action.IMPORT_UNDO_STARTED, row)
    db.session.flush()
    enqueue(undo_import, import_id=str(row.id))


def export_remaining(actor: Actor, import_id: UUID) -> Iterator[Any]:
    """Return all records that remain, for a file, and record the download in the audit trail.

    The records are fetched in batches. Raises NotFound.
    """
    row = get_import(actor, import_id)
    query = remaining_list(actor, row)
    count = query.count(exact=True).number
    record_download(actor, Action.IMPORT_STAYING_EXPORTED, row, _l("Remaining records"), count)
    return query.stream()
