"""What the list of exports can be narrowed to."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import ExportStatus


class ExportFilters(Filters):
    status: Annotated[ExportStatus | None, Blank] = None
