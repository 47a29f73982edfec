"""`/trash/<id>/restore`: preview of a restore, choices for conflicts, and the restore itself."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.errors import Conflict, DomainError, NotFound
from app.models import DeletionBatch
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash import background_service, queries
from app.trust.trash.choice_forms import PARENT, PARENTS_TOO, parse_choices
from app.trust.trash.choice_rules import Chosen
from app.trust.trash.parent_queries import count_optional_parents, refuse_restoring
from app.trust.trash.restore_preview_service import preview_batch
from app.trust.trash.restore_service import count_to_restore
from app.trust.trash.restore_service import restore as restore_deletion
from app.trust.trash.rules import WrongValue
from app.trust.trash.views import trash
from app.trust.trash.words import new_value_labels, restored_in_words
from app.web.forms import Form
from app.web.htmx import redirect
from app.web.representation import Representation, wanted_representation


@trash.get("/trash/<uuid:batch_id>/restore")
@requires(Permission.TRASH_RESTORE)
def confirm_restore(batch_id: UUID) -> Response:
    """Show a preview of restoring the deletion, or its selected rows."""
    actor = current_actor()
    batch = queries.get_batch(actor, batch_id)
    refuse_restoring(actor, batch)
    return _page(actor, batch, parse_choices(request.args))


@trash.post("/trash/<uuid:batch_id>/restore")
@requires(Permission.TRASH_RESTORE)
def restore(batch_id: UUID) -> Response:
    """Restore the deletion as previewed, or show the preview again for the changed choices."""
    actor = current_actor()
    batch = queries.get_batch(actor, batch_id)
    Form().check()
    chosen = parse_choices(request.form)
    if request.form.get("step") != "restore":
        return _page(actor, batch, chosen)
    if not chosen.was_seen:
        flash(_("Your choices have changed. Check the preview, then restore."), "warn")
        return _page(actor, batch, chosen)
    try:  # `submitted` doesn't fit: rows that are gone lead to the deletion's page, which shows what happened to them
        restored = restore_deletion(actor, batch_id, only=chosen.rows, choices=chosen.choices)
    except (Conflict, WrongValue, NotFound) as refusal:
        return _refused(actor, batch_id, chosen, refusal)
    flash(restored_in_words(batch.root_type, len(restored.rows), restored.handed_over.back), "good")
    return redirect(url_for("trash.show", batch_id=batch_id))


@trash.post("/trash/<uuid:batch_id>/restore-all")
@requires(Permission.TRASH_RESTORE)
def restore_many(batch_id: UUID) -> Response:
    """Have the worker restore all rows that can be restored unchanged; rows in conflict stay in the trash."""
    actor = current_actor()
    try:
        background_service.start(actor, batch_id, with_parents=request.form.get(PARENT) == PARENTS_TOO)
    except Conflict as refusal:
        return _redirect_with_result(batch_id, refusal)
    flash(_("Restoring. You can leave this page; we’ll notify you when it’s done."), "good")
    return redirect(url_for("trash.show", batch_id=batch_id))


def _page(actor: Actor, batch: DeletionBatch, chosen: Chosen, status: HTTPStatus = HTTPStatus.OK) -> Response:
    batch_id = batch.id
    counts = queries.count_left(batch)
    is_many = chosen.rows is None and background_service.is_many(count_to_restore(batch, counts))
    try:
        queries.refuse_settled(batch)
        preview = None if is_many else preview_batch(actor, batch_id, chosen)
    except (Conflict, NotFound) as refusal:
        return _redirect_with_result(batch_id, refusal)
    # The trial has ended the transaction in which the deletion was read.
    batch = queries.get_batch(actor, batch_id)
    page = render_template(
        "trust/trash/restore.html",
        batch=batch,
        counts=counts,
        chosen=chosen,
        preview=preview,
        parents=count_optional_parents(batch, actor) if preview is None else None,
        new_values=new_value_labels(),
    )
    return make_response(page, status)


def _refused(actor: Actor, batch_id: UUID, chosen: Chosen, refusal: DomainError) -> Response:
    """Show the page again if something is left to decide, or redirect to the deletion.

    Raises `refusal` if the client prefers JSON.
    """
    if wanted_representation() is Representation.JSON:
        raise refusal
    if isinstance(refusal, WrongValue) or refusal.extra.get("conflicts"):
        return _page(actor, queries.get_batch(actor, batch_id), chosen, HTTPStatus(refusal.status))
    return _redirect_with_result(batch_id, refusal)


def _redirect_with_result(batch_id: UUID, refusal: DomainError) -> Response:
    """Redirect to the deletion with a message about what happened to it.

    Raises `refusal` if the client prefers JSON.
    """
    if wanted_representation() is Representation.JSON:
        raise refusal
    gone = _("Some of what you chose is no longer in the trash. Review what’s left.")
    flash(gone if isinstance(refusal, NotFound) else refusal.sentence, "bad")
    return redirect(url_for("trash.show", batch_id=batch_id))
