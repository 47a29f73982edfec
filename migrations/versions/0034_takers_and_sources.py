"""A smaller plan knows who takes over, and changes by hand in the database have a source of their own"""

import re
from importlib import import_module

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

# Only the app tells a source. Who changes rows without it works in psql or with a script, as a user of the database.
APPEND = import_module("migrations.versions.0001_foundation").AUDIT_APPEND
BY_HAND = "coalesce(nullif(current_setting('app.source', true), ''), 'database')"

VALIDATED_IF_TRUE = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM audit_logs WHERE source = 'database') THEN
    ALTER TABLE audit_logs VALIDATE CONSTRAINT {SOURCE};
  END IF;
END $$
"""


def _replace_function(source: str) -> None:
    changed = re.sub(r"coalesce\(nullif\(current_setting\('app\.source', true\), ''\), '\w+'\)", source, APPEND)
    op.execute(changed.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


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
    _replace_function(BY_HAND)
    # Nobody waits while the trail is looked through: what comes meanwhile is held to the rule already.
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE audit_logs VALIDATE CONSTRAINT {SOURCE}")


def downgrade() -> None:
    _replace_function(BY_HAND.replace("'database'", "'system'"))
    _allow(SOURCES)
    # What was written by hand keeps its source, for it is sealed: then the rule is about what comes only.
    op.execute(VALIDATED_IF_TRUE)
    op.drop_constraint(TAKERS, "subscriptions")
    op.drop_column("subscriptions", "scheduled_takers")
