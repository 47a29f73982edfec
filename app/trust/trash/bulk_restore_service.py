"""Deleting many records of a list as one deletion, and undoing it: the steps of a bulk operation.

Each step adds the records that can be deleted, with the rows that belong to them, to the operation's batch, and counts
the reasons why others can't be. Undo and restoring from the trash therefore restore exactly what the operation deleted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.declarations.bulk import Outcome
from app.declarations.deletable import Deletable, HandedOver
from app.errors import ActiveCalls, Conflict, DomainError
from app.extensions import db
from app.models import BulkOperation, DeletionBatch
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.delete_service import is_of_someone_else
from app.trust.trash.kinds import count_cascaded, deletables, find_even_deleted, label_of_several, lock_cascaded
from app.trust.trash.mark_service import mark
from app.trust.trash.parent_queries import refuse_taking_back
from app.trust.trash.portion_service import ROWS_A_STEP, lock_batch
from app.trust.trash.queries import Place
from app.trust.trash.restore_service import record_part, restore_batch
from app.trust.trash.rules import MAX_IN_A_REQUEST, Choices

#: Key in the operation's settings for the progress of undoing it.
_RESTORED = "restored_up_to"


class _TooMuch(Conflict):
    """Error for records with more rows that belong to them than one step can delete."""


@dataclass(frozen=True, slots=True)
class DeletionOfMany:
    """Bulk deletion of rows of one kind that were selected in its list."""

    rows_a_step: ClassVar[int] = 200

    resource: str

    def hold(self, operation: BulkOperation) -> None:
        """Lock the organization, then the operation's deletion if it has one.

        This is the order of locking everywhere. Raises Conflict if the deletion was restored or purged in the meantime,
        or the worker is processing it.
        """
        if operation.deletion_batch_id is None:
            lock_organization(operation.organization_id)
        else:
            queries.refuse_settled(lock_batch(operation.deletion_batch_id))

    def apply(self, actor: Actor, operation: BulkOperation, rows: Sequence[Any]) -> Outcome:
        """Delete those of `rows` that can be deleted, and return the outcome."""
        kind = deletables()[self.resource]
        mine = [row for row in rows if not is_of_someone_else(kind, row, actor)]
        found = _Step(kind, actor, Counter(), Counter())
        if len(mine) < len(rows):
            found.refusals["not_yours"] = len(rows) - len(mine)
        deleted: list[Any] = []
        if mine:
            with db.session.begin_nested() as savepoint:
                batch = _batch_of(operation, kind, actor, mine[0])
                deleted = found.delete(batch, mine)
                if deleted:
                    _write_down(operation, kind, batch, deleted, found.cascaded)
                elif operation.deletion_batch_id is None:
                    savepoint.rollback()
        return Outcome(len(deleted), len(rows) - len(deleted), found.refusals)

    def refuse_undoing(self, actor: Actor, operation: BulkOperation) -> None:
        """Raise Forbidden if `actor` can't restore the deletion.

        Raises Conflict if it was purged, or the worker is processing it. Does nothing if it was restored already.
        """
        lock_organization(operation.organization_id)
        batch = _deleted_by(operation)
        if batch.restored_at is None:
            queries.refuse_settled(batch)
            refuse_taking_back(actor, batch, datetime.now(UTC))

    def undo_some(self, actor: Actor, operation: BulkOperation) -> bool:
        """Restore the next portion and return whether there is another.

        Rows that can't be restored unchanged stay in the trash.
        """
        lock_organization(operation.organization_id)
        batch = _deleted_by(operation)
        portion: list[Place] = []
        if batch.restored_at is None:
            queries.refuse_settled(batch)
            refuse_taking_back(actor, batch, operation.undone_at or datetime.now(UTC))
            portion = queries.next_left(batch, _restored_up_to(operation), ROWS_A_STEP)
        if portion:
            ids = frozenset(row_id for _resource, row_id in portion)
            choices = Choices(skips_the_rest=True)
            restore_batch(batch, only=ids, choices=choices, by=actor, so_far=HandedOver())
            last = [portion[-1][0], str(portion[-1][1])]
            operation.settings = {**operation.settings, _RESTORED: last}
        left = queries.count_left(batch).get(self.resource, 0)
        operation.rows_undone = operation.rows_changed - left
        if len(portion) == ROWS_A_STEP and batch.restored_at is None:
            return True
        operation.rows_moved_on = left
        if batch.restored_at is None:
            record_part(batch, queries.count_restored(batch), HandedOver())
        return False


@dataclass(frozen=True, slots=True)
class _Step:
    """State of one step.

    `cascaded` counts the rows deleted together with the records, by kind, `refusals` the records that can't be deleted,
    by reason.
    """

    kind: Deletable
    actor: Actor
    cascaded: Counter[str]
    refusals: Counter[str]

    def delete(self, batch: DeletionBatch, rows: Sequence[Any]) -> list[Any]:
        """Move these rows into `batch` and return those that were moved.

        If not all of them can be deleted together, each half is tried separately.
        """
        try:
            with db.session.begin_nested():
                went_cascaded = self._mark(batch, rows)
        except DomainError as refusal:
            if len(rows) == 1:
                self._name(rows[0], refusal)
                return []
            half = len(rows) // 2
            return [*self.delete(batch, rows[:half]), *self.delete(batch, rows[half:])]
        self.cascaded.update(went_cascaded)
        return list(rows)

    def _mark(self, batch: DeletionBatch, rows: Sequence[Any]) -> dict[str, int]:
        ids = [row.id for row in rows]
        if self.kind.check is not None:
            self.kind.check(rows, self.actor)
        if sum(count_cascaded(batch.organization_id, self.kind, ids).values()) > MAX_IN_A_REQUEST:
            raise _TooMuch
        cascaded, now = lock_cascaded(batch.organization_id, self.kind, ids), datetime.now(UTC)
        with translated_integrity_errors():
            for part, those in ((self.kind, ids), *cascaded):
                mark(part, batch, those, now)
        if self.kind.then is not None:
            self.kind.then(rows)
        return {part.name: len(those) for part, those in cascaded}

    def _name(self, row: Any, refusal: DomainError) -> None:
        if type(refusal) is Conflict and self.kind.explain is not None:
            try:
                self.kind.explain([row])
            except Conflict as explained:
                refusal = explained
        uses = [name for name, number in refusal.extra.get("uses", {}).items() if number]
        by_itself = {_TooMuch: "too_much", ActiveCalls: "active_calls"}
        self.refusals.update(uses or [by_itself.get(type(refusal), "other")])


def _batch_of(operation: BulkOperation, kind: Deletable, actor: Actor, first: Any) -> DeletionBatch:
    if operation.deletion_batch_id is not None:
        return queries.get_batch_of_organization(operation.organization_id, operation.deletion_batch_id)
    batch = DeletionBatch(
        organization_id=operation.organization_id,
        id=uuid7(),
        deleted_by=actor.reference_id,
        deleted_by_label=actor.name,
        root_type=kind.name,
        root_id=first.id,
        root_label=label_of_several(kind, first, 1),
        counts={},
        purge_after=queries.purge_after(operation.organization_id, datetime.now(UTC)),
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def _write_down(
    operation: BulkOperation, kind: Deletable, batch: DeletionBatch, deleted: Sequence[Any], cascaded: Counter[str]
) -> None:
    """Update the label of the deletion, named after its first row, and its row counts."""
    if operation.deletion_batch_id is None:
        batch.root_id, operation.deletion_batch_id = deleted[0].id, batch.id
    batch.counts = dict(Counter(batch.counts) + cascaded + Counter({kind.name: len(deleted)}))
    for row in deleted:
        db.session.expire(row)
    first = find_even_deleted(kind.model, batch.organization_id, batch.root_id)
    batch.root_label = label_of_several(kind, first, batch.counts[kind.name])
    db.session.flush()


def _deleted_by(operation: BulkOperation) -> DeletionBatch:
    if operation.deletion_batch_id is None:
        raise Conflict(None, _l("This was permanently deleted and can’t be restored."))
    return queries.get_batch_of_organization(operation.organization_id, operation.deletion_batch_id)


def _restored_up_to(operation: BulkOperation) -> Place | None:
    place = operation.settings.get(_RESTORED)
    return (place[0], UUID(place[1])) if place else None
