"""Background jobs of the trash: purging expired deletions, and deleting and restoring large deletions in portions."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.deletable import HandedOver
from app.declarations.job import JobScope, Schedule, job
from app.ops.jobs.queue import enqueue
from app.trust.trash import delete_portion_service, purge_service, restore_portion_service
from app.trust.trash.file_service import remove_files_of_purged_organizations
from app.trust.trash.queries import Place


@job(
    "trash.purge",
    _l("Permanently delete expired trash"),
    schedule=Schedule("50 4 * * *", only="organizations_with_trash_due"),
)
def purge_trash(batch_id: str | None = None) -> None:
    """Purge the expired deletions of one organization, or a single chosen deletion."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("the trash is purged for one organization")
    if batch_id is None:
        purge_service.purge_due(organization_id)
    else:
        purge_service.purge_chosen(organization_id, UUID(batch_id))


@job(
    "trash.purge_organizations",
    _l("Permanently delete expired organizations"),
    schedule=Schedule("50 5 * * *", scope=JobScope.SYSTEM),
)
def purge_organizations() -> None:
    """Purge organizations whose time in the trash is over, and the files of those that an earlier run purged.

    Files are removed by a later run, because the purge must be committed first.
    """
    remove_files_of_purged_organizations()
    purge_service.purge_organizations_due()


def enqueue_delete_portion(batch_id: UUID) -> None:
    """Enqueue the next portion of a deletion."""
    enqueue(delete_rest, one_by_one=_one_by_one(), batch_id=str(batch_id))


def enqueue_restore_portion(
    batch_id: UUID, after: Place | None, asked_at: datetime, so_far: HandedOver, *, with_parents: bool
) -> None:
    """Enqueue the next portion, the rows following `after`, of a restore requested at `asked_at`."""
    resource, row_id = after or (None, None)
    enqueue(
        restore_deletion,
        one_by_one=_one_by_one(),
        batch_id=str(batch_id),
        after_kind=resource,
        after_id=str(row_id) if row_id else None,
        asked_at=asked_at.isoformat(),
        handed_back=so_far.back,
        with_parents=with_parents,
    )


def _one_by_one() -> str:
    """Return the key that makes the portions of one organization run one after the other."""
    return f"trash:{current_context().organization_id}"


def _give_up_deleting(error: BaseException, batch_id: str) -> None:
    delete_portion_service.stop(UUID(batch_id), error)


def _go_on_deleting(batch_id: str) -> None:
    delete_portion_service.go_on(UUID(batch_id))


@job("trash.delete", _l("Delete related records"), give_up=_give_up_deleting, revive=_go_on_deleting)
def delete_rest(batch_id: str) -> None:
    """Delete the next portion of the rows that belong to a record."""
    if delete_portion_service.delete_some(UUID(batch_id)):
        enqueue_delete_portion(UUID(batch_id))


def _give_up(error: BaseException, batch_id: str, **_others: Any) -> None:
    restore_portion_service.stop(UUID(batch_id), error)


def _go_on(batch_id: str, asked_at: str | None = None, **_others: Any) -> None:
    since = datetime.fromisoformat(asked_at) if asked_at else datetime.now(UTC)
    restore_portion_service.go_on(UUID(batch_id), since)


@job("trash.restore", _l("Restore deleted records"), give_up=_give_up, revive=_go_on)
def restore_deletion(
    batch_id: str,
    after_kind: str | None,
    after_id: str | None,
    handed_back: int = 0,
    with_parents: bool = False,
    **_asked_at: str,
) -> None:
    """Restore the next portion of a deletion."""
    after = (after_kind, UUID(after_id)) if after_kind and after_id else None
    so_far = HandedOver(handed_back)
    rest = restore_portion_service.restore_some(UUID(batch_id), after, so_far, with_parents)
    if rest is not None:
        enqueue_restore_portion(UUID(batch_id), rest.after, rest.asked_at, rest.so_far, with_parents=with_parents)
