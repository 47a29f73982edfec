"""Contacts for the phone numbers of imported calls."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from app.extensions import db
from app.work.contacts.import_cards_service import make_cards, open_new_cards

# The contact is the party at the other end. Short codes and own numbers are not contacts.
_FIND_UNKNOWN = text("""
    INSERT INTO new_cards (card_id, line, phone)
    SELECT new_uuid7(), numbers.line, numbers.phone
    FROM (
      SELECT CASE direction WHEN 'inbound' THEN caller_number ELSE called_number END AS phone, min(line) AS line
      FROM staged_calls GROUP BY 1
    ) numbers
    WHERE numbers.phone LIKE '+%' AND numbers.phone <> ALL (:own) AND NOT EXISTS (
      SELECT FROM contact_phones
      WHERE organization_id = :organization AND contact_phones.phone = numbers.phone AND deleted_at IS NULL
    )
""")


def find_callers(organization_id: UUID, import_id: UUID, own: Collection[str]) -> None:
    """Create a contact for each unknown number at the other end of a staged call.

    A number is unknown if no contact has it, apart from deleted contacts. Short codes and the organization's `own`
    numbers get no contact.
    """
    open_new_cards()
    db.session.execute(_FIND_UNKNOWN, {"organization": organization_id, "own": [*own]})
    make_cards(organization_id, import_id)
