"""Helpers for views that delete a row: immediately, with an Undo link, or with an error on the originating page."""

from uuid import UUID

from flask import Response, flash, url_for
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from app.errors import ActiveCalls, Conflict, LastOwner, VersionConflict
from app.models import DeletionBatch
from app.security.actor import current_actor
from app.trust.trash.delete_service import delete
from app.web.forms import Form
from app.web.htmx import redirect
from app.web.redirects import page_before
from app.web.representation import Representation, wanted_representation
from app.web.undo import back_to_the_page, flash_with_undo

_MAX_VERSION = 2**31 - 1


class DeletionForm(Form):
    """The form of the delete button, with the version of the row that the page showed."""

    version = IntegerField(validators=[Optional(), NumberRange(1, _MAX_VERSION)])

    def seen(self, row_id: UUID) -> dict[UUID, int]:
        """Return the version of the row that the user saw, by its id, as `delete_service.delete` expects it.

        Empty if the form has no version. Raises ValidationFailed if it is invalid.
        """
        self.check()
        return {} if self.version.data is None else {row_id: self.version.data}


def undo_address(batch: DeletionBatch) -> str:
    """Return the URL that undoes a deletion."""
    return url_for("trash.undo", batch_id=batch.id)


def delete_from_list(resource: str, row_id: UUID, done: str, index: str, own_page: str | None = None) -> Response:
    """Delete a row of the list at the endpoint `index` and redirect back, with Undo or the error message.

    `own_page` is the address of the row's page: a user who deletes the row there is redirected to the list. Raises what
    `delete_service.delete` raises; on pages, however, conflicts, including ActiveCalls, LastOwner and VersionConflict,
    are shown as messages.
    """
    try:
        batch = delete(current_actor(), resource, [row_id], versions=DeletionForm().seen(row_id))
    except (
        ActiveCalls,
        Conflict,
        LastOwner,
        VersionConflict,
    ) as refusal:  # `submitted` doesn't fit: a list has no form to return to
        if wanted_representation() is Representation.JSON:
            raise
        flash(refusal.sentence, "bad")
    else:
        flash_with_undo(done, undo_address(batch))
        if own_page is not None and page_before() == own_page:
            return redirect(url_for(index))
    return back_to_the_page(index)
