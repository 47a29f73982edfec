"""What a dashboard can be asked for in its address."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from app.db.filters import Filters, OptionalDate, OptionalPerson
from app.periods import PeriodName


class Compare(StrEnum):
    """What the period is compared with."""

    PREVIOUS = "previous"
    NONE = "none"


class PeriodFilters(Filters):
    """Days without a period are a custom one, as in every list."""

    period: PeriodName = PeriodName.LAST_7
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")

    @model_validator(mode="before")
    @classmethod
    def _days_are_a_period(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        has_days = any(given.get(name) for name in ("from", "to"))
        return {"period": PeriodName.CUSTOM, **given} if has_days else given

    def period_parameters(self) -> dict[str, str]:
        """The period as every list takes it in its address."""
        given = self.parameters()
        return {name: given[name] for name in ("period", "from", "to") if name in given}


class DashboardFilters(PeriodFilters):
    """`csr` None means everybody, for those who may see everybody; they may choose their team, too, or nobody."""

    compare: Compare = Compare.PREVIOUS
    csr: OptionalPerson = None


class Step(StrEnum):
    """How far missed callers came."""

    MISSED = "missed"
    ATTEMPTED = "attempted"
    REACHED = "reached"
    BOOKED = "booked"


class FunnelFilters(PeriodFilters):
    """What the page of the funnel can be asked for: `show` is which step its map of the week counts."""

    period: PeriodName = PeriodName.LAST_30
    show: Step = Step.MISSED
