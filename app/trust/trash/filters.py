"""What the list of deletions can be narrowed to."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from app.db.filters import Blank, Filters, OptionalDate, Search
from app.periods import PeriodName
from app.trust.trash.rules import State
from app.trust.trash.words import listed_kinds


def _is_kind(value: str | None) -> str | None:
    if value is not None and value not in listed_kinds():
        raise ValueError(value)
    return value


class TrashFilters(Filters):
    """Filters of `/trash`; the period is that of deleting, `q` a part of what it is called or of the reason.

    Without a state, what is in the trash is listed; `any` lists all.
    """

    q: Search = ""
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    kind: Annotated[str | None, AfterValidator(_is_kind), Blank] = None
    by: Annotated[UUID | None, Blank] = None
    due: Annotated[Literal["soon"] | None, Blank] = None
    state: Annotated[State | Literal["any"] | None, Blank] = None

    @property
    def lists_trash(self) -> bool:
        """Whether only what is in the trash is listed, which has a time to go."""
        return self.state in (None, State.IN_TRASH)
