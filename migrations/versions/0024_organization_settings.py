"""Settings of an organization, managed by its admins."""

import sqlalchemy as sa
from alembic import op

revision = "0024_organization_settings"
down_revision = "0023_viewing_as"
branch_labels = None
depends_on = None

description = "An organization is set up by its admins"
breaking = False

CHECK, INDEX = "check_api_key_permissions", "idx_api_keys_date"


def upgrade() -> None:
    # Outside a transaction, as required to build an index concurrently. Leftovers of an interrupted run are created
    # again. No earlier release has created keys.
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE api_keys DROP CONSTRAINT IF EXISTS {CHECK}")
        op.execute(
            f"ALTER TABLE api_keys ADD CONSTRAINT {CHECK} CHECK (cardinality(permissions) BETWEEN 1 AND 100) NOT VALID"
        )
        op.execute(f"ALTER TABLE api_keys VALIDATE CONSTRAINT {CHECK}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.create_index(
            INDEX,
            "api_keys",
            ["organization_id", sa.text("created_at DESC"), sa.text("id DESC")],
            unique=False,
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    op.drop_constraint(CHECK, "api_keys")
