"""Filters for the list of all organizations."""

from typing import Annotated

from app.db.filters import Blank, Filters, Search
from app.models import OrganizationStatus


class OrganizationFilters(Filters):
    """Filters of `/organizations`; `q` is a part of the name or the URL name."""

    q: Search = ""
    status: Annotated[OrganizationStatus | None, Blank] = None
