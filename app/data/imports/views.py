"""Views under `/imports`: the history, uploading a file, and the progress of an import."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from app.data.imports import workflow_service
from app.data.imports.filters import ImportFilters
from app.data.imports.forms import UploadForm
from app.data.imports.mapping_rules import importable
from app.data.imports.outcome_rules import undo_operation
from app.data.imports.queries import get_import, import_list, kinds_of, list_remarks, permissions, rejected_list
from app.data.imports.resource import IMPORT, IMPORT_ERROR, IMPORT_LIST
from app.data.imports.undo_queries import undo_of
from app.declarations.importable import Importable
from app.declarations.registry import registry
from app.errors import FieldError, PayloadTooLarge, ValidationFailed
from app.lists.cells import draw
from app.lists.csv import csv_file, csv_response
from app.lists.file import file_fields, header_of
from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, render_list, show_list
from app.lists.table import table_of
from app.lists.tools_page import list_tools
from app.models import ImportStatus, ImportUndo
from app.security.actor import current_actor
from app.security.guard import requires_any_of
from app.security.identity import find_actor_or_none
from app.tables.table_rules import FileProblem
from app.web.errors import answer
from app.web.forms import submitted
from app.web.htmx import redirect, render
from app.web.labels import options
from app.web.representation import Representation, wanted_representation
from app.web.request_limits import accepts_uploads

imports = Blueprint("imports", __name__)

_UNFINISHED = (ImportStatus.QUEUED, ImportStatus.RUNNING)


@imports.get("/imports")
@requires_any_of(permissions)
def index() -> Response:
    """Show imports, newest first."""
    actor = current_actor()
    kinds = registry().imports
    words = chip_words(IMPORT, IMPORT_LIST, {"kind": lambda kind: str(kinds[kind].label)})
    listing = show_list(import_list(actor, ImportFilters.parse(given_parameters())), "imports.index", words)
    return render_list(
        "data/imports/index.html",
        "data/imports/_list.html",
        listing,
        tools=list_tools(
            actor,
            IMPORT,
            IMPORT_LIST,
            listing,
            own=("file_name", "kind", "rows_created", "rows_updated", "rows_rejected"),
        ),
        kind_names=tuple((name, str(kind.label)) for name, kind in kinds.items()),
        statuses=options(ImportStatus),
        may_import=kinds_of(actor),
    )


@imports.get("/imports/new")
@requires_any_of(permissions)
def new() -> str:
    kind = _kind()
    return render_template("data/imports/new.html", form=UploadForm.new(), kind=kind)


@imports.post("/imports/new")
@requires_any_of(permissions)
@accepts_uploads
def create() -> Response:
    """Store the uploaded file if it can be read."""
    actor, kind = current_actor(), _kind()
    form = UploadForm()
    with submitted(form) as sent:
        form.check()
        file = form.file.data
        row = workflow_service.take_upload(actor, kind.kind, form.new_id, file.stream, form.file_name)
        return redirect(url_for(".edit_mapping", import_id=row.id))
    return make_response(render_template("data/imports/new.html", form=form, kind=kind), sent.status)


@imports.errorhandler(PayloadTooLarge)
def too_large(error: PayloadTooLarge) -> Response | HTTPException:
    """Show the error next to the field; the file was refused before the user was authenticated."""
    actor = find_actor_or_none()
    wants_form = request.endpoint == "imports.create" and wanted_representation() is not Representation.JSON
    if not wants_form or actor is None or not kinds_of(actor):
        return answer(error)
    kind = _kind()
    form = UploadForm.new()
    form.refuse(FileProblem(_l("The file is larger than 200 MB. Split it into several files.")))
    return make_response(render_template("data/imports/new.html", form=form, kind=kind), error.status)


@imports.get("/imports/<uuid:import_id>")
@requires_any_of(permissions)
def show(import_id: UUID) -> str:
    """Show the progress or outcome of an import; the page polls this while it runs."""
    actor = current_actor()
    row = get_import(actor, import_id)
    is_running = row.status in _UNFINISHED
    is_undone = row.undo in (ImportUndo.WEIGHING, ImportUndo.RUNNING)
    return render(
        "data/imports/show.html",
        "data/imports/_import.html",
        row=row,
        labels=IMPORT.labels,
        status=draw(IMPORT, "status", row.status),
        kind=importable(row.kind),
        is_running=is_running,
        is_changing=is_running or is_undone,
        undo=undo_of(row),
        undo_operation=undo_operation(row.id),
        errors=table_of(IMPORT_ERROR, actor),
        rejected=show_list(rejected_list(actor, import_id), "imports.show", {}) if row.rows_rejected else None,
        remarks=list_remarks(actor, import_id) if row.rows_remarked else None,
    )


@imports.post("/imports/<uuid:import_id>/start-again")
@requires_any_of(permissions)
def start_again(import_id: UUID) -> Response:
    """Move a failed or canceled import that stored nothing back to the mapping step."""
    workflow_service.start_again(current_actor(), import_id)
    return redirect(url_for(".edit_mapping", import_id=import_id))


@imports.post("/imports/<uuid:import_id>/cancel")
@requires_any_of(permissions)
def cancel(import_id: UUID) -> Response:
    """Cancel a queued or running import."""
    workflow_service.cancel(current_actor(), import_id)
    return redirect(url_for(".show", import_id=import_id))


@imports.post("/imports/<uuid:import_id>/go-on")
@requires_any_of(permissions)
def go_on(import_id: UUID) -> Response:
    """Resume an interrupted import where it stopped."""
    workflow_service.go_on(current_actor(), import_id)
    return redirect(url_for(".show", import_id=import_id))


@imports.get("/imports/<uuid:import_id>/errors.csv")
@requires_any_of(permissions)
@csv_file
def errors(import_id: UUID) -> Response:
    """Download all rejected values of an import as CSV."""
    return _values(workflow_service.export_rejected(current_actor(), import_id), "rejected")


@imports.get("/imports/<uuid:import_id>/remarks.csv")
@requires_any_of(permissions)
@csv_file
def remarks(import_id: UUID) -> Response:
    """Download the warnings of an import as CSV."""
    return _values(workflow_service.export_rejected(current_actor(), import_id, is_remark=True), "remarks")


def _values(rows: Iterator[Any], name: str) -> Response:
    values = attrgetter(*(field.attribute for field in file_fields(IMPORT_ERROR)))
    return csv_response(name, header_of(IMPORT_ERROR, current_actor().timezone), map(values, rows))


def _kind() -> Importable:
    """Return the requested kind of file, or the first that the user can import.

    Raises ValidationFailed for an unknown kind, Forbidden for one that the user can't import.
    """
    actor, asked = current_actor(), request.args.get("kind")
    if not asked:
        return kinds_of(actor)[0]
    kind = registry().imports.get(asked)
    if kind is None:
        raise ValidationFailed([FieldError("kind", _l("This type of import doesn’t exist. Choose another."))])
    actor.requires(kind.permission)
    return kind
