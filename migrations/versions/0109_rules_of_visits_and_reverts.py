"""A visit of platform staff has its time and reason, and a revert counts no more records than it has."""

from alembic import op

from migrations.support import once

revision = "0109_rules_of_visits_and_reverts"
down_revision = "0108_erased_parts"
branch_labels = None
depends_on = None

description = "The database holds the rules of visits and of reverted operations"
breaking = False

_CHECKS = {
    "check_visit_with_reason": (
        "user_sessions",
        "entered_visit_id IS NULL OR (entered_at IS NOT NULL AND entered_reason IS NOT NULL)",
    ),
    "check_revert_counts_within_total": (
        "operation_reverts",
        "records_reverted + records_unchanged + records_skipped <= records_total",
    ),
    "check_reason_length": ("skipped_records", "char_length(reason) BETWEEN 1 AND 1000"),
}


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that people can keep signing in.
    with op.get_context().autocommit_block():
        for name, (table, _condition) in _CHECKS.items():
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    for name, (table, _condition) in _CHECKS.items():
        op.drop_constraint(name, table)


def _at_once() -> None:
    for name, (table, condition) in _CHECKS.items():
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
