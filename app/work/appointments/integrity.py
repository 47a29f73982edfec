"""Integrity checks of appointments and busy times."""

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check
from app.trust.integrity.findings import by_sql

_RESPONSIBLE_GONE = """
    WITH gone AS (
      SELECT id, name FROM users WHERE organization_id = :organization AND deleted_at IS NOT NULL
    )
    SELECT 'lead' AS resource, leads.id, gone.name AS detail FROM leads JOIN gone ON gone.id = assigned_rep_id
    WHERE organization_id = :organization AND deleted_at IS NULL AND closed_at IS NULL
    UNION ALL
    SELECT 'appointment', appointments.id, gone.name FROM appointments JOIN gone ON gone.id = sales_rep_id
    WHERE organization_id = :organization AND deleted_at IS NULL AND status = 'scheduled'
    UNION ALL
    SELECT 'event', events.id, gone.name FROM events JOIN gone ON gone.id = organizer_id
    WHERE organization_id = :organization AND deleted_at IS NULL AND status <> 'cancelled' AND end_at > now()
      AND type <> 'time_off'
    UNION ALL
    SELECT 'user', users.id, gone.name FROM users JOIN gone ON gone.id = manager_id
    WHERE organization_id = :organization AND deleted_at IS NULL
"""
# Double bookings from before they were refused share one busy time.
_BUSY_TIMES = """
    WITH wanted AS (
      SELECT 'event' AS resource, events.id, person.user_id,
        CASE WHEN end_at > start_at THEN tstzrange(start_at, end_at) END AS range
      FROM events CROSS JOIN LATERAL (
        SELECT organizer_id AS user_id
        UNION
        SELECT user_id FROM event_attendees attendees
        WHERE attendees.organization_id = events.organization_id AND attendees.event_id = events.id
      ) person
      WHERE organization_id = :organization AND status = 'confirmed' AND deleted_at IS NULL AND end_at > start_at
      UNION ALL
      SELECT 'appointment', id, sales_rep_id,
        CASE WHEN scheduled_end_at > scheduled_start_at THEN tstzrange(scheduled_start_at, scheduled_end_at) END
      FROM appointments
      WHERE organization_id = :organization AND sales_rep_id IS NOT NULL AND status IN ('scheduled', 'completed')
        AND deleted_at IS NULL AND external_id IS NULL AND scheduled_end_at > scheduled_start_at
    ), taken AS (
      SELECT coalesce(event_id, appointment_id) AS id, user_id, range, busy_times.id AS busy_id
      FROM busy_times WHERE organization_id = :organization
    )
    SELECT resource, wanted.id, 'free' AS detail FROM wanted
    WHERE NOT EXISTS (SELECT FROM taken WHERE taken.user_id = wanted.user_id AND taken.range && wanted.range)
    UNION ALL
    SELECT 'busy_time', busy_id, 'taken' FROM taken
    WHERE NOT EXISTS (
      SELECT FROM wanted
      WHERE wanted.id = taken.id AND wanted.user_id = taken.user_id AND wanted.range = taken.range
    )
"""

RESPONSIBLE = Check("responsible", _l("A deleted person still owns open work."), by_sql(_RESPONSIBLE_GONE))
BUSY_TIME = Check(
    "busy_time", _l("Someone’s busy times don’t match their events and appointments."), by_sql(_BUSY_TIMES)
)
