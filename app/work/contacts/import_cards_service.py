"""Creation of contacts that the rows of a file mention and that don't exist yet, with their numbers.

Callers put them into the temporary table `new_cards`, from which `make_cards` creates them.
"""

from uuid import UUID

from sqlalchemy import text

from app.db.context import current_context
from app.extensions import db
from app.work.contacts.resource import CONTACT_CARD

_OPEN = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS new_cards (
      card_id uuid, line integer, phone text, email text, company_name text, first_name text, last_name text
    )
""")
_MAKE = text("""
    INSERT INTO contact_cards (organization_id, id, primary_phone, email, company_name, first_name, last_name, source,
      created_by, created_by_label)
    SELECT :organization, card_id, phone, email, company_name, first_name, last_name, 'import', :actor, :actor_label
    FROM new_cards
""")
# In a fixed order, so that two imports don't deadlock.
_MAKE_PHONES = text("""
    INSERT INTO contact_phones (organization_id, id, phone, contact_card_id)
    SELECT :organization, new_uuid7(), phone, card_id FROM new_cards WHERE phone IS NOT NULL ORDER BY phone
""")
_KEEP = text("""
    INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
    SELECT :organization, new_uuid7(), :import, line, :resource, card_id, 'created' FROM new_cards
""")
_EMPTY = text("TRUNCATE new_cards")


def open_new_cards() -> None:
    """Create the temporary table `new_cards`, or empty it."""
    db.session.execute(_OPEN)
    db.session.execute(_EMPTY)


def make_cards(organization_id: UUID, import_id: UUID) -> None:
    """Create the contacts in `new_cards`, record that the import created them, and empty the table."""
    context = current_context()
    here = {"organization": organization_id}
    db.session.execute(_MAKE, {**here, "actor": context.reference_id, "actor_label": context.actor_label})
    db.session.execute(_MAKE_PHONES, here)
    db.session.execute(_KEEP, {**here, "import": import_id, "resource": CONTACT_CARD.name})
    db.session.execute(_EMPTY)
