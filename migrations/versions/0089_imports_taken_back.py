"""Undo of imports: what stays and why, progress, and a function that deletes the created rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import once

revision = "0089_imports_taken_back"
down_revision = "0088_imports_of_deals"
branch_labels = None
depends_on = None

description = "Imports can be taken back"
breaking = False

_CHECKS = (
    ("imports", "check_undo", "undo IN ('weighing', 'weighed', 'running', 'done')"),
    ("imports", "check_undone_at", "(undo IS NOT DISTINCT FROM 'done') = (undone_at IS NOT NULL)"),
    ("import_rows", "check_stays", "stays IN ('changed', 'used')"),
)

# Only rows created by the import, unless something prevents it.
TAKE_BACK_ROWS = """
CREATE FUNCTION take_back_rows(target text, of_import uuid, ids uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  gone bigint;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  EXECUTE format('DELETE FROM %s AS doomed USING import_rows made
    WHERE doomed.organization_id = $1 AND doomed.id = ANY ($2)
      AND made.organization_id = $1 AND made.import_id = $3 AND made.record_id = doomed.id
      AND made.effect = ''created'' AND made.stays IS NULL', format('public.%I', target)::regclass)
    USING organization, ids, of_import;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END
$$
"""


def upgrade() -> None:
    once(revision, _at_once)
    with op.get_context().autocommit_block():
        for table, name, _rule in _CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    op.execute("DROP FUNCTION take_back_rows(text, uuid, uuid[])")
    for table, name, _rule in _CHECKS:
        op.drop_constraint(name, table)
    op.drop_column("import_rows", "stays")
    for name in ("undo_counts", "undone_at", "undo"):
        op.drop_column("imports", name)


def _at_once() -> None:
    op.add_column("imports", sa.Column("undo", sa.Text(), nullable=True))
    op.add_column("imports", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("imports", sa.Column("undo_counts", postgresql.JSONB(), nullable=True))
    op.add_column("import_rows", sa.Column("stays", sa.Text(), nullable=True))
    for table, name, rule in _CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
    op.execute(TAKE_BACK_ROWS)
    op.execute("REVOKE ALL ON FUNCTION take_back_rows(text, uuid, uuid[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION take_back_rows(text, uuid, uuid[]) TO app_jobs")
