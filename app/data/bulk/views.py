"""Views under `/bulk`: starting a bulk change, its progress and outcome, and undoing it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.data.bulk import service
from app.data.bulk.forms import BulkForm
from app.data.bulk.queries import UNFINISHED, declared, get_operation
from app.data.bulk.resource import BULK_OPERATION
from app.data.bulk.selection_queries import ACTION, ALL, ROW, SCOPE, Selection
from app.data.bulk.service import OtherCount
from app.data.bulk.words import bulk_label, refusal_label, result_of, result_of_undo
from app.declarations.registry import registry
from app.lists.list_page import list_page
from app.lists.listing import Chip, address, chips_of, given_parameters
from app.models import BulkOperation, BulkStatus
from app.security.actor import Actor, current_actor
from app.security.guard import requires_any_of, signed_in
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.undo import back_to_the_page, flash_with_undo

#: Seconds for which the toast of a change offers Undo; afterward, its page does.
UNDO_SECONDS = 600

bulk = Blueprint("bulk", __name__)
bulk.add_app_template_filter(bulk_label, "bulk_label")
bulk.add_app_template_filter(refusal_label, "refusal_label")


def _changing() -> tuple[Permission, ...]:
    """Return the permissions to make bulk changes; the pages under `/bulk` require at least one of them."""
    return tuple(change.permission for change in registry().bulk.values())


@bulk.get("/bulk")
@requires_any_of(_changing)
def index() -> Response:
    """Show the bulk changes that the user can see, newest first."""
    return list_page(BULK_OPERATION, "data/bulk", own=("action",))


@bulk.post("/bulk")
@requires_any_of(_changing)
def choose() -> Response:
    """Make a bulk change from the bar of a list, or lead to the page that asks for more."""
    actor, selection = current_actor(), Selection.parse(_sent_by_the_bar())
    actor.requires(selection.change.permission)
    if selection.is_empty:
        flash(_("Select at least one row first."), "warn")
        return back_to_the_page(selection.change.target.listed.endpoint)
    page, form = _address_of(selection), _form_of(selection)()
    if selection.change.asks_first or not selection.change.runs_at_once(len(selection.ids or ()) or form.shown_count):
        return redirect(page)
    return _submit(actor, selection, form, page)


@bulk.get("/bulk/new")
@requires_any_of(_changing)
def new() -> Response:
    """Show the form of a bulk change, with the number of selected rows."""
    if not request.args:  # the page can only be reached from a list
        return redirect(url_for("calls.index"))
    actor, selection = current_actor(), Selection.parse(given_parameters())
    actor.requires(selection.change.permission)
    if selection.is_empty:
        flash(_("Select at least one row first."), "warn")
        return redirect(_back(selection))
    until = datetime.now(UTC)
    form = _form_of(selection).new()
    form.offer(actor)
    form.show_count(selection.count(actor, until), until)
    return make_response(_page(actor, selection, form, request.full_path))


@bulk.post("/bulk/new")
@requires_any_of(_changing)
def create() -> Response:
    actor, selection = current_actor(), Selection.parse(given_parameters())
    form = _form_of(selection)()
    form.offer(actor)
    return _submit(actor, selection, form, request.full_path)


def _submit(actor: Actor, selection: Selection, form: BulkForm, page: str) -> Response:
    """Start the bulk change, or show its page, at the address `page`, with the form's errors."""
    with submitted(form) as sent:
        form.check()
        until = datetime.fromisoformat(form.until.data or "")
        count = form.shown_count if selection.ids is None else None
        row = service.start(actor, form.new_id, selection, form.settings, until=until, count=count)
        return _after(row, selection)
    if isinstance(sent.error, OtherCount):
        form.show_count(sent.error.count, datetime.fromisoformat(form.until.data or ""))
    return make_response(_page(actor, selection, form, page), sent.status)


def _after(row: BulkOperation, selection: Selection) -> Response:
    """Return to the list with the result of a change that ran at once; a job has a page of its own."""
    if row.status != BulkStatus.COMPLETED or not selection.change.runs_at_once(row.rows_total):
        return redirect(url_for(".show", bulk_operation_id=row.id))
    if row.rows_changed:
        flash_with_undo(result_of(row), url_for(".undo", bulk_operation_id=row.id), seconds=UNDO_SECONDS)
    else:
        flash(result_of(row), "warn")
    if request.endpoint == "bulk.choose":
        return back_to_the_page(selection.change.target.listed.endpoint)
    return redirect(_back(selection))


@bulk.get("/bulk/<uuid:bulk_operation_id>")
@signed_in
def show(bulk_operation_id: UUID) -> str:
    """Show the progress or outcome of a bulk change; the page polls this while it runs."""
    row = get_operation(current_actor(), bulk_operation_id)
    back = declared(row.action).target.listed.endpoint
    return render(
        "data/bulk/show.html",
        "data/bulk/_operation.html",
        row=row,
        labels=BULK_OPERATION.labels,
        is_running=row.status in UNFINISHED,
        back=address(back, row.filters if row.row_ids is None else {}),
    )


@bulk.post("/bulk/<uuid:bulk_operation_id>/undo")
@signed_in
def undo(bulk_operation_id: UUID) -> Response:
    """Undo a bulk change, or start to: every row that has not been changed since is reverted."""
    row = service.undo(current_actor(), bulk_operation_id)
    if row.status != BulkStatus.UNDONE or not declared(row.action).runs_at_once(row.rows_total):
        return redirect(url_for(".show", bulk_operation_id=bulk_operation_id))
    flash(result_of_undo(row), "warn" if row.rows_moved_on else "good")
    return back_to_the_page(".show", bulk_operation_id=bulk_operation_id)


def _page(actor: Actor, selection: Selection, form: BulkForm, page: str) -> str:
    return render_template(
        "data/bulk/new.html",
        selection=selection,
        words=registry().resources[selection.change.target.resource].words,
        form=form,
        count=form.shown_count,
        chips=_chips(actor, selection),
        address=page,
        back=_back(selection),
    )


def _form_of(selection: Selection) -> type[BulkForm]:
    form = selection.change.form
    if not issubclass(form, BulkForm):
        raise TypeError(f"{form.__name__} is no form of a bulk change")
    return form


def _chips(actor: Actor, selection: Selection) -> Sequence[Chip]:
    if selection.ids is not None:
        return ()
    target = selection.change.target
    return chips_of(selection.filters, target.listed.endpoint, target.chips(actor, selection.filters))


def _sent_by_the_bar() -> Mapping[str, list[str]]:
    """Return the parameters of a selection from the bar's form: a field has the filters as a query string."""
    chosen = {name: request.form.getlist(name) for name in (ACTION, SCOPE, ROW) if name in request.form}
    return {**parse_qs(request.form.get("query", "")), **chosen}


def _address_of(selection: Selection) -> str:
    """Return the address of the page of a bulk change."""
    rows = {SCOPE: ALL} if selection.ids is None else {ROW: [str(row_id) for row_id in selection.ids]}
    return address("bulk.new", {**selection.filters.parameters(), ACTION: selection.change.action, **rows})


def _back(selection: Selection) -> str:
    return address(selection.change.target.listed.endpoint, selection.filters.parameters())
