"""What a dashboard can be asked for in its address."""

from abc import abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from app.db.filters import Filters, OptionalDate, OptionalPerson, Person, Several
from app.periods import PeriodName
from app.work.calendar.filters import Day

#: The parameters of an address that say what is compared with.
OF_THE_COMPARISON = ("compare", "compare_from", "compare_to")


class Compare(StrEnum):
    """What the period is compared with."""

    PREVIOUS = "previous"
    YEAR = "year"
    CUSTOM = "custom"
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
    """What is compared, and whose numbers they are: None means everybody, for those who may see everybody; they may
    choose their team, too, or nobody. The filter that names the person is that of the lists behind the numbers.

    Days to compare with are a custom comparison, whatever else is said.
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
        """What is compared with, as a dashboard takes it in its address."""
        given = self.parameters()
        return {name: given[name] for name in OF_THE_COMPARISON if name in given}

    @property
    @abstractmethod
    def person(self) -> Person | None:
        """Whose numbers are asked for."""


class CsrFilters(DashboardFilters):
    """Of the call centre."""

    csr: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.csr


class BesideFilters(Filters):
    """Who is set beside each other on a page of people; nobody, unless it says so."""

    beside: Annotated[tuple[UUID, ...], Several] = ()


class CsrTrend(StrEnum):
    """Which number of the call centre is shown over time; the names are those of the numbers."""

    BOOKING_RATE = "booking_rate"
    APPOINTMENTS_BOOKED = "appointments_booked"
    TOTAL_LEADS_SPOKEN_TO = "total_leads_spoken_to"
    ANSWER_RATE = "answer_rate"
    SOP_COMPLIANCE = "sop_compliance"


class ExecCsrFilters(BesideFilters, CsrFilters):
    """Of the company's page of the call centre."""

    period: PeriodName = PeriodName.LAST_30
    show: CsrTrend = CsrTrend.BOOKING_RATE


class SalesTrend(StrEnum):
    """Which number of sales is shown over time; the names are those of the numbers."""

    REVENUE_WON = "revenue_won"
    WIN_RATE = "win_rate"
    VISITS_COMPLETED = "visits_completed"
    APPOINTMENTS_BOOKED = "appointments_booked"


class ExecSalesFilters(BesideFilters, DashboardFilters):
    """Of the company's page of sales."""

    period: PeriodName = PeriodName.LAST_30
    show: SalesTrend = SalesTrend.REVENUE_WON
    rep: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.rep


class Step(StrEnum):
    """How far missed callers came."""

    MISSED = "missed"
    ATTEMPTED = "attempted"
    REACHED = "reached"
    BOOKED = "booked"


class ExecMissedFilters(CsrFilters):
    """Of the company's page of missed calls: of leads that are credited to a CSR; `show` as for the funnel."""

    period: PeriodName = PeriodName.LAST_30
    show: Step = Step.MISSED


class FunnelFilters(PeriodFilters):
    """What the page of the funnel can be asked for: `show` is which step its map of the week counts."""

    period: PeriodName = PeriodName.LAST_30
    show: Step = Step.MISSED


class RepDayFilters(Filters):
    """Which day of a rep; none is today."""

    day: Day = None
