"""New rows of a list since a user last viewed it."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, create_tenant_table

revision = "0077_what_is_new"
down_revision = "0076_service_types"
branch_labels = None
depends_on = None

description = "Lists say what is new since somebody last looked at them"
breaking = False

_COUNTS = import_module("migrations.versions.0074_counts_of_who_asks")

# Together with the user's counts, in the statement that loads the user, so that a list needs no other query.
WITH_VISITS = _COUNTS.COUNTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "LIMIT 100) AS few));",
    """LIMIT 100) AS few),
    'visits', (SELECT coalesce(jsonb_object_agg(page, jsonb_build_array(last_at, looked_at)), '{}')
      FROM list_visits
      WHERE organization_id = organization AND user_id = person));""",
)


def upgrade() -> None:
    create_tenant_table(
        "list_visits",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("page ~ '^[a-z][a-z_]{0,49}$'", name="check_page_format"),
        sa.CheckConstraint("last_at <= looked_at", name="check_seen_before_looked"),
        sa.UniqueConstraint("organization_id", "user_id", "page", name="uq_list_visits_user_page"),
        references=[Reference("user_id", "users", "CASCADE")],
    )
    op.execute(WITH_VISITS)


def downgrade() -> None:
    op.execute(_COUNTS.COUNTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.drop_table("list_visits")
