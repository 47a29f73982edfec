"""`/trash/restore` and `/trash/purge`: restoring and purging deletions selected in the list."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from app.db.transaction import dry_run
from app.errors import FieldError, ValidationFailed
from app.lists.listing import address
from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.trust.trash.bulk_service import Came, Result, purge_batches, restore_batches
from app.trust.trash.choice_forms import PARENT, PARENTS_TOO, ROW, selected_rows
from app.trust.trash.forms import PurgeForm
from app.trust.trash.list_queries import find_keeping
from app.trust.trash.resource import DELETION_BATCH
from app.trust.trash.views import trash
from app.web.forms import Form, submitted
from app.web.htmx import redirect


@trash.get("/trash/restore")
@requires(Permission.TRASH_RESTORE)
def confirm_restore_bulk() -> Response:
    """Show which of the selected deletions can be restored completely, and which need a decision."""
    ids = selected_rows(request.args)
    if not ids:
        return _nothing_selected()
    with dry_run():
        results = restore_batches(current_actor(), ids)
    return make_response(
        render_template("trust/trash/bulk_restore.html", results=results, labels=DELETION_BATCH.labels)
    )


@trash.post("/trash/restore")
@requires(Permission.TRASH_RESTORE)
def restore_bulk() -> Response:
    """Restore the selected deletions, and show again the ones that are refused, with their conflicts."""
    Form().check()
    with_parents = request.form.get(PARENT) == PARENTS_TOO
    results = restore_batches(current_actor(), _needed(request.form), with_parents=with_parents)
    done = _count(results, Came.DONE)
    if done:
        flash(ngettext("%(num)s deletion was restored.", "%(num)s deletions were restored.", done), "good")
    return _after(results, "trash.confirm_restore_bulk")


@trash.get("/trash/purge")
@requires(Permission.TRASH_PURGE)
@confirmed
def confirm_purge() -> Response:
    """Show what will be purged, and the word to type as confirmation."""
    ids = selected_rows(request.args)
    if not ids:
        return _nothing_selected()
    return _purge_page(PurgeForm(formdata=None), ids)


@trash.post("/trash/purge")
@requires(Permission.TRASH_PURGE)
def purge() -> Response:
    """Purge the selected deletions permanently."""
    ids = _needed(request.form)
    form = PurgeForm()
    with submitted(form) as sent:
        form.check()
        results = purge_batches(current_actor(), ids)
        if done := _count(results, Came.DONE):
            gone = ngettext("%(num)s item was permanently deleted.", "%(num)s items were permanently deleted.", done)
            flash(gone, "good")
        return _after(results, "trash.confirm_purge")
    return _purge_page(form, ids, sent.status)


def _purge_page(form: PurgeForm, ids: Sequence[UUID], status: int = HTTPStatus.OK) -> Response:
    actor = current_actor()
    keeping = find_keeping(actor)
    with dry_run():
        results = purge_batches(actor, ids)
    page = render_template(
        "trust/trash/purge.html",
        form=form,
        results=results,
        labels=DELETION_BATCH.labels,
        keeping=keeping,
        word=form.shown_word,
    )
    return make_response(page, status)


def _after(results: Sequence[Result], page: str) -> Response:
    """Redirect to a page with the refused deletions and their reasons, or to the list if there are none."""
    later = _count(results, Came.LATER)
    if later:
        text = ngettext(
            "%(num)s large item is still being processed in the background.",
            "%(num)s large items are still being processed in the background.",
            later,
        )
        flash(text, "good")
    refused = [result for result in results if result.came is Came.REFUSED]
    if not refused:
        return redirect(url_for("trash.index"))
    if len(refused) == len(results):
        flash(_("Nothing was changed."), "bad")
    return redirect(address(page, {ROW: [str(result.batch_id) for result in refused]}))


def _needed(sent: MultiDict[str, str]) -> tuple[UUID, ...]:
    ids = selected_rows(sent)
    if not ids:
        raise ValidationFailed([FieldError(ROW, _l("Select at least one row first."))])
    return ids


def _count(results: Sequence[Result], came: Came) -> int:
    return sum(result.came is came for result in results)


def _nothing_selected() -> Response:
    flash(_("Select at least one row first."), "warn")
    return redirect(url_for("trash.index"))
