"""Appointments and leads are counted by person in indexes."""

from alembic import op

revision = "0082_numbers_in_indexes"
down_revision = "0081_weekly_report_by_mail"
branch_labels = None
depends_on = None

description = "The numbers of sales are counted without reading the tables of appointments and leads"
breaking = False

#: name → (table, order, condition, columns included by this migration)
INDEXES = {
    "idx_appointments_booked": ("appointments", "booked_at, csr_id", "", " INCLUDE (sales_rep_id, deleted_at)"),
    "idx_appointments_completed": (
        "appointments",
        "completed_at",
        " WHERE completed_at IS NOT NULL",
        " INCLUDE (status, outcome, sales_rep_id, deleted_at)",
    ),
    "idx_appointments_decided": (
        "appointments",
        "outcome_at",
        " WHERE outcome_at IS NOT NULL",
        " INCLUDE (outcome, deal_value, sales_rep_id, deleted_at)",
    ),
    "idx_leads_qualification": (
        "leads",
        "qualification_status, id",
        " WHERE deleted_at IS NULL",
        " INCLUDE (assigned_rep_id)",
    ),
}


def upgrade() -> None:
    _change(is_upgrade=True)


def downgrade() -> None:
    _change(is_upgrade=False)


def _change(*, is_upgrade: bool) -> None:
    # Outside a transaction, so that rows can be written in the meantime. Each index remains until its replacement is
    # built.
    with op.get_context().autocommit_block():
        for name, (table, order, rows, held) in INDEXES.items():
            built = f"{name}_built"
            # Rebuilt, because an interrupted run can have left it half built.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {built}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {built} ON {table} (organization_id, {order})"
                f"{held if is_upgrade else ''}{rows}"
            )
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {built} RENAME TO {name}")
