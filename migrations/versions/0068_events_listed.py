"""Events are found by any part of their titles."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0068_events_listed"
down_revision = "0067_trash_kept"
branch_labels = None
depends_on = None

description = "The list of events is searched as other lists are"
breaking = False

_ALONE = import_module("migrations.versions.0052_found_and_named").ALONE
FOUND, INDEX = "events_found", "idx_events_search"
TITLE = "search_parts(organization_id, ARRAY[title], '{}'::text[], ''::text)"


def upgrade() -> None:
    # Outside a transaction, so that events can be written while the index is built.
    with op.get_context().autocommit_block():
        # Rebuilt, because an interrupted run can have left it half built.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.create_index(
            INDEX, "events", [sa.text(TITLE)], postgresql_concurrently=True, if_not_exists=True, postgresql_using="gin",
            postgresql_where=sa.text("deleted_at IS NULL"),
        )  # fmt: skip
    query = f"SELECT id FROM events WHERE deleted_at IS NULL AND {TITLE} @@ search_query(organization, typed)"
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute(_ALONE.format(name=FOUND, queries=query))
    op.execute(f"REVOKE EXECUTE ON FUNCTION {FOUND}(text, integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {FOUND}(text, integer) TO app_rw")
    op.execute(f"ALTER FUNCTION {FOUND}(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def downgrade() -> None:
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {FOUND}(text, integer)")
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
