"""A smaller plan knows who takes over, and changes by hand in the database have a source of their own"""

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

# Only the app tells a source. Who changes rows without it works in psql or with a script, as a user of the database. Of
# the function as it stands that one word becomes another.
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
    # A second run after a failure finds what the first has left.
    op.add_column("subscriptions", takers, if_not_exists=True)
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE subscriptions DROP CONSTRAINT IF EXISTS {TAKERS}")
    op.execute(
        f"ALTER TABLE subscriptions ADD CONSTRAINT {TAKERS} CHECK (jsonb_typeof(scheduled_takers) = 'object') NOT VALID"
    )
    # One row an organization: nobody waits long for them to be looked through.
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE subscriptions VALIDATE CONSTRAINT {TAKERS}")
    _allow(f"{SOURCES}, 'database'")
    op.execute(TELL.format(before="system", after="database"))
    # Nobody waits while the trail is looked through: what comes meanwhile is held to the rule already.
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE audit_logs VALIDATE CONSTRAINT {SOURCE}")


def downgrade() -> None:
    op.execute(TELL.format(before="database", after="system"))
    _allow(SOURCES)
    # What was written by hand keeps its source, for it is sealed: then the rule is about what comes only.
    op.execute(VALIDATE_WHERE_TRUE)
    op.drop_constraint(TAKERS, "subscriptions")
    op.drop_column("subscriptions", "scheduled_takers")
