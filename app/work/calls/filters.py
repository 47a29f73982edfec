"""Filters for lists of calls. Figures on dashboards are defined by the same filters."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, NamesRecord, OptionalDate, OptionalPerson, Search, Several
from app.models import BookingStatus, CallOutcome, CallStatus, CallType, Direction, Sentiment
from app.periods import PeriodName
from app.work.contacts.rules import MAX_TAG_LENGTH

NoOne = Literal["none"]


class CallFilters(Filters):
    """Filters of `/calls`. All filters must match; several values of one filter are alternatives.

    `tag` is one of a call's tags, spelled exactly.
    """

    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    q: Search = ""
    csr: OptionalPerson = None
    rep: OptionalPerson = None
    contact: Annotated[UUID | None, Blank, NamesRecord("contact_card")] = None
    direction: Annotated[Direction | None, Blank] = None
    call_type: Annotated[tuple[CallType, ...], Several] = ()
    status: Annotated[tuple[CallStatus, ...], Several] = ()
    outcome: Annotated[tuple[CallOutcome, ...], Several] = ()
    booking_status: Annotated[BookingStatus | NoOne | None, Blank] = None
    sentiment: Annotated[Sentiment | None, Blank] = None
    topic: Annotated[str, Field(max_length=100)] = ""
    marketing_source: Annotated[str, Field(max_length=100)] = ""
    tag: Annotated[str, Field(max_length=MAX_TAG_LENGTH)] = ""
    without_topic: Annotated[bool | None, Blank] = None
    hour: Annotated[int | None, Blank, Field(ge=0, le=23)] = None
    weekday: Annotated[int | None, Blank, Field(ge=1, le=7)] = None
    answered: Annotated[bool | None, Blank] = None
    waited: Annotated[bool | None, Blank] = None
    hung_up: Annotated[bool | None, Blank] = None
    ended: Annotated[bool | None, Blank] = None
    rated: Annotated[bool | None, Blank] = None
    timed: Annotated[bool | None, Blank] = None
    analysed: Annotated[bool | None, Blank] = None
    followed_up: Annotated[bool | None, Blank] = None
    objection: Annotated[str, Field(max_length=50)] = ""

    @property
    def hears_visits(self) -> bool:
        """True if visit calls are selected by their analysis, which needs access to their recordings."""
        is_by_analysis = self.analysed is not None or self.sentiment is not None or bool(self.objection)
        return is_by_analysis and (not self.call_type or CallType.VISIT_CALL in self.call_type)
