"""Undo of what was just deleted."""

from uuid import UUID

from flask import Blueprint, Response, flash
from flask_babel import gettext as _

from app.security.actor import current_actor
from app.security.guard import signed_in
from app.trash.restoring import undo as undo_deletion
from app.web.undo import back_to_the_page

trash = Blueprint("trash", __name__)


@trash.post("/trash/<uuid:batch_id>/undo")
@signed_in
def undo(batch_id: UUID) -> Response:
    """Take a deletion back: one's own for some minutes, whatever one's role; any that one may restore."""
    restored = undo_deletion(current_actor(), batch_id)
    flash(_("%(label)s is back.", label=restored.batch.root_label), "good")
    return back_to_the_page("home.index")
