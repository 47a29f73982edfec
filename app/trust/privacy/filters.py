"""Filters for the list of erasures, and the parameters of the export of all data."""

from typing import Annotated, Literal

from app.db.filters import Blank, Filters
from app.models import ErasureStatus


class ErasureFilters(Filters):
    status: Annotated[ErasureStatus | None, Blank] = None


class WholeExportQuery(Filters):
    """The format of the export of all data: one JSON object, or the ZIP of JSON lines."""

    format: Annotated[Literal["json", "zip"] | None, Blank] = None
