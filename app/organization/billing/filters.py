"""Filters of the list of invoices."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import InvoiceStatus


class InvoiceFilters(Filters):
    status: Annotated[InvoiceStatus | None, Blank] = None
