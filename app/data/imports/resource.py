"""Imports, saved mappings of columns and rejected values: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import Import, ImportMapping, RejectedValue
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

_SCOPE = Scope((Permission.CALLS_IMPORT, Permission.CONTACTS_IMPORT), own_rows.nothing)

IMPORT = Resource(
    name="import",
    model=Import,
    words=Words(_l("import"), _l("imports")),
    icon="upload",
    title=lambda: Import.file_name,
    page=("imports.show", "import_id"),
    scope=_SCOPE,
)

IMPORT_MAPPING = Resource(
    name="import_mapping",
    model=ImportMapping,
    words=Words(_l("saved mapping of columns"), _l("saved mappings of columns")),
    icon="list-filter",
    title=lambda: ImportMapping.name,
    scope=_SCOPE,
)

IMPORT_ERROR = Resource(
    name="import_error",
    model=RejectedValue,
    words=Words(_l("rejected value"), _l("rejected values")),
    icon="circle-alert",
    scope=_SCOPE,
    is_audited=False,
)
