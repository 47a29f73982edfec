"""Calendars can be moved to the trash with their events, and restored."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0084_calendars_in_the_trash"
down_revision = "0083_working_hours"
branch_labels = None
depends_on = None

description = "Calendars have pages, and are deleted with their events"
breaking = False

_REPORTS = import_module("migrations.versions.0081_weekly_report_by_mail")
_RECORD_NAMES = _REPORTS._RECORD_NAMES_BEFORE.replace(_REPORTS._NEXT, _REPORTS._NAMED + _REPORTS._NEXT)
_NEVER_IN_TRASH = "array_agg(left(r.name, 80)), array_agg(false)\n        INTO there, names, trashed FROM calendars r"

# Adding an event locks its calendar until both are stored: a deletion waits, and includes the event.
CALENDAR_IN_TRASH = """
CREATE FUNCTION refuse_calendar_in_trash() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM FROM calendars
  WHERE organization_id = NEW.organization_id AND id = NEW.calendar_id AND deleted_at IS NULL
  FOR SHARE;
  IF NOT FOUND AND EXISTS (
    SELECT FROM calendars WHERE organization_id = NEW.organization_id AND id = NEW.calendar_id
  ) THEN
    RAISE EXCEPTION 'the calendar is in the trash'
      USING ERRCODE = '23514', CONSTRAINT = 'calendar_not_deleted', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END
$$
"""
REFERENCES = {"deleted_by": "users", "deletion_batch_id": "deletion_batches"}
INDEXES = {
    "idx_calendars_batch": "(organization_id, deletion_batch_id) WHERE deletion_batch_id IS NOT NULL",
    "idx_calendars_deleted": "(organization_id, is_deleted)",
}


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that events can be written in the meantime.
    with op.get_context().autocommit_block():
        for column in REFERENCES:
            op.execute(
                f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE calendars VALIDATE CONSTRAINT fk_calendars_{column}"
            )
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON calendars {columns}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(_RECORD_NAMES)
    for trigger in ("refuse_calendar_in_trash", "refuse_moving_to_calendar_in_trash"):
        op.execute(f"DROP TRIGGER {trigger} ON events")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION refuse_calendar_in_trash()")
    for column in REFERENCES:
        op.drop_constraint(f"fk_calendars_{column}", "calendars")
    for column in ("is_deleted", "deletion_batch_id", "deleted_by", "deleted_at"):
        op.drop_column("calendars", column)
    # Tables without a trash are deleted from by the app itself.
    op.execute("REVOKE DELETE ON calendars FROM app_jobs")
    op.execute("GRANT DELETE ON calendars TO app_rw")


def _at_once() -> None:
    op.add_column("calendars", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.add_column("calendars", sa.Column("deleted_by", sa.Uuid()))
    op.add_column("calendars", sa.Column("deletion_batch_id", sa.Uuid()))
    # A handful of rows per organization, so the rewrite is fast.
    op.execute(
        "-- squawk-ignore adding-field-with-default, adding-required-field\n"
        "ALTER TABLE calendars ADD COLUMN is_deleted boolean GENERATED ALWAYS AS (deleted_at IS NOT NULL) STORED NOT NULL"
    )
    for column, table in REFERENCES.items():
        op.execute(
            f"ALTER TABLE calendars ADD CONSTRAINT fk_calendars_{column} FOREIGN KEY (organization_id, {column}) "
            f"REFERENCES {table} (organization_id, id) ON DELETE SET NULL ({column}) NOT VALID"
        )
    op.execute(CALENDAR_IN_TRASH)
    op.execute(
        "CREATE TRIGGER refuse_calendar_in_trash BEFORE INSERT ON events FOR EACH ROW "
        "WHEN (NEW.deleted_at IS NULL) EXECUTE FUNCTION refuse_calendar_in_trash()"
    )
    op.execute(
        "CREATE TRIGGER refuse_moving_to_calendar_in_trash BEFORE UPDATE OF calendar_id, deleted_at ON events "
        "FOR EACH ROW WHEN (NEW.deleted_at IS NULL AND "
        "(NEW.calendar_id IS DISTINCT FROM OLD.calendar_id OR OLD.deleted_at IS NOT NULL)) "
        "EXECUTE FUNCTION refuse_calendar_in_trash()"
    )
    op.execute(_RECORD_NAMES.replace(_NEVER_IN_TRASH, _NEVER_IN_TRASH.replace("(false)", "(r.deleted_at IS NOT NULL)")))
