"""What is checked of events, and mended."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check, Mend, Repair
from app.errors import Conflict
from app.extensions import db
from app.models import Event, EventAttendee
from app.security.actor import Actor
from app.trust.integrity.findings import by_sql

_EVENT_TIMES = """
    SELECT 'event' AS resource, id, concat_ws(' – ', start_at, end_at) AS detail FROM events
    WHERE organization_id = :organization AND deleted_at IS NULL AND end_at <= start_at
"""
# Whoever was deleted since stays where they were: only what is still to come needs somebody else.
_ATTENDEE_GONE = """
    SELECT 'event_attendee' AS resource, attendees.id, users.name AS detail
    FROM event_attendees attendees
    LEFT JOIN users ON users.organization_id = attendees.organization_id AND users.id = attendees.user_id
    LEFT JOIN events ON events.organization_id = attendees.organization_id AND events.id = event_id
    WHERE attendees.organization_id = :organization
      AND (users.id IS NULL OR users.deleted_at IS NOT NULL AND events.deleted_at IS NULL AND events.end_at > now())
"""


def _swap_times(event: Event, _actor: Actor | None) -> None:
    if event.start_at == event.end_at:
        raise Conflict(None, _l("It ends when it starts. Only somebody who knows it can say when it ends."))
    event.start_at, event.end_at = event.end_at, event.start_at


def _delete(row: Any, _actor: Actor | None) -> None:
    db.session.delete(row)


TIMES = Check("event_times", _l("An event does not end after it starts."), by_sql(_EVENT_TIMES))
ATTENDEE = Check("event_attendee", _l("Somebody who is gone attends an event."), by_sql(_ATTENDEE_GONE))

REPAIR = Repair(
    "events",
    _l("Events"),
    (
        Mend(check=TIMES, model=Event, by=_swap_times, done=_l("Start and end were exchanged.")),
        Mend(check=ATTENDEE, model=EventAttendee, by=_delete, done=_l("They were taken off the event.")),
    ),
)
