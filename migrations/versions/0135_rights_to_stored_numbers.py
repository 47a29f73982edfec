"""Only jobs write stored numbers."""

from alembic import op

revision = "0135_rights_to_stored_numbers"
down_revision = "0134_rollup_of_missed_callers"
branch_labels = None
depends_on = None

description = "Only jobs write stored numbers"
breaking = False

_TABLES = """
  rollup_days, call_days, rep_call_days, call_hours, call_topic_days, objection_days, booking_days, rep_booking_days,
  schedule_days, forecast_days, visit_days, deal_days, recording_days, rescue_days, lead_days, csr_lead_days,
  missed_caller_days, missed_caller_hours, follow_up_days
"""


def upgrade() -> None:
    op.execute(f"REVOKE INSERT, UPDATE, DELETE ON {_TABLES} FROM app_rw")
    op.execute(f"GRANT INSERT, DELETE ON {_TABLES} TO app_jobs")
    # Triggers write the marks, with the rights of their owner.
    op.execute("REVOKE INSERT, UPDATE, DELETE ON rollup_marks FROM app_rw")
    op.execute("GRANT DELETE ON rollup_marks TO app_jobs")


def downgrade() -> None:
    op.execute("REVOKE DELETE ON rollup_marks FROM app_jobs")
    op.execute("GRANT INSERT, UPDATE, DELETE ON rollup_marks TO app_rw")
    op.execute(f"REVOKE INSERT, DELETE ON {_TABLES} FROM app_jobs")
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON {_TABLES} TO app_rw")
