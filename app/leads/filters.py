"""What a list of leads can be narrowed to."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, Several
from app.models import LeadStage, Qualification
from app.periods import PeriodName


class LeadFilters(Filters):
    """Filters of `/leads`. The period is that of a completed CSR call with the lead, `csr` whom it was credited to."""

    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    csr: Annotated[UUID | None, Blank] = None
    qualification: Annotated[tuple[Qualification, ...], Several] = ()
    stage: Annotated[tuple[LeadStage, ...], Several] = ()
    open: Annotated[bool | None, Blank] = None
