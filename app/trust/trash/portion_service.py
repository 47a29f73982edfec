"""What portions of deleting and restoring have in common: the deletion at hand, and whom to tell how it went."""

from uuid import UUID

from flask_babel import gettext as _

from app.db.context import current_context
from app.errors import DomainError, Sentence
from app.models import DeletionBatch
from app.tenancy.notification_service import Telling, notify
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.notices import DELETION_FINISHED
from app.trust.trash.rules import MAX_IN_A_REQUEST

#: Rows of a portion: nobody waits long for the organization's lock.
ROWS_A_STEP = MAX_IN_A_REQUEST
_MAX_FAILURE_LENGTH = 1_000


def lock_batch(batch_id: UUID, *, include_deleted: bool = False) -> DeletionBatch:
    """The deletion that a job is about, with its organization, which may be deleted where `include_deleted`."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a deletion is of one organization")
    lock_organization(organization_id, include_deleted=include_deleted)
    return queries.get_batch_of_organization(organization_id, batch_id)


def tell_who_asked(batch: DeletionBatch, sentence: Sentence) -> None:
    """Tell them; a guest finds it on the page."""
    notify(DELETION_FINISHED, [Telling(current_context().reference_id, sentence, f"/trash/{batch.id}", batch.id)])


def failure_in_words(error: BaseException) -> str:
    """Why a portion was given up, for the page of the deletion."""
    if isinstance(error, DomainError):
        return error.sentence[:_MAX_FAILURE_LENGTH]
    return str(_("Something broke on our side. What is done so far stays."))
