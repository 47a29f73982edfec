"""The cost of a call is also kept with six decimals, in a column beside the one with two."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0125_exact_costs_beside"
down_revision = "0124_same_or_other_system"
branch_labels = None
depends_on = None

description = "The cost of a call is also kept with six decimals"
breaking = False

TRIGGER = "zz_keep_exact_cost"
# Until the next migration renames the column, the running release writes only `cost`.
KEEP = """
CREATE FUNCTION keep_exact_cost() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.exact_cost := NEW.cost;
  RETURN NEW;
END
$$
"""
# Each portion is committed, so that nothing waits for more than 5,000 calls. A call that changes in the meantime is
# copied by the trigger.
COPY = """
DO $$
DECLARE
  reached record;
BEGIN
  SELECT organization_id, id INTO reached FROM calls ORDER BY organization_id, id LIMIT 1;
  WHILE reached.id IS NOT NULL LOOP
    UPDATE calls SET exact_cost = calls.cost
    FROM (
      SELECT organization_id, id FROM calls WHERE (organization_id, id) >= (reached.organization_id, reached.id)
      ORDER BY organization_id, id LIMIT 5000
    ) portion
    WHERE calls.organization_id = portion.organization_id AND calls.id = portion.id
      AND calls.cost IS NOT NULL AND calls.exact_cost IS NULL;
    COMMIT;
    SELECT organization_id, id INTO reached FROM calls
    WHERE (organization_id, id) >= (reached.organization_id, reached.id)
    ORDER BY organization_id, id OFFSET 5000 LIMIT 1;
  END LOOP;
END
$$
"""


def upgrade() -> None:
    once(revision, _beside)
    with op.get_context().autocommit_block():
        op.execute(COPY)
        op.execute(
            "-- squawk-ignore prefer-robust-stmts\nALTER TABLE calls VALIDATE CONSTRAINT check_exact_cost_positive"
        )


def downgrade() -> None:
    op.execute(f"DROP TRIGGER {TRIGGER} ON calls")
    op.execute("DROP FUNCTION keep_exact_cost()")
    note_changes("updated_at,is_deleted")
    touch("")
    op.drop_column("calls", "exact_cost")


def note_changes(ignored: str) -> None:
    """Replace the triggers that record changes of calls; changes of `ignored` columns are not recorded."""
    told = f"'call', '{{{ignored}}}', '{{}}'"
    op.execute("DROP TRIGGER audit ON calls")
    op.execute("DROP TRIGGER audit_inserted ON calls")
    op.execute(f"CREATE TRIGGER audit AFTER UPDATE OR DELETE ON calls FOR EACH ROW EXECUTE FUNCTION audit_row({told})")
    op.execute(
        "CREATE TRIGGER audit_inserted AFTER INSERT ON calls REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT EXECUTE FUNCTION audit_inserted({told})"
    )


def touch(when: str) -> None:
    """Replace the trigger that updates `updated_at`; `when` is its condition."""
    op.execute("DROP TRIGGER touch_updated_at ON calls")
    op.execute(
        f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON calls FOR EACH ROW {when}"
        " EXECUTE FUNCTION touch_updated_at()"
    )


def _beside() -> None:
    op.add_column("calls", sa.Column("exact_cost", sa.Numeric(18, 6), nullable=True))
    op.execute("ALTER TABLE calls ADD CONSTRAINT check_exact_cost_positive CHECK (exact_cost >= 0) NOT VALID")
    # Copying a cost is no change of the call: it is neither recorded nor dated. The trigger that keeps the copy comes
    # last, by its name, so that a change of the cost itself is dated.
    note_changes("updated_at,is_deleted,exact_cost")
    touch("WHEN (old.exact_cost IS NOT DISTINCT FROM new.exact_cost)")
    op.execute(KEEP)
    op.execute(
        f"CREATE TRIGGER {TRIGGER} BEFORE INSERT OR UPDATE OF cost ON calls"
        " FOR EACH ROW EXECUTE FUNCTION keep_exact_cost()"
    )
