"""Integrity checks of events, and their repairs."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check, Repair, RepairStep
from app.errors import Conflict
from app.extensions import db
from app.models import Event, EventAttendee
from app.security.actor import Actor
from app.trust.integrity.findings import by_sql

_EVENT_TIMES = """
    SELECT 'event' AS resource, id, concat_ws(' – ', start_at, end_at) AS detail FROM events
    WHERE organization_id = :organization AND deleted_at IS NULL AND end_at <= start_at
"""
# Deleted people remain attendees of past events; only upcoming events are reported.
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
        raise Conflict(
            None, _l("The start and end are the same. Ask someone who knows the event to set the correct end time.")
        )
    event.start_at, event.end_at = event.end_at, event.start_at


def _delete(row: Any, _actor: Actor | None) -> None:
    db.session.delete(row)


TIMES = Check("event_times", _l("An event ends at or before its start."), by_sql(_EVENT_TIMES))
ATTENDEE = Check("event_attendee", _l("An event has an attendee who no longer exists."), by_sql(_ATTENDEE_GONE))

REPAIR = Repair(
    "events",
    _l("Events"),
    (
        RepairStep(check=TIMES, model=Event, by=_swap_times, done=_l("Swap the start and end.")),
        RepairStep(check=ATTENDEE, model=EventAttendee, by=_delete, done=_l("Remove the attendee from the event.")),
    ),
)
