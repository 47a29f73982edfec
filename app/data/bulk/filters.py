"""What the list of bulk operations can be narrowed to."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import BulkStatus


class BulkFilters(Filters):
    status: Annotated[BulkStatus | None, Blank] = None
