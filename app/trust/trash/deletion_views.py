"""How a page deletes: at once, said with Undo, and refused in words on the page it came from."""

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

_LARGEST_VERSION = 2**31 - 1


class DeletionForm(Form):
    """The button that deletes. It carries the version of the row that the page showed."""

    version = IntegerField(validators=[Optional(), NumberRange(1, _LARGEST_VERSION)])

    def seen(self, row_id: UUID) -> dict[UUID, int]:
        """The version that was seen, for the service. Raises ValidationFailed when it is none."""
        self.check()
        return {} if self.version.data is None else {row_id: self.version.data}


def undo_address(batch: DeletionBatch) -> str:
    """Where the Undo of a deletion goes."""
    return url_for("trash.undo", batch_id=batch.id)


def delete_from_list(resource: str, row_id: UUID, done: str, index: str, own_page: str | None = None) -> Response:
    """Delete a row of the list at the endpoint `index`, and lead back to it: `done` with Undo, or why it was refused.

    `own_page` is the address of the row's page: whoever deletes it there is led to the list.

    Raises what `delete_service.delete` raises, but shows a refusal on the page to whoever asked for pages.
    """
    try:
        batch = delete(current_actor(), resource, [row_id], versions=DeletionForm().seen(row_id))
    except (
        ActiveCalls,
        Conflict,
        LastOwner,
        VersionConflict,
    ) as refusal:  # not `submitted`: a list has no form to come back to
        if wanted_representation() is Representation.JSON:
            raise
        flash(refusal.sentence, "bad")
    else:
        flash_with_undo(done, undo_address(batch))
        if own_page is not None and page_before() == own_page:
            return redirect(url_for(index))
    return back_to_the_page(index)
