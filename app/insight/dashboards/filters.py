"""The filters of a dashboard's address."""

from abc import abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from app.db.filters import Filters, OptionalDate, OptionalPerson, Person, Several
from app.periods import PeriodName
from app.work.calendar.filters import Day

#: The parameters of an address that define the comparison.
OF_THE_COMPARISON = ("compare", "compare_from", "compare_to")


class Compare(StrEnum):
    """The comparison of a period."""

    PREVIOUS = "previous"
    YEAR = "year"
    CUSTOM = "custom"
    NONE = "none"


class PeriodFilters(Filters):
    """The period; days without a period make it a custom one, as in every list."""

    period: PeriodName = PeriodName.LAST_7
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")

    @model_validator(mode="before")
    @classmethod
    def _days_are_a_period(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        has_days = any(given.get(name) for name in ("from", "to"))
        return {"period": PeriodName.CUSTOM, **given} if has_days else given

    def period_parameters(self) -> dict[str, str]:
        """Return the period as every list takes it in its address."""
        given = self.parameters()
        return {name: given[name] for name in ("period", "from", "to") if name in given}


class DashboardFilters(PeriodFilters):
    """The comparison and the person; None means everyone, for those who can see everyone.

    They can also choose their team, or no one. The filter that names the person is the one of the lists behind the
    numbers. Comparison days make it a custom comparison, whatever else is specified.
    """

    compare: Compare = Compare.PREVIOUS
    compare_from: OptionalDate = None
    compare_to: OptionalDate = None

    @model_validator(mode="before")
    @classmethod
    def _days_are_a_comparison(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        has_days = any(given.get(name) for name in ("compare_from", "compare_to"))
        return {**given, "compare": Compare.CUSTOM} if has_days else given

    def comparison_parameters(self) -> dict[str, str]:
        """Return the comparison as a dashboard takes it in its address."""
        given = self.parameters()
        return {name: given[name] for name in OF_THE_COMPARISON if name in given}

    @property
    @abstractmethod
    def person(self) -> Person | None:
        """The person whose numbers are requested."""


class CsrFilters(DashboardFilters):
    """Filters of the call center's page."""

    csr: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.csr


class BesideFilters(Filters):
    """The people to compare on a page of people; none by default."""

    beside: Annotated[tuple[UUID, ...], Several] = ()


class CsrTrend(StrEnum):
    """The number of the call center to show over time, by its name."""

    BOOKING_RATE = "booking_rate"
    APPOINTMENTS_BOOKED = "appointments_booked"
    TOTAL_LEADS_SPOKEN_TO = "total_leads_spoken_to"
    ANSWER_RATE = "answer_rate"
    SOP_COMPLIANCE = "sop_compliance"


class ExecCsrFilters(BesideFilters, CsrFilters):
    """Filters of the CSR performance page."""

    period: PeriodName = PeriodName.LAST_30
    show: CsrTrend = CsrTrend.BOOKING_RATE


class SalesTrend(StrEnum):
    """The number of sales to show over time, by its name."""

    REVENUE_WON = "revenue_won"
    WIN_RATE = "win_rate"
    VISITS_COMPLETED = "visits_completed"
    APPOINTMENTS_BOOKED = "appointments_booked"


class ExecSalesFilters(BesideFilters, DashboardFilters):
    """Filters of the sales performance page."""

    period: PeriodName = PeriodName.LAST_30
    show: SalesTrend = SalesTrend.REVENUE_WON
    rep: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.rep


class Step(StrEnum):
    """The stages that missed callers reach."""

    MISSED = "missed"
    ATTEMPTED = "attempted"
    REACHED = "reached"
    BOOKED = "booked"


class ExecMissedFilters(CsrFilters):
    """Filters of the missed-call performance page, of leads credited to a CSR.

    `show` is as in FunnelFilters.
    """

    period: PeriodName = PeriodName.LAST_30
    show: Step = Step.MISSED


class FunnelFilters(PeriodFilters):
    """Filters of the funnel's page; `show` is the stage that its heat map counts."""

    period: PeriodName = PeriodName.LAST_30
    show: Step = Step.MISSED


class RepDayFilters(Filters):
    """The day of a rep; today by default."""

    day: Day = None
