"""List and page of contacts: sorting, history, and contacts confirmed to be different people."""

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, audit, create_tenant_table, once

revision = "0055_contacts"
down_revision = "0054_lengths_of_appointments"
branch_labels = None
depends_on = None

description = "Contacts are listed by name and by when they were added, and what happened with one is read by an index"
breaking = False

#: Name of a contact, whatever the case. Uses only functions that row-level security allows for an index.
TITLE = "COALESCE(name_key, NULLIF(company_key, ''::text), primary_phone, ''::text)"
#: name → (table, columns)
LISTS = {
    "idx_contact_cards_date": ("contact_cards", "organization_id, created_at DESC, id DESC"),
    "idx_contact_cards_title": ("contact_cards", f"organization_id, ({TITLE}), id"),
}
#: History of a contact, newest first: the previous index contained only the contact. table → (timestamp, previous
#: index, condition)
STORIES = {
    "messages": ("created_at", "idx_messages_contact_card", " WHERE contact_card_id IS NOT NULL"),
    "appointments": ("scheduled_start_at", "idx_appointments_contact", ""),
    "tasks": ("created_at", "idx_tasks_contact", ""),
    "leads": ("created_at", "idx_leads_contact", ""),
}

# Possible duplicates of a contact and the reason, by indexes that row-level security would exclude. It applies no
# scope.
ALIKE = """
CREATE FUNCTION contacts_alike(card uuid, most integer) RETURNS TABLE (id uuid, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 5
SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  mine contact_cards;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  SELECT * INTO mine FROM contact_cards c WHERE c.organization_id = organization AND c.id = card AND c.deleted_at IS NULL;
  RETURN QUERY
    (SELECT c.id, 'email' FROM contact_cards c
     WHERE c.organization_id = organization AND c.email <> '' AND mine.email <> '' AND lower(c.email) = lower(mine.email)
       AND c.id <> card AND c.deleted_at IS NULL
     LIMIT most)
    UNION ALL
    (SELECT c.id, 'address' FROM contact_cards c
     WHERE c.organization_id = organization AND c.last_name <> '' AND lower(c.last_name) = lower(mine.last_name)
       AND mine.address_line_1 <> '' AND search_fold(c.address_line_1) = search_fold(mine.address_line_1)
       AND c.id <> card AND c.deleted_at IS NULL
     LIMIT most)
    UNION ALL
    (SELECT c.id, 'zip' FROM contact_cards c
     WHERE c.organization_id = organization AND c.name_key = mine.name_key
       AND mine.last_name <> '' AND mine.zip <> '' AND c.zip = mine.zip
       AND c.id <> card AND c.deleted_at IS NULL
     LIMIT most);
END
$$
"""


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written while the indexes are built.
    with op.get_context().autocommit_block():
        for name, (table, columns) in LISTS.items():
            _build(name, table, columns)
        for table, (moment, before, condition) in STORIES.items():
            columns = f"organization_id, contact_card_id, {moment} DESC, id DESC"
            _build(f"idx_{table}_contact_date", table, columns, condition)
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {before}")


def _at_once() -> None:
    create_tenant_table(
        "contact_distinctions",
        sa.Column("contact_card_id", sa.Uuid(), nullable=False),
        sa.Column("other_card_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("contact_card_id < other_card_id", name="check_other_card_after"),
        references=(
            Reference("contact_card_id", "contact_cards", "CASCADE"),
            Reference("other_card_id", "contact_cards", "CASCADE"),
            Reference("created_by", "users"),
        ),
    )
    op.create_index(
        "uq_contact_distinctions_pair",
        "contact_distinctions",
        ["organization_id", "contact_card_id", "other_card_id"],
        unique=True,
    )
    op.create_index("idx_contact_distinctions_other", "contact_distinctions", ["organization_id", "other_card_id"])
    op.create_index("idx_contact_distinctions_created_by", "contact_distinctions", ["organization_id", "created_by"])
    audit("contact_distinctions", "contact_distinction")
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute(ALIKE)
    op.execute("REVOKE EXECUTE ON FUNCTION contacts_alike(uuid, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION contacts_alike(uuid, integer) TO app_rw")
    op.execute("ALTER FUNCTION contacts_alike(uuid, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for table, (_moment, before, condition) in STORIES.items():
            _build(before, table, "organization_id, contact_card_id", condition)
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS idx_{table}_contact_date")
        for name in LISTS:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION contacts_alike(uuid, integer)")
    op.drop_table("contact_distinctions")


def _build(name: str, table: str, columns: str, condition: str = "") -> None:
    """Build the index concurrently, first dropping one that an interrupted run may have left half built."""
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({columns}){condition}")
