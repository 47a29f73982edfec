"""Who called: the contact cards behind the numbers of a file's calls."""

from uuid import UUID

from sqlalchemy import text

from app.extensions import db
from app.work.contacts.import_cards_service import make_cards, open_new_cards

# The person is at the other end of the line; a short code is nobody.
_FIND_UNKNOWN = text("""
    INSERT INTO new_cards (card_id, line, phone)
    SELECT new_uuid7(), numbers.line, numbers.phone
    FROM (
      SELECT CASE direction WHEN 'inbound' THEN caller_number ELSE called_number END AS phone, min(line) AS line
      FROM staged_calls GROUP BY 1
    ) numbers
    WHERE numbers.phone LIKE '+%' AND NOT EXISTS (
      SELECT FROM contact_phones
      WHERE organization_id = :organization AND contact_phones.phone = numbers.phone AND deleted_at IS NULL
    )
""")


def find_callers(organization_id: UUID, import_id: UUID) -> None:
    """Make a card for each number that no card has, so that every number finds one. Deleted cards have none."""
    open_new_cards()
    db.session.execute(_FIND_UNKNOWN, {"organization": organization_id})
    make_cards(organization_id, import_id)
