"""Integrity checks of the start and end of recordings and other rows with a duration."""

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check
from app.trust.integrity.findings import by_sql

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

TIMES = Check("times", _l("A record’s end time isn’t after its start time."), by_sql(_TIMES))
