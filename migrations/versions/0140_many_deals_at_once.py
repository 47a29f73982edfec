"""Audit entries of many leads and appointments inserted at once are written by one statement, as those of calls are.

Other triggers of these tables change neither the rows nor anything else that is audited.
"""

from alembic import op

from migrations.support import ALWAYS_IGNORED, audit

revision = "0140_many_deals_at_once"
down_revision = "0139_days_of_marks"
branch_labels = None
depends_on = None

description = "Leads and appointments come in more quickly"
breaking = False

#: Kind and ignored columns by table.
IN_BULK = {"leads": ("lead", ("last_activity_at",)), "appointments": ("appointment", ())}


def upgrade() -> None:
    for table, (kind, ignored) in IN_BULK.items():
        arguments = f"'{kind}', '{{{','.join((*ALWAYS_IGNORED, *ignored))}}}', '{{}}'"
        op.execute(f"DROP TRIGGER audit ON {table}")
        op.execute(
            f"CREATE TRIGGER audit AFTER UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_row({arguments})"
        )
        op.execute(
            f"CREATE TRIGGER audit_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION audit_inserted({arguments})"
        )


def downgrade() -> None:
    for table, (kind, ignored) in IN_BULK.items():
        op.execute(f"DROP TRIGGER audit_inserted ON {table}")
        op.execute(f"DROP TRIGGER audit ON {table}")
        audit(table, kind, ignored=ignored)
