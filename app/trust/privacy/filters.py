"""Filters for the list of erasures."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import ErasureStatus


class ErasureFilters(Filters):
    status: Annotated[ErasureStatus | None, Blank] = None
