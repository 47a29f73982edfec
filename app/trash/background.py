"""Restoring a deletion of many rows, in portions: what the worker does.

A portion brings back what comes back as it was, leaves what is in conflict, and asks for the next portion, all in one
transaction. So a worker that dies loses nothing, and nobody waits long for the organization's lock. What was left is
decided on the page of the deletion.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.errors import DomainError, Sentence
from app.extensions import db
from app.jobs.queue import JobName, enqueue
from app.models import DeletionBatch, NotificationKind, User
from app.notifications.service import notify
from app.organizations.queries import lock_organization
from app.security.actor import Actor
from app.trash import queries
from app.trash.attempt import refuse_higher_people
from app.trash.parents import refuse_restoring
from app.trash.queries import Place
from app.trash.restoring import restore_batch
from app.trash.rules import MOST_IN_A_REQUEST, Choices
from app.users.actors import actor_at_work

ROWS_A_STEP = MOST_IN_A_REQUEST
_LONGEST_FAILURE = 1_000


def is_many(rows: int) -> bool:
    """Whether so many rows are the worker's to restore."""
    return rows > MOST_IN_A_REQUEST


def start(actor: Actor, batch_id: UUID) -> None:
    """Have the worker restore whatever of a deletion comes back as it was. Asking twice is asking once.

    Raises NotFound, Forbidden, and Conflict when it is settled.
    """
    lock_organization(actor.organization_id)
    batch = queries.get_batch(actor, batch_id, lock=True)
    refuse_restoring(actor, batch)
    if batch.restoring_at is not None:
        return
    queries.refuse_settled(batch)
    people = [row_id for row_id, resource in queries.resources_left(batch).items() if resource == "user"]
    refuse_higher_people(batch, people, actor)
    batch.restoring_at, batch.restore_failure = datetime.now(UTC), None
    _ask_for_next(batch, None)


def restore_some(batch_id: UUID, after: Place | None) -> None:
    """Restore the next portion: the rows that come after `after`. Raises what restoring raises but conflicts."""
    batch = _locked(batch_id)
    if batch.restoring_at is None:
        return
    by = _by()
    if by is not None:
        refuse_restoring(by, batch)
    portion = queries.next_left(batch, after, ROWS_A_STEP)
    if portion:
        ids = frozenset(row_id for _resource, row_id in portion)
        restore_batch(batch, only=ids, choices=Choices(skips_the_rest=True), by=by)
    if len(portion) < ROWS_A_STEP or batch.restored_at is not None:
        _finish(batch)
    else:
        _ask_for_next(batch, portion[-1])


def stop(batch_id: UUID, error: BaseException) -> None:
    """Write down that it has stopped, and why, and tell who asked for it; what is back stays back."""
    batch = _locked(batch_id)
    if batch.restoring_at is None:
        return
    batch.restoring_at = None
    batch.restore_failure = _in_words(error)[:_LONGEST_FAILURE]
    _tell(batch, _l("Restoring “%(label)s” has stopped.", label=batch.root_label))


def go_on(batch_id: UUID) -> None:
    """Let a restore that has stopped go on; raises Conflict when the deletion was settled in the meantime."""
    batch = _locked(batch_id)
    queries.refuse_settled(batch)
    batch.restoring_at, batch.restore_failure = datetime.now(UTC), None
    db.session.flush()


def _by() -> Actor | None:
    """Who asked for it, with the rights that they have now; None for a guest, who is nobody of the organization."""
    return actor_at_work() if current_context().reference_id is not None else None


def _locked(batch_id: UUID) -> DeletionBatch:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a deletion is restored for one organization")
    lock_organization(organization_id)
    return queries.get_batch_of_organization(organization_id, batch_id)


def _ask_for_next(batch: DeletionBatch, after: Place | None) -> None:
    resource, row_id = after or (None, None)
    enqueue(
        JobName.RESTORE_DELETION,
        one_by_one=f"trash:{batch.organization_id}",
        batch_id=str(batch.id),
        after_kind=resource,
        after_id=str(row_id) if row_id else None,
    )


def _finish(batch: DeletionBatch) -> None:
    batch.restoring_at = None
    left = sum(queries.count_left(batch).values())
    if not left:
        _tell(batch, _l("“%(label)s” is back.", label=batch.root_label))
    else:
        sentence = _l(
            "“%(label)s” is back but for %(count)s that can’t come back as they were.",
            label=batch.root_label,
            count=f"{left:,}",
        )
        _tell(batch, sentence)


def _tell(batch: DeletionBatch, sentence: Sentence) -> None:
    """Tell who asked for it; a guest finds it on the page."""
    context = current_context()
    person = db.session.get(User, (batch.organization_id, context.reference_id)) if context.reference_id else None
    notify([person] if person else [], NotificationKind.BULK_FINISHED, sentence, f"/trash/{batch.id}")


def _in_words(error: BaseException) -> str:
    if isinstance(error, DomainError):
        return error.sentence
    return str(_("Something broke on our side. What is back so far stays."))
