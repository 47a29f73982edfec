"""Scheduled downgrades store who takes over; manual changes in the database have their own source."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034_takers_and_sources"
down_revision = "0033_deletions_in_portions"
branch_labels = None
depends_on = None

description = "A smaller plan knows who takes over, and changes by hand in the database have a source of their own"
breaking = False

TAKERS, SOURCE = "check_scheduled_takers", "check_source"
SOURCES = "'user', 'system', 'external'"

# Only the app sets a source. Changes without one come from psql or a script, as a database user. The current function
# is edited to replace this one word.
TELL = """
DO $do$
DECLARE
  definition text := pg_get_functiondef('audit_append(uuid, text, text, uuid, jsonb, jsonb, jsonb)'::regprocedure);
  told CONSTANT text := $told$coalesce(nullif(current_setting('app.source', true), ''), '{before}')$told$;
  tells CONSTANT text := $told$coalesce(nullif(current_setting('app.source', true), ''), '{after}')$told$;
BEGIN
  IF position(told IN definition) = 0 AND position(tells IN definition) = 0 THEN
    RAISE EXCEPTION 'audit_append does not say what a change without a source is';
  END IF;
  EXECUTE replace(definition, told, tells);
END
$do$
"""

VALIDATE_WHERE_TRUE = f"""
DO $do$ BEGIN
  IF NOT EXISTS (SELECT FROM audit_logs WHERE source = 'database') THEN
    ALTER TABLE audit_logs VALIDATE CONSTRAINT {SOURCE};
  END IF;
END $do$
"""


def _allow(values: str) -> None:
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE audit_logs DROP CONSTRAINT {SOURCE}")
    op.execute(f"ALTER TABLE audit_logs ADD CONSTRAINT {SOURCE} CHECK (source IN ({values})) NOT VALID")


def upgrade() -> None:
    takers = sa.Column("scheduled_takers", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    # A second run after a failure finds what the first one left.
    op.add_column("subscriptions", takers, if_not_exists=True)
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE subscriptions DROP CONSTRAINT IF EXISTS {TAKERS}")
    op.execute(
        f"ALTER TABLE subscriptions ADD CONSTRAINT {TAKERS} CHECK (jsonb_typeof(scheduled_takers) = 'object') NOT VALID"
    )
    # One row per organization, so the validation is fast.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE subscriptions VALIDATE CONSTRAINT {TAKERS}")
    _allow(f"{SOURCES}, 'database'")
    op.execute(TELL.format(before="system", after="database"))
    # No one waits for the trail to be validated: new rows already follow the rule.
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE audit_logs VALIDATE CONSTRAINT {SOURCE}")


def downgrade() -> None:
    op.execute(TELL.format(before="database", after="system"))
    _allow(SOURCES)
    # Rows written by hand keep their source, because they are sealed: then the rule applies only to new rows.
    op.execute(VALIDATE_WHERE_TRUE)
    op.drop_constraint(TAKERS, "subscriptions")
    op.drop_column("subscriptions", "scheduled_takers")
