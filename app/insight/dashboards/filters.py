"""The filters of a dashboard, as in its address."""

from abc import abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from app.db.filters import Blank, Filters, OptionalDate, OptionalPerson, Person, Several
from app.periods import PeriodName
from app.work.calendar.filters import Day

#: The parameters of an address that define the comparison.
OF_THE_COMPARISON = ("compare", "compare_from", "compare_to")


class Compare(StrEnum):
    """The kind of period that the chosen period is compared with, if any."""

    PREVIOUS = "previous"
    YEAR = "year"
    CUSTOM = "custom"
    NONE = "none"


class PeriodFilters(Filters):
    """The period of a dashboard; days without a named period make it a custom one, as in every list."""

    period: PeriodName = PeriodName.LAST_7
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")

    @model_validator(mode="before")
    @classmethod
    def _days_are_a_period(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        has_days = any(given.get(name) for name in ("from", "to", "first_day", "last_day"))
        return {"period": PeriodName.CUSTOM, **given} if has_days else given

    def period_parameters(self) -> dict[str, str]:
        """Return the parameters of the period, which every list takes in its address."""
        given = self.parameters()
        return {name: given[name] for name in ("period", "from", "to") if name in given}


class DashboardFilters(PeriodFilters):
    """The period, the comparison, and the person whose numbers are shown.

    If the person is None, users who can see everyone's numbers get those; they can also choose their team, or the rows
    credited to no one. The person's filter has the same name as in the lists behind the numbers. Days for the
    comparison make it a custom one, whatever else is specified.
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
        """Return the parameters of the comparison, which a dashboard takes in its address."""
        given = self.parameters()
        return {name: given[name] for name in OF_THE_COMPARISON if name in given}

    @property
    @abstractmethod
    def person(self) -> Person | None:
        """The person or group whose numbers are requested; None if the address names none."""


class CsrFilters(DashboardFilters):
    """The filters of the call center's page."""

    csr: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.csr


class ComparisonFilters(Filters):
    """The people to compare with each other; none by default."""

    beside: Annotated[tuple[UUID, ...], Several] = ()


class CsrTrend(StrEnum):
    """A number of the call center that can be shown over time; the value is its name."""

    BOOKING_RATE = "booking_rate"
    APPOINTMENTS_BOOKED = "appointments_booked"
    TOTAL_LEADS_SPOKEN_TO = "total_leads_spoken_to"
    ANSWER_RATE = "answer_rate"
    SOP_COMPLIANCE = "sop_compliance"


class LongCsrFilters(CsrFilters):
    """The filters of CSRs' performance in the API, and of the missed-call queue."""

    period: PeriodName = PeriodName.LAST_30


class ExecCsrFilters(ComparisonFilters, LongCsrFilters):
    """The filters of the CSR performance page."""

    show: CsrTrend = CsrTrend.BOOKING_RATE


class SalesTrend(StrEnum):
    """A number of sales that can be shown over time; the value is its name."""

    REVENUE_WON = "revenue_won"
    WIN_RATE = "win_rate"
    VISITS_COMPLETED = "visits_completed"
    APPOINTMENTS_BOOKED = "appointments_booked"


class RepFilters(DashboardFilters):
    """The filters of the performance of reps in the API."""

    period: PeriodName = PeriodName.LAST_30
    rep: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.rep


class ExecSalesFilters(ComparisonFilters, DashboardFilters):
    """The filters of the sales performance page, in the order of its address."""

    period: PeriodName = PeriodName.LAST_30
    show: SalesTrend = SalesTrend.REVENUE_WON
    rep: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.rep


class Step(StrEnum):
    """A stage that missed callers reach."""

    MISSED = "missed"
    ATTEMPTED = "attempted"
    REACHED = "reached"
    BOOKED = "booked"


class ExecMissedFilters(LongCsrFilters):
    """The filters of the missed-call performance page.

    With `csr`, only entries whose lead is credited to that CSR are counted; `show` is the stage that the page's heat
    map counts.
    """

    show: Step = Step.MISSED


class FunnelFilters(PeriodFilters):
    """The filters of the funnel's page; `show` is the stage that its heat map counts."""

    period: PeriodName = PeriodName.LAST_30
    show: Step = Step.MISSED


class MyDayFilters(Filters):
    """The CSR whose day is shown; without one, the user themselves."""

    csr: Annotated[UUID | None, Blank] = None


class RepDayFilters(Filters):
    """The day shown on the page of a rep; today by default."""

    day: Day = None


class BookingRateFilters(CsrFilters):
    """The filters of the booking rate: of a CSR, or of a rep."""

    rep: OptionalPerson = None

    @property
    def person(self) -> Person | None:
        return self.rep or self.csr


class OwnFilters(DashboardFilters):
    """The period and the comparison, for numbers whose person is not a choice."""

    period: PeriodName = PeriodName.LAST_30

    @property
    def person(self) -> None:
        return None


class RepDateFilters(Filters):
    """The day whose appointments of a rep are requested; today by default."""

    day: Day = Field(default=None, alias="date")
