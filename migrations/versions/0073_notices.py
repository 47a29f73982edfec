"""Notifications can be merged and refer to a record, and each user chooses the channels."""

from importlib import import_module

from alembic import op

from migrations.support import once

revision = "0073_notices"
down_revision = "0071_merge_failures_name_nobody"
branch_labels = None
depends_on = None

description = "Notifications have a page, and people choose where they are told of what"
breaking = False

COLUMNS = {
    # Existing rows get the time of the migration, immediately and without a rewrite.
    "told_at": "timestamptz NOT NULL DEFAULT now()",
    "count": "integer NOT NULL DEFAULT 1",
    "merge_key": "text",
    "about_type": "text",
    "about_id": "uuid",
    "is_shown": "boolean NOT NULL DEFAULT true",
    "in_digest": "boolean NOT NULL DEFAULT false",
}
CHECKS = {
    # Each kind is declared by its feature.
    "check_kind_format": "kind ~ '^[a-z][a-z_]{0,49}$'",
    "check_about_type_format": "about_type ~ '^[a-z][a-z_]{0,49}$'",
    "check_merge_key_length": "char_length(merge_key) BETWEEN 1 AND 200",
    "check_count_positive": '"count" >= 1',
    "check_about_named": "about_id IS NULL OR about_type IS NOT NULL",
    "check_merged_unread": "merge_key IS NULL OR read_at IS NULL",
}
KINDS = (
    "kind IN ('task_assigned', 'lead_assigned', 'appointment_assigned', 'coaching_note', 'dispute_raised', "
    "'dispute_decided', 'import_finished', 'export_ready', 'bulk_finished', 'report_ready', 'quota_warning', "
    "'budget_warning', 'payment_failed', 'plan_changed', 'job_failed', 'backup_failed', 'security')"
)
OBJECT = "check_notification_choices"
# Channels chosen by the user for each kind.
CHOICES = (
    "jsonb_typeof(notification_choices) = 'object'"
    """ AND NOT jsonb_path_exists(notification_choices, 'strict $.* ? (@.type() != "array")')"""
    ' AND NOT jsonb_path_exists(notification_choices, \'strict $.*[*] ? (@.type() != "string"'
    """ || (@ != "page" && @ != "mail" && @ != "digest"))')"""
)
WARNED = "check_warned_percent"
# Users are notified two minutes before their claim ends.
CALLS_DUE = import_module("migrations.versions.0053_queue_worked").DUE
SOONER = CALLS_DUE.replace("claim_expires_at <= now()", "claim_expires_at <= now() + interval '2 minutes'")
OF_PERSON = "notifications (organization_id, user_id"
INDEXES = {
    "idx_notifications_told": f"INDEX {{}} ON {OF_PERSON}, told_at DESC, id DESC)",
    "idx_notifications_new": f"INDEX {{}} ON {OF_PERSON}, told_at DESC, id DESC) WHERE read_at IS NULL AND is_shown",
    "idx_notifications_digest": f"INDEX {{}} ON {OF_PERSON}) WHERE in_digest",
    "uq_notifications_merge_key": f"UNIQUE INDEX {{}} ON {OF_PERSON}, merge_key) WHERE merge_key IS NOT NULL",
}
BEFORE = {
    "idx_notifications_user": f"INDEX {{}} ON {OF_PERSON}, created_at DESC, id DESC)",
    "idx_notifications_unread": f"INDEX {{}} ON {OF_PERSON}) WHERE read_at IS NULL",
}


def upgrade() -> None:
    once(revision, _columns)
    # Outside a transaction, so that notifications can be sent in the meantime.
    with op.get_context().autocommit_block():
        op.execute("UPDATE notifications SET told_at = created_at WHERE told_at > created_at")
        for name in CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE notifications VALIDATE CONSTRAINT {name}")
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE users VALIDATE CONSTRAINT {OBJECT}")
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE budgets VALIDATE CONSTRAINT {WARNED}")
        _make(INDEXES)
        _drop(BEFORE)


def _columns() -> None:
    for column, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE notifications ADD COLUMN {column} {kind}")
    op.execute("ALTER TABLE notifications ALTER COLUMN told_at SET DEFAULT clock_timestamp()")
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE notifications DROP CONSTRAINT check_kind")
    for name, condition in CHECKS.items():
        op.execute(f"ALTER TABLE notifications ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.execute("ALTER TABLE users ADD COLUMN notification_choices jsonb NOT NULL DEFAULT '{}'")
    op.execute(f"ALTER TABLE users ADD CONSTRAINT {OBJECT} CHECK ({CHOICES}) NOT VALID")
    op.execute("ALTER TABLE budgets ADD COLUMN warned_month date, ADD COLUMN warned_percent integer NOT NULL DEFAULT 0")
    op.execute(f"ALTER TABLE budgets ADD CONSTRAINT {WARNED} CHECK (warned_percent BETWEEN 0 AND 100) NOT VALID")
    op.execute(SOONER)


def _make(indexes: dict[str, str]) -> None:
    for name, definition in indexes.items():
        # Rebuilt, because an interrupted run can have left it half built.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE {definition.replace('INDEX {}', f'INDEX CONCURRENTLY IF NOT EXISTS {name}')}")


def _drop(indexes: dict[str, str]) -> None:
    for name in indexes:
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _make(BEFORE)
        _drop(INDEXES)
    for name in CHECKS:
        op.execute(f"ALTER TABLE notifications DROP CONSTRAINT {name}")
    # Kinds unknown to the older version, which it could neither store nor show.
    op.execute(f"DELETE FROM notifications WHERE NOT ({KINDS})")
    op.execute(f"ALTER TABLE notifications ADD CONSTRAINT check_kind CHECK ({KINDS})")
    for column in COLUMNS:
        op.drop_column("notifications", column)
    op.execute(CALLS_DUE)
    op.drop_constraint(WARNED, "budgets", type_="check")
    op.drop_column("budgets", "warned_percent")
    op.drop_column("budgets", "warned_month")
    op.drop_constraint(OBJECT, "users", type_="check")
    op.drop_column("users", "notification_choices")
