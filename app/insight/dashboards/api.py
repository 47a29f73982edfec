"""The dashboards in the JSON API: their numbers are those of the pages."""

from datetime import date

from app.declarations.api import Deprecated, HandedOut, Operation
from app.errors import InvalidPeriod
from app.insight.dashboards import csr_records_page as csr
from app.insight.dashboards import sales_records_page as sales
from app.insight.dashboards.filters import (
    BookingRateFilters,
    CsrFilters,
    LongCsrFilters,
    OwnFilters,
    RepDateFilters,
    RepFilters,
)
from app.insight.dashboards.number_records_page import metric_definitions
from app.insight.dashboards.schemas import (
    CatalogueRecord,
    CsrPerformanceRecord,
    DashboardRecord,
    ObjectionsRecord,
    QueueRecord,
    RepDayRecord,
    RepStatsRecord,
    TeamRecord,
    UnbookedRecord,
)
from app.insight.metrics.question_queries import reads_of
from app.security.permissions import Permission
from app.work.appointments.resource import APPOINTMENT
from app.work.calls.resource import CALL
from app.work.missed_calls.resource import MISSED_CALL_ENTRY

_PERIOD = (InvalidPeriod,)
_READS_OF_VISITS = {Permission.DASHBOARDS_REP: reads_of(frozenset(sales.VISITS), names_people=True)}
_OF_A_DAY = HandedOut(APPOINTMENT, lambda answer: len(answer.appointments))

API = (
    Operation(
        name="getCsrMetrics",
        method="GET",
        path="dashboard/csr-metrics",
        run=csr.csr_metrics,
        summary="Get the metrics of one CSR, or of a team and each of its CSRs",
        permissions=(Permission.DASHBOARDS_CSR,),
        query=CsrFilters,
        reads={
            Permission.DASHBOARDS_CSR: reads_of(frozenset(csr.CSR_NUMBERS), names_people=True),
        },
        answer=TeamRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="getBookingRate",
        method="GET",
        path="dashboard/booking-rate",
        run=csr.booking_rate,
        summary="Get the booking rate of CSRs or of sales reps",
        permissions=(Permission.DASHBOARDS_CSR, Permission.DASHBOARDS_REP),
        query=BookingRateFilters,
        reads={
            Permission.DASHBOARDS_CSR: reads_of(frozenset(csr.BOOKING_NUMBERS)),
            Permission.DASHBOARDS_REP: reads_of(frozenset(csr.BOOKING_NUMBERS_OF_REPS)),
        },
        answer=DashboardRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="getTopObjections",
        method="GET",
        path="dashboard/top-objections",
        run=csr.objections,
        summary="List the most frequent objections",
        permissions=(Permission.DASHBOARDS_CSR,),
        query=CsrFilters,
        reads={
            Permission.DASHBOARDS_CSR: reads_of(frozenset(csr.OBJECTION_NUMBERS)),
        },
        answer=ObjectionsRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="getHeadlineMetrics",
        method="GET",
        path="dashboard/metrics",
        run=sales.headline_metrics,
        summary="Get the headline metrics for the caller’s role",
        permissions=(Permission.DASHBOARDS_CSR, Permission.DASHBOARDS_REP, Permission.DASHBOARDS_EXEC),
        query=OwnFilters,
        reads={permission: reads_of(frozenset(page.metrics)) for permission, page in sales.HEADLINES.items()},
        answer=DashboardRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="getExecCsrMetrics",
        method="GET",
        path="dashboard/exec-csr-metrics",
        run=csr.exec_csr_metrics,
        summary="Get the performance of the call center",
        permissions=(Permission.DASHBOARDS_EXEC,),
        query=LongCsrFilters,
        reads={
            Permission.DASHBOARDS_EXEC: reads_of(frozenset(csr.EXEC_CSR_NUMBERS), names_people=True),
        },
        answer=CsrPerformanceRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="getExecSalesMetrics",
        method="GET",
        path="dashboard/exec-sales-metrics",
        run=sales.exec_sales_metrics,
        summary="Get the performance of sales",
        permissions=(Permission.DASHBOARDS_EXEC,),
        query=RepFilters,
        reads={
            Permission.DASHBOARDS_EXEC: reads_of(frozenset(sales.SALES_NUMBERS), names_people=True),
        },
        answer=TeamRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="getUnbookedAppointments",
        method="GET",
        path="dashboard/unbooked-appointments",
        run=csr.unbooked_appointments,
        summary="Get the calls that ended without a booking",
        permissions=(Permission.DASHBOARDS_CSR,),
        query=CsrFilters,
        reads={
            Permission.DASHBOARDS_CSR: reads_of(frozenset(csr.UNBOOKED_NUMBERS)),
        },
        answer=UnbookedRecord,
        hands_out=HandedOut(CALL, lambda answer: len(answer.calls)),
        errors=_PERIOD,
    ),
    Operation(
        name="getMissedCallMetrics",
        method="GET",
        path="missed-calls/queue/metrics",
        run=csr.queue_metrics,
        summary="Get the metrics of the missed-call queue",
        permissions=(Permission.MISSED_CALLS_READ,),
        query=LongCsrFilters,
        reads={
            Permission.MISSED_CALLS_READ: reads_of(frozenset(csr.QUEUE_NUMBERS)),
        },
        answer=DashboardRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="listQueueEntries",
        method="GET",
        path="missed-calls/queue/entries",
        run=csr.queue_entries,
        summary="List the missed callers to call back, in order",
        permissions=(Permission.MISSED_CALLS_READ,),
        answer=QueueRecord,
        hands_out=HandedOut(MISSED_CALL_ENTRY, lambda answer: len(answer.entries)),
    ),
    Operation(
        name="listRepAppointments",
        method="GET",
        path="reps/{user_id}/appointments",
        run=sales.rep_appointments,
        summary="List the appointments of a sales rep on a day",
        permissions=(Permission.DASHBOARDS_REP,),
        query=RepDateFilters,
        reads=_READS_OF_VISITS,
        answer=RepDayRecord,
        hands_out=_OF_A_DAY,
    ),
    Operation(
        name="listSalesRepAppointments",
        method="GET",
        path="sales-rep/{user_id}/appointments",
        run=sales.rep_appointments,
        summary="List the appointments of a sales rep on a day (former path)",
        permissions=(Permission.DASHBOARDS_REP,),
        query=RepDateFilters,
        reads=_READS_OF_VISITS,
        answer=RepDayRecord,
        hands_out=_OF_A_DAY,
        deprecated=Deprecated(date(2026, 11, 26), date(2027, 6, 1), "reps/{user_id}/appointments"),
    ),
    Operation(
        name="getRepStats",
        method="GET",
        path="reps/{user_id}/stats",
        run=sales.rep_stats,
        summary="Get the metrics of a sales rep",
        permissions=(Permission.DASHBOARDS_REP,),
        query=OwnFilters,
        reads={
            Permission.DASHBOARDS_REP: reads_of(frozenset(sales.REP_NUMBERS), names_people=True),
        },
        answer=RepStatsRecord,
        errors=_PERIOD,
    ),
    Operation(
        name="listMetricDefinitions",
        method="GET",
        path="metric-definitions",
        run=metric_definitions,
        summary="List the definitions of all metrics",
        answer=CatalogueRecord,
    ),
)
