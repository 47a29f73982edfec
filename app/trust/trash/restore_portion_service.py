"""Restoring a deletion of many rows, in portions: what the worker does.

A portion brings back what comes back as it was and leaves what is in conflict; the job asks for the next portion in the
same transaction. So a worker that dies loses nothing, and nobody waits long for the organization's lock. What was left
is decided on the page of the deletion.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.errors import DomainError, Sentence
from app.extensions import db
from app.models import DeletionBatch, NotificationKind, User
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.actor_queries import get_job_actor
from app.tenancy.notification_service import notify
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.parent_queries import refuse_restoring
from app.trust.trash.queries import Place
from app.trust.trash.restore_service import restore_batch
from app.trust.trash.rules import MAX_IN_A_REQUEST, Choices

ROWS_A_STEP = MAX_IN_A_REQUEST
_MAX_FAILURE_LENGTH = 1_000


def restore_some(batch_id: UUID, after: Place | None) -> Place | None:
    """Restore the next portion: the rows that come after `after`. Its last row, where there may be another portion.

    Raises what restoring raises but conflicts.
    """
    batch = _locked(batch_id)
    if batch.restoring_at is None:
        return None
    by = _by()
    if by is not None:
        refuse_restoring(by, batch)
    portion = queries.next_left(batch, after, ROWS_A_STEP)
    if portion:
        ids = frozenset(row_id for _resource, row_id in portion)
        restore_batch(batch, only=ids, choices=Choices(skips_the_rest=True), by=by)
    if len(portion) < ROWS_A_STEP or batch.restored_at is not None:
        _finish(batch)
        return None
    return portion[-1]


def stop(batch_id: UUID, error: BaseException) -> None:
    """Write down that it has stopped, and why, and tell who asked for it; what is back stays back."""
    batch = _locked(batch_id)
    if batch.restoring_at is None:
        return
    batch.restoring_at = None
    batch.restore_failure = _in_words(error)[:_MAX_FAILURE_LENGTH]
    _tell(batch, _l("Restoring “%(label)s” has stopped.", label=batch.root_label))


def go_on(batch_id: UUID) -> None:
    """Let a restore that has stopped go on; raises Conflict when the deletion was settled in the meantime."""
    batch = _locked(batch_id)
    queries.refuse_settled(batch)
    batch.restoring_at, batch.restore_failure = datetime.now(UTC), None
    db.session.flush()


def _by() -> Actor | None:
    """Who asked for it, with the rights that they have now; None for a guest, who is nobody of the organization."""
    return get_job_actor() if current_context().reference_id is not None else None


def _locked(batch_id: UUID) -> DeletionBatch:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a deletion is restored for one organization")
    lock_organization(organization_id)
    return queries.get_batch_of_organization(organization_id, batch_id)


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
    asker = unscoped(User, why="who asked for it is told how it went")
    person = db.session.get(asker, (batch.organization_id, context.reference_id)) if context.reference_id else None
    notify([person] if person else [], NotificationKind.BULK_FINISHED, sentence, f"/trash/{batch.id}")


def _in_words(error: BaseException) -> str:
    if isinstance(error, DomainError):
        return error.sentence
    return str(_("Something broke on our side. What is back so far stays."))
