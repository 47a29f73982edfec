"""The numbers of the missed-call queue, as defined by the product's rules for numbers.

They cover the entries whose first missed call started in the period, with their status as of now, and the missed calls
that started in it.
"""

from flask_babel import lazy_gettext as _l

from app.insight.metrics.metric import Better, Metric, Rows, Unit
from app.work.calls.resource import CALL_LIST
from app.work.missed_calls.resource import MISSED_CALL_LIST

_ENTRIES = Rows(MISSED_CALL_LIST, {})
_RESCUED = _ENTRIES.and_(status="rescued")
_HUNG_UP = Rows(CALL_LIST, {"direction": "inbound", "status": "missed", "hung_up": "yes"})

MISSED_ENTRIES_TOTAL = Metric(
    "missed_entries_total",
    _l("Missed callers"),
    _l("Callers whose first missed call was in the period, each counted once."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES,
)
CALLS_RESCUED_BY_AUTO = Metric(
    "calls_rescued_by_auto",
    _l("Rescued by the assistant"),
    _l("Missed callers who booked after the assistant was the last to contact them."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED.and_(rescued_by="auto"),
)
CALLS_RESCUED_BY_HUMANS = Metric(
    "calls_rescued_by_humans",
    _l("Rescued by people"),
    _l("Missed callers who booked after someone on your team was the last to contact them."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED.and_(rescued_by="human"),
)
CALLS_RESCUED_BY_ME = Metric(
    "calls_rescued_by_me",
    _l("Rescued by me"),
    _l("Missed callers whose rescue is credited to you."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED.and_(rescued_by="human", rescuer="me"),
)
MISSED_CALLS_OPEN = Metric(
    "missed_calls_open",
    _l("Still waiting"),
    _l("Missed callers still waiting for a callback, claimed or not."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(status="open,claimed"),
)
MISSED_CALLS_OVERDUE = Metric(
    "missed_calls_overdue",
    _l("Overdue"),
    _l("Waiting callers whose SLA has passed without an attempt to reach them."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(overdue="yes"),
)
MISSED_CALLS_LOST = Metric(
    "missed_calls_lost",
    _l("Lost"),
    _l("Missed callers who didn’t book within the rescue window."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(status="lost"),
)
MISSED_CALLS_ANSWERED_LATER = Metric(
    "missed_calls_answered_later",
    _l("Answered later"),
    _l("Missed callers who called again and were answered, without booking."),
    Unit.COUNT,
    Better.NEITHER,
    _ENTRIES.and_(status="answered_later"),
)
MISSED_CALLS_DISMISSED = Metric(
    "missed_calls_dismissed",
    _l("Dismissed"),
    _l("Missed callers dismissed from the queue."),
    Unit.COUNT,
    Better.NEITHER,
    _ENTRIES.and_(status="dismissed"),
)
MISSED_CALLS_ATTEMPTED = Metric(
    "missed_calls_attempted",
    _l("Attempted"),
    _l("Missed callers who were called back or texted at least once."),
    Unit.COUNT,
    Better.MORE,
    _ENTRIES.and_(attempted="yes"),
)
FIRST_ATTEMPT_IN_TIME = Metric(
    "first_attempt_in_time",
    _l("First attempt within SLA"),
    _l("Share of missed callers whose first attempt was within the SLA."),
    Unit.RATIO,
    Better.MORE,
    _ENTRIES,
    _ENTRIES.and_(in_time="yes"),
    numerator_label=_l("Attempted within SLA"),
    denominator_label=MISSED_ENTRIES_TOTAL.label,
)
MEDIAN_TIME_TO_FIRST_ATTEMPT = Metric(
    "median_time_to_first_attempt",
    _l("Median time to first attempt"),
    _l("Median time in business hours from the first missed call to the first attempt, if there was one."),
    Unit.SECONDS,
    Better.LESS,
    _ENTRIES.and_(attempted="yes"),
    is_average=True,
    denominator_label=MISSED_CALLS_ATTEMPTED.label,
)
ABANDONED_WAIT = Metric(
    "abandoned_wait",
    _l("Average wait before hanging up"),
    _l("Average time that callers of missed calls waited before they hung up, if it is known."),
    Unit.SECONDS,
    Better.NEITHER,
    _HUNG_UP,
    is_average=True,
    denominator_label=_l("Missed inbound calls with a known wait"),
)
MISSED_CALLS_UNTRIED = Metric(
    "missed_calls_untried",
    _l("Not attempted"),
    _l("Missed callers no one called back or texted."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(attempted="no"),
)
MISSED_CALLS_REACHED = Metric(
    "missed_calls_reached",
    _l("Reached"),
    _l("Missed callers reached by a callback."),
    Unit.COUNT,
    Better.MORE,
    _ENTRIES.and_(reached="yes"),
)
MISSED_CALLS_BOOKED = Metric(
    "missed_calls_booked",
    _l("Booked"),
    _l("Missed callers who booked, whether after an attempt or on their own."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED,
)
