"""What the page of notifications can be asked for in its address."""

from typing import Annotated, Literal

from pydantic import Field

from app.db.filters import Blank, Filters


class NotificationFilters(Filters):
    """Filters of `/notifications`; nothing means all."""

    state: Annotated[Literal["unread"] | None, Blank] = None
    kind: Annotated[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,49}$")] | None, Blank] = None
