"""Filters of the list of calendars."""

from typing import Annotated

from app.db.filters import Blank, Filters, Search, Several
from app.models import CalendarColor


class CalendarFilters(Filters):
    """Filters of `/calendar/calendars`. `q` matches a part of the name."""

    q: Search = ""
    shared: Annotated[bool | None, Blank] = None
    color: Annotated[tuple[CalendarColor, ...], Several] = ()
