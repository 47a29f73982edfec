"""Files of exports in the JSON API."""

from uuid import UUID

from flask import Response

from app.data.exports.queries import file_name_of, file_type_of, get_export
from app.data.exports.service import take_file
from app.models import Export
from app.security.actor import Actor
from app.storage import storage
from app.web.representation import refuse_other_than


def download(actor: Actor, export_id: UUID) -> Response:
    """Send the file of an export, and record the download in the audit trail as on its page."""
    refuse_other_than(file_type_of(get_export(actor, export_id)))
    return send_file(take_file(actor, export_id))


def send_file(row: Export) -> Response:
    """Send the file of an export."""
    return storage().send(row.file_path or "", mimetype=file_type_of(row), download_name=file_name_of(row))
