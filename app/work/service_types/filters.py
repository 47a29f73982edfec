"""What the list of service types can be narrowed to."""

from typing import Annotated

from app.db.filters import Blank, Filters, Search


class ServiceTypeFilters(Filters):
    """Filters of `/service-types`. `q` is a part of the name."""

    q: Search = ""
    in_use: Annotated[bool | None, Blank] = None
