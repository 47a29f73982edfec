"""Integrity checks of API keys."""

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check
from app.security.permissions import Permission
from app.trust.integrity.findings import by_sql

_UNKNOWN_PERMISSIONS_OF_KEYS = """
    SELECT 'api_key' AS resource, id, array_to_string(permissions, ', ') AS detail FROM api_keys
    WHERE organization_id = :organization AND revoked_at IS NULL AND NOT permissions <@ CAST(:known AS text[])
"""

PERMISSION = Check(
    "api_key_permission",
    _l("An API key has a permission that doesn’t exist."),
    by_sql(_UNKNOWN_PERMISSIONS_OF_KEYS, known=[permission.value for permission in Permission]),
)
