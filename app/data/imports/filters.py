"""Filters of the lists of imports."""

from typing import Annotated
from uuid import UUID

from app.db.filters import Blank, Filters
from app.models import ImportKind, ImportStatus


class ImportFilters(Filters):
    kind: Annotated[ImportKind | None, Blank] = None
    status: Annotated[ImportStatus | None, Blank] = None


class OfImport(Filters):
    """The import whose rejected values or records a list shows; it is part of the URL path."""

    import_id: UUID
