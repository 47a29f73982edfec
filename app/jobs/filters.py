"""What the list of jobs can be narrowed to."""

from typing import Annotated

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, Several
from app.jobs.queue import JobName
from app.models import JobStatus
from app.periods import PeriodName


class JobFilters(Filters):
    """Filters of `/jobs`; the period is that of asking."""

    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    status: Annotated[tuple[JobStatus, ...], Several] = ()
    kind: Annotated[JobName | None, Blank] = None
