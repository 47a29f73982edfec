"""Imports start only after the preview of the whole file; records that an undo keeps are listed."""

from importlib import import_module

from alembic import op

from migrations.support import once

revision = "0096_imports_seen_whole"
down_revision = "0095_indexes_of_calls"
branch_labels = None
depends_on = None

description = "What taking an import back leaves is listed record by record"
breaking = False

_STAYING = "idx_import_rows_staying"
_VIEWS = import_module("migrations.versions.0085_views_in_the_report")
_RECORD_NAMES = _VIEWS._RECORD_NAMES.replace(_VIEWS._NEXT, _VIEWS._NAMED + _VIEWS._NEXT)
_NEXT = "\n      WHEN 'integration' THEN"
_NAMED = """
      WHEN 'imported_row' THEN
        SELECT array_agg(r.id), array_agg(NULL::text), array_agg(false)
        INTO there, names, trashed FROM import_rows r WHERE r.organization_id = organization AND r.id = ANY (these);"""

# A command, which works as the jobs role, imports immediately; imports started with a button are queued, and pages do
# nothing else to a new file.
START_AFTER_PREVIEW = """
CREATE FUNCTION refuse_unseen_import() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.preview IS NOT NULL AND OLD.mapping = NEW.mapping THEN
    RETURN NEW;
  END IF;
  IF session_user IN ('app_rw', 'app_platform') OR TG_OP = 'UPDATE' AND NEW.status = 'queued' THEN
    RAISE EXCEPTION 'nobody has seen what the whole file would do'
      USING ERRCODE = '23514', CONSTRAINT = 'seen_whole', TABLE = 'imports';
  END IF;
  RETURN NEW;
END
$$
"""


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that imports can continue in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_STAYING}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {_STAYING}"
            " ON import_rows (organization_id, import_id, line, id) WHERE stays IS NOT NULL"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_STAYING}")
    op.execute("DROP TRIGGER IF EXISTS seen_whole_on_insert ON imports")
    op.execute("DROP TRIGGER IF EXISTS seen_whole_on_update ON imports")
    op.execute("DROP FUNCTION IF EXISTS refuse_unseen_import()")
    op.execute(_RECORD_NAMES)


def _at_once() -> None:
    op.execute(START_AFTER_PREVIEW)
    op.execute(
        "CREATE TRIGGER seen_whole_on_insert BEFORE INSERT ON imports FOR EACH ROW"
        " WHEN (NEW.status <> 'uploaded') EXECUTE FUNCTION refuse_unseen_import()"
    )
    op.execute(
        "CREATE TRIGGER seen_whole_on_update BEFORE UPDATE OF status ON imports FOR EACH ROW"
        " WHEN (OLD.status = 'uploaded' AND NEW.status <> 'uploaded') EXECUTE FUNCTION refuse_unseen_import()"
    )
    op.execute(_RECORD_NAMES.replace(_NEXT, _NAMED + _NEXT))
