"""Calendar feed for other programs, and long events found by their end."""

import sqlalchemy as sa
from alembic import op

from migrations.support import audit, once

revision = "0060_calendar"
down_revision = "0059_what_is_done_on_a_call"
branch_labels = None
depends_on = None

description = "People have a secret address of their calendar; what lasts longer than a day is found by its end"
breaking = False

IGNORED = ("is_active", "last_seen_at", "mfa_last_step", "name_key", "email_key")
REDACTED = ("password_hash", "mfa_secret")
FEEDS, LONG = "idx_users_calendar_feed", "idx_events_long"


def _audit_users(*redacted: str) -> None:
    op.execute("DROP TRIGGER audit ON users")
    audit("users", "user", ignored=IGNORED, redacted=redacted)


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that people and events can be written in the meantime.
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {FEEDS}")
        op.create_index(
            FEEDS,
            "users",
            ["organization_id", "calendar_feed_hash"],
            postgresql_where=sa.text("calendar_feed_hash IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {LONG}")
        op.create_index(
            LONG,
            "events",
            ["organization_id", "end_at"],
            postgresql_where=sa.text("end_at - start_at > '24:00:00'::interval"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _at_once() -> None:
    op.add_column("users", sa.Column("calendar_feed_hash", sa.LargeBinary(), nullable=True))
    _audit_users(*REDACTED, "calendar_feed_hash")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {LONG}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {FEEDS}")
    _audit_users(*REDACTED)
    op.drop_column("users", "calendar_feed_hash")
