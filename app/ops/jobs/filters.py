"""Filters for the list of jobs."""

from typing import Annotated

from pydantic import AfterValidator, Field

from app.db.filters import Blank, Filters, OptionalDate, Several
from app.declarations.registry import registry
from app.models import JobStatus
from app.periods import PeriodName


def _known(name: str | None) -> str | None:
    if name is not None and registry().job(name) is None:
        raise ValueError(f"there is no job {name}")
    return name


class JobFilters(Filters):
    """Filters of `/jobs`; the period applies to the time of the request."""

    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    status: Annotated[tuple[JobStatus, ...], Several] = ()
    kind: Annotated[str | None, Blank, AfterValidator(_known)] = None
