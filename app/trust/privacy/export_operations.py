"""All data of an organization in the JSON API, as one object or as a file."""

from flask import Response

from app.data.exports.file_operations import send_file
from app.declarations.exportable import ZIP
from app.security.actor import Actor
from app.storage import storage
from app.trust.privacy.filters import WholeExportQuery
from app.trust.privacy.newest_export_service import take_newest_export
from app.trust.privacy.organization_json_service import as_one_object
from app.web.json_bodies import JSON, JSON_TYPE
from app.web.representation import refuse_other_than


def send_organization(actor: Actor, query: WholeExportQuery) -> Response:
    """Send the newest export of all data of the organization as one JSON object, or as a ZIP."""
    is_zip = query.format == "zip"
    refuse_other_than(ZIP[1] if is_zip else JSON)
    row = take_newest_export(actor)
    if is_zip:
        return send_file(row)
    # Opened now: a copy of the file is deleted when the request ends, and read to its end all the same.
    opened = storage().path(row.file_path or "").open("rb")
    response = Response(as_one_object(opened), content_type=JSON_TYPE)
    response.call_on_close(opened.close)
    return response
