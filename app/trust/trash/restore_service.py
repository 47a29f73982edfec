"""Restoring exactly the rows of a deletion, all or some of them, with all conflicts reported together.

The database tries each row separately (`restore_deleted`), so a trial lists all conflicts; whether the rows in conflict
can stay in the trash is decided afterwards, before anything is committed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import name_action, record_event
from app.db.context import current_context
from app.declarations.deletable import HandedOver, Handover
from app.declarations.registry import registry
from app.errors import Conflict
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.kinds import deletables
from app.trust.trash.left_out_service import put_apart
from app.trust.trash.parent_queries import refuse_restoring
from app.trust.trash.restore_trial_service import attempt
from app.trust.trash.rules import Choices, Outcome

__all__ = ["Outcome", "Restored", "preview", "restore", "restore_batch"]


@dataclass(frozen=True, slots=True)
class Restored:
    """Result of a restore; `without` are optional parents that could not be restored.

    `left` counts the rows still in the trash, by kind; for an organization, those that were left out and now form a
    separate deletion.
    """

    batch: DeletionBatch
    rows: Sequence[Outcome]
    without: Sequence[Outcome]
    left: Mapping[str, int]
    handed_over: HandedOver


def restore(
    actor: Actor, batch_id: UUID, *, only: Iterable[UUID] | None = None, choices: Choices | None = None
) -> Restored:
    """Restore a deletion, or only the rows in `only`; the other rows can still be restored later.

    Rows are restored unchanged unless `choices` contains a new value for them. Raises NotFound, Forbidden (also for a
    new email address of a person who does not rank below `actor`), ValidationFailed for an invalid new value, and
    Conflict if the deletion is settled, is being processed by the worker, or has conflicts that `choices` leave open.
    Those conflicts are in `extra["conflicts"]`, and nothing is restored.
    """
    batch, chosen = _for_restoring(actor, batch_id, only)
    return restore_batch(batch, only=chosen, choices=choices or Choices(), by=actor)


def preview(
    actor: Actor, batch_id: UUID, *, only: Iterable[UUID] | None = None, choices: Choices | None = None
) -> Sequence[Outcome]:
    """Return what `restore` would do: every row, with all conflicts.

    With `skips_the_rest` in `choices`, rows in conflict are skipped. Call it in a `dry_run`, which rolls it back.
    """
    batch, chosen = _for_restoring(actor, batch_id, only)
    choices = choices or Choices()
    while True:
        with db.session.begin_nested() as savepoint:
            outcomes = attempt(batch, chosen, choices, actor).outcomes
            savepoint.rollback()
        conflicts = _conflicts(outcomes)
        if not conflicts or not choices.skips_the_rest:
            return outcomes
        choices = choices.without(one.row_id for one in conflicts)


def restore_batch(
    batch: DeletionBatch,
    *,
    only: frozenset[UUID] | None = None,
    choices: Choices | None = None,
    by: Actor | None,
    so_far: HandedOver | None = None,
) -> Restored:
    """Restore a locked batch, or `only` these of its rows; its organization must be locked too.

    `by` is None if the context determines who restores it. Raises Conflict, and restores nothing, if there are
    conflicts that `choices` leave open; with `skips_the_rest`, the rows in conflict stay in the trash instead. A
    partial restore is recorded in the trail. For a restore in portions, only its end is recorded, with the reassigned
    work returned `so_far`.
    """
    choices = choices or Choices()
    try:
        with db.session.begin_nested():
            tried = attempt(batch, only, choices, by)
            if conflicts := _conflicts(tried.outcomes):
                raise _refusal(conflicts)
            handed_over = _give_back(batch, tried.outcomes) if choices.gives_back else HandedOver()
            back = {batch.id: handed_over}
            left = [
                # The other deletions have no further portions: this is all that is restored of them.
                _settle(
                    one,
                    by,
                    tried.came_of(one),
                    back.get(one.id, HandedOver()),
                    so_far if one is batch else None,
                )
                for one in tried.batches
            ]
    except Conflict as refusal:
        told = refusal.extra.get("conflicts")
        if not told or not choices.skips_the_rest:
            raise
        rest = choices.without(UUID(one["resource_id"]) for one in told)
        return restore_batch(batch, only=only, choices=rest, by=by, so_far=so_far)
    came = [one for one in tried.outcomes if one.problem is None]
    _follow_restore(batch.organization_id, came)
    without = [one for one in tried.outcomes if one.problem is not None]
    return Restored(batch, came, without, left[0], handed_over)


def count_handed_over(batch: DeletionBatch, outcomes: Sequence[Outcome]) -> HandedOver:
    """Count the work that was reassigned when these rows were deleted and that a restore would return."""
    return sum((handover.count(batch, ids) for handover, ids in _with_handover(outcomes)), HandedOver())


def count_to_restore(batch: DeletionBatch, left: Mapping[str, int]) -> int:
    """Count the rows to write when all that is `left` of a deletion is restored, including reassigned work."""
    kinds = [kind for name, kind in deletables().items() if name in left and name in registry().handovers]
    rows = [
        Outcome(kind.name, row_id, "")
        for kind in kinds
        for row_id in db.session.scalars(queries.rows_in(batch, kind).with_only_columns(kind.model.id))
    ]
    return sum(left.values()) + count_handed_over(batch, rows).back


def record_part(batch: DeletionBatch, came: Mapping[str, int], handed_over: HandedOver) -> None:
    """Record a partial restore in the trail, if any rows were restored."""
    if came:
        record_event(Action.DELETION_PARTLY_RESTORED, "deletion_batch", batch.id, _facts(came, handed_over))


def _give_back(batch: DeletionBatch, outcomes: Sequence[Outcome]) -> HandedOver:
    return sum((handover.give_back(batch, ids) for handover, ids in _with_handover(outcomes)), HandedOver())


def _with_handover(outcomes: Sequence[Outcome]) -> Iterator[tuple[Handover, list[UUID]]]:
    for name, handover in registry().handovers.items():
        ids = [one.row_id for one in outcomes if one.resource == name and one.problem is None]
        if ids:
            yield handover, ids


def _follow_restore(organization_id: UUID, came: Sequence[Outcome]) -> None:
    for name, kind in deletables().items():
        ids = [one.row_id for one in came if one.resource == name]
        if ids and kind.limited_by is not None:
            kind.limited_by.warn(organization_id)
        if ids and kind.restored is not None:
            kind.restored(organization_id, ids)


def _conflicts(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.is_conflict]


def _settle(
    batch: DeletionBatch, by: Actor | None, came: Mapping[str, int], handed_over: HandedOver, so_far: HandedOver | None
) -> Mapping[str, int]:
    """Close the batch if none of its rows are left in the trash, and record the restore.

    The deletion of an organization is closed as soon as the organization is restored; its remaining rows form a
    separate deletion. With `so_far`, for a restore in portions, only the end is recorded. Returns the number of
    remaining rows by kind.
    """
    left = queries.count_left(batch)
    if batch.root_type not in left:
        # Rows that belong to its records and were not deleted have their records again.
        batch.delete_failure = None
    is_over = not left or (batch.root_type == queries.ORGANIZATION and queries.ORGANIZATION not in left)
    if is_over:
        if left:
            put_apart(batch)
        if so_far is not None:
            came, handed_over = queries.count_restored(batch), so_far + handed_over
        context, facts = current_context(), _facts(came, handed_over)
        batch.restored_at, batch.restoring_at = datetime.now(UTC), None
        batch.restored_by = by.reference_id if by else context.reference_id
        batch.restored_by_label = by.name if by else context.actor_label
        name_action(Action.DELETION_RESTORED, batch, resource_type="deletion_batch", metadata=facts)
    elif so_far is None:
        record_part(batch, came, handed_over)
    return left


def _facts(came: Mapping[str, int], handed_over: HandedOver) -> dict[str, Any]:
    return {"counts": dict(came), **({"handed_back": handed_over.back} if handed_over.back else {})} if came else {}


def _for_restoring(
    actor: Actor, batch_id: UUID, only: Iterable[UUID] | None
) -> tuple[DeletionBatch, frozenset[UUID] | None]:
    # The organization is locked before the batch, as in all code that counts its users.
    lock_organization(actor.organization_id)
    batch = queries.get_batch(actor, batch_id, lock=True)
    refuse_restoring(actor, batch)
    queries.refuse_settled(batch)
    return batch, None if only is None else frozenset(only)


def _refusal(conflicts: Sequence[Outcome]) -> Conflict:
    told = [
        {
            "resource_type": one.resource,
            "resource_id": str(one.row_id),
            "label": one.label,
            "problem": one.problem.code,
            "message": str(one.problem.sentence),
            "choices": [choice.value for choice in one.problem.choices],
        }
        for one in conflicts
        if one.problem is not None
    ]
    first = conflicts[0]
    reason = first.problem.sentence if first.problem else ""
    return Conflict(
        None,
        _l(
            "Nothing was restored. Records with conflicts: %(number)s, starting with %(label)s: %(reason)s",
            number=len(conflicts),
            label=first.label,
            reason=reason,
        ),
        conflicts=told,
    )
