"""Return of reassigned work when the deletion of the person who had it is undone.

The audit trail records the reassignments as changes in the operation of the deletion. A row goes back only if no one
has changed the reassigned columns since; work done in the meantime stays with the person who did it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, case, cast, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from app.db.session import INCLUDE_DELETED
from app.db.transaction import translated_integrity_errors
from app.declarations.deletable import HandedOver
from app.declarations.open_work import Work
from app.declarations.registry import registry
from app.errors import DomainError
from app.extensions import db
from app.models import AuditLog, DeletionBatch
from app.security.scope import unscoped

_entry, _later = aliased(AuditLog, name="entry"), aliased(AuditLog, name="later")


def count_handed_over(batch: DeletionBatch, user_ids: Collection[UUID]) -> HandedOver:
    """Count how much of the work that a deletion reassigned would go back to these people now."""
    return sum((_Given(work, batch, user_ids).count() for work in registry().works.values()), HandedOver())


def give_back(batch: DeletionBatch, user_ids: Collection[UUID]) -> HandedOver:
    """Return reassigned work to these people; count how much went back and how much stayed.

    Work that was changed in the meantime, or whose time has been taken, stays with its current assignee.
    """
    return sum((_Given(work, batch, user_ids).give_back() for work in registry().works.values()), HandedOver())


@dataclass(frozen=True, slots=True)
class _Given:
    """Work of one kind that was reassigned when these people were deleted."""

    work: Work
    batch: DeletionBatch
    user_ids: Collection[UUID]

    def count(self) -> HandedOver:
        counts = self._entries().with_only_columns(func.count(), func.count().filter(self._is_as_left()))
        total, back = db.session.execute(counts.execution_options(**{INCLUDE_DELETED: True})).one()
        return HandedOver(back, total - back)

    def give_back(self) -> HandedOver:
        ids = self._hold()
        portions = [[one] for one in ids] if self.work.one_by_one else [ids] if ids else []
        back = sum(self._set_back(portion) for portion in portions)
        return HandedOver(back, len(ids) - back)

    def _hold(self) -> list[UUID]:
        """Lock the rows before they are examined, so that their state can't change; return their ids."""
        table = self._table
        rows = unscoped(
            select(table.c.id), why="restoring a user returns all work that was handed over, regardless of record scope"
        ).where(table.c.organization_id == self.batch.organization_id, table.c.id.in_(self._entries()))
        return list(db.session.scalars(rows.order_by(table.c.id).with_for_update()))

    def _set_back(self, ids: Collection[UUID]) -> int:
        """Revert the rows that are still as the deletion left them; return how many.

        Returns 0 if the database refuses.
        """
        entries = self._entries().where(self._is_as_left(), _entry.resource_id.in_(ids))
        left = entries.with_only_columns(_entry.resource_id, _entry.before).subquery()
        table = self._table
        before = {
            name: case(
                (left.c.before.has_key(name), cast(left.c.before[name].astext, table.c[name].type)),
                else_=table.c[name],
            )
            for name in self._columns
        }
        rows = update(table).where(
            table.c.organization_id == self.batch.organization_id, table.c.id == left.c.resource_id
        )
        try:
            with translated_integrity_errors():
                return db.session.connection().execute(rows.values(**before, version=table.c.version + 1)).rowcount
        except DomainError:
            return 0

    def _entries(self) -> Select[Any]:
        """Select the ids of the records from the audit trail, one row per record."""
        operation = select(AuditLog.operation_id).where(
            AuditLog.organization_id == self.batch.organization_id,
            AuditLog.resource_type == "deletion_batch",
            AuditLog.resource_id == self.batch.id,
            AuditLog.action == "deletion_batch.created",
        )
        holder = self.work.holder.key
        entries = select(_entry.resource_id).where(
            _entry.organization_id == self.batch.organization_id,
            _entry.operation_id == operation.scalar_subquery(),
            _entry.resource_type == self.work.resource.name,
            _entry.before[holder].astext.in_([str(user_id) for user_id in self.user_ids]),
            _entry.after.has_key(holder),
        )
        return unscoped(
            entries, why="restoring a user returns all work that was handed over, regardless of record scope"
        )

    def _is_as_left(self) -> ColumnElement[bool]:
        names = array(self._columns)
        touched = select(_later.id).where(
            _later.organization_id == _entry.organization_id,
            _later.resource_type == _entry.resource_type,
            _later.resource_id == _entry.resource_id,
            tuple_(_later.created_at, _later.id) > tuple_(_entry.created_at, _entry.id),
            or_(_later.before.has_any(names), _later.after.has_any(names)),
        )
        return and_(~touched.exists(), self._is_to_do())

    def _is_to_do(self) -> ColumnElement[bool]:
        """Return the condition that a row is still as open as when the people were deleted.

        Kinds of work with `when_unassigned` are not checked for that: their state is in columns that must be unchanged
        anyway.
        """
        model = self.work.model
        conditions = () if self.work.when_unassigned else self.work.to_settle(self.batch.created_at, for_good=True)
        rows = unscoped(
            select(model.id), why="restoring a user returns all work that was handed over, regardless of record scope"
        ).where(model.organization_id == _entry.organization_id, model.id == _entry.resource_id, *(conditions or ()))
        return rows.correlate(_entry).exists()

    @property
    def _columns(self) -> list[str]:
        """The columns that a reassignment sets."""
        return [self.work.holder.key, *self.work.when_unassigned]

    @property
    def _table(self) -> Table:
        table: Table = self.work.model.__table__
        return table
