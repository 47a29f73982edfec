"""Filters of the list of bulk changes."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import BulkStatus


class BulkFilters(Filters):
    status: Annotated[BulkStatus | None, Blank] = None
