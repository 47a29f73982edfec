"""The numbers of sales reps, as defined by the product's rules for numbers."""

from flask_babel import lazy_gettext as _l

from app.insight.metrics.metric import Better, Credit, Metric, Rows, Unit
from app.work.appointments.resource import APPOINTMENT_LIST
from app.work.calls.resource import CALL_LIST
from app.work.leads.resource import LEAD_LIST
from app.work.recordings.resource import RECORDING_LIST

REP_CALLS = Rows(CALL_LIST, {"call_type": "sales_call,visit_call"})
_SALES_CALLS = Rows(CALL_LIST, {"call_type": "sales_call"})
_COMPLETED = Rows(APPOINTMENT_LIST, {"date_of": "completed", "status": "completed"})
_WON = Rows(APPOINTMENT_LIST, {"date_of": "outcome", "outcome": "closed_won"})
_QUALIFIED = Rows(LEAD_LIST, {"qualification": "hot,warm"})
_BOOKED = Rows(APPOINTMENT_LIST, {"date_of": "booked"})
SCHEDULED = Rows(APPOINTMENT_LIST, {"date_of": "scheduled", "status": "scheduled"})
_COMPLETED_VISITS, _WON_VISITS = _l("Appointments completed"), _l("Appointments won")

TOTAL_RECORDED_HOURS = Metric(
    "total_recorded_hours",
    _l("Recorded hours"),
    _l("Total length of the rep’s recordings started in the period, in hours."),
    Unit.HOURS,
    Better.NEITHER,
    Rows(RECORDING_LIST, {}),
    credit=Credit.REP,
    denominator_label=_l("Recordings"),
)
HOURS_BOOKED = Metric(
    "hours_booked",
    _l("Hours booked"),
    _l(
        "Total length of the rep’s appointments scheduled to start in the period, in hours, not counting canceled ones."
    ),
    Unit.HOURS,
    Better.MORE,
    Rows(APPOINTMENT_LIST, {"date_of": "scheduled", "status": "scheduled,completed,no_show"}),
    credit=Credit.REP,
    denominator_label=_l("Appointments"),
)
WIN_RATE = Metric(
    "win_rate",
    _l("Win rate"),
    _l("Share of the appointments completed in the period that are now marked won."),
    Unit.RATIO,
    Better.MORE,
    _COMPLETED,
    _COMPLETED.and_(outcome="closed_won"),
    credit=Credit.REP,
    numerator_label=_WON_VISITS,
    denominator_label=_COMPLETED_VISITS,
)
PROCESS_GRADE = Metric(
    "process_grade",
    _l("Process grade"),
    _l("Average script score of the rep’s analyzed sales and visit calls: A 90+, B 80+, C 70+, D 60+, F below 60."),
    Unit.GRADE,
    Better.MORE,
    REP_CALLS.and_(analysed="yes"),
    credit=Credit.REP,
    denominator_label=_l("Analyzed sales and visit calls"),
)
SALES_AND_VISIT_CALLS = Metric(
    "sales_and_visit_calls",
    _l("Sales and visit calls"),
    _l("The rep’s sales and visit calls that started in the period, analyzed or not."),
    Unit.COUNT,
    Better.NEITHER,
    REP_CALLS,
    credit=Credit.REP,
)
SALES_CALLS = Metric(
    "sales_calls",
    _l("Sales calls"),
    _l("The rep’s sales calls that started in the period."),
    Unit.COUNT,
    Better.NEITHER,
    _SALES_CALLS,
    credit=Credit.REP,
)
SALES_CALLS_ANALYSED = Metric(
    "sales_calls_analysed",
    _l("Sales calls analyzed"),
    _l("The rep’s sales calls that have been analyzed."),
    Unit.COUNT,
    Better.MORE,
    _SALES_CALLS.and_(analysed="yes"),
    credit=Credit.REP,
)
VISITS_COMPLETED = Metric(
    "visits_completed",
    _COMPLETED_VISITS,
    _l("The rep’s appointments completed in the period."),
    Unit.COUNT,
    Better.NEITHER,
    _COMPLETED,
    credit=Credit.REP,
)
VISITS_WON = Metric(
    "visits_won",
    _WON_VISITS,
    _l("Appointments completed in the period that are now marked won."),
    Unit.COUNT,
    Better.MORE,
    _COMPLETED.and_(outcome="closed_won"),
    credit=Credit.REP,
)
VISITS_LOST = Metric(
    "visits_lost",
    _l("Appointments lost"),
    _l("Appointments completed in the period that are now marked lost."),
    Unit.COUNT,
    Better.LESS,
    _COMPLETED.and_(outcome="closed_lost"),
    credit=Credit.REP,
)
VISITS_ANALYSED = Metric(
    "visits_analysed",
    _l("Appointments analyzed"),
    _l("Appointments completed in the period with an analyzed recording."),
    Unit.COUNT,
    Better.MORE,
    _COMPLETED.and_(analysed="yes"),
    credit=Credit.REP,
)
AUTO_USAGE = Metric(
    "auto_usage",
    _l("Analysis coverage"),
    _l("Share of sales calls and completed appointments that have been analyzed."),
    Unit.RATIO,
    Better.MORE,
    _SALES_CALLS,
    _SALES_CALLS.and_(analysed="yes"),
    _COMPLETED,
    _COMPLETED.and_(analysed="yes"),
    credit=Credit.REP,
    numerator_label=_l("Analyzed sales calls and completed appointments"),
    denominator_label=_l("Sales calls and completed appointments"),
)
PENDING_LEADS_BY_REP = Metric(
    "pending_leads_by_rep",
    _l("Pending leads"),
    _l("The rep’s open leads whose appointment is done but not yet won or lost, as of now."),
    Unit.COUNT,
    Better.NEITHER,
    Rows(LEAD_LIST, {"stage": "pending", "open": "yes"}, of_now=True),
    credit=Credit.REP,
)
REVENUE_WON = Metric(
    "revenue_won",
    _l("Revenue won"),
    _l("Total deal value of appointments won in the period."),
    Unit.MONEY,
    Better.MORE,
    _WON,
    credit=Credit.REP,
    denominator_label=_WON_VISITS,
)
AVERAGE_DEAL = Metric(
    "average_deal",
    _l("Average deal"),
    _l("Average deal value of appointments won in the period, not counting those without a value."),
    Unit.MONEY,
    Better.MORE,
    _WON.and_(priced="yes"),
    is_average=True,
    credit=Credit.REP,
    denominator_label=_l("Appointments won with a deal value"),
)
QUALIFIED_LEADS = Metric(
    "qualified_leads",
    _l("Qualified leads"),
    _l("The rep’s leads that are hot or warm today and had a completed CSR call in the period, each counted once."),
    Unit.COUNT,
    Better.MORE,
    _QUALIFIED,
    credit=Credit.REP,
)
APPOINTMENTS_BOOKED = Metric(
    "appointments_booked",
    _l("Booked"),
    _l("The rep’s appointments booked in the period, including those since canceled."),
    Unit.COUNT,
    Better.MORE,
    _BOOKED,
    credit=Credit.REP,
)
BOOKING_RATE = Metric(
    "booking_rate",
    _l("Booking rate"),
    _l(
        "Appointments booked for the rep divided by their qualified leads. Can exceed 100% when unqualified leads book."
    ),
    Unit.RATIO,
    Better.MORE,
    _QUALIFIED,
    _BOOKED,
    credit=Credit.REP,
    numerator_label=APPOINTMENTS_BOOKED.label,
    denominator_label=QUALIFIED_LEADS.label,
)
HOURS_BOOKED_SHARE = Metric(
    "hours_booked_share",
    _l("Share of working hours booked"),
    _l(
        "Hours booked for reps divided by their working hours in the period, from their first day until they leave and "
        "without their time off."
    ),
    Unit.RATIO,
    Better.MORE,
    HOURS_BOOKED.rows,
    credit=Credit.REP,
    numerator_label=_l("Seconds booked"),
    denominator_label=_l("Seconds of working time"),
)
FORECAST_REVENUE_WON = Metric(
    "forecast_revenue_won",
    _l("Revenue forecast this month"),
    _l(
        "Expected revenue of the current month: won so far, plus scheduled appointments at last month’s average, plus "
        "what is usually won beyond these."
    ),
    Unit.MONEY,
    Better.MORE,
    SCHEDULED,
    credit=Credit.REP,
    denominator_label=_l("Scheduled appointments"),
)
