"""Confirmed knowledge, note templates, snoozed tasks, and bulk deletion."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import audit, create_tenant_table, once

revision = "0061_knowledge"
down_revision = "0060_calendar"
branch_labels = None
depends_on = None

description = "Answers are found as one types and confirmed, tasks are put off, and a bulk deletion knows its batch"
breaking = False

COUNTERS = ("search", "usage_count", "last_used_at")
BATCH = "fk_bulk_operations_deletion_batch_id"
#: name → (table, columns, condition)
INDEXES = {
    "idx_knowledge_most_used": ("knowledge_items", "organization_id, usage_count DESC, id DESC", ""),
    "idx_knowledge_confirmed": ("knowledge_items", "organization_id, confirmed_at, id", ""),
    "idx_knowledge_date": ("knowledge_items", "organization_id, created_at DESC, id DESC", ""),
    "idx_phone_numbers_date": ("phone_numbers", "organization_id, created_at DESC, id DESC", ""),
    "idx_tasks_snoozed": ("tasks", "organization_id, snoozed_until", " WHERE snoozed_until IS NOT NULL"),
    "idx_bulk_operations_deletion": (
        "bulk_operations", "organization_id, deletion_batch_id", " WHERE deletion_batch_id IS NOT NULL",
    ),
}  # fmt: skip

# Each typed word must begin a word of the question, or match a word form of question or answer. Stop words are ignored
# unless nothing else is typed. The organization is one of the words.
QUERY = r"""
CREATE FUNCTION knowledge_query(organization uuid, typed text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public SET client_min_messages = warning AS $$
  SELECT (concat_ws(' & ', format('''o:%s''', organization), coalesce(
    string_agg(format('(%s)', concat_ws(' | ', plain, english, russian)), ' & ')
      FILTER (WHERE english IS NOT NULL AND russian IS NOT NULL),
    string_agg(plain, ' & ')
  )))::tsquery
  FROM (
    SELECT format('''%s'':*', word),
      nullif(to_tsquery('english', format('''%s'':*', word))::text, ''),
      nullif(to_tsquery('russian', format('''%s'':*', word))::text, '')
    FROM regexp_split_to_table(lower(left(typed, 200)), '[^[:alnum:]]+') word WHERE word <> ''
  ) words (plain, english, russian)
$$
"""
FOUND = """
CREATE FUNCTION knowledge_found(typed text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 20
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY
    SELECT id FROM knowledge_items
    WHERE deleted_at IS NULL AND search @@ knowledge_query(organization, typed) AND organization_id = organization
    LIMIT most;
END
$$
"""


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE bulk_operations VALIDATE CONSTRAINT {BATCH}")
        for name, (table, columns, condition) in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({columns}){condition}")
    # No visible change for users, and readers do not wait.
    op.execute("ALTER TABLE knowledge_items DISABLE TRIGGER touch_updated_at")
    op.execute("UPDATE knowledge_items SET confirmed_at = updated_at")
    op.execute("ALTER TABLE knowledge_items ENABLE TRIGGER touch_updated_at")


def _at_once() -> None:
    op.execute("ALTER TABLE knowledge_items ADD COLUMN confirmed_at timestamptz DEFAULT now() NOT NULL")
    op.execute("ALTER TABLE knowledge_items ALTER COLUMN confirmed_at SET DEFAULT clock_timestamp()")
    op.execute("DROP TRIGGER audit ON knowledge_items")
    audit("knowledge_items", "knowledge_item", ignored=(*COUNTERS, "confirmed_at"))
    _search()
    _templates()
    op.execute("ALTER TABLE tasks ADD COLUMN snoozed_until timestamptz")
    op.add_column("bulk_operations", sa.Column("deletion_batch_id", sa.Uuid()))
    op.add_column(
        "bulk_operations",
        sa.Column("refusals", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute(
        f"ALTER TABLE bulk_operations ADD CONSTRAINT {BATCH} FOREIGN KEY (organization_id, deletion_batch_id) "
        "REFERENCES deletion_batches (organization_id, id) ON DELETE SET NULL (deletion_batch_id) NOT VALID"
    )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"ALTER TABLE bulk_operations DROP CONSTRAINT {BATCH}")
    for table, column in (
        ("bulk_operations", "refusals"), ("bulk_operations", "deletion_batch_id"), ("tasks", "snoozed_until"),
    ):  # fmt: skip
        op.execute(f"-- squawk-ignore ban-drop-column\nALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("note_templates")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION knowledge_found(text, integer)")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION knowledge_query(uuid, text)")
    op.execute("DROP TRIGGER audit ON knowledge_items")
    audit("knowledge_items", "knowledge_item", ignored=COUNTERS)
    op.execute("-- squawk-ignore ban-drop-column\nALTER TABLE knowledge_items DROP COLUMN confirmed_at")


def _search() -> None:
    op.execute(QUERY)
    op.execute("REVOKE EXECUTE ON FUNCTION knowledge_query(uuid, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION knowledge_query(uuid, text) TO app_search")
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute(FOUND)
    op.execute("REVOKE EXECUTE ON FUNCTION knowledge_found(text, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION knowledge_found(text, integer) TO app_rw")
    op.execute("ALTER FUNCTION knowledge_found(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def _templates() -> None:
    create_tenant_table(
        "note_templates",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="any", nullable=False),
        sa.CheckConstraint("kind IN ('any', 'call', 'contact')", name="check_kind"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="check_name_length"),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 5000", name="check_body_length"),
        versioned=True,
        soft_deleted=True,
    )
    op.create_index(
        "uq_note_templates_name",
        "note_templates",
        ["organization_id", sa.text("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("idx_note_templates_name", "note_templates", ["organization_id", sa.text("lower(name)"), "id"])
    op.create_index("idx_note_templates_deleted", "note_templates", ["organization_id", "is_deleted"])
    audit("note_templates", "note_template")
