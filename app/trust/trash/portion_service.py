"""Common parts of deleting and restoring in portions: the lock, the notification, the failure message."""

from uuid import UUID

from flask_babel import gettext as _

from app.db.context import current_context
from app.errors import DomainError, LazyText
from app.models import DeletionBatch
from app.tenancy.notification_service import NewNotification, notify
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.notices import DELETION_FINISHED
from app.trust.trash.rules import MAX_IN_A_REQUEST

#: Number of rows in a portion: few enough that no one waits long for the organization's lock.
ROWS_A_STEP = MAX_IN_A_REQUEST
_MAX_FAILURE_LENGTH = 1_000


def lock_batch(batch_id: UUID, *, include_deleted: bool = False) -> DeletionBatch:
    """Return the deletion that a job works on, locked together with its organization. Raises NotFound.

    A deleted organization is found only with `include_deleted`.
    """
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a deletion is of one organization")
    lock_organization(organization_id, include_deleted=include_deleted)
    return queries.get_batch_of_organization(organization_id, batch_id)


def notify_requester(batch: DeletionBatch, sentence: LazyText) -> None:
    """Send a notification to the user who requested the job; guests find the result on the page."""
    notify(
        DELETION_FINISHED, [NewNotification(current_context().reference_id, sentence, f"/trash/{batch.id}", batch.id)]
    )


def failure_in_words(error: BaseException) -> str:
    """Return the reason why a portion was given up, for the page of the deletion."""
    if isinstance(error, DomainError):
        return error.sentence[:_MAX_FAILURE_LENGTH]
    return str(_("Something broke on our side. Changes made so far are kept."))
