"""Who called: the contact cards behind the numbers of a file's calls."""

from uuid import UUID

from sqlalchemy import text

from app.db.context import current_context
from app.extensions import db

# The person is at the other end of the line; a short code is nobody.
_FIND_UNKNOWN = text("""
    CREATE TEMPORARY TABLE staged_callers AS
    SELECT numbers.phone, numbers.line, new_uuid7() AS card_id
    FROM (
      SELECT CASE direction WHEN 'inbound' THEN caller_number ELSE called_number END AS phone, min(line) AS line
      FROM staged_calls GROUP BY 1
    ) numbers
    WHERE numbers.phone LIKE '+%' AND NOT EXISTS (
      SELECT FROM contact_phones
      WHERE organization_id = :organization AND contact_phones.phone = numbers.phone AND deleted_at IS NULL
    )
""")
_CREATE_CARDS = text("""
    INSERT INTO contact_cards (organization_id, id, primary_phone, source, created_by, created_by_label)
    SELECT :organization, card_id, phone, 'import', :actor, :actor_label FROM staged_callers
""")
_KEEP_CREATED = text("""
    INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
    SELECT :organization, new_uuid7(), :import, line, 'contact_card', card_id, 'created' FROM staged_callers
""")
_END = text("DROP TABLE staged_callers")
_CREATE_PHONES = text("""
    INSERT INTO contact_phones (organization_id, id, phone, contact_card_id)
    SELECT :organization, new_uuid7(), phone, card_id FROM staged_callers ORDER BY phone
""")


def find_callers(organization_id: UUID, import_id: UUID) -> None:
    """Make a card for each number that no card has, so that every number finds one. Deleted cards have none."""
    context = current_context()
    db.session.execute(_FIND_UNKNOWN, {"organization": organization_id})
    db.session.execute(
        _CREATE_CARDS,
        {"organization": organization_id, "actor": context.reference_id, "actor_label": context.actor_label},
    )
    db.session.execute(_CREATE_PHONES, {"organization": organization_id})
    db.session.execute(_KEEP_CREATED, {"organization": organization_id, "import": import_id})
    db.session.execute(_END)
