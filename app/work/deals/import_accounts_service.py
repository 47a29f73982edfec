"""The companies of a file's deals, and the contacts that they are."""

from uuid import UUID

from sqlalchemy import text

from app.db.context import current_context
from app.extensions import db
from app.work.contacts.resource import CONTACT_CARD

_CREATE = text("CREATE TEMPORARY TABLE staged_accounts (key text, name text, line integer, card_id uuid)")
_NAMES = text("""
    INSERT INTO staged_accounts
    SELECT DISTINCT ON (lower(account)) lower(account), account, line FROM staged_deals
    WHERE account IS NOT NULL ORDER BY lower(account), line
""")
_END = text("DROP TABLE staged_accounts")
# Two imports at once would make two contacts of one company.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('imported companies:' || :organization, 0))")
# The company itself goes before somebody who works there.
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
_CREATE_CARDS = text("""
    WITH missing AS (
      UPDATE staged_accounts SET card_id = new_uuid7() WHERE card_id IS NULL RETURNING card_id, name, line
    ), made AS (
      INSERT INTO contact_cards (organization_id, id, company_name, source, created_by, created_by_label)
      SELECT :organization, card_id, name, 'import', :actor, :actor_label FROM missing
    )
    INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
    SELECT :organization, new_uuid7(), :import, line, :resource, card_id, 'created' FROM missing
""")


def find_accounts(organization_id: UUID, import_id: UUID) -> None:
    """Find the contact of each company, into `staged_accounts`; a company that no contact is becomes one."""
    context = current_context()
    here = {"organization": organization_id}
    db.session.execute(_CREATE)
    db.session.execute(_NAMES)
    db.session.execute(_FIND, here)
    if db.session.scalar(_ALL_FOUND):
        return
    db.session.execute(_ALONE, {"organization": str(organization_id)})
    db.session.execute(_FIND, here)
    by = {"actor": context.reference_id, "actor_label": context.actor_label}
    db.session.execute(_CREATE_CARDS, {**here, **by, "import": import_id, "resource": CONTACT_CARD.name})


def end_accounts() -> None:
    """Forget the companies of these deals."""
    db.session.execute(_END)
