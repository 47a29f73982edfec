"""Filters of the list of exports."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import ExportStatus


class ExportFilters(Filters):
    status: Annotated[ExportStatus | None, Blank] = None
