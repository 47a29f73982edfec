"""Changes of many records: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import BulkOperation
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

BULK_OPERATION = Resource(
    name="bulk_operation",
    model=BulkOperation,
    words=Words(_l("change of many records"), _l("changes of many records")),
    icon="square-check-big",
    page=("bulk.show", "bulk_operation_id"),
    scope=Scope((Permission.CALLS_ASSIGN,), own_rows.bulk_operations, own_is_free=True),
)
