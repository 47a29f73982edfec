"""Filters for the list of deletions."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from app.db.filters import NAMES_PERSON, Blank, Filters, OptionalDate, Search
from app.periods import PeriodName
from app.trust.trash.rules import State
from app.trust.trash.words import listed_kinds


def _is_kind(value: str | None) -> str | None:
    if value is not None and value not in listed_kinds():
        raise ValueError(value)
    return value


class TrashFilters(Filters):
    """Filters of `/trash`; `period` is the time of deletion, `q` matches a part of the label or the reason.

    Without a state, only deletions in the trash are listed; `any` lists all.
    """

    q: Search = ""
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    kind: Annotated[str | None, AfterValidator(_is_kind), Blank] = None
    by: Annotated[UUID | None, Blank, NAMES_PERSON] = None
    due: Annotated[Literal["soon"] | None, Blank] = None
    state: Annotated[State | Literal["any"] | None, Blank] = None

    @property
    def lists_trash(self) -> bool:
        """True if only deletions in the trash are listed, which have a purge date."""
        return self.state in (None, State.IN_TRASH)
