"""Worker side of merges too large for a request."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.db.transaction import own_transaction
from app.errors import Conflict, DomainError, NotFound
from app.models import ContactMerge, MergeStatus
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.tenancy.actor_queries import get_job_actor
from app.work.merging import merge_check_service, merge_queries, merge_run_service


def go_on(merge_id: UUID) -> None:
    """Run a waiting merge with the current permissions of the person who requested it.

    Does nothing if the merge is no longer waiting. Raises Forbidden, NotFound, VersionConflict and Conflict.
    """
    actor = get_job_actor()
    actor.requires(Permission.CONTACTS_MERGE)
    merge = merge_queries.get_merge(actor, merge_id)
    if merge.status != MergeStatus.WAITING or merge.kept_card_id is None or merge.merged_card_id is None:
        return
    try:
        kept, merged = merge_check_service.lock_both(actor, merge.kept_card_id, merge.merged_card_id)
    except (Conflict, NotFound):
        # The failure is retained longer than the contacts, so it contains no names.
        raise Conflict(None, _l("One of the two contacts no longer exists.")) from None
    merge_check_service.refuse(actor, kept, merged, (merge.kept_version, merge.merged_version), besides=merge_id)
    merge_run_service.run(merge, kept, merged, lambda moved: _report(merge_id, moved))


def stop(merge_id: UUID, error: BaseException) -> None:
    """Mark a waiting merge as failed, with the reason."""
    merge = merge_queries.find_merge_of(_organization(), ContactMerge.id == merge_id)
    if merge is None or merge.status != MergeStatus.WAITING:
        return
    why = error.sentence if isinstance(error, DomainError) else _l("Something broke on our side. Try again.")
    merge.status, merge.finished_at, merge.rows_moved = MergeStatus.FAILED, datetime.now(UTC), 0
    merge.failure = str(why)[:1000]


def revive(merge_id: UUID) -> None:
    """Mark a failed merge as waiting again, so that its job can be retried.

    Raises Conflict for one that is done or doesn't exist.
    """
    merge = merge_queries.find_merge_of(_organization(), ContactMerge.id == merge_id)
    if merge is None or merge.status == MergeStatus.DONE:
        raise Conflict(None, _l("This merge is already done."))
    merge.status, merge.finished_at, merge.failure = MergeStatus.WAITING, None, None


def _report(merge_id: UUID, moved: int) -> None:
    """Store the progress in a separate transaction, so that the page of the merge can show it."""
    with own_transaction() as session:
        its_own = unscoped(ContactMerge, why="the worker stores the progress of its own merge")
        merge = session.get_one(its_own, (_organization(), merge_id))
        merge.rows_moved = moved


def _organization() -> UUID:
    found = current_context().organization_id
    if found is None:
        raise ValueError("contacts are merged within an organization")
    return found
