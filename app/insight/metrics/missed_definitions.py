"""The numbers of the missed-call queue. Source of the definitions: the product's rules for numbers.

All are about entries whose first missed call started in the period; how they stand is as of now.
"""

from flask_babel import lazy_gettext as _l

from app.insight.metrics.metric import Better, Metric, Rows, Unit
from app.work.missed_calls.resource import MISSED_CALL_LIST

_ENTRIES = Rows(MISSED_CALL_LIST, {})
_RESCUED = _ENTRIES.and_(status="rescued")

MISSED_ENTRIES_TOTAL = Metric(
    "missed_entries_total",
    _l("People missed"),
    _l("Entries of the queue whose first missed call started in the period: one for each person."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES,
)
CALLS_RESCUED_BY_AUTO = Metric(
    "calls_rescued_by_auto",
    _l("Rescued by the assistant"),
    _l("Of the people missed, those who booked after the assistant reached out last."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED.and_(rescued_by="auto"),
)
CALLS_RESCUED_BY_HUMANS = Metric(
    "calls_rescued_by_humans",
    _l("Rescued by people"),
    _l("Of the people missed, those who booked after a colleague reached out last."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED.and_(rescued_by="human"),
)
CALLS_RESCUED_BY_ME = Metric(
    "calls_rescued_by_me",
    _l("Rescued by me"),
    _l("Of the people missed, those whose rescue is credited to you."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED.and_(rescued_by="human", rescuer="me"),
)
MISSED_CALLS_OPEN = Metric(
    "missed_calls_open",
    _l("Still waiting"),
    _l("Of the people missed, those who wait for a call back, claimed or not."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(status="open,claimed"),
)
MISSED_CALLS_OVERDUE = Metric(
    "missed_calls_overdue",
    _l("Overdue"),
    _l("Of those who wait, those whom nobody has tried to reach in the time promised."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(overdue="yes"),
)
MISSED_CALLS_LOST = Metric(
    "missed_calls_lost",
    _l("Lost"),
    _l("Of the people missed, those who did not book within the time for a rescue."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(status="lost"),
)
MISSED_CALLS_ANSWERED_LATER = Metric(
    "missed_calls_answered_later",
    _l("Answered later"),
    _l("Of the people missed, those who called again and were answered, without a booking."),
    Unit.COUNT,
    Better.NEITHER,
    _ENTRIES.and_(status="answered_later"),
)
MISSED_CALLS_DISMISSED = Metric(
    "missed_calls_dismissed",
    _l("Dismissed"),
    _l("Of the people missed, those whom somebody took off the queue."),
    Unit.COUNT,
    Better.NEITHER,
    _ENTRIES.and_(status="dismissed"),
)
MISSED_CALLS_ATTEMPTED = Metric(
    "missed_calls_attempted",
    _l("Attempted"),
    _l("Of the people missed, those whom somebody called back or wrote to at least once."),
    Unit.COUNT,
    Better.MORE,
    _ENTRIES.and_(attempted="yes"),
)
FIRST_ATTEMPT_IN_TIME = Metric(
    "first_attempt_in_time",
    _l("First attempt in time"),
    _l("Of the people missed, the share of those whom somebody first tried to reach in the time promised."),
    Unit.RATIO,
    Better.MORE,
    _ENTRIES,
    _ENTRIES.and_(in_time="yes"),
)
MEDIAN_TIME_TO_FIRST_ATTEMPT = Metric(
    "median_time_to_first_attempt",
    _l("Median time to first attempt"),
    _l(
        "Half of the people missed were first tried within this time, counted in business hours from their first "
        "missed call. Whoever was not tried is left out."
    ),
    Unit.SECONDS,
    Better.LESS,
    _ENTRIES.and_(attempted="yes"),
    is_mean=True,
)
MISSED_CALLS_UNTRIED = Metric(
    "missed_calls_untried",
    _l("Not tried"),
    _l("Of the people missed, those whom nobody called back or wrote to."),
    Unit.COUNT,
    Better.LESS,
    _ENTRIES.and_(attempted="no"),
)
MISSED_CALLS_REACHED = Metric(
    "missed_calls_reached",
    _l("Reached"),
    _l("Of the people missed, those who were reached by a call back."),
    Unit.COUNT,
    Better.MORE,
    _ENTRIES.and_(reached="yes"),
)
MISSED_CALLS_BOOKED = Metric(
    "missed_calls_booked",
    _l("Booked"),
    _l("Of the people missed, those who booked, whether by an attempt or on their own."),
    Unit.COUNT,
    Better.MORE,
    _RESCUED,
)
