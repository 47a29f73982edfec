"""Restoring or purging several deletions: each separately, with the reason reported for each that is refused.

Called in a `dry_run`, the same functions preview what they would do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from app.errors import DomainError, NotFound, ReauthenticationRequired
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import background_service, queries
from app.trust.trash.background_service import purge
from app.trust.trash.kinds import deletables
from app.trust.trash.offer_rules import Offer, offers_of
from app.trust.trash.parent_queries import count_optional_parents
from app.trust.trash.restore_service import count_to_restore, restore
from app.trust.trash.rules import MAX_IN_A_REQUEST, Choices


class Came(StrEnum):
    """Result for one deletion: done completely, left to the worker, or refused."""

    DONE = "done"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """Result for one of the deletions, with the number of remaining rows by kind.

    `reason` states why it was refused, and `conflicts` counts its rows in conflict. `offers` are the optional parents
    of its rows; for large deletions only `has_related`, whether there are any, is known.
    """

    batch_id: UUID
    resource: str
    label: str
    counts: Mapping[str, int]
    came: Came
    reason: str = ""
    conflicts: int = 0
    offers: Sequence[Offer] = ()
    has_related: bool = False

    @property
    def may_bring_others(self) -> bool:
        """True if optional parents would be restored as well."""
        return self.has_related or any(offer.why_not is None for offer in self.offers)


def restore_batches(actor: Actor, ids: Sequence[UUID], *, with_parents: bool = True) -> list[Result]:
    """Restore the deletions that can be restored completely without choices, parents before their children.

    With `with_parents`, optional parents of their rows are restored as well where possible. The worker does what is too
    much for a request. Raises NotFound for an id that `actor` can't see, and Forbidden.
    """
    actor.requires(Permission.TRASH_RESTORE)

    choices = Choices(parents=None if with_parents else frozenset())
    batches = _read(actor, ids)
    still_open = {batch.id for batch in batches if batch.restored_at is None}
    offers: dict[UUID, Sequence[Offer]] = {}
    many: set[UUID] = set()

    def bring_back(batch_id: UUID, size: int, room: int) -> bool:
        if size > room:
            background_service.start(actor, batch_id, with_parents=with_parents)
            if count_optional_parents(queries.get_batch(actor, batch_id), actor).coming:
                many.add(batch_id)
            return False
        if batch_id in still_open and queries.get_batch(actor, batch_id).restored_at is not None:
            return True  # all of its rows were restored together with one of the others
        restored = restore(actor, batch_id, choices=choices)
        offers[batch_id] = offers_of([*restored.rows, *restored.without])
        return True

    results = _each(batches, bring_back, count_to_restore)
    return [replace(one, offers=offers.get(one.batch_id, ()), has_related=one.batch_id in many) for one in results]


def purge_batches(actor: Actor, ids: Sequence[UUID]) -> list[Result]:
    """Purge the deletions, children before their parents.

    The worker does what is too much for a request. The result of a deletion that can't be purged states the reason.
    Raises NotFound for an id that `actor` can't see, and Forbidden.
    """
    actor.requires(Permission.TRASH_PURGE)

    def remove(batch_id: UUID, _size: int, room: int) -> bool:
        return purge(actor, batch_id, max_rows=room)

    return _each(list(reversed(_read(actor, ids))), remove, lambda _batch, left: sum(left.values()))


def _read(actor: Actor, ids: Sequence[UUID]) -> list[DeletionBatch]:
    """Return the deletions, parents before their children, and lock the organization so that none can be settled."""
    lock_organization(actor.organization_id)
    wanted = visible(DeletionBatch, actor).where(
        DeletionBatch.id.in_(ids), DeletionBatch.root_type != queries.ORGANIZATION
    )
    found = list(db.session.scalars(wanted.order_by(DeletionBatch.id)))
    missing = set(ids) - {batch.id for batch in found}
    if missing:
        raise NotFound("deletion_batch", min(missing))
    order = list(deletables())
    return sorted(found, key=lambda batch: (order.index(batch.root_type), batch.created_at, batch.id))


def _each(
    batches: Sequence[DeletionBatch],
    do: Callable[[UUID, int, int], bool],
    size_of: Callable[[DeletionBatch, Mapping[str, int]], int],
) -> list[Result]:
    """Run `do` for each deletion and collect the results.

    `do` gets the deletion's id, its size and the number of rows that this request can still process, and returns
    whether it did the work itself.
    """
    left = queries.counts_left(batches)
    # Read in advance: rolling back makes the session expire its rows.
    facts = [(batch.id, batch.root_type, batch.root_label, size_of(batch, left[batch.id])) for batch in batches]
    room = MAX_IN_A_REQUEST
    results = []
    for batch_id, resource, label, size in facts:
        counts = left[batch_id]
        try:
            with db.session.begin_nested():
                is_done = do(batch_id, size, room)
        except ReauthenticationRequired:
            raise  # the person is asked, and the form is sent again
        except DomainError as refusal:
            conflicts = len(refusal.extra.get("conflicts", ()))
            results.append(Result(batch_id, resource, label, counts, Came.REFUSED, refusal.sentence, conflicts))
        else:
            room -= size if is_done else 0
            results.append(Result(batch_id, resource, label, counts, Came.DONE if is_done else Came.LATER))
    return results
