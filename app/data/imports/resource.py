"""Resource declarations of imports, saved mappings, rejected values and imported rows."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.data.imports.filters import ImportFilters
from app.data.imports.queries import SORTS, import_list
from app.declarations.field import Choice, Column, Field, FileColumn, Id, Moment, Number, Priority
from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.models import Import, ImportedRow, ImportMapping, ImportStatus, RejectedValue, WhyItStays
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

_SCOPE = Scope(
    (Permission.CALLS_IMPORT, Permission.CONTACTS_IMPORT, Permission.DEALS_IMPORT, Permission.KNOWLEDGE_WRITE),
    own_rows.nothing,
)


def _kind_words(kind: str) -> str:
    return str(registry().imports[kind].label)


def _resource_words(name: str) -> str:
    return registry().resources[name].words.label


IMPORT_LIST = Listed(
    name="imports",
    label=_l("Imports"),
    endpoint="imports.index",
    permission=Permission.CALLS_IMPORT,
    filters=ImportFilters,
    query=import_list,
    sorts=SORTS,
    pickers=("kind", "status"),
    own_pickers=("kind",),
    keeps_views=False,
)


IMPORT = Resource(
    name="import",
    model=Import,
    words=Words(_l("import"), _l("imports")),
    icon="upload",
    title=lambda: Import.file_name,
    page=("imports.show", "import_id"),
    scope=replace(_SCOPE, of_key=own_rows.imports_of_key),
    listed=IMPORT_LIST,
    stored=(
        entered_on_page("kind", "mapping", "confirmed_source", "create_users"),
        not_entered("The uploaded file tells it.", "file_name", "file_bytes", "storage_key", "header_hash"),
        not_entered(
            "The import records it while it looks at the file.", "status", "percent_read", "preview", "preview_failure"
        ),
        not_entered(
            "The import records it while it runs.",
            "rows_total",
            "rows_created",
            "rows_updated",
            "rows_unchanged",
            "rows_rejected",
            "rows_remarked",
            "rows_left_out",
            "line_reached",
            "skipped_columns",
            "users_created",
            "failure",
            "started_at",
            "finished_at",
        ),
        not_entered("Erasing a person in the file sets it.", "file_deleted_at"),
        not_entered("Taking the import back sets it.", "undo", "undone_at", "undo_counts"),
    ),
    fields=(
        Field("file_name", _l("File"), column=Column(is_fixed=True)),
        Field("kind", _l("Type"), column=Column(Priority.WIDER), file=FileColumn(words=_kind_words)),
        Field(
            "status",
            _l("Status"),
            Choice(
                ImportStatus,
                {
                    "uploaded": "neutral",
                    "queued": "neutral",
                    "running": "info",
                    "completed": "good",
                    "failed": "bad",
                    "cancelled": "neutral",
                },
            ),
            Column(),
        ),
        Field("rows_created", lazy_pgettext("rows", "New"), Number(), Column(Priority.WIDE), recorded=()),
        Field("rows_updated", _l("Changed"), Number(), Column(Priority.WIDER), recorded=()),
        Field("rows_rejected", _l("Rejected"), Number(), Column(Priority.WIDE), recorded=()),
        # Beside the counts, which stay as they were.
        Field("undone_at", _l("Undone"), Moment("relative"), Column(Priority.WIDE, is_whole=True), recorded=()),
        Field("created_by", _l("By"), column=Column(Priority.WIDEST), shows="created_by_label", recorded=()),
        Field("created_at", _l("When"), Moment("relative"), Column(Priority.WIDE, is_whole=True), recorded=()),
    ),
)

IMPORT_MAPPING = Resource(
    name="import_mapping",
    model=ImportMapping,
    words=Words(_l("saved column mapping"), _l("saved column mappings")),
    icon="list-filter",
    title=lambda: ImportMapping.name,
    scope=_SCOPE,
    stored=(entered_on_page("kind", "name", "mapping"),),
)

IMPORT_ERROR = Resource(
    name="import_error",
    model=RejectedValue,
    words=Words(_l("rejected value"), _l("rejected values")),
    icon="circle-alert",
    scope=_SCOPE,
    stored=(
        not_entered(
            "The import records each row that it rejects or remarks on.",
            "import_id",
            "line",
            "column_name",
            "value",
            "reason",
            "is_remark",
        ),
    ),
    fields=(
        Field("line", _l("Line"), column=Column(is_fixed=True), recorded=()),
        Field("column", _l("Column"), column=Column(Priority.WIDE)),
        Field("value", _l("Value"), column=Column(Priority.WIDE), recorded=()),
        Field("reason", _l("Reason"), column=Column(), recorded=()),
    ),
    is_audited=False,
)

IMPORTED_ROW = Resource(
    name="imported_row",
    model=ImportedRow,
    words=Words(_l("imported record"), _l("imported records")),
    icon="upload",
    scope=_SCOPE,
    stored=(
        not_entered(
            "The import records each record that it creates or changes.",
            "import_id",
            "line",
            "resource",
            "record_id",
            "effect",
            "before",
            "stays",
        ),
    ),
    fields=(
        Field("line", _l("Line"), column=Column(is_fixed=True), recorded=()),
        Field(
            "resource",
            _l("Type"),
            column=Column(Priority.WIDE),
            file=FileColumn(words=_resource_words),
            recorded=(),
        ),
        Field("name", _l("Record"), column=Column(), recorded=()),
        Field("record_id", _l("ID"), Id(), file=FileColumn(), recorded=()),
        Field("stays", _l("Reason"), Choice(WhyItStays), Column(), recorded=()),
    ),
    is_audited=False,
)
