"""Checks of calls, visits, tasks and times, and of what one table says about another."""

from flask_babel import lazy_gettext as _l

from app.integrity.findings import Check, by_sql

_OVERDUE = """
    SELECT 'task' AS resource, id, to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS detail FROM tasks
    WHERE organization_id = :organization AND deleted_at IS NULL AND status IN ('pending', 'in_progress')
      AND due_at < now()
"""
_EVENT_TIMES = """
    SELECT 'event' AS resource, id, concat_ws(' – ', start_at, end_at) AS detail FROM events
    WHERE organization_id = :organization AND deleted_at IS NULL AND end_at <= start_at
"""
_TIMES = """
    SELECT 'call' AS resource, id, concat_ws(' – ', started_at, ended_at) AS detail FROM calls
    WHERE organization_id = :organization AND ended_at <= started_at
    UNION ALL
    SELECT 'appointment', id, concat_ws(' – ', scheduled_start_at, scheduled_end_at) FROM appointments
    WHERE organization_id = :organization AND deleted_at IS NULL AND scheduled_end_at <= scheduled_start_at
    UNION ALL
    SELECT 'recording_session', id, concat_ws(' – ', started_at, ended_at) FROM recording_sessions
    WHERE organization_id = :organization AND deleted_at IS NULL AND ended_at <= started_at
    UNION ALL
    SELECT 'subscription', id, concat_ws(' – ', current_period_start, current_period_end) FROM subscriptions
    WHERE organization_id = :organization AND deleted_at IS NULL AND current_period_end <= current_period_start
"""
# A family that shares a number has it on several cards; it finds one of them.
_NUMBERS = """
    SELECT 'contact_card' AS resource, id, primary_phone AS detail FROM contact_cards cards
    WHERE organization_id = :organization AND deleted_at IS NULL AND primary_phone IS NOT NULL AND NOT EXISTS (
      SELECT FROM contact_phones
      WHERE contact_phones.organization_id = cards.organization_id AND contact_phones.phone = cards.primary_phone
        AND contact_phones.deleted_at IS NULL
    )
"""
# The platform's own organization subscribes to nothing.
_ORGANIZATION = """
    SELECT 'organization' AS resource, id, what AS detail
    FROM organizations CROSS JOIN LATERAL (
      SELECT 'organization_usage' AS what WHERE NOT EXISTS (
        SELECT FROM organization_usage WHERE organization_id = organizations.id
      )
      UNION ALL
      SELECT 'subscription' WHERE NOT EXISTS (
        SELECT FROM subscriptions WHERE organization_id = organizations.id AND subscriptions.deleted_at IS NULL
      ) AND organizations.id IS DISTINCT FROM (SELECT platform_organization_id FROM system_settings)
    ) missing
    WHERE id = :organization AND deleted_at IS NULL
"""
_PENDING_ACTIONS = """
    SELECT 'task' AS resource, tasks.id, concat_ws(' – ', tasks.status, actions.status) AS detail
    FROM tasks JOIN pending_actions actions
      ON actions.organization_id = tasks.organization_id AND actions.id = pending_action_id
    WHERE tasks.organization_id = :organization
      AND tasks.status <> CASE actions.status WHEN 'open' THEN 'pending' ELSE actions.status END
"""
# What was booked twice before that was refused has its time taken once.
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

WORK_CHECKS = (
    Check("task_overdue", _l("An open task is past its due date."), by_sql(_OVERDUE)),
    Check("event_times", _l("An event does not end after it starts."), by_sql(_EVENT_TIMES)),
    Check("times", _l("Something does not end after it starts."), by_sql(_TIMES)),
    Check("contact_number", _l("The number of a contact does not find it."), by_sql(_NUMBERS)),
    Check("organization", _l("An organization lacks a row that each one has."), by_sql(_ORGANIZATION)),
    Check("pending_action", _l("A task and the action it was made from differ in status."), by_sql(_PENDING_ACTIONS)),
    Check("busy_time", _l("Somebody’s time is taken otherwise than their events and visits say."), by_sql(_BUSY_TIMES)),
)
