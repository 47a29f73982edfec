"""Integrity checks of sessions."""

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check
from app.trust.integrity.findings import by_sql

_SESSIONS = """
    SELECT 'session' AS resource, user_sessions.id, users.name AS detail
    FROM user_sessions JOIN users ON users.organization_id = user_sessions.organization_id AND users.id = user_id
    WHERE user_sessions.organization_id = :organization AND revoked_at IS NULL
      AND (expires_at > now() OR client_id IS NOT NULL AND user_sessions.created_at > now() - interval '30 days')
      AND (users.status <> 'active' OR users.deleted_at IS NOT NULL)
"""

SESSION = Check("session", _l("Someone who can’t sign in is still signed in."), by_sql(_SESSIONS))
