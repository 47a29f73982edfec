"""Checks of people: their addresses, what they may, and what was given to somebody who is gone."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.extensions import db
from app.integrity.findings import Check, Found, Portion, by_sql
from app.security.permissions import Permission
from app.users.rules import is_address

_ADDRESSES = text("""
    SELECT id, email FROM users WHERE organization_id = :organization AND deleted_at IS NULL AND status = 'active'
    ORDER BY id
""")
_OTHER_ADDRESSES = r"""
    SELECT 'contact_card' AS resource, id, email AS detail FROM contact_cards
    WHERE organization_id = :organization AND deleted_at IS NULL
      AND email <> '' AND email !~ '^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$'
    UNION ALL
    SELECT 'organization', id, billing_email FROM organizations
    WHERE id = :organization AND billing_email !~ '^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$'
"""
_UNKNOWN_PERMISSIONS = """
    SELECT 'user_permission' AS resource, id, permission AS detail FROM user_permissions
    WHERE organization_id = :organization AND permission <> ALL (:known)
"""
_UNKNOWN_PERMISSIONS_OF_KEYS = """
    SELECT 'api_key' AS resource, id, array_to_string(permissions, ', ') AS detail FROM api_keys
    WHERE organization_id = :organization AND revoked_at IS NULL AND NOT permissions <@ CAST(:known AS text[])
"""
_NO_OWNER = """
    SELECT 'organization' AS resource, id, slug AS detail FROM organizations
    WHERE id = :organization AND deleted_at IS NULL AND NOT EXISTS (
      SELECT FROM users WHERE users.organization_id = :organization AND role = 'owner' AND status = 'active'
        AND users.deleted_at IS NULL
    )
"""
_SESSIONS = """
    SELECT 'session' AS resource, user_sessions.id, users.name AS detail
    FROM user_sessions JOIN users ON users.organization_id = user_sessions.organization_id AND users.id = user_id
    WHERE user_sessions.organization_id = :organization AND revoked_at IS NULL AND expires_at > now()
      AND (users.status <> 'active' OR users.deleted_at IS NOT NULL)
"""
_ASSIGNEE_GONE = """
    SELECT 'task' AS resource, tasks.id, users.name AS detail
    FROM tasks LEFT JOIN users ON users.organization_id = tasks.organization_id AND users.id = assigned_to_user_id
    WHERE tasks.organization_id = :organization AND tasks.deleted_at IS NULL AND assigned_to_user_id IS NOT NULL
      AND (users.id IS NULL OR users.deleted_at IS NOT NULL AND tasks.status IN ('pending', 'in_progress'))
"""
_ASSIGNEE_INACTIVE = """
    SELECT 'task' AS resource, tasks.id, users.name AS detail
    FROM tasks JOIN users ON users.organization_id = tasks.organization_id AND users.id = assigned_to_user_id
    WHERE tasks.organization_id = :organization AND tasks.deleted_at IS NULL
      AND tasks.status IN ('pending', 'in_progress') AND users.deleted_at IS NULL AND users.status <> 'active'
"""
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
# Whoever was deleted since stays where they were: only what is still to come needs somebody else.
_ATTENDEE_GONE = """
    SELECT 'event_attendee' AS resource, attendees.id, users.name AS detail
    FROM event_attendees attendees
    LEFT JOIN users ON users.organization_id = attendees.organization_id AND users.id = attendees.user_id
    LEFT JOIN events ON events.organization_id = attendees.organization_id AND events.id = event_id
    WHERE attendees.organization_id = :organization
      AND (users.id IS NULL OR users.deleted_at IS NOT NULL AND events.deleted_at IS NULL AND events.end_at > now())
"""

_KNOWN = [permission.value for permission in Permission]


def _user_addresses(organization_id: UUID, most: int) -> Portion:
    """By the rule that a new address has to meet, which is no matter for a regular expression."""
    people = db.session.execute(_ADDRESSES, {"organization": organization_id})
    wrong = [Found("user", row.id, row.email) for row in people if not is_address(row.email)]
    return Portion(wrong[:most], len(wrong))


PEOPLE_CHECKS = (
    Check("user_address", _l("The e-mail address of somebody who signs in is malformed."), _user_addresses),
    Check("other_address", _l("An e-mail address is malformed."), by_sql(_OTHER_ADDRESSES)),
    Check(
        "user_permission",
        _l("Somebody was granted a permission that does not exist."),
        by_sql(_UNKNOWN_PERMISSIONS, known=_KNOWN),
    ),
    Check(
        "api_key_permission",
        _l("An API key has a permission that does not exist."),
        by_sql(_UNKNOWN_PERMISSIONS_OF_KEYS, known=_KNOWN),
    ),
    Check("owner", _l("An organization has no active owner."), by_sql(_NO_OWNER)),
    Check("session", _l("Somebody who may not sign in is still signed in."), by_sql(_SESSIONS)),
    Check("task_assignee", _l("A task is assigned to somebody who is gone."), by_sql(_ASSIGNEE_GONE)),
    Check("task_assignee_inactive", _l("An open task is assigned to an inactive person."), by_sql(_ASSIGNEE_INACTIVE)),
    Check(
        "responsible", _l("Somebody who was deleted is responsible for what is still open."), by_sql(_RESPONSIBLE_GONE)
    ),
    Check("event_attendee", _l("Somebody who is gone attends an event."), by_sql(_ATTENDEE_GONE)),
)
