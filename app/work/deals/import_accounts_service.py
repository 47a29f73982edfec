"""Companies of imported deals, and their contacts."""

from uuid import UUID

from sqlalchemy import text

from app.extensions import db
from app.work.contacts.import_cards_service import make_cards, open_new_cards

_CREATE = text("CREATE TEMPORARY TABLE staged_accounts (key text, name text, line integer, card_id uuid)")
_NAMES = text("""
    INSERT INTO staged_accounts
    SELECT DISTINCT ON (lower(account)) lower(account), account, line FROM staged_deals
    WHERE account IS NOT NULL ORDER BY lower(account), line
""")
_END = text("DROP TABLE staged_accounts")
# Concurrent imports could create two contacts for the same company.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('imported companies:' || :organization, 0))")
# The contact of the company itself is preferred to a person who works there.
_FIND = text("""
    UPDATE staged_accounts SET card_id = cards.id
    FROM (
      SELECT DISTINCT ON (lower(company_name)) lower(company_name) AS key, id FROM contact_cards
      WHERE organization_id = :organization AND deleted_at IS NULL
        AND lower(company_name) IN (SELECT key FROM staged_accounts)
      ORDER BY lower(company_name), full_name IS NOT NULL, id
    ) cards
    WHERE cards.key = staged_accounts.key
""")
_ALL_FOUND = text("SELECT NOT EXISTS (SELECT FROM staged_accounts WHERE card_id IS NULL)")
_FIND_MISSING = text("""
    WITH missing AS (
      UPDATE staged_accounts SET card_id = new_uuid7() WHERE card_id IS NULL RETURNING card_id, line, name
    )
    INSERT INTO new_cards (card_id, line, company_name) SELECT card_id, line, name FROM missing
""")


def find_accounts(organization_id: UUID, import_id: UUID) -> None:
    """Find or create the contact of each company, and store its ID in `staged_accounts`."""
    here = {"organization": organization_id}
    db.session.execute(_CREATE)
    db.session.execute(_NAMES)
    db.session.execute(_FIND, here)
    if db.session.scalar(_ALL_FOUND):
        return
    db.session.execute(_ALONE, {"organization": str(organization_id)})
    db.session.execute(_FIND, here)
    open_new_cards()
    db.session.execute(_FIND_MISSING)
    make_cards(organization_id, import_id)


def end_accounts() -> None:
    """Drop the temporary table of companies."""
    db.session.execute(_END)
