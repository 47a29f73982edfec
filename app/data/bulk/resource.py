"""Resource declaration of bulk changes."""

from flask_babel import lazy_gettext as _l

from app.data.bulk.filters import BulkFilters
from app.data.bulk.queries import SORTS, bulk_list
from app.data.bulk.words import bulk_label
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Number, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.models import BulkOperation, BulkStatus
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

BULK_LIST = Listed(
    name="bulk",
    label=_l("Bulk changes"),
    endpoint="bulk.index",
    permission=Permission.CALLS_ASSIGN,
    filters=BulkFilters,
    query=bulk_list,
    sorts=SORTS,
    bar_label=_l("Filter bulk changes"),
    pickers=("status",),
    keeps_views=False,
)


BULK_OPERATION = Resource(
    name="bulk_operation",
    model=BulkOperation,
    words=Words(_l("bulk change"), _l("bulk changes")),
    icon="square-check-big",
    page=("bulk.show", "bulk_operation_id"),
    scope=Scope(
        (Permission.CALLS_ASSIGN,),
        own_rows.bulk_operations,
        own_is_free=True,
        of_key=own_rows.bulk_operations_of_key,
    ),
    listed=BULK_LIST,
    stored=(
        entered_on_page("action", "settings", "filters", "row_ids"),
        not_entered(
            "The job that changes the rows records it.",
            "status",
            "rows_until",
            "rows_total",
            "rows_changed",
            "rows_unchanged",
            "rows_refused",
            "rows_undone",
            "rows_moved_on",
            "position",
            "operation_id",
            "refusals",
            "failure",
            "started_at",
            "finished_at",
            "undone_at",
        ),
    ),
    fields=(
        Field("action", _l("Action"), column=Column(is_fixed=True), file=FileColumn(words=bulk_label), recorded=()),
        Field(
            "status",
            _l("Status"),
            Choice(
                BulkStatus,
                {"queued": "info", "running": "info", "undoing": "info", "failed": "bad", "undone": "plain"},
            ),
            Column(),
        ),
        Field("rows_total", _l("Rows"), Number(), Column(Priority.WIDE), recorded=()),
        Field("rows_changed", _l("Changed"), Number(), Column(), recorded=()),
        Field("rows_undone", _l("Changes undone"), Number(), Column(Priority.WIDER), recorded=()),
        Field("created_by", _l("By"), column=Column(Priority.WIDER), shows="created_by_label", recorded=()),
        Field("created_at", _l("When"), Moment("relative"), Column(Priority.WIDE, is_whole=True), recorded=()),
    ),
)
