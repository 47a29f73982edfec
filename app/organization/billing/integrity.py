"""Integrity checks of an organization's plan."""

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check
from app.trust.integrity.findings import by_sql

# The platform's own organization has no subscription.
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

ROWS = Check("organization", _l("An organization is missing a required record."), by_sql(_ORGANIZATION))
