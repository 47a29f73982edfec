"""Views for undoing an import."""

from uuid import UUID

from flask import Response, make_response, render_template, url_for

from app.data.imports import undo_workflow_service
from app.data.imports.forms import UndoForm
from app.data.imports.mapping_rules import importable
from app.data.imports.queries import get_import, permissions
from app.data.imports.resource import IMPORTED_ROW
from app.data.imports.undo_page import remaining_lines, shown_remaining
from app.data.imports.undo_queries import remaining_list, undo_of
from app.data.imports.views import imports
from app.lists.csv import csv_file, csv_response
from app.lists.file import header_of
from app.lists.listing import show_list
from app.lists.table import table_of
from app.security.actor import current_actor
from app.security.guard import requires_any_of
from app.web.forms import submitted
from app.web.htmx import redirect


@imports.post("/imports/<uuid:import_id>/undo/weigh")
@requires_any_of(permissions)
def weigh_undo(import_id: UUID) -> Response:
    """Request a preview of undoing the import."""
    undo_workflow_service.weigh(current_actor(), import_id)
    return redirect(url_for(".show", import_id=import_id))


@imports.get("/imports/<uuid:import_id>/undo")
@requires_any_of(permissions)
def confirm_undo(import_id: UUID) -> str:
    """Show what would be deleted, reverted and kept, and ask for the file name as confirmation."""
    return _page(import_id, UndoForm(formdata=None))


@imports.post("/imports/<uuid:import_id>/undo")
@requires_any_of(permissions)
def undo(import_id: UUID) -> Response:
    """Start undoing the import if the name of its file was typed."""
    form = UndoForm()
    with submitted(form) as sent:
        form.check()
        undo_workflow_service.undo(current_actor(), import_id, name=form.name.data or "")
        return redirect(url_for(".show", import_id=import_id))
    return make_response(_page(import_id, form), sent.status)


@imports.get("/imports/<uuid:import_id>/undo/staying")
@requires_any_of(permissions)
def staying(import_id: UUID) -> str:
    """Show the records that remain when an import is undone."""
    actor = current_actor()
    row = get_import(actor, import_id)
    listing = show_list(remaining_list(actor, row), "imports.staying", {})
    return render_template(
        "data/imports/staying.html",
        row=row,
        listing=listing,
        records=shown_remaining(actor, listing.rows),
        table=table_of(IMPORTED_ROW, actor),
    )


@imports.get("/imports/<uuid:import_id>/undo/staying.csv")
@requires_any_of(permissions)
@csv_file
def staying_file(import_id: UUID) -> Response:
    """Download the records that remain when an import is undone, as CSV."""
    actor = current_actor()
    rows = undo_workflow_service.export_remaining(actor, import_id)
    return csv_response("staying", header_of(IMPORTED_ROW, actor.timezone), remaining_lines(rows))


def _page(import_id: UUID, form: UndoForm) -> str:
    actor = current_actor()
    row = get_import(actor, import_id)
    return render_template("data/imports/undo.html", row=row, kind=importable(row.kind), undo=undo_of(row), form=form)
