"""Filters for lists of leads, and the parameters of a new lead."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, OptionalPerson, Search, Several
from app.models import LeadStage, Qualification
from app.periods import PeriodName


class LeadFilters(Filters):
    """Filters of `/leads`.

    The period is that of a completed CSR call with the lead, `csr` is the person credited with that call. `rep` is the
    assignee of the lead.
    """

    q: Search = ""
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    csr: OptionalPerson = None
    rep: OptionalPerson = None
    qualification: Annotated[tuple[Qualification, ...], Several] = ()
    stage: Annotated[tuple[LeadStage, ...], Several] = ()
    open: Annotated[bool | None, Blank] = None


class ForNewLead(Filters):
    """Initial values of the form for a new lead: its contact, and the call that it results from."""

    contact: Annotated[UUID | None, Blank] = None
    call: Annotated[UUID | None, Blank] = None
