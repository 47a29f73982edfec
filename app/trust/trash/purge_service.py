"""Removing for good what has been in the trash long enough: children first, a thousand rows a statement.

The audit trail keeps what each row was.
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
    """Purge what is due of an organization; how many deletions. One that is still referred to, or of which deleting
    has stopped halfway, waits, with a warning.

    Each deletion is committed by itself: a night's work is never one transaction, and what is interrupted goes on the
    next time. Raises Conflict as soon as the organization's data is held.
    """
    purged = 0
    for batch_id in queries.due(organization_id):
        refuse_held(lock_organization(organization_id))
        try:
            with db.session.begin_nested():
                purge_batch(queries.get_batch_of_organization(organization_id, batch_id))
        except (IntegrityError, Conflict) as error:  # in use, or deleted in part; or settled just now
            _log.warning("deletion not purged", batch=str(batch_id), cause=str(getattr(error, "orig", error)))
        else:
            purged += 1
        db.session.commit()
    return purged


def purge_chosen(organization_id: UUID, batch_id: UUID) -> None:
    """What `purge` left to the worker. One that is settled is left alone; raises Conflict as `purge` does."""
    refuse_held(lock_organization(organization_id))
    batch = queries.get_batch_of_organization(organization_id, batch_id)
    if batch.restored_at is None and batch.purged_at is None:
        purge_or_explain(batch)


def purge_or_explain(batch: DeletionBatch) -> None:
    """Remove a deletion for good, or raise Conflict in words when something that stays still refers to it."""
    try:
        with db.session.begin_nested():
            purge_batch(batch)
    except IntegrityError as error:
        raise in_use(error) from None


def list_organizations_with_trash_due() -> Sequence[UUID]:
    """The organizations whose trash holds what is due; needs the jobs' role."""
    return db.session.scalars(select(func.organizations_with_trash_due())).all()


def purge_organizations_due() -> int:
    """Remove the organizations that have been in the trash long enough; how many. Needs the jobs' role.

    One that cannot go yet waits, with a warning.
    """
    purged = 0
    for organization_id in db.session.scalars(select(func.organizations_to_purge())).all():
        with use_context(replace(current_context(), organization_id=organization_id)) as theirs:
            enter_context(db.session.connection(), theirs)
            try:
                with db.session.begin_nested():
                    purge_organization(organization_id)
            except (IntegrityError, Conflict, NotFound) as error:  # in use; or held, restored or purged just now
                _log.warning("organization not purged", organization=str(organization_id), cause=str(error))
            else:
                purged += 1
    enter_context(db.session.connection(), current_context())
    return purged


def purge_batch(batch: DeletionBatch) -> None:
    """Remove the rows of a locked batch for good. Raises Conflict when it is settled or not all deleted yet,
    IntegrityError when in use."""
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
    """Remove a deleted organization with everything of it but its trail. Its files are swept up by a job afterwards.

    The context must be of it. Raises NotFound, and Conflict when it is not deleted or its data is held.
    """
    organization = lock_organization(organization_id, with_its_rows=True, include_deleted=True)
    if organization.deleted_at is None:
        raise Conflict(None, _l("Delete the organization first: only what is in the trash can be removed for good."))
    refuse_held(organization)
    for table in _children_first():
        rows = unscoped(select(table.c.id), why="an organization that is purged goes with all its rows")
        remove_rows(table, rows.where(table.c.organization_id == organization_id))
    db.session.execute(delete(Organization).where(Organization.id == organization_id))


def _children_first() -> Iterator[Table]:
    """The tables of an organization's rows that the app may delete from; the trail is not among them."""
    for table in reversed(Base.metadata.sorted_tables):
        if "organization_id" in table.c and may_delete_from(table):
            yield table


def may_delete_from(table: Table) -> bool:
    """Whether the app may delete rows of it."""
    return bool(db.session.scalar(select(func.has_table_privilege(table.name, "DELETE"))))


def remove_rows(table: Table, ids: Any) -> None:
    """Delete the rows that `ids` selects, some at a time: the triggers of one statement are kept in memory.

    A request's role can delete what is in the trash, or belongs to somebody who is, by the database's function only.
    """
    while True:
        portion = db.session.scalars(ids.limit(ROWS_A_STATEMENT)).all()
        if portion and may_delete_from(table):
            db.session.execute(delete(table).where(table.c.id.in_(portion)))
        elif portion:
            db.session.scalar(func.purge_rows(table.name, portion))
        if len(portion) < ROWS_A_STATEMENT:
            return
