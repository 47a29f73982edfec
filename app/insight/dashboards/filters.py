"""What a dashboard can be asked for in its address."""

from enum import StrEnum

from pydantic import Field

from app.db.filters import Filters, OptionalDate, OptionalPerson
from app.periods import PeriodName


class Compare(StrEnum):
    """What the period is compared with."""

    PREVIOUS = "previous"
    NONE = "none"


class DashboardFilters(Filters):
    """`csr` None means everybody, for those who may see everybody; they may choose their team, too, or nobody."""

    period: PeriodName = PeriodName.LAST_7
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    compare: Compare = Compare.PREVIOUS
    csr: OptionalPerson = None

    def period_parameters(self) -> dict[str, str]:
        """The period as every list takes it in its address."""
        given = self.parameters()
        return {name: given[name] for name in ("period", "from", "to") if name in given}
