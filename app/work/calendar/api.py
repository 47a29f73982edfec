"""The JSON API of calendar."""

from app.declarations.api import NoApi
from app.work.calendar.resource import BUSY_TIME, EVENT, EVENT_ATTENDEE

API = (
    NoApi(EVENT, "later: part 1"),
    NoApi(EVENT_ATTENDEE, "later: part 1"),
    NoApi(BUSY_TIME, "later: part 1"),
)
