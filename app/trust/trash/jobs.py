"""The jobs of the trash: what was in it long enough is removed for good, and what is many is deleted and restored in
portions."""

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
    _l("Empty the trash of what is due"),
    schedule=Schedule("50 4 * * *", only="organizations_with_trash_due"),
)
def purge_trash(batch_id: str | None = None) -> None:
    """Remove what is due of one organization, or the one deletion that was chosen."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("the trash is purged for one organization")
    if batch_id is None:
        purge_service.purge_due(organization_id)
    else:
        purge_service.purge_chosen(organization_id, UUID(batch_id))


@job(
    "trash.purge_organizations",
    _l("Remove deleted organizations that are due"),
    schedule=Schedule("50 5 * * *", scope=JobScope.SYSTEM),
)
def purge_organizations() -> None:
    """With the files of those that were purged by a run before this one: a file goes after the commit."""
    remove_files_of_purged_organizations()
    purge_service.purge_organizations_due()


def ask_to_delete_portion(batch_id: UUID) -> None:
    """Ask for the next portion of a deletion."""
    enqueue(delete_rest, one_by_one=_one_by_one(), batch_id=str(batch_id))


def ask_for_portion(
    batch_id: UUID, after: Place | None, asked_at: datetime, so_far: HandedOver, *, with_parents: bool
) -> None:
    """Ask for the next portion, that after a row, of a restore that was asked for then."""
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
    """Portions of one organization come one by one."""
    return f"trash:{current_context().organization_id}"


def _give_up_deleting(error: BaseException, batch_id: str) -> None:
    delete_portion_service.stop(UUID(batch_id), error)


def _go_on_deleting(batch_id: str) -> None:
    delete_portion_service.go_on(UUID(batch_id))


@job("trash.delete", _l("Delete what belongs to a record"), give_up=_give_up_deleting, revive=_go_on_deleting)
def delete_rest(batch_id: str) -> None:
    """Delete the next portion of what goes along with a record."""
    if delete_portion_service.delete_some(UUID(batch_id)):
        ask_to_delete_portion(UUID(batch_id))


def _give_up(error: BaseException, batch_id: str, **_others: Any) -> None:
    restore_portion_service.stop(UUID(batch_id), error)


def _go_on(batch_id: str, asked_at: str | None = None, **_others: Any) -> None:
    since = datetime.fromisoformat(asked_at) if asked_at else datetime.now(UTC)
    restore_portion_service.go_on(UUID(batch_id), since)


@job("trash.restore", _l("Restore what was deleted"), give_up=_give_up, revive=_go_on)
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
        ask_for_portion(UUID(batch_id), rest.after, rest.asked_at, rest.so_far, with_parents=with_parents)
