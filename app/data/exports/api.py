"""The JSON API of exports."""

from app.data.exports.export_limits import EXPORTING
from app.data.exports.file_operations import download
from app.data.exports.queries import export_records
from app.data.exports.record_service import create_export
from app.data.exports.resource import EXPORT
from app.data.exports.schemas import ExportRecord, NewExportInput
from app.data.exports.service import remove_file
from app.declarations.api import Api, Outside, Write
from app.errors import Forbidden, ReauthenticationRequired
from app.security.permissions import Permission

EXPORTS = Api(
    EXPORT,
    path="exports",
    key="export",
    records=export_records,
    record=ExportRecord,
    read=Permission.EXPORTS_CREATE,
    create=Write(
        Permission.EXPORTS_CREATE,
        create_export,
        NewExportInput,
        example={"kind": "calls", "filters": {"status": "missed"}, "sort": "-startedAt"},
        errors=(Forbidden, ReauthenticationRequired),
        is_background=True,
        limits=EXPORTING,
    ),
    delete=Write(Permission.EXPORTS_CREATE, remove_file),
)

FILE = Outside(
    download,
    name="getExportFile",
    method="GET",
    path="exports/{export_id}/file",
    summary="Download the file of an export",
    reason="it sends a file instead of JSON",
    permissions=(Permission.EXPORTS_CREATE,),
    gives=dict.fromkeys((200, 206), ("text/csv", "application/jsonl", "application/zip")),
)

API = (EXPORTS, FILE)
