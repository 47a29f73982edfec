"""The numbers of the call center and its CSRs, as defined by the product's rules for numbers."""

from flask_babel import lazy_gettext as _l

from app.insight.metrics.metric import Better, Metric, Rows, Unit
from app.work.appointments.resource import APPOINTMENT_LIST
from app.work.calls.resource import CALL_LIST
from app.work.leads.resource import LEAD_LIST
from app.work.missed_calls.resource import MISSED_CALL_LIST

_CALLS = Rows(CALL_LIST, {})
_INBOUND = _CALLS.and_(direction="inbound")
CSR_CALLS = _CALLS.and_(call_type="csr_call")
_INBOUND_CSR_CALLS = CSR_CALLS.and_(direction="inbound")
_SPOKEN = CSR_CALLS.and_(status="completed")
_QUALIFIED = Rows(LEAD_LIST, {"qualification": "hot,warm"})
_BOOKED = Rows(APPOINTMENT_LIST, {"date_of": "booked"})
MISSED = "missed,voicemail"
_ANALYSED = _l("Analyzed CSR calls")

CALLS = Metric(
    "calls",
    _l("Calls"),
    _l("All calls that started in the period, answered or not."),
    Unit.COUNT,
    Better.NEITHER,
    _CALLS,
)
CALLS_ANSWERED = Metric(
    "calls_answered",
    _l("Answered"),
    _l("Calls that were answered."),
    Unit.COUNT,
    Better.NEITHER,
    _CALLS.and_(answered="yes"),
)
MISSED_CALLS_TOTAL = Metric(
    "missed_calls_total",
    _l("Missed"),
    _l("Inbound calls that were missed or went to voicemail."),
    Unit.COUNT,
    Better.LESS,
    _INBOUND.and_(status=MISSED),
)
CALLS_RESOLVED = Metric(
    "calls_resolved",
    _l("Resolved"),
    _l("Inbound calls with the outcome “Resolved”."),
    Unit.COUNT,
    Better.MORE,
    _INBOUND.and_(outcome="resolved"),
)
CSR_CALLS_TOTAL = Metric(
    "csr_calls",
    _l("CSR calls"),
    _l("CSR calls that started in the period, in either direction, answered or not."),
    Unit.COUNT,
    Better.NEITHER,
    CSR_CALLS,
)
TOTAL_LEADS_SPOKEN_TO = Metric(
    "total_leads_spoken_to",
    _l("Completed calls"),
    _l("Completed CSR calls that started in the period, credited to the CSR."),
    Unit.COUNT,
    Better.NEITHER,
    _SPOKEN,
)
QUALIFIED_LEADS = Metric(
    "qualified_leads",
    _l("Qualified leads"),
    _l("Leads that are hot or warm today and had a completed CSR call in the period, each counted once."),
    Unit.COUNT,
    Better.MORE,
    _QUALIFIED,
)
APPOINTMENTS_BOOKED = Metric(
    "appointments_booked",
    _l("Booked"),
    _l("Appointments the CSR booked in the period, including those since canceled, which are also shown separately."),
    Unit.COUNT,
    Better.MORE,
    _BOOKED,
)
APPOINTMENTS_CANCELLED = Metric(
    "appointments_cancelled",
    _l("Since canceled"),
    _l("Appointments booked in the period that have since been canceled."),
    Unit.COUNT,
    Better.LESS,
    _BOOKED.and_(status="cancelled"),
)
BOOKING_RATE = Metric(
    "booking_rate",
    _l("Booking rate"),
    _l("Appointments booked divided by qualified leads. Can exceed 100% when unqualified leads book."),
    Unit.RATIO,
    Better.MORE,
    _QUALIFIED,
    _BOOKED,
    numerator_label=APPOINTMENTS_BOOKED.label,
    denominator_label=QUALIFIED_LEADS.label,
)
UNBOOKED_APPOINTMENTS = Metric(
    "unbooked_appointments",
    _l("Unbooked calls"),
    _l("Completed CSR calls that ended without a booking. Calls for a service not offered don’t count."),
    Unit.COUNT,
    Better.LESS,
    _SPOKEN.and_(booking_status="not_booked"),
)
UNBOOKED_WITHOUT_FOLLOW_UP = Metric(
    "unbooked_without_follow_up",
    _l("No follow-up"),
    _l(
        "Unbooked calls with no open task or suggested task, and no later appointment, text, or answered or outbound "
        "call with that contact."
    ),
    Unit.COUNT,
    Better.LESS,
    UNBOOKED_APPOINTMENTS.rows.and_(followed_up="no"),
)
SERVICE_NOT_OFFERED = Metric(
    "service_not_offered",
    _l("Service not offered"),
    _l("Completed CSR calls asking for a service the organization doesn’t offer."),
    Unit.COUNT,
    Better.NEITHER,
    _SPOKEN.and_(booking_status="service_not_offered"),
)
AUTO_RESCUES = Metric(
    "auto_rescues",
    _l("Auto-rescues"),
    _l("Missed calls the assistant turned into appointments in the period, for leads credited to the CSR."),
    Unit.COUNT,
    Better.MORE,
    Rows(MISSED_CALL_LIST, {"status": "rescued", "rescued_by": "auto", "date_of": "resolved"}),
)
MISS_RATE = Metric(
    "miss_rate",
    _l("Miss rate"),
    _l("Share of inbound CSR calls that were missed or went to voicemail."),
    Unit.RATIO,
    Better.LESS,
    _INBOUND_CSR_CALLS,
    _INBOUND_CSR_CALLS.and_(status=MISSED),
    numerator_label=MISSED_CALLS_TOTAL.label,
    denominator_label=CALLS.label,
)
ANSWER_RATE = Metric(
    "answer_rate",
    _l("Answer rate"),
    _l("Share of inbound calls that were answered, not counting calls in progress."),
    Unit.RATIO,
    Better.MORE,
    _INBOUND.and_(ended="yes"),
    _INBOUND.and_(ended="yes", answered="yes"),
    numerator_label=CALLS_ANSWERED.label,
    denominator_label=CALLS.label,
)
AVERAGE_SPEED_OF_ANSWER = Metric(
    "average_speed_of_answer",
    _l("Average speed of answer"),
    _l("Average time before an inbound call was answered, not counting calls in progress or with an unknown wait."),
    Unit.SECONDS,
    Better.LESS,
    _INBOUND.and_(ended="yes", answered="yes", waited="yes"),
    denominator_label=_l("Answered inbound calls with a known wait"),
)
AVERAGE_TALK_TIME = Metric(
    "average_talk_time",
    _l("Average talk time"),
    _l("Average length of completed calls, from answer to end."),
    Unit.SECONDS,
    Better.NEITHER,
    _CALLS.and_(status="completed", timed="yes"),
    denominator_label=_l("Completed calls with a known length"),
)
RESOLUTION_RATE = Metric(
    "resolution_rate",
    _l("Resolution rate"),
    _l("Share of inbound calls with the outcome “Resolved”."),
    Unit.RATIO,
    Better.MORE,
    _INBOUND,
    _INBOUND.and_(outcome="resolved"),
    numerator_label=CALLS_RESOLVED.label,
    denominator_label=CALLS.label,
)
SATISFACTION = Metric(
    "satisfaction",
    _l("Satisfaction"),
    _l("Average rating, 1 to 5, of rated calls."),
    Unit.RATING,
    Better.MORE,
    _CALLS.and_(rated="yes"),
    denominator_label=_l("Rated calls"),
)
SOP_COMPLIANCE = Metric(
    "sop_compliance",
    _l("Script adherence"),
    _l("Average script score, 0 to 100, of analyzed CSR calls."),
    Unit.SCORE,
    Better.MORE,
    CSR_CALLS.and_(analysed="yes"),
    denominator_label=_ANALYSED,
)
CSR_OBJECTIONS = Metric(
    "csr_objections",
    _l("Objections"),
    _l("Top five objections, by share of analyzed CSR calls in which callers raised them."),
    Unit.RATIO,
    Better.LESS,
    CSR_CALLS.and_(analysed="yes"),
    numerator_label=_l("Analyzed CSR calls with the objection"),
    denominator_label=_ANALYSED,
)
COACHING_OPPORTUNITY = Metric(
    "coaching_opportunity",
    _l("Coaching opportunity"),
    _l(
        "By CSR, 0–100: half from the script score’s shortfall, half from the miss rate, scaled down below 30 calls. "
        "CSRs with fewer than ten calls or without any script score have none."
    ),
    Unit.SCORE,
    Better.LESS,
    CSR_CALLS,
    is_average=True,
    denominator_label=CSR_CALLS_TOTAL.label,
)
