"""Filters of the notifications page."""

from typing import Annotated, Literal

from pydantic import Field

from app.db.filters import Blank, Filters


class NotificationFilters(Filters):
    """Filters of `/notifications`; by default all are shown."""

    state: Annotated[Literal["unread"] | None, Blank] = None
    kind: Annotated[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,49}$")] | None, Blank] = None
