"""Files of exports in the JSON API, and all data of an organization as one."""

from typing import cast

from flask import Blueprint, Response

from app.api.parameters import read_query
from app.api.places import parse_id
from app.api.responses import JSON_TYPE
from app.data.exports.api import EXPORTS
from app.data.exports.queries import file_name_of, file_type_of, get_export
from app.data.exports.service import take_file
from app.declarations.exportable import ZIP
from app.models import Export
from app.security.actor import current_actor
from app.security.api_requests import API_PREFIX
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.storage import storage
from app.trust.privacy.filters import WholeExportQuery
from app.trust.privacy.newest_export_service import take_newest_export
from app.trust.privacy.organization_json_service import as_one_object
from app.web.json_bodies import JSON
from app.web.representation import refuse_other_than

exports = Blueprint("api_exports", __name__, url_prefix=API_PREFIX.rstrip("/"))


@exports.get("/v1/exports/<export_id>/file")
@requires(Permission.EXPORTS_CREATE)
def file(export_id: str) -> Response:
    """Send the file of an export, and record the download in the audit trail as on its page."""
    actor, id_ = current_actor(), parse_id(EXPORTS, export_id)
    refuse_other_than(file_type_of(get_export(actor, id_)))
    return _send(take_file(actor, id_))


@exports.get("/client/export")
@requires(Permission.ORGANIZATION_EXPORT)
@confirmed
def of_organization() -> Response:
    """Send the newest export of all data of the organization as one JSON object, or as the ZIP that it is."""
    actor = current_actor()
    is_zip = cast(WholeExportQuery, read_query(WholeExportQuery, actor)).format == "zip"
    refuse_other_than(ZIP[1] if is_zip else JSON)
    row = take_newest_export(actor)
    if is_zip:
        return _send(row)
    # Opened now: a copy of the file is deleted when the request ends, and read to its end all the same.
    opened = storage().path(row.file_path or "").open("rb")
    response = Response(as_one_object(opened), content_type=JSON_TYPE)
    response.call_on_close(opened.close)
    return response


def _send(row: Export) -> Response:
    return storage().send(row.file_path or "", mimetype=file_type_of(row), download_name=file_name_of(row))
