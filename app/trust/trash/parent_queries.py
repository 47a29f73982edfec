"""Parents of a record that are also in the trash.

Required parents are restored before the record, optional ones together with it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from app.db.conditions import is_any_of
from app.db.session import INCLUDE_DELETED
from app.declarations.deletable import Deletable
from app.errors import Conflict, LazyText
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.scope import unscoped
from app.trust.trash import queries, rules
from app.trust.trash.kinds import deletables
from app.trust.trash.rules import Choices


@dataclass(frozen=True, slots=True)
class ParentInTrash:
    """A row in the trash that other rows belong to, and the deletion it is part of.

    If it `is_optional`, the rows that belong to it can be restored without it. `needed_by` is the id of an optional
    parent that can't be restored without this row. `refusal` is the reason if this row has to stay; `batch` is then the
    deletion that prevents it: its own, or that of a row it needs.
    """

    kind: Deletable
    row_id: UUID
    batch: DeletionBatch
    is_optional: bool = False
    needed_by: UUID | None = None
    refusal: LazyText | None = None

    @property
    def is_required(self) -> bool:
        """True if the rows that belong to this one can't be restored without it."""
        return not self.is_optional and self.needed_by is None


@dataclass(frozen=True, slots=True)
class OptionalParents:
    """Optional parents, in other deletions, of the rows of one deletion, counted by kind.

    `coming` can be restored as well; `staying` cannot, grouped by the name of the user who deleted them.
    """

    coming: Counter[str] = field(default_factory=Counter)
    staying: dict[str, Counter[str]] = field(default_factory=dict)


def find_parents_in_trash(
    batch: DeletionBatch, wanted: Collection[UUID], choices: Choices, by: Actor | None
) -> list[ParentInTrash]:
    """Return the parents of the `wanted` rows that `choices` restore, in the order of restoring.

    Includes the parents of those parents. Raises NotFound and Forbidden for a required parent in a deletion that `by`
    cannot restore, and Conflict for one that is being processed in the background; an optional parent has the reason as
    its `refusal`.
    """
    search = _Search(batch, frozenset(wanted), choices, by)
    needed = choices.with_parent - choices.skipped
    for kind in deletables().values() if needed else ():
        search.require(kind, queries.list_rows(batch, kind, needed))
    for kind in deletables().values() if choices.parents != frozenset() else ():
        if kind.optional_parents:
            search.offer(kind, queries.list_rows(batch, kind, wanted))
    order = list(deletables())
    return sorted(search.found.values(), key=lambda parent: (order.index(parent.kind.name), parent.batch.id))


@dataclass(frozen=True, slots=True)
class _Search:
    batch: DeletionBatch
    wanted: frozenset[UUID]
    choices: Choices
    by: Actor | None
    found: dict[UUID, ParentInTrash] = field(default_factory=dict)
    deletions: dict[UUID, tuple[DeletionBatch, LazyText | None]] = field(default_factory=dict)

    def require(self, kind: Deletable, rows: Sequence[Any]) -> None:
        """Collect the required parents of these rows, recursively."""
        for parent_kind, parent in self._in_trash(rows, kind.parents):
            if parent.id not in self.found:
                other = _lock(self.batch, parent.deletion_batch_id, self.by)
                self.found[parent.id] = ParentInTrash(parent_kind, parent.id, other)
                self.require(parent_kind, [parent])

    def offer(self, kind: Deletable, rows: Sequence[Any]) -> None:
        """Collect the optional parents of these rows, each with the rows it needs itself, recursively."""
        for parent_kind, parent in self._in_trash(rows, kind.optional_parents):
            if parent.id in self.found or parent.id in self.wanted or not self._is_chosen(parent.id):
                continue
            other, refusal = self._deletion(parent.deletion_batch_id)
            needed = []
            for needed_kind, row in self._needs(parent_kind, parent):
                its, why_not = self._deletion(row.deletion_batch_id)
                needed.append(ParentInTrash(needed_kind, row.id, its, needed_by=parent.id))
                if why_not is not None and refusal is None:
                    other, refusal = its, rules.PARENT_IS_DELETED
            self.found[parent.id] = ParentInTrash(parent_kind, parent.id, other, is_optional=True, refusal=refusal)
            if refusal is None:
                for one in needed:
                    self.found.setdefault(one.row_id, one)
                self.offer(parent_kind, [parent])

    def _is_chosen(self, row_id: UUID) -> bool:
        chosen = self.choices.parents
        return row_id not in self.choices.skipped and (chosen is None or row_id in chosen)

    def _needs(self, kind: Deletable, row: Any) -> Iterator[tuple[Deletable, Any]]:
        for parent_kind, parent in self._in_trash([row], kind.parents):
            if parent.id not in self.wanted:  # wanted rows are restored before
                yield parent_kind, parent
                yield from self._needs(parent_kind, parent)

    def _in_trash(self, rows: Sequence[Any], parents: Mapping[str, str]) -> Iterator[tuple[Deletable, Any]]:
        for column, resource in parents.items():
            ids = {getattr(row, column) for row in rows} - {None}
            if ids:
                parent = deletables()[resource]
                yield from ((parent, row) for row in _list_deleted(parent, self.batch.organization_id, ids))

    def _deletion(self, batch_id: UUID) -> tuple[DeletionBatch, LazyText | None]:
        """Lock and return a deletion, and the reason, if any, why its rows can't be restored with this one."""
        if batch_id not in self.deletions:
            self.deletions[batch_id] = self._inspect(batch_id)
        return self.deletions[batch_id]

    def _inspect(self, batch_id: UUID) -> tuple[DeletionBatch, LazyText | None]:
        if batch_id == self.batch.id:
            return self.batch, None
        other = queries.get_batch_of_organization(self.batch.organization_id, batch_id)
        if self.by is not None and not may_restore(self.by, other):
            return other, rules.SOMEBODY_ELSES
        try:
            queries.refuse_settled(other)
        except Conflict as refusal:
            return other, refusal.sentence
        return other, None


