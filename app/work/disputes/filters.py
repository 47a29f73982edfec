"""Filters for lists of disputes."""

from typing import Annotated

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, OptionalPerson
from app.models import BookingStatus, DisputeKind, DisputeStatus
from app.periods import PeriodName


class DisputeFilters(Filters):
    """Filters of `/disputes`. The period is when the dispute was raised, `csr` the person who raised it."""

    kind: Annotated[DisputeKind | None, Blank] = None
    status: Annotated[DisputeStatus | None, Blank] = None
    from_status: Annotated[BookingStatus | None, Blank] = None
    to_status: Annotated[BookingStatus | None, Blank] = None
    csr: OptionalPerson = None
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
