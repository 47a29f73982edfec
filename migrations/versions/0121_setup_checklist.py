"""The checklist for setting up an organization can be hidden, and demonstration companies can be told from others."""

from alembic import op

revision = "0121_setup_checklist"
down_revision = "0120_two_letters_wrong"
branch_labels = None
depends_on = None

description = "The checklist for setting up an organization can be hidden"
breaking = False

# Queried by the sign-in page, which has no organization yet. The audit trail, which nobody can change, tells who made
# a company.
DEMONSTRATIONS = """
CREATE FUNCTION demonstration_organizations() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT slug FROM organizations o
  WHERE status = 'active' AND deleted_at IS NULL AND EXISTS (
    SELECT FROM audit_logs a WHERE a.organization_id = o.id AND a.action = 'demonstration.loaded'
  )
$$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE organizations ADD COLUMN setup_hidden boolean DEFAULT false NOT NULL")
    op.execute(DEMONSTRATIONS)
    op.execute("REVOKE EXECUTE ON FUNCTION demonstration_organizations() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION demonstration_organizations() TO app_rw")


def downgrade() -> None:
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION demonstration_organizations()")
    op.drop_column("organizations", "setup_hidden")
