"""What the lists of imports can be narrowed to."""

from typing import Annotated
from uuid import UUID

from app.db.filters import Blank, Filters
from app.models import ImportKind, ImportStatus


class ImportFilters(Filters):
    kind: Annotated[ImportKind | None, Blank] = None
    status: Annotated[ImportStatus | None, Blank] = None


class OfImport(Filters):
    """The import whose rejected values, or records, a list shows; stands in the path of its address."""

    import_id: UUID
