"""Organizations can have all their data exported every month."""

from alembic import op

revision = "0115_monthly_export"
down_revision = "0114_calls_that_have_begun"
branch_labels = None
depends_on = None

description = "All data of an organization can be exported every month"
breaking = False

# Queried by the schedule, which has no organization yet.
WANTED = """
CREATE FUNCTION organizations_with_monthly_export() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT id FROM organizations WHERE monthly_export AND deleted_at IS NULL
$$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE organizations ADD COLUMN monthly_export boolean DEFAULT false NOT NULL")
    op.execute(WANTED)
    op.execute("GRANT EXECUTE ON FUNCTION organizations_with_monthly_export() TO app_jobs")


def downgrade() -> None:
    op.execute("DROP FUNCTION organizations_with_monthly_export()")
    op.drop_column("organizations", "monthly_export")
