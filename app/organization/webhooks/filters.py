"""Filters of the list of webhook deliveries."""

from typing import Annotated

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, Several
from app.models import DeliveryStatus, IgnoredReason, Provider
from app.organization.webhooks.event_rules import MAX_TYPE_LENGTH
from app.periods import PeriodName


class DeliveryFilters(Filters):
    """Filters of `/webhooks`; the period applies to the arrival, and `event_type` is the whole name of a type."""

    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    provider: Annotated[Provider | None, Blank] = None
    event_type: Annotated[str, Field(max_length=MAX_TYPE_LENGTH)] = ""
    status: Annotated[tuple[DeliveryStatus, ...], Several] = ()
    ignored_because: Annotated[IgnoredReason | None, Blank] = None
