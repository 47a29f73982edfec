"""Worker side of exports: creating files and deleting expired ones."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.audit.actions import Action
from app.audit.record import name_action, record_event
from app.data.exports.notices import EXPORT_READY
from app.data.exports.queries import UNFINISHED, declared, declared_list
from app.db.context import current_context
from app.db.filters import audited_parameters
from app.db.transaction import own_transaction
from app.declarations.events import FileExported, raise_event
from app.declarations.exportable import Archive
from app.declarations.job import WAITS_FOR_STORAGE, is_worth_retrying
from app.errors import Conflict, DomainError, LazyText, NotFound
from app.extensions import db
from app.models import Erasure, ErasureStatus, Export, ExportStatus
from app.security.actor import Actor
from app.security.permissions import Role
from app.security.scope import unscoped
from app.storage import StoredFile, storage
from app.tenancy.actor_queries import actor_of_the_whole, get_job_actor
from app.tenancy.notification_service import NewNotification, notify, notify_all
from app.tenancy.people_queries import list_people_in_charge

AVAILABLE_FOR = timedelta(days=7)

_MAX_FAILURE_LENGTH = 1_000
_MAX_REMOVED = 1_000
_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Made:
    """A created export file with `rows` rows.

    `exported` is the audit action recorded for `resource`.
    """

    file: StoredFile
    rows: int
    exported: Action
    resource: str
    resource_id: UUID | None = None


def run_export(export_id: UUID) -> None:
    """Create the file of a list export, with the rows that its owner can see now.

    Rows are streamed, a thousand at a time. An export that has ended is skipped, since its job may run twice when a
    worker dies. Raises Forbidden if its owner can no longer create such files.
    """
    make_file(export_id, _write_list)


def make_file(export_id: UUID, write: Callable[[Export, Actor], Made]) -> None:
    """Create the file of an export of any kind, unless the export has ended.

    `write` stores the file under the key that `key_of` returns.
    """
    if not _begin(export_id):
        return
    row = _get(export_id)
    made = write(row, _actor_for(row))
    db.session.refresh(row, with_for_update=True)
    if row.status != ExportStatus.RUNNING:  # presumed dead by another worker, or a person was erased in the meantime
        if row.status in (ExportStatus.FAILED, ExportStatus.REMOVED):
            storage().delete(made.file.key)
        return
    row.status = ExportStatus.COMPLETED
    row.rows_total = row.row_count = made.rows
    row.file_path, row.file_bytes = made.file.key, made.file.size
    row.finished_at = datetime.now(UTC)
    row.expires_at = row.finished_at + AVAILABLE_FOR
    name_action(Action.EXPORT_COMPLETED, row)
    details = {"filters": audited_parameters(row.filters), "count": made.rows, "export": str(row.id)}
    record_event(made.exported, made.resource, made.resource_id, metadata=details)
    if _is_scheduled(row):
        _notify_people_in_charge(row, _l("The monthly export of all data is ready."))
        return
    is_everything = made.exported is Action.ORGANIZATION_EXPORTED
    label = declared(row.kind).label
    raise_event(FileExported("export", row.id, row.requested_by_label, label, made.rows, is_everything))
    _notify(row, _l("Your export is ready."))


def _actor_for(row: Export) -> Actor:
    """Return who requested the export, with their current rights; a scheduled one was requested by nobody.

    Raises Forbidden if they can no longer create such files.
    """
    if _is_scheduled(row):
        return actor_of_the_whole()
    actor = get_job_actor()
    declared(row.kind).check(actor)
    return actor


def _is_scheduled(row: Export) -> bool:
    """Return whether the schedule requested the export.

    Its job has no person or key, but so has the job of a person who was purged: the kind and the label decide, too.
    """
    context, source = current_context(), declared(row.kind)
    is_nobodys = context.actor_id is None and context.api_key_id is None and not row.requested_by_label
    return is_nobodys and isinstance(source, Archive) and source.can_be_scheduled


def _write_list(row: Export, actor: Actor) -> Made:
    source = declared_list(row.kind)
    query = source.rows(actor, source.filters_of(row.filters))
    written = RowCounter(row.id, query.count(exact=True).number)
    chunks = source.write(actor.timezone, written.of(query.stream(row.sort)))
    stored = storage().write(key_of(row), (chunk.encode() for chunk in chunks))
    return Made(stored, written.rows, source.recorded, source.resource)


def fail_export(export_id: UUID, error: BaseException) -> None:
    """Mark an export as failed, with the reason, and notify the person who requested it."""
    row = _get(export_id)
    if row.status not in UNFINISHED:
        return
    row.status = ExportStatus.FAILED
    row.finished_at = datetime.now(UTC)
    row.failure = _in_words(error)[:_MAX_FAILURE_LENGTH]
    name_action(Action.EXPORT_FAILED, row)
    storage().delete(key_of(row))
    if _is_scheduled(row):
        _notify_people_in_charge(row, _l("The monthly export of all data failed."))
    else:
        _notify(row, _l("Your export failed."))


def show_export_waiting(export_id: UUID) -> None:
    """Show an export that failed because of storage as queued again, with the reason; leave any that ended as it is."""
    waiting = update(Export).where(
        Export.organization_id == current_context().organization_id,
        Export.id == export_id,
        Export.status.in_(UNFINISHED),
    )
    db.session.execute(waiting.values(status=ExportStatus.QUEUED, failure=str(WAITS_FOR_STORAGE)))


def _notify(row: Export, sentence: LazyText) -> None:
    notify(EXPORT_READY, [NewNotification(row.requested_by, sentence, "/exports", row.id)])


def _notify_people_in_charge(row: Export, sentence: LazyText) -> None:
    people = list_people_in_charge(row.organization_id, Role.OWNER, Role.ADMIN)
    notify_all(EXPORT_READY, people, sentence, "/organization/export", row.id)


def requeue_export(export_id: UUID) -> None:
    """Queue a failed export again.

    Raises NotFound, and Conflict for one that did not fail.
    """
    row = db.session.get(
        unscoped(Export, why="called when the failed job of any user is retried"),
        (current_context().organization_id, export_id),
        with_for_update=True,
    )
    if row is None:
        raise NotFound("export", export_id)
    if row.status != ExportStatus.FAILED:
        raise Conflict(None, _l("Only a failed export can be retried."))
    row.status = ExportStatus.QUEUED
    row.started_at = row.finished_at = row.failure = None
    db.session.flush()


def remove_expired() -> int:
    """Delete expired files of this organization, at most `_MAX_REMOVED`, and return their number.

    Files are deleted before the commit: if the job is interrupted in between, the next run repeats it.
    """
    now = datetime.now(UTC)
    expired = (
        unscoped(select(Export), why="the cleanup job covers all exports of the organization")
        .where(Export.organization_id == current_context().organization_id)
        .where(Export.file_path.is_not(None), Export.expires_at <= now)
        .order_by(Export.expires_at)
        .limit(_MAX_REMOVED)
        .with_for_update(skip_locked=True)
    )
    rows = db.session.scalars(expired).all()
    for row in rows:
        if row.file_path is not None:
            storage().delete(row.file_path)
        row.status, row.file_path = ExportStatus.REMOVED, None
    db.session.flush()
    return len(rows)


def key_of(row: Export) -> str:
    """Return the storage key of an export.

    It never changes, so a second run overwrites whatever the first one left behind.
    """
    return f"{row.organization_id}/exports/{row.id}.{declared(row.kind).file_type[0]}"


def _begin(export_id: UUID) -> bool:
    """Mark the export as running, in its own transaction; return False if it has ended.

    First waits until no erasure of a person's data is running.
    """
    erasing = unscoped(
        select(Erasure.id), why="existence check only; exports wait for all erasures of the organization"
    ).where(Erasure.organization_id == current_context().organization_id, Erasure.status == ErasureStatus.RUNNING)
    running = (
        update(Export)
        .where(Export.organization_id == current_context().organization_id, Export.id == export_id)
        .where(Export.status.in_(UNFINISHED))
        .values(status=ExportStatus.RUNNING, started_at=datetime.now(UTC), failure=None)
        .returning(Export.id)
    )
    with own_transaction() as session:
        session.scalars(erasing.with_for_update(read=True)).all()
        return session.scalar(running) is not None


def _get(export_id: UUID) -> Export:
    row = db.session.get(
        unscoped(Export, why="the job loads the export that it runs"), (current_context().organization_id, export_id)
    )
    if row is None:
        raise NotFound("export", export_id)
    return row


class RowCounter:
    """A counter of rows as they are consumed, which stores their number at most once a second.

    `total` is their expected number, if it is known. The counter uses a connection of its own.
    """

    def __init__(self, export_id: UUID, total: int | None = None) -> None:
        self.rows = 0
        self._export_id, self._total = export_id, total
        self._last_look = monotonic()
        self._show()

    def of(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield `rows` unchanged and count them."""
        for row in rows:
            self.rows += 1
            if self.rows % 1_000 == 0 and monotonic() - self._last_look >= _SECONDS_BETWEEN_LOOKS:
                self._show()
            yield row

    def _show(self) -> None:
        self._last_look = monotonic()
        organization_id = current_context().organization_id
        row = update(Export).where(Export.organization_id == organization_id, Export.id == self._export_id)
        with own_transaction() as session:
            session.execute(row.values(rows_total=self._total, row_count=self.rows))


def _in_words(error: BaseException) -> str:
    if isinstance(error, DomainError):
        return error.sentence
    cause = _cause_of(error)
    if is_worth_retrying(error):
        return str(_("No file was created: something broke on our side (%(cause)s). Request it again.", cause=cause))
    return str(_("No file was created: something broke on our side (%(cause)s). Contact support.", cause=cause))


def _cause_of(error: BaseException) -> str:
    """Return the type of an error, and its message if it is the database's, which names no one's files or code."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    message = str(cause).partition("\n")[0] if isinstance(cause, psycopg.Error) else ""
    return f"{type(cause).__name__}: {message}" if message else type(cause).__name__
