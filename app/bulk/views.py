"""`/bulk`: what to set, how far it is, what came of it, and the way back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.bulk import service
from app.bulk.changes import CHANGES
from app.bulk.filters import BulkFilters
from app.bulk.forms import FORMS, BulkForm
from app.bulk.queries import UNFINISHED, bulk_list, get_operation
from app.bulk.selection import Selection
from app.bulk.service import OtherCount
from app.calls.filter_words import filter_bar_of
from app.calls.filters import CallFilters
from app.errors import ValidationFailed
from app.models import BulkAction, BulkStatus
from app.security.actor import Actor, current_actor
from app.security.guard import requires_any, signed_in
from app.web.htmx import redirect, render
from app.web.labels import options
from app.web.lists import Chip, address, chips_of, given_parameters, show_list, words_of

bulk = Blueprint("bulk", __name__)

#: What a person needs at least one of.
CHANGING = tuple(change.permission for change in CHANGES.values())


@bulk.get("/bulk")
@requires_any(*CHANGING)
def index() -> str:
    """Bulk changes within the scope, the latest first."""
    filters = BulkFilters.parse(given_parameters())
    words = {"status": (_l("Status"), words_of("BulkStatus"))}
    return render(
        "bulk/index.html",
        "bulk/_list.html",
        listing=show_list(bulk_list(current_actor(), filters), "bulk.index", words),
        statuses=options(BulkStatus),
    )


@bulk.get("/bulk/new")
@requires_any(*CHANGING)
def new() -> Response:
    """How many rows there are, and what to set."""
    if not request.args:  # nobody comes here but from a list
        return redirect(url_for("calls.index"))
    actor, selection = current_actor(), Selection.parse(given_parameters())
    actor.requires(CHANGES[selection.action].permission)
    if selection.is_empty:
        flash(_("Choose at least one row first."), "warn")
        return redirect(_back(selection))
    until = datetime.now(UTC)
    form = FORMS[selection.action].new()
    form.offer(actor)
    form.show_count(selection.count(actor, until), until)
    return make_response(_page(actor, selection, form))


@bulk.post("/bulk/new")
@requires_any(*CHANGING)
def create() -> Response:
    """Start it."""
    actor, selection = current_actor(), Selection.parse(given_parameters())
    form = FORMS[selection.action]()
    form.offer(actor)
    status = HTTPStatus.BAD_REQUEST
    if form.validate():
        until, count = datetime.fromisoformat(form.until.data or ""), form.shown_count
        try:
            row = service.start(actor, form.new_id, selection, form.settings, until=until, count=count)
        except OtherCount as refusal:
            form.refuse(refusal)
            form.show_count(refusal.count, until)
            status = HTTPStatus.CONFLICT
        except ValidationFailed as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".show", bulk_operation_id=row.id))
    return make_response(_page(actor, selection, form), status)


@bulk.get("/bulk/<uuid:bulk_operation_id>")
@signed_in
def show(bulk_operation_id: UUID) -> str:
    """How far it is, or what came of it. While it runs, the page asks for this again and again."""
    row = get_operation(current_actor(), bulk_operation_id)
    back = CHANGES[BulkAction(row.action)].target.endpoint
    return render(
        "bulk/show.html",
        "bulk/_operation.html",
        row=row,
        is_running=row.status in UNFINISHED,
        back=address(back, row.filters if row.row_ids is None else {}),
    )


@bulk.post("/bulk/<uuid:bulk_operation_id>/undo")
@signed_in
def undo(bulk_operation_id: UUID) -> Response:
    """Put back every row that nobody has changed since."""
    service.undo(current_actor(), bulk_operation_id)
    return redirect(url_for(".show", bulk_operation_id=bulk_operation_id))


def _page(actor: Actor, selection: Selection, form: BulkForm) -> str:
    return render_template(
        "bulk/new.html",
        selection=selection,
        form=form,
        count=form.shown_count,
        chips=_chips(actor, selection),
        address=request.full_path,
        back=_back(selection),
    )


def _chips(actor: Actor, selection: Selection) -> Sequence[Chip]:
    if selection.ids is not None or not isinstance(selection.filters, CallFilters):
        return ()
    return chips_of(selection.filters, "calls.index", filter_bar_of(actor, selection.filters).words)


def _back(selection: Selection) -> str:
    return address(CHANGES[selection.action].target.endpoint, selection.filters.parameters())