def count_optional_parents(batch: DeletionBatch, by: Actor) -> OptionalParents:
    """Count the optional parents in other deletions, for a deletion with too many of them to list."""
    counted = OptionalParents()
    for kind in deletables().values():
        for column, resource in kind.optional_parents.items():
            held_elsewhere = _held_elsewhere(batch, kind, column, deletables()[resource])
            for other, number in db.session.execute(held_elsewhere):
                if may_restore(by, other):
                    counted.coming[resource] += number
                else:
                    counted.staying.setdefault(other.deleted_by_label, Counter())[resource] += number
    return counted


def _held_elsewhere(
    batch: DeletionBatch, kind: Deletable, column: str, parent_kind: Deletable
) -> Select[DeletionBatch, int]:
    row, parent = kind.model.__table__, parent_kind.model.__table__.alias("parent")
    refers = and_(parent.c.organization_id == row.c.organization_id, parent.c.id == row.c[column])
    is_of = and_(
        DeletionBatch.organization_id == parent.c.organization_id, DeletionBatch.id == parent.c.deletion_batch_id
    )
    counted = select(DeletionBatch, func.count(parent.c.id.distinct())).select_from(row).join(parent, refers)
    return (
        unscoped(counted, why="counts and labels only; callers check which deletions can be restored")
        .join(DeletionBatch, is_of)
        .where(
            row.c.organization_id == batch.organization_id,
            row.c.deletion_batch_id == batch.id,
            DeletionBatch.id != batch.id,
        )
        .group_by(DeletionBatch.organization_id, DeletionBatch.id)
        .order_by(DeletionBatch.id)
    )


def _list_deleted(kind: Deletable, organization_id: UUID, ids: Collection[UUID]) -> Sequence[Any]:
    rows = unscoped(select(kind.model), why="callers check whether the deletion can be restored").where(
        kind.model.organization_id == organization_id,
        is_any_of(kind.model.id, list(ids)),
        kind.model.deletion_batch_id.is_not(None),
    )
    return db.session.scalars(rows.order_by(kind.model.id).execution_options(**{INCLUDE_DELETED: True})).all()


def _lock(batch: DeletionBatch, batch_id: UUID, by: Actor | None) -> DeletionBatch:
    if batch_id == batch.id:
        return batch
    if by is None:
        other = queries.get_batch_of_organization(batch.organization_id, batch_id)
    else:
        other = queries.get_batch(by, batch_id, lock=True)
        refuse_restoring(by, other)
    queries.refuse_settled(other)
    return other


def may_restore(actor: Actor, batch: DeletionBatch) -> bool:
    """Return whether `actor` can restore this deletion; managers can restore their own."""
    permission = Permission.TRASH_RESTORE
    return actor.may(permission) and (batch.deleted_by == actor.user_id or actor.sees_all(permission))


def refuse_taking_back(actor: Actor, batch: DeletionBatch, asked_at: datetime) -> None:
    """Raise Forbidden unless `actor` made the deletion shortly before `asked_at` or can restore it."""
    if rules.may_undo(batch.deleted_by, batch.created_at, actor.user_id, asked_at):
        return
    if batch.deleted_by == actor.user_id and not may_restore(actor, batch):
        raise actor.refusal(Permission.TRASH_RESTORE, rules.UNDO_IS_OVER, needed=Role.ADMIN)
    refuse_restoring(actor, batch)


def refuse_restoring(actor: Actor, batch: DeletionBatch) -> None:
    """Raise Forbidden unless `actor` can restore this deletion."""
    permission = Permission.TRASH_RESTORE
    actor.requires(permission)
    if may_restore(actor, batch):
        return
    raise actor.refusal(permission, rules.SOMEBODY_ELSES, needed=Role.ADMIN)
