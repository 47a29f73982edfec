"""Purging of expired or selected deletions: children first, a thousand rows per statement.

The audit trail retains the contents of each row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import Table, delete, func, select
from sqlalchemy.exc import IntegrityError

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import current_context, use_context
from app.db.session import enter_context
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import (
    Base,
    DeletionBatch,
    Organization,
)
from app.security.scope import unscoped
from app.tenancy.legal_hold_rules import refuse_held
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.kinds import deletables
from app.trust.trash.queries import rows_in
from app.trust.trash.refusal_queries import in_use

ROWS_A_STATEMENT = 1_000

_log = structlog.get_logger("switchboard.trash")


def purge_due(organization_id: UUID) -> int:
    """Purge the expired deletions of an organization and return how many were purged.

    A deletion that is still referred to, is incomplete, or is being processed by the worker is skipped with a warning.
    Each deletion is committed separately: a nightly run is never one transaction, and an interrupted run is continued
    by the next one. Raises Conflict as soon as the organization is under legal hold.
    """
    purged = 0
    for batch_id in queries.due(organization_id):
        refuse_held(lock_organization(organization_id))
        try:
            with db.session.begin_nested():
                purge_batch(queries.get_batch_of_organization(organization_id, batch_id))
        except (IntegrityError, Conflict) as error:  # in use, or deleted only in part, or just settled
            _log.warning("deletion not purged", batch=str(batch_id), cause=str(getattr(error, "orig", error)))
        else:
            purged += 1
        db.session.commit()
    return purged


def purge_chosen(organization_id: UUID, batch_id: UUID) -> None:
    """Purge a deletion that `background_service.purge` left to the worker.

    A settled deletion is left alone. Raises NotFound, and Conflict during a legal hold, while the deletion is being
    processed by the worker, if it is incomplete, or if a remaining record still refers to it.
    """
    refuse_held(lock_organization(organization_id))
    batch = queries.get_batch_of_organization(organization_id, batch_id)
    if batch.restored_at is None and batch.purged_at is None:
        purge_or_explain(batch)


def purge_or_explain(batch: DeletionBatch) -> None:
    """Purge a deletion, or raise Conflict with a message if a remaining record still refers to it.

    Also raises Conflict if the deletion is settled, being processed by the worker, or incomplete.
    """
    try:
        with db.session.begin_nested():
            purge_batch(batch)
    except IntegrityError as error:
        raise in_use(error) from None


def list_organizations_with_trash_due() -> Sequence[UUID]:
    """Return the ids of the organizations with expired deletions; requires the worker's database role."""
    return db.session.scalars(select(func.organizations_with_trash_due())).all()


def purge_organizations_due() -> int:
    """Purge the organizations whose time in the trash is over, and return how many were purged.

    An organization that can't be purged yet is skipped with a warning. Requires the worker's database role.
    """
    purged = 0
    for organization_id in db.session.scalars(select(func.organizations_to_purge())).all():
        with use_context(replace(current_context(), organization_id=organization_id)) as theirs:
            enter_context(db.session.connection(), theirs)
            try:
                with db.session.begin_nested():
                    purge_organization(organization_id)
            except (IntegrityError, Conflict, NotFound) as error:  # in use, or just placed on hold, restored or purged
                _log.warning("organization not purged", organization=str(organization_id), cause=str(error))
            else:
                purged += 1
    enter_context(db.session.connection(), current_context())
    return purged


def purge_batch(batch: DeletionBatch) -> None:
    """Delete the rows of a locked batch permanently.

    Raises Conflict if the batch is settled, being processed by the worker, or incomplete, and IntegrityError if other
    rows still refer to its rows.
    """
    queries.refuse_purging(batch)
    for kind in reversed(list(deletables().values())):
        if kind.purging is not None:
            kind.purging(db.session.scalars(rows_in(batch, kind)))
        if kind.purge is not None:
            for row in db.session.scalars(rows_in(batch, kind)).all():
                kind.purge(row)
        elif kind.model is not Organization:
            remove_rows(kind.model.__table__, rows_in(batch, kind).order_by(None).with_only_columns(kind.model.id))
    batch.purged_at = datetime.now(UTC)
    name_action(Action.DELETION_PURGED, batch, resource_type="deletion_batch")


def purge_organization(organization_id: UUID) -> None:
    """Delete a deleted organization permanently with everything but its trail.

    Its files are removed later by a job. The context must be that of the organization. Raises NotFound, and Conflict if
    it is under legal hold or has not been deleted.
    """
    organization = lock_organization(organization_id, with_its_rows=True, include_deleted=True)
    if organization.deleted_at is None:
        raise Conflict(
            None, _l("Delete the organization first. Only organizations in the trash can be permanently deleted.")
        )
    refuse_held(organization)
    for table in _children_first():
        rows = unscoped(select(table.c.id), why="purging an organization deletes all its rows")
        remove_rows(table, rows.where(table.c.organization_id == organization_id))
    db.session.execute(delete(Organization).where(Organization.id == organization_id))


def _children_first() -> Iterator[Table]:
    """Yield the tables with an organization's rows that the app can delete from; the trail is not among them.

    Tables without ids are derived from others; their rows are deleted with the organization.
    """
    for table in reversed(Base.metadata.sorted_tables):
        if {"organization_id", "id"} <= {*table.c.keys()} and may_delete_from(table):
            yield table


def may_delete_from(table: Table) -> bool:
    """Return whether the current database role can delete rows of this table."""
    return bool(db.session.scalar(select(func.has_table_privilege(table.name, "DELETE"))))


def remove_rows(table: Table, ids: Any) -> None:
    """Delete the rows that `ids` selects, in portions: a statement's trigger events are held in memory.

    In a request, the database role can delete rows that are in the trash, or belong to a deleted record, only through a
    database function.
    """
    while True:
        portion = db.session.scalars(ids.limit(ROWS_A_STATEMENT)).all()
        if portion and may_delete_from(table):
            db.session.execute(delete(table).where(table.c.id.in_(portion)))
        elif portion:
            db.session.scalar(func.purge_rows(table.name, portion))
        if len(portion) < ROWS_A_STATEMENT:
            return
