"""Calendars, events, and who is busy when."""

from app.declarations.feature import Feature
from app.work.calendar import integrity, open_work, privacy, resource, trash

FEATURE = Feature(
    resources=(
        resource.EVENT,
        resource.EVENT_ATTENDEE,
        resource.CALENDAR,
        resource.BUSY_TIME,
    ),
    deletes=(trash.EVENT_DELETION,),
    checks=(
        integrity.TIMES,
        integrity.ATTENDEE,
    ),
    repairs=(integrity.REPAIR,),
    works=(open_work.EVENTS,),
    columns=privacy.COLUMNS,
)
