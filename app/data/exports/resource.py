"""Resource declaration of exports."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.data.exports.filters import ExportFilters
from app.data.exports.queries import SORTS, declared, export_list
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Number, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered, not_returned
from app.models import Export, ExportStatus
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope


def _label_of(kind: str) -> str:
    return str(declared(kind).label)


EXPORT_LIST = Listed(
    name="exports",
    label=_l("Exports"),
    endpoint="exports.index",
    permission=Permission.EXPORTS_CREATE,
    filters=ExportFilters,
    query=export_list,
    sorts=SORTS,
    bar_label=_l("Filter exports"),
    pickers=("status",),
    keeps_views=False,
)


EXPORT = Resource(
    name="export",
    model=Export,
    words=Words(_l("export"), _l("exports")),
    icon="download",
    # A file contains what its owner could see at the time, so no one else gets it, whatever their role.
    scope=Scope((), own_rows.exports, own_is_free=True, of_key=own_rows.exports_of_key),
    listed=EXPORT_LIST,
    stored=(
        not_returned("Programs follow the progress in `progress`.", "rows_total"),
        not_returned("Programs download the file by the ID of the export.", "file_path"),
        not_returned("Records have the sentence in `error`.", "failure"),
        not_returned("It only replaces the name of a person who was deleted.", "requested_by_label"),
        not_returned("Programs see only their own exports.", "api_key_id"),
        not_entered(
            "The job that writes the file records it.",
            "status",
            "rows_total",
            "row_count",
            "file_path",
            "file_bytes",
            "failure",
            "started_at",
            "finished_at",
            "expires_at",
        ),
        not_entered("It is whoever requests the export.", "requested_by", "requested_by_label"),
    ),
    fields=(
        Field("kind", _l("Contents"), column=Column(is_fixed=True), file=FileColumn(words=_label_of), recorded=()),
        Field(
            "status",
            _l("Status"),
            Choice(
                ExportStatus,
                {"queued": "neutral", "running": "info", "completed": "good", "failed": "bad", "removed": "plain"},
            ),
            Column(),
        ),
        Field("row_count", _l("Rows"), Number(), Column(Priority.WIDE), recorded=()),
        Field(
            "file_bytes",
            _l("Size"),
            Number(),
            Column(Priority.WIDER),
            FileColumn(lambda _zone: _("Size in bytes")),
            recorded=(),
        ),
        Field("expires_at", _l("Kept until"), Moment(), Column(Priority.WIDE, is_whole=True), recorded=()),
    ),
)
