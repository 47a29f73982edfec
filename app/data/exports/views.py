"""Views under `/exports`: requested exports, their progress and their files."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from app.data.exports import service
from app.data.exports.export_limits import EXPORTING
from app.data.exports.forms import ExportForm
from app.data.exports.list_page import lines_of
from app.data.exports.queries import UNFINISHED, declared_list, export_list, file_name_of, file_type_of
from app.data.exports.resource import EXPORT, EXPORT_LIST
from app.lists.filter_page import applied_filters
from app.lists.listing import show_list
from app.lists.tools_page import list_tools
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.storage import storage
from app.web.htmx import redirect, render
from app.web.rate_limits import limited

exports = Blueprint("exports", __name__)


@exports.get("/exports")
@requires(Permission.EXPORTS_CREATE)
def index() -> str:
    """Show the user's exports, newest first; the page polls this while one is being created."""
    actor, asked = current_actor(), applied_filters(EXPORT)
    listing = show_list(export_list(actor, asked.filters), "exports.index", asked.words)
    return render(
        "data/exports/index.html",
        "data/exports/_list.html",
        listing=listing,
        tools=list_tools(actor, EXPORT, EXPORT_LIST, listing, own=("kind", "status", "file_bytes", "expires_at")),
        bar=asked.bar,
        lines=lines_of(listing.rows),
        address=request.full_path.rstrip("?"),
        is_running=any(row.status in UNFINISHED for row in listing.rows),
    )


@exports.post("/exports")
@requires(Permission.EXPORTS_CREATE)
@limited(EXPORTING)
def create() -> Response:
    """Request a file of all rows of a list."""
    form = ExportForm()
    form.check()
    kind = form.kind.data or ""
    filters, sort = declared_list(kind).listed.read(form.query.data or "")
    service.request_export(current_actor(), form.new_id, kind, filters, sort)
    flash(_("Preparing the export. You can leave this page; the file will be here for 7 days."), "good")
    return redirect(url_for(".index"))


@exports.get("/exports/<uuid:export_id>/file")
@requires(Permission.EXPORTS_CREATE)
def file(export_id: UUID) -> Response:
    row = service.take_file(current_actor(), export_id)
    return storage().send(row.file_path or "", mimetype=file_type_of(row), download_name=file_name_of(row))


@exports.post("/exports/<uuid:export_id>/remove")
@requires(Permission.EXPORTS_CREATE)
def remove(export_id: UUID) -> Response:
    """Remove the file before it expires."""
    service.remove_file(current_actor(), export_id)
    flash(_("File deleted."), "good")
    return redirect(url_for(".index"))
