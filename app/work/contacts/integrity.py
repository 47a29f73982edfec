"""Integrity checks of email addresses of contacts and for billing, and of contacts' main numbers."""

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check
from app.trust.integrity.findings import by_sql

_OTHER_ADDRESSES = r"""
    SELECT 'contact_card' AS resource, id, email AS detail FROM contact_cards
    WHERE organization_id = :organization AND deleted_at IS NULL
      AND email <> '' AND email !~ '^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$'
    UNION ALL
    SELECT 'organization', id, billing_email FROM organizations
    WHERE id = :organization AND billing_email !~ '^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$'
"""
# Family members who share a number have it on several contacts, but it identifies only one of them.
_NUMBERS = """
    SELECT 'contact_card' AS resource, id, primary_phone AS detail FROM contact_cards cards
    WHERE organization_id = :organization AND deleted_at IS NULL AND primary_phone IS NOT NULL AND NOT EXISTS (
      SELECT FROM contact_phones
      WHERE contact_phones.organization_id = cards.organization_id AND contact_phones.phone = cards.primary_phone
        AND contact_phones.deleted_at IS NULL
    )
"""

ADDRESS = Check("other_address", _l("An email address is invalid."), by_sql(_OTHER_ADDRESSES))
NUMBER = Check("contact_number", _l("A contact can’t be found by its number."), by_sql(_NUMBERS))
